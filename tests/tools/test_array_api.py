"""The runner of the array API suite, on a checkout with three tests of its own."""

from click.testing import CliRunner

from lamina_tools import array_api

SUITE = """
import os
import pytest

def test_module():
    assert os.environ["ARRAY_API_TESTS_MODULE"] == "lamina.numpy" and os.environ["LAMINA_ENABLE_X64"] == "1"

def test_wrong():
    assert False

@pytest.mark.skip
def test_skipped(): ...
"""


def test_counts(tmp_path):
    (tmp_path / "conftest.py").write_text("def pytest_addoption(parser): parser.addoption('--max-examples')\n")
    (tmp_path / "array_api_tests").mkdir()
    (tmp_path / "array_api_tests" / "test_suite.py").write_text(SUITE)
    result = CliRunner().invoke(array_api.main, [str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert result.output == "1 passed, 1 failed, 1 skipped\n  array_api_tests/test_suite.py::test_wrong\n"


def test_no_suite(tmp_path):
    result = CliRunner().invoke(array_api.main, [str(tmp_path)])
    assert result.exit_code == 1 and "pytest ran no test" in result.output
