"""A while loop with a bound on the number of its iterations, which reverse mode can go through."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from lamina import errors
from lamina.lax._branches import cond
from lamina.lax._loops import checked_carry, scan
from lamina.tracer import as_array


def bounded_while_loop(
    cond_fun: Callable[[Any], Any], body_fun: Callable[[Any], Any], init_val: Any, max_steps: int
) -> Any:
    """At most `max_steps` iterations, in about √max_steps chunks of as many.

    A chunk keeps only the carry it began with and is computed again in the backward pass; chunks after the end of the
    loop are skipped. So memory is that of 2·√max_steps carries, and work that of three passes.
    """
    from lamina._checkpoint import checkpoint

    try:
        steps = operator.index(max_steps)
    except TypeError:
        steps = -1
    if steps < 0:
        raise errors.LoopOperandError(
            "lax.while_loop",
            f"max_steps is {max_steps!r}, but must be a known int, 0 or more",
            "It bounds the number of iterations; leave it out if there is no bound.",
        )
    init_val = checked_carry(cond_fun, body_fun, init_val)
    chunk = max(math.isqrt(steps), 1)

    def goes_on(state: tuple[Any, Any]) -> Any:
        count, carry = state
        return cond(count < steps, cond_fun, lambda _: as_array(False), carry)

    def step(state: tuple[Any, Any], _: None) -> tuple[Any, None]:
        return cond(goes_on(state), lambda s: (s[0] + 1, body_fun(s[1])), lambda s: s, state), None

    @checkpoint
    def steps_of_chunk(state: tuple[Any, Any]) -> Any:
        return scan(step, state, None, chunk)[0]

    def run_chunk(state: tuple[Any, Any], _: None) -> tuple[Any, None]:
        return cond(goes_on(state), steps_of_chunk, lambda s: s, state), None

    return scan(run_chunk, (as_array(0), init_val), None, -(-steps // chunk))[0][1]
