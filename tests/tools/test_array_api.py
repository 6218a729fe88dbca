"""The conformance script, on a suite of three tests."""

import pytest
from click.testing import CliRunner

from lamina_tools import array_api

TESTS = """
import importlib, os
import pytest
lnp = importlib.import_module(os.environ["ARRAY_API_TESTS_MODULE"])
def test_default_dtype(): assert lnp.asarray(1.0).dtype == lnp.float64
@pytest.mark.parametrize("x", [1, 2])
def test_is_one(x): assert lnp.asarray(x) == 1
def test_missing(): pytest.skip("not there")
"""
CONFTEST = """
def pytest_addoption(parser):
    parser.addoption("--max-examples", type=int)
    parser.addoption("--disable-deadline", action="store_true")
"""


@pytest.fixture
def checkout(tmp_path):
    suite = tmp_path / array_api.SUITE
    suite.mkdir()
    (suite / "test_it.py").write_text(TESTS)
    (tmp_path / "conftest.py").write_text(CONFTEST)
    return tmp_path


def test_counts_and_names(checkout):
    result = CliRunner().invoke(array_api.main, [str(checkout)])
    assert result.exit_code == 0, result.output
    assert result.output.splitlines() == [
        "failed: array_api_tests.test_it::test_is_one[2]",
        "2 passed, 1 failed, 1 skipped, of 4",
    ]
    result = CliRunner().invoke(array_api.main, [str(checkout), "--", "-k", "default"])
    assert result.output == "1 passed, 0 failed, 0 skipped, of 1\n"


def test_no_checkout(tmp_path):
    result = CliRunner().invoke(array_api.main, [str(tmp_path)])
    assert (
        result.exit_code == 1 and "is no checkout of array-api-tests: it has no folder array_api_tests" in result.output
    )
