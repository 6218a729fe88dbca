"""A step along a direction of descent that satisfies the strong Wolfe conditions.

Bracketing and zooming are one loop with one evaluation of the function in it, after algorithms 3.5 and 3.6 of Nocedal
and Wright, Numerical Optimization (2006): `low` is the best step so far that decreases the function enough, `high` the
other end of an interval that holds a good one, infinite while it is not known. In the last digits of the function,
where a decrease cannot be told from rounding, the slope alone decides (Hager and Zhang 2005).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from lamina import dtypes
from lamina import numpy as lnp
from lamina.array import Array
from lamina.lax import while_loop

Objective = Callable[[Array], tuple[Array, Array]]  # value and gradient

_DECREASE, _CURVATURE = 1e-4, 0.9
_ZOOMS = 30


class Point(NamedTuple):
    """A step along the direction, with value and slope there."""

    step: Array
    value: Array
    slope: Array


class Step(NamedTuple):
    """What a search found: where the function is smaller by enough, or nothing but the start."""

    size: Array
    value: Array
    gradient: Array
    evaluations: Array
    failed: Array  # no decrease was found
    unbounded: Array  # the function went down as far as was looked


class _Search(NamedTuple):
    low: Point
    high: Point
    gradient: Array  # at low
    trial: Array
    evaluations: Array
    done: Array


def line_search(
    objective: Objective, x: Array, direction: Array, value: Array, gradient: Array, first: Array, doublings: int
) -> Step:
    """Search along `direction` from x, beginning with the step `first`, at most twice as far `doublings` times."""

    def at(step: Array) -> tuple[Point, Array]:
        value, gradient = objective(x + step.astype(x.dtype) * direction)
        return Point(step, value, slope(gradient)), gradient

    def slope(gradient: Array) -> Array:
        return lnp.real(lnp.vdot(gradient, direction, precision="highest"))

    start = Point(lnp.zeros_like(value), value, slope(gradient))
    noise = 2 * float(dtypes.finfo(value.dtype).eps) * lnp.abs(value)

    def go_on(search: _Search) -> Array:
        width = lnp.abs(search.high.step - search.low.step)
        bracketed = lnp.isfinite(search.high.step)
        resolved = width <= float(dtypes.finfo(value.dtype).eps) * lnp.abs(search.low.step + search.trial)
        limit = lnp.where(bracketed, doublings + _ZOOMS, doublings)
        return ~search.done & ~(bracketed & resolved) & (search.evaluations < limit)

    def look(search: _Search) -> _Search:
        new, gradient = at(search.trial)
        low, high = search.low, search.high
        enough = new.value <= start.value + _DECREASE * new.step * start.slope + noise
        enough = enough & (new.value <= low.value + noise)  # not so for nan either
        done = enough & (lnp.abs(new.slope) <= -_CURVATURE * start.slope)
        turned = enough & ~done & ((new.slope >= 0) == (high.step > low.step))
        high = _choose(~enough, new, _choose(turned, low, high))
        low = _choose(enough, new, low)
        gradient = lnp.where(enough, gradient, search.gradient)
        trial = lnp.where(lnp.isfinite(high.step), _between(low, high), 2 * new.step)
        return _Search(low, high, gradient, trial, search.evaluations + 1, done)

    nowhere = Point(lnp.full_like(value, lnp.inf), start.value, start.slope)
    found = while_loop(go_on, look, _Search(start, nowhere, gradient, first, lnp.zeros((), int), lnp.array(False)))
    failed = (found.low.step == 0) | (~found.done & (found.low.value >= value - noise))
    unbounded = ~found.done & ~lnp.isfinite(found.high.step)
    return Step(found.low.step, found.low.value, found.gradient, found.evaluations, failed, unbounded)


def _choose(condition: Array, a: Point, b: Point) -> Point:
    return Point(*(lnp.where(condition, x, y) for x, y in zip(a, b, strict=True)))


def _between(low: Point, high: Point) -> Array:
    """The minimum of the cubic through both ends (Nocedal and Wright 3.59), or the middle where that is no good."""
    width = high.step - low.step
    d1 = low.slope + high.slope - 3 * (high.value - low.value) / width
    d2 = lnp.sign(width) * lnp.sqrt(d1 * d1 - low.slope * high.slope)
    part = 1 - (high.slope + d2 - d1) / (high.slope - low.slope + 2 * d2)
    return low.step + width * lnp.where((part >= 0.1) & (part <= 0.9), part, 0.5)
