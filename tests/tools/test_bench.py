"""The benchmark: its workloads are well-formed, processes measure and compare, the command explains itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from lamina_tools.bench import report, runner, workloads  # noqa: F401  (fills the table)
from lamina_tools.bench.command import main
from lamina_tools.bench.library import Library
from lamina_tools.bench.workload import TABLE, Workload


@pytest.mark.parametrize("name", TABLE)
def test_workloads_are_made(name: str) -> None:
    if name.endswith(("1e7", "_2048")):
        pytest.skip("takes hundreds of MiB; its smaller siblings are made the same way")
    function, arguments = TABLE[name].make(Library("lamina"), np.random.default_rng(0))
    assert callable(function) and arguments


def test_numpy_and_lamina_agree_where_both_can(tmp_path: Path) -> None:
    outcome = runner.compare(TABLE["sum_rows_4096x1024"], ("lamina", "numpy"), tmp_path, 1, 0.01)
    assert all(m.median > 0 and m.first > 0 and m.peak > 0 for m in outcome.measured.values())
    ours, numpys = (np.load(tmp_path / f"{name}.npz")["arr_0"] for name in ("lamina", "numpy"))
    np.testing.assert_allclose(ours, numpys, rtol=1e-4, atol=1e-3)
    assert f"\n| {outcome.name} | " in report.markdown([outcome])


def test_a_failing_workload_is_reported(tmp_path: Path) -> None:
    outcome = runner.compare(Workload("no_such", "x", lambda lib, rng: None), ("lamina",), tmp_path, 1, 0.01)  # type: ignore
    assert "KeyError: 'no_such'" in outcome.measured["lamina"].error


def test_geometric_mean_leaves_out_what_is_unknown() -> None:
    assert runner.geometric_mean([0.5, 2.0, float("nan")]) == pytest.approx(1)


def test_the_command_lists_and_refuses() -> None:
    listed = CliRunner().invoke(main, ["--list", "--only", "lorenz"])
    assert listed.output.split() == ["loop", "lorenz_10000"]
    wrong = CliRunner().invoke(main, ["--only", "xyz"])
    assert wrong.exit_code == 2 and "no workload is called like xyz; lamina-bench --list shows them" in wrong.output
