"""The operations of random programs as Lamina functions, arguments of transformations wrapped in containers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import lamina as la
from lamina import lax
from lamina.tracing import current_trace

Function = Callable[[Any], Any]
RULE_FACTOR = np.float64(0.7)

add, mul, sub, neg, sin, cos, tanh = lax.add, lax.mul, lax.sub, lax.neg, lax.sin, lax.cos, lax.tanh
vmap = la.vmap


def jit(f: Function) -> Function:
    """Inside a trace a part of the program; outside it would compile every program on its own."""
    return f if current_trace() is None else la.jit(f)


def total(x: Any) -> Any:
    return lax.reduce_sum(x, tuple(range(x.ndim)))


def flip(x: Any) -> Any:
    return lax.rev(x, (0,))


def shift(x: Any) -> Any:
    return lax.concatenate([lax.slice_in_dim(x, 1, None), np.zeros(1)], 0)


def spread(x: Any, size: int) -> Any:
    return lax.broadcast(x, (size,))


def matvec(matrix: Any, x: Any) -> Any:
    return lax.dot_general(matrix, x, (((1,), (0,)), ((), ())))


def jvp(f: Function, x: Any, tangent: Any) -> tuple[Any, Any]:
    value, result = la.jvp(lambda tree: {"y": f(tree["x"])}, ({"x": x},), ({"x": tangent},))
    return value["y"], result["y"]


def vjp(f: Function, x: Any) -> tuple[Any, Function]:
    value, back = la.vjp(lambda tree: (f(tree[0]), {}), (x, []))
    return value[0], lambda cotangent: back((cotangent, {}))[0][0]


def grad(f: Function) -> Function:
    return lambda x: la.grad(lambda _, tree: f(tree["x"]), argnums=1)(0.0, {"x": x})["x"]


def linearize(f: Function, x: Any) -> tuple[Any, Function]:
    return la.linearize(f, x)


def scan(f: Any, init: Any, xs: Any) -> tuple[Any, Any]:
    def step(carry: Any, x: Any) -> Any:
        new, y = f(carry["carry"], x)
        return {"carry": new}, y

    carry, ys = lax.scan(step, {"carry": init}, xs)
    return carry["carry"], ys


def cond(test: Any, on_true: Function, on_false: Function, x: Any) -> Any:
    return lax.cond(lax.gt(test, np.float64(0)), on_true, on_false, x)


def while_loop(f: Function, x: Any, bounded: bool) -> Any:
    def goes_on(state: Any) -> Any:
        steps, x = state
        return lax.bitwise_and(steps < 3, lax.lt(total(x), np.float64(0.8)))

    return lax.while_loop(goes_on, lambda s: (s[0] + 1, f(s[1])), (0, x), max_steps=3 if bounded else None)[1]


checkpoint = la.checkpoint


def custom_jvp(f: Function) -> Function:
    """f with a derivative of its own, RULE_FACTOR times the true one."""
    custom = la.custom_jvp(lambda x: f(x))

    @custom.defjvp
    def _(primals: Any, tangents: Any) -> Any:
        return custom(*primals), mul(RULE_FACTOR, la.jvp(f, primals, tangents)[1])

    return custom


def custom_vjp(f: Function) -> Function:
    custom = la.custom_vjp(lambda x: f(x))
    custom.defvjp(
        lambda x: (custom(x), x),
        lambda x, ct: (mul(RULE_FACTOR, la.vjp(f, x)[1](ct)[0]),),
    )
    return custom
