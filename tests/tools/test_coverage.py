"""The table of API coverage, on a small list of names and on the real one."""

from pathlib import Path

from click.testing import CliRunner

from lamina.unavailable import UNAVAILABLE
from lamina_tools import coverage

NAMES = """# comment
lamina.numpy
  sum no_such_function fromiter hypot
lamina.no_such_module
  a b
"""


def test_small_list():
    numpy, nothing = coverage.coverage(NAMES, tested={"sum", "a"})
    assert numpy.counts == (4, 3, 2, 1)
    assert numpy.missing == ["no_such_function"] and numpy.unavailable == ["fromiter"] and numpy.untested == ["hypot"]
    assert nothing.counts == (2, 0, 0, 0) and nothing.missing == ["a", "b"]


def test_page():
    text = coverage.page(coverage.coverage(NAMES, tested={"sum"}))
    assert "| `lamina.numpy` | 4 | 3 | 2 | 1 |" in text and "| all | 6 | 3 | 2 | 1 |" in text
    assert "- `lamina.no_such_module`: a, b" in text
    assert f"- `lamina.numpy.fromiter`: {UNAVAILABLE['lamina.numpy']['fromiter']}" in text


def test_command(tmp_path):
    names = tmp_path / "names.txt"
    names.write_text(NAMES)
    result = CliRunner().invoke(
        coverage.main, ["--names", str(names), "--write", str(tmp_path / "page.md"), "--untested", "--missing"]
    )
    assert result.exit_code == 0 and "missing in lamina.no_such_module: a b" in result.output
    assert (tmp_path / "page.md").read_text().startswith("# Coverage")


def test_names_that_only_raise_are_wanted():
    """The table of reasons has no name that JAX has not."""
    listed = Path(__file__).parents[2] / "docs" / "api-names.txt"  # the package may be installed elsewhere
    wanted = dict(coverage.wanted_names(listed.read_text()))
    for module, names in UNAVAILABLE.items():
        assert set(names) <= set(wanted[module])
