"""A program goes on after an error inside of a transformation that the user catches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina import errors, lax

X = np.array([0.5, 1.5], np.float32)


def failing(x: Any) -> Any:
    """An error after some operations."""
    lnp.sin(x) * 2
    raise ValueError("mine")


def custom_jvp(x: Any) -> Any:
    f = la.custom_jvp(lnp.sin)
    f.defjvp(lambda primals, tangents: failing(*primals))
    return la.grad(lambda y: f(y).sum())(x)


FAILING: dict[str, Callable[[Any], Any]] = {
    "grad": la.grad(failing),
    "jvp": lambda x: la.jvp(failing, (x,), (x,)),
    "vjp": lambda x: la.vjp(failing, x),
    "linearize": lambda x: la.linearize(failing, x),
    "vmap": la.vmap(failing),
    "jit": la.jit(failing),
    "scan": lambda x: lax.scan(lambda c, _: failing(c), x, None, length=3),
    "while": lambda x: lax.while_loop(lambda s: s.sum() < 3, failing, x),
    "while condition": lambda x: lax.while_loop(failing, lambda s: s, x),
    "cond": lambda x: lax.cond(x[0] > 0, lambda v: v, failing, x),
    "wrong branches": lambda x: lax.cond(x[0] > 0, lambda v: v, lambda v: v.sum(), x),
    "wrong carry": lambda x: lax.scan(lambda c, _: (c.sum(), None), x, None, length=3),
    "checkpoint": la.grad(la.checkpoint(failing)),
    "custom_jvp": custom_jvp,
    "not linear": lambda x: la.linear_transpose(lambda y: y * y, x)(x),
    "no reverse mode": lambda x: la.vjp(lambda y: lax.while_loop(lambda s: s.sum() < 3, lambda s: s * 2, y), x),
    "no scalar": la.grad(lambda y: lnp.sin(y)),
    "nested": la.grad(lambda y: la.vmap(la.jit(failing))(y).sum()),
}


def going_on(fail: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def program(x: Any) -> Any:
        y = lnp.cos(x)
        for _ in range(2):  # the same error again
            with pytest.raises((ValueError, TypeError)):
                fail(y)
        return la.grad(lambda z: (lnp.sin(z) * y).sum())(x)

    return program


@pytest.mark.parametrize("name", FAILING)
@pytest.mark.parametrize("stage", ["trace", "simplify", "linalg"])
def test_the_module_stays_valid(name: str, stage: str) -> None:
    la.make_ir(going_on(FAILING[name]), X, stage=stage)


def test_values() -> None:
    programs = [going_on(fail) for fail in FAILING.values()]
    for got in (la.jit(lambda x: [p(x) for p in programs])(X), [p(X) for p in programs]):
        for y in got:
            np.testing.assert_allclose(y, np.cos(X) ** 2, rtol=1e-6)


@pytest.mark.parametrize(
    ("function", "what"),
    [
        (lambda v: lax.cond(v[0] > 0, lambda a: a, lambda a: 2 * a, v), "convert"),
        (lambda v: lnp.where(v > 0, v, 2 * v), "gt"),
        (lambda v: lax.while_loop(lambda s: s.sum() < 3, lambda s: s * 2, v), "the condition of a while loop"),
        (lambda v: lnp.sort(v), "sort"),
    ],
)
def test_choices_are_not_linear(function: Callable[[Any], Any], what: str) -> None:
    with pytest.raises(errors.NotLinearError) as caught:
        la.linear_transpose(function, X)(X)
    shown = what if " " in what else f"`{what}`"
    assert f"A function is transposed that is not linear: it applies {shown} at " in str(caught.value)


@pytest.mark.parametrize(
    ("result", "batched", "text"),
    [
        (lambda y: y.sum(1), True, "f32[3]; with out_batched True it must be f32[3,2]"),
        (lambda y: y, False, "f32[3,2]; with out_batched False it must be f32[2]"),
        (lambda y: y.astype(int), True, "i32[3,2]; with out_batched True it must be f32[3,2]"),
    ],
)
def test_a_batching_rule_whose_result_does_not_fit(result: Callable[[Any], Any], batched: bool, text: str) -> None:
    f = la.custom_batching.custom_vmap(lambda v: v)
    f.def_vmap(lambda size, flags, y: (result(y), batched))
    with pytest.raises(errors.CustomRuleError) as caught:
        la.vmap(f)(lnp.ones((3, 2)))
    assert f"custom_vmap: `<lambda>` has a rule whose result is {text}." in str(caught.value)


def test_a_batching_rule_for_a_function_that_ignores_its_argument() -> None:
    f = la.custom_batching.custom_vmap(lambda v: lnp.ones(2))
    f.def_vmap(lambda size, flags, y: (y * 5, True))
    x = lnp.arange(6.0).reshape(3, 2)
    for wrap in (lambda g: g, la.jit):
        np.testing.assert_array_equal(wrap(la.vmap(f))(x), 5 * x)
        np.testing.assert_array_equal(wrap(la.grad(lambda v: la.vmap(f)(v).sum()))(x), np.full((3, 2), 5.0))
