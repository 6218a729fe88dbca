"""The elementary functions as ops, compiled for the CPU: within 4 ulp of mpmath."""

from __future__ import annotations

import numpy as np
import pytest
from op_cases import Case, compiled_results

from lamina_compiler.opdef import REGISTRY, Sample
from lamina_tools.exact import REFERENCES, errors_in_ulp, sample_points

POINTS = 2000
NAMES = sorted(REFERENCES.keys() & REGISTRY.keys())


@pytest.mark.parametrize("dtype", ["float32", pytest.param("float64", marks=pytest.mark.slow)])
def test_ops_are_within_4_ulp(dtype: str) -> None:
    rng = np.random.default_rng(0)
    points = {name: sample_points(name, dtype, POINTS, rng) for name in NAMES}
    results = compiled_results([Case(name, REGISTRY[name], Sample(tuple(xs))) for name, xs in points.items()])
    worst = {
        name: errors_in_ulp(name, xs, result).max()
        for (name, xs), (result,) in zip(points.items(), results, strict=True)
    }
    assert {name: error for name, error in worst.items() if error > REFERENCES[name].bound} == {}
