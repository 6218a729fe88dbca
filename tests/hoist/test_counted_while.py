"""While loops with a bound on a counter go round as often as they say, and end with the same counter."""

from __future__ import annotations

import operator
from random import Random
from typing import Any

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina import lax

RELATIONS = (operator.lt, operator.le, operator.gt, operator.ge)
DTYPES = ("int8", "uint8", "int32", "uint32", "int64")


def draw(seed: int) -> tuple[Any, Any] | None:
    """A loop, and its results as plain Python; None if it would not end, or only after an overflow."""
    rng = Random(seed)
    relation, dtype, swapped = rng.choice(RELATIONS), rng.choice(DTYPES), rng.random() < 0.3
    low = 0 if dtype.startswith("u") else -9
    start, limit, step = rng.randrange(low, 20), rng.randrange(low, 20), rng.randrange(1, 5)
    if not dtype.startswith("u") and rng.random() < 0.5:
        step = -step
    goes_on = (lambda i: relation(limit, i)) if swapped else (lambda i: relation(i, limit))
    i, total = start, 0
    for _ in range(200):
        if not goes_on(i):
            break
        i, total = i + step, 3 * total % 101 + i
    limits = np.iinfo(dtype)
    if goes_on(i) or not limits.min <= i <= limits.max:
        return None

    def loop() -> Any:
        first = lnp.asarray(start, dtype), lnp.asarray(0, "int64")
        return lax.while_loop(
            lambda s: goes_on(s[0]), lambda s: (s[0] + step, 3 * s[1] % 101 + s[0].astype("int64")), first
        )

    return loop, (i, total)


def test_the_counter_ends_where_python_says() -> None:
    with la.enable_x64():
        drawn = [x for x in map(draw, range(150)) if x is not None]
        assert len(drawn) > 60
        text = la.make_ir(lambda: [loop() for loop, _ in drawn], stage="hoist")
        assert "while" not in text
        found = la.jit(lambda: [loop() for loop, _ in drawn[:40]])()
        for (loop, want), got in zip(drawn, [*found, *(None for _ in drawn[40:])], strict=True):
            assert [int(x) for x in loop()] == list(want)
            assert got is None or [int(x) for x in got] == list(want)


@pytest.mark.parametrize("step", [0, 1])
def test_what_never_ends_is_no_scan(step: int) -> None:
    text = la.make_ir(
        lambda: lax.while_loop(lambda s: s[0] >= 0, lambda s: (s[0] + step, s[1] * 2), (0, 1.0)), stage="hoist"
    )
    assert "scan" not in text
