"""Divisors and multiples of integers."""

from __future__ import annotations

from typing import Any

from lamina import errors
from lamina.array import Array
from lamina.lax._loops import while_loop
from lamina.numpy import _elementwise as e
from lamina.numpy._arithmetic import floor_divide, fmod
from lamina.numpy._operands import broadcast, promoted
from lamina.numpy._reductions import any


def _integers(function: str, x1: Any, x2: Any) -> list[Array]:
    x1, x2 = promoted(function, x1, x2, names=("x1", "x2"))
    if x1.dtype.kind not in "iu":
        raise errors.DTypeError(f"`lnp.{function}` takes integers, not {x1.dtype}.")
    return list(broadcast(function, (x1, x2), ("x1", "x2")))


def gcd(x1: Any, x2: Any) -> Array:
    """Greatest common divisor, not negative; of 0 and 0 it is 0. Elementwise, on integers, by Euclid's algorithm.

    >>> import lamina.numpy as lnp
    >>> lnp.gcd(lnp.array([12, 0]), 18)
    Array([ 6, 18], dtype=int32)
    """
    x, y = _integers("gcd", x1, x2)
    result, _ = while_loop(lambda pair: any(e.not_equal(pair[1], 0)), _euclid, (e.abs(x), e.abs(y)))
    return result


def _euclid(pair: tuple[Array, Array]) -> tuple[Array, Array]:
    x, y = pair
    done = e.equal(y, 0)
    return e.where(done, x, y), e.where(done, 0, fmod(x, e.where(done, 1, y)))


def lcm(x1: Any, x2: Any) -> Array:
    """Least common multiple, not negative; 0 if one is 0. Elementwise, on integers.

    >>> import lamina.numpy as lnp
    >>> lnp.lcm(4, lnp.array([6, 0]))
    Array([12,  0], dtype=int32)
    """
    x, y = _integers("lcm", x1, x2)
    divisor = gcd(x, y)
    return e.multiply(e.abs(x), floor_divide(e.abs(y), e.where(e.equal(divisor, 0), 1, divisor)))
