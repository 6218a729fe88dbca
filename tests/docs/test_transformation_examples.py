"""The examples of transformations and control flow run, and reach what they are about."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_hessian_free_optimization_learns_digits() -> None:
    assert load("hessian_free").main(["--steps", "8"]) > 0.94


def test_meta_learning_improves_learning() -> None:
    before, after = load("maml").main(["--steps", "150"])
    assert after < before / 2


def test_neural_ode_fits_a_spiral() -> None:
    first, last = load("neural_ode").main(["--steps", "100"])
    assert last < first / 5


def test_the_pendulum_is_found_and_plotted(tmp_path: Path) -> None:
    found = load("pendulum").main(["--steps", "120", "--output", str(tmp_path / "fit.png")])
    assert found["length"] == pytest.approx(1.3, abs=0.02) and found["friction"] == pytest.approx(0.25, abs=0.03)
    assert (tmp_path / "fit.png").read_bytes().startswith(b"\x89PNG")


def test_chains_sample_the_distribution() -> None:
    hmc = load("hmc")
    mean, covariance = hmc.main(["--samples", "300", "--chains", "32"])
    np.testing.assert_allclose(mean, hmc.MEAN, atol=0.15)
    np.testing.assert_allclose(covariance, hmc.COVARIANCE, atol=0.3)
