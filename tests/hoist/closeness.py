"""How far apart results may be for which loops add in another order."""

from __future__ import annotations

from typing import Any

import numpy as np

TOLERANCE = {"float64": 1e-9, "complex64": 1e-3, "float32": 1e-3, "float16": 0.1, "bfloat16": 0.2}


def assert_close(got: Any, want: Any, seed: int) -> None:
    a, b = np.asarray(got), np.asarray(want)
    assert (a.dtype, a.shape) == (b.dtype, b.shape), seed
    tolerance = TOLERANCE.get(str(a.dtype), 0)
    scale = 1 + float(np.max(np.abs(b.astype(complex)), initial=0))
    np.testing.assert_allclose(
        a.astype(complex) / scale, b.astype(complex) / scale, tolerance, tolerance, err_msg=f"seed {seed}"
    )
