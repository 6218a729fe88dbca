"""The accuracy tool: its table of one function, its page from given results, its errors."""

from __future__ import annotations

import numpy as np
from click.testing import CliRunner

from lamina_compiler import scalar
from lamina_tools import _accuracy_page, accuracy, exact


def test_table_of_one_function() -> None:
    result = CliRunner().invoke(accuracy.main, ["--points", "40", "exp"])
    assert result.exit_code == 0, result.output
    assert "f32: largest error in ulp over 40 points" in result.output and "exp " in result.output


def test_unknown_functions_are_named() -> None:
    result = CliRunner().invoke(accuracy.main, ["sine"])
    assert result.exit_code == 2 and "sine: not one of exp, exp2," in result.output


def test_page(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """Every function stands in it once, with what was measured."""
    few = {name: exact.REFERENCES[name] for name in ("exp", "lgamma", "betainc")}
    for module in (exact, _accuracy_page):
        monkeypatch.setattr(module, "REFERENCES", few)
    monkeypatch.setattr(_accuracy_page, "BY_MODULUS", {})
    monkeypatch.setattr(_accuracy_page, "BY_PARTS", {"exp": _accuracy_page.BY_PARTS["exp"]})

    def evaluate(samples, dtype, has_f64):  # type: ignore[no-untyped-def]
        with np.errstate(all="ignore"):
            results = {n: scalar.evaluate(getattr(scalar, n), *xs, has_f64=has_f64) for n, xs in samples.items()}
        return results | {"exp": results["exp"] * (1 + 4 * np.finfo(results["exp"].dtype).eps)}

    text = _accuracy_page.page(evaluate, 40, None)
    assert "| function | f32 | f32 without f64 | f64 |\n| --- | ---: | ---: | ---: |\n" in text
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == ["exp", "lgamma", "betainc", "exp"]
    assert all(3 < float(cell) < 9 for cell in rows[0].split("|")[2:5])  # the error put in above
    assert "`betainc` 7.5" in text
