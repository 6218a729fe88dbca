"""Arrays of points, boxes, colours and quaternions against eager ones: few elements that stand together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina_compiler import rows

COUNTS = (1, 16, 37, 1009)
DTYPES = ("float32", "float64", "int32", "bfloat16", "complex64", "uint8")
TOLERANCE = {"float32": 1e-5, "float64": 1e-12, "bfloat16": 0.05, "complex64": 1e-5}

Program = Callable[[Any, Any], Any]


def cross(x: Any, y: Any) -> Any:
    return lnp.cross(x[..., :3], y[..., :3])


def quaternion(x: Any, y: Any) -> Any:
    (a, b, c, d), (e, f, g, h) = ([z[..., i] for i in range(4)] for z in (x, y))
    parts = a * e - b * f - c * g - d * h, a * f + b * e + c * h - d * g, a * g - b * h + c * e + d * f, b * g + a * h
    return lnp.stack(parts, -1)


def rotated(x: Any, y: Any) -> Any:
    a, b, c, s = x[..., ::2], x[..., 1::2], y[..., ::2], y[..., 1::2]
    return lnp.stack([a * c - b * s, b * c + a * s], -1).reshape(x.shape)


def gray(x: Any, y: Any) -> Any:
    return x[..., 0] + x[..., 1] * y[..., 2], lnp.sum(x[..., :3] * y[..., :3], -1), lnp.sum(x[..., 2] * y[..., 1])


def overlap(x: Any, y: Any) -> Any:
    low, high = (f(x[:, None, i : i + 2], y[None, :17, i : i + 2]) for f, i in ((lnp.add, 0), (lnp.subtract, 2)))
    sides = low - high
    return sides[..., 0] * sides[..., 1]


def flattened(x: Any, y: Any) -> Any:
    return lnp.stack([x[:, 1], y[:, 0], x[:, 0]], -1).reshape(-1), lnp.concatenate([x[:, 2:], y[:, :1]], 1).T


PROGRAMS: tuple[Program, ...] = (cross, quaternion, rotated, gray, overlap, flattened)


@pytest.mark.parametrize("are_tiles", [False, True])
def test_small_vectors(are_tiles: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if are_tiles:
        monkeypatch.setattr(rows.groups, "POINTS", 1)
        monkeypatch.setattr("lamina_compiler.passes.rows.is_small", lambda ops: False)
    random = np.random.default_rng(0)
    with la.enable_x64():
        arrays = {}
        for i, (dtype, n) in enumerate((dtype, n) for dtype in DTYPES for n in COUNTS):
            pair = (random.integers(0, 9, (n, 4)) + 1j * random.integers(0, 9, (n, 4)) for _ in range(2))
            arrays[i] = [lnp.asarray(x if dtype == "complex64" else x.real).astype(dtype) for x in pair]
        for program in PROGRAMS:
            with la.disable_jit():
                expected = {i: program(*pair) for i, pair in arrays.items()}
            found = la.jit(lambda all, f=program: {i: f(*pair) for i, pair in all.items()})(arrays)
            for i, want in expected.items():
                for a, b in zip(la.tree.leaves(found[i]), la.tree.leaves(want), strict=True):
                    assert (a.dtype, a.shape) == (b.dtype, b.shape)
                    a, b = (np.asarray(x).astype(complex) for x in (a, b))
                    tolerance = TOLERANCE.get(str(arrays[i][0].dtype), 0)
                    np.testing.assert_allclose(a, b, rtol=tolerance, err_msg=f"{program.__name__} {arrays[i][0].dtype}")
