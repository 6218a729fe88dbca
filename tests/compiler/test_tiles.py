"""Products whose tiles `lamina-tile` chooses, with and without parts of a deep reduction, compute what NumPy does."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp

FORMS: dict[str, Any] = {
    "plain": lambda x, y: x @ y,
    "left transposed": lambda x, y: lnp.swapaxes(y, -1, -2) @ y,
    "with what follows": lambda x, y: lnp.maximum(x @ y + y[..., :1, :], 0),
    "with what comes before": lambda x, y: lnp.sin(x) @ (2 * y),
    "summed": lambda x, y: lnp.sum(x @ y, -1),
}


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_products_of_any_depth(dtype: str) -> None:
    rng, numbers = Random(0), np.random.default_rng(0)
    cases = []
    for depth in (256, 512, 516, 640, 1020, 1028, 1280, 2000):
        batch = rng.choice(((), (), (3,)))
        rows, columns = 8 * rng.randrange(1, 10), 32 * rng.randrange(1, 5)
        shapes = (*batch, rows, depth), (*batch, depth, columns)
        x, y = (lnp.asarray(numbers.standard_normal(shape).astype("float32")).astype(dtype) for shape in shapes)
        cases.append((rng.choice(list(FORMS)), x, y))
    found = la.jit(lambda pairs: [FORMS[form](*pair) for (form, *_), pair in zip(cases, pairs, strict=True)])(
        [pair for _, *pair in cases]
    )
    tolerance = 1e-5 if dtype == "float32" else 2e-2
    for (form, x, y), got in zip(cases, found, strict=True):
        want = np.asarray(FORMS[form](x, y)).astype("float32")
        scale = np.max(np.abs(want))
        np.testing.assert_allclose(
            np.asarray(got).astype("float32") / scale, want / scale, 0, tolerance, err_msg=f"{form} {x.shape}"
        )
