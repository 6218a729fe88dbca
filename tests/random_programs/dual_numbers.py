"""An oracle for nested transformations: NumPy with dual numbers, gradients column by column, vmap as a loop.

It shares nothing with Lamina. A `Dual` carries the tangent of one derivative being taken, told apart by its level;
primal and tangent may themselves be duals of outer derivatives.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Value = Any  # np.ndarray or Dual
_levels = itertools.count(1)
RULE_FACTOR = np.float64(0.7)


@dataclass(frozen=True)
class Dual:
    primal: Value
    tangent: Value
    level: int


def _level(x: Value) -> int:
    return x.level if isinstance(x, Dual) else 0


def _parts(x: Value, level: int) -> tuple[Value, Value]:
    """Primal and tangent at a level; a value that does not depend on it has the tangent 0 · x."""
    return (x.primal, x.tangent) if _level(x) == level else (x, linear(np.zeros_like)(x))


def linear(function: Callable[[np.ndarray], np.ndarray]) -> Callable[[Value], Value]:
    """A linear function of arrays on duals."""

    def apply(x: Value) -> Value:
        if isinstance(x, Dual):
            return Dual(apply(x.primal), apply(x.tangent), x.level)
        return function(x)

    return apply


def smooth(
    function: Callable[[np.ndarray], np.ndarray], derivative: Callable[[Value], Value]
) -> Callable[[Value], Value]:
    """An elementwise function with its derivative on duals."""

    def apply(x: Value) -> Value:
        if isinstance(x, Dual):
            return Dual(apply(x.primal), mul(derivative(x.primal), x.tangent), x.level)
        return function(x)

    return apply


def add(x: Value, y: Value) -> Value:
    level = max(_level(x), _level(y))
    if level == 0:
        return x + y
    (p, dp), (q, dq) = _parts(x, level), _parts(y, level)
    return Dual(add(p, q), add(dp, dq), level)


def mul(x: Value, y: Value) -> Value:
    level = max(_level(x), _level(y))
    if level == 0:
        return x * y
    (p, dp), (q, dq) = _parts(x, level), _parts(y, level)
    return Dual(mul(p, q), add(mul(dp, q), mul(p, dq)), level)


neg = linear(np.negative)
sin = smooth(np.sin, lambda x: cos(x))
cos = smooth(np.cos, lambda x: neg(sin(x)))
tanh = smooth(np.tanh, lambda x: add(np.float64(1), neg(mul(tanh(x), tanh(x)))))
total = linear(np.sum)
flip = linear(np.flip)
shift = linear(lambda x: np.concatenate([x[1:], np.zeros(1)]))


def sub(x: Value, y: Value) -> Value:
    return add(x, neg(y))


def spread(x: Value, size: int) -> Value:
    return linear(lambda a: np.broadcast_to(a, (size,)))(x)


def matvec(matrix: np.ndarray, x: Value) -> Value:
    return linear(lambda a: matrix @ a)(x)


# ---- transformations ------------------------------------------------------------------------------------------------

Function = Callable[[Value], Value]


def jvp(f: Function, x: Value, tangent: Value) -> tuple[Value, Value]:
    level = next(_levels)
    return _parts(f(Dual(x, tangent, level)), level)


def _size(x: Value) -> int:
    while isinstance(x, Dual):
        x = x.primal
    return x.size


def _basis(x: Value) -> list[np.ndarray]:
    return list(np.eye(_size(x)))


def _assemble(elements: list[Value], basis: list[np.ndarray]) -> Value:
    """The vector with these elements."""
    result: Value = np.zeros(len(basis))
    for element, unit in zip(elements, basis, strict=True):
        result = add(result, mul(spread(element, len(basis)), unit))
    return result


def vjp(f: Function, x: Value) -> tuple[Value, Function]:
    def back(cotangent: Value) -> Value:
        units = _basis(x)
        return _assemble([total(mul(jvp(f, x, unit)[1], cotangent)) for unit in units], units)

    return f(x), back


def grad(f: Function) -> Function:
    """Of a function from vectors or numbers to numbers."""

    def gradient(x: Value) -> Value:
        value = x
        while isinstance(value, Dual):
            value = value.primal
        return jvp(f, x, np.float64(1))[1] if value.ndim == 0 else vjp(f, x)[1](np.float64(1))

    return gradient


def vmap(f: Function) -> Function:
    def mapped(x: Value) -> Value:
        units = _basis(x)
        return _assemble([f(total(mul(x, unit))) for unit in units], units)

    return mapped


def jit(f: Function) -> Function:
    return f


def linearize(f: Function, x: Value) -> tuple[Value, Function]:
    return f(x), lambda tangent: jvp(f, x, tangent)[1]


# ---- control flow: Python's --------------------------------------------------------------------------------------


def primal(x: Value) -> np.ndarray:
    while isinstance(x, Dual):
        x = x.primal
    return x


def scan(f: Callable[[Value, Value], tuple[Value, Value]], carry: Value, xs: Value) -> tuple[Value, Value]:
    ys, units = [], _basis(xs)
    for unit in units:
        carry, y = f(carry, total(mul(xs, unit)))
        ys.append(y)
    return carry, _assemble(ys, units)


def cond(test: Value, on_true: Function, on_false: Function, x: Value) -> Value:
    return on_true(x) if primal(test) > 0 else on_false(x)


def while_loop(f: Function, x: Value, bounded: bool) -> Value:
    steps = 0
    while steps < 3 and np.sum(primal(x)) < 0.8:
        steps, x = steps + 1, f(x)
    return x


def checkpoint(f: Function) -> Function:
    return f


def custom_jvp(f: Function) -> Function:
    """f with a derivative of its own, RULE_FACTOR times the true one."""

    def custom(x: Value) -> Value:
        if not isinstance(x, Dual):
            return f(x)
        return Dual(custom(x.primal), mul(RULE_FACTOR, jvp(f, x.primal, x.tangent)[1]), x.level)

    return custom


custom_vjp = custom_jvp
