"""custom_jvp and custom_vjp. The rules here are wrong by a factor of their own, so one sees when they are used."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any

import numpy as np
import pytest
from control_cases import X, assert_same, variants

import lamina as la
import lamina.numpy as lnp
from lamina import errors, lax
from lamina.custom_derivatives import CustomVJPPrimal, SymbolicZero, custom_vjp_primal_tree_values, zero_from_primal

Function = Callable[..., Any]
A, B = np.float64(0.7), np.float64(-1.3)


def forward_rule() -> Function:
    """sin(x)·y, whose derivative with respect to x counts double and that to y threefold."""

    @la.custom_jvp
    def f(x: Any, y: Any) -> Any:
        return lnp.sin(x) * y

    @f.defjvp
    def _(primals: Any, tangents: Any) -> Any:
        (x, y), (dx, dy) = primals, tangents
        return f(x, y), 2 * lnp.cos(x) * y * dx + 3 * lnp.sin(x) * dy

    return f


def reverse_rule() -> Function:
    @la.custom_vjp
    def f(x: Any, y: Any) -> Any:
        return lnp.sin(x) * y

    def backward(residuals: Any, ct: Any) -> Any:
        x, y = residuals
        return 2 * lnp.cos(x) * y * ct, 3 * lnp.sin(x) * ct

    f.defvjp(lambda x, y: (f(x, y), (x, y)), backward)
    return f


RULES = pytest.mark.parametrize("make", [forward_rule, reverse_rule])


def gradient(x: Any, y: Any) -> tuple[Any, Any]:
    return 2 * np.cos(x) * y, 3 * np.sin(x)


@RULES
def test_the_rule_is_the_derivative(make: Callable[[], Function]) -> None:
    f = make()
    assert_same(f(A, B), np.sin(A) * B)
    assert_same(la.grad(f, (0, 1))(A, B), gradient(A, B))
    assert_same(la.value_and_grad(f, 1)(A, B), (np.sin(A) * B, 3 * np.sin(A)))
    assert_same(la.jacrev(f, (0, 1))(A, B), gradient(A, B))
    assert_same(la.grad(lambda x: f(x, x) + x)(A), sum(gradient(A, A)) + 1)


@RULES
def test_the_rule_of_the_rule(make: Callable[[], Function]) -> None:
    """A rule that calls its function is differentiated by itself; as an ordinary function where it does not."""
    f = make()
    second = -2 * np.sin(A) * B  # the rule's own cos is an ordinary one
    assert_same(la.grad(la.grad(f))(A, B), second)
    assert_same(la.grad(la.grad(f), 1)(A, B), 2 * np.cos(A))
    assert_same(la.grad(la.grad(la.grad(f)))(A, B), -2 * np.cos(A) * B)


def test_forward_mode() -> None:
    f = forward_rule()
    dx, dy = gradient(A, B)
    assert_same(la.jvp(f, (A, B), (A, B)), (np.sin(A) * B, dx * A + dy * B))
    assert_same(la.jacfwd(f, (0, 1))(A, B), (dx, dy))
    assert_same(la.linearize(f, A, B)[1](A, B), dx * A + dy * B)
    with pytest.raises(errors.ForwardModeError):
        la.jvp(reverse_rule(), (A, B), (A, B))


@RULES
@pytest.mark.parametrize("flags", [flags for flags in product((True, False), repeat=2) if any(flags)])
def test_every_choice_of_batches(make: Callable[[], Function], flags: tuple[bool, bool]) -> None:
    f = make()
    args = [variants(x) if flag else x for x, flag in zip((A, B), flags, strict=True)]
    axes = tuple(0 if flag else None for flag in flags)
    x, y = np.broadcast_arrays(*args)
    assert_same(la.vmap(f, axes)(*args), np.sin(x) * y)
    assert_same(la.vmap(la.grad(f, (0, 1)), axes)(*args), gradient(x, y))
    # the gradient of the sum over the batch: an argument that is the same for all examples gets the sum
    got = la.grad(lambda *args: la.vmap(f, axes)(*args).sum(), (0, 1))(*args)
    want = [g if flag else g.sum() for g, flag in zip(gradient(x, y), flags, strict=True)]
    assert_same(got, want)
    for i, j in product(range(2), repeat=2):
        assert_same(la.vmap(la.grad(la.grad(f, i), j), axes)(*args), second_derivatives(x, y)[i][j])
        summed = lambda *args, i=i: la.grad(lambda *args: la.vmap(f, axes)(*args).sum(), i)(*args).sum()  # noqa: E731
        if flags[i] and flags[j]:
            assert_same(la.grad(summed, j)(*args), second_derivatives(x, y)[i][j])


def second_derivatives(x: Any, y: Any) -> list[list[Any]]:
    return [[-2 * np.sin(x) * y, 2 * np.cos(x) + 0 * y], [3 * np.cos(x) + 0 * y, 0 * x * y]]


@RULES
def test_in_compiled_code(make: Callable[[], Function]) -> None:
    f = make()
    xs, ys = variants(A), variants(B)

    @la.jit
    def everything(x: Any, y: Any, xs: Any, ys: Any) -> Any:
        scanned = lambda x: lax.scan(lambda c, t: (f(c, t), f(t, c)), x, xs)[1].sum()  # noqa: E731
        return (
            f(x, y), la.grad(f, (0, 1))(x, y), la.vmap(la.grad(f))(xs, ys), la.grad(la.grad(f))(x, y),
            la.grad(scanned)(x), lax.cond(x > 0, la.grad(f), lambda x, y: x, x, y),
        )  # fmt: skip

    eager = everything.__wrapped__(A, B, xs, ys)
    assert_same(everything(A, B, xs, ys), eager)
    assert_same(eager[1], gradient(A, B))


# ---- arguments ------------------------------------------------------------------------------------------------------


def test_arguments_that_are_no_arrays() -> None:
    @partial(la.custom_jvp, nondiff_argnums=(0, 2))
    def forward(g: Any, x: Any, n: Any) -> Any:
        return g(x) * n

    @forward.defjvp
    def _(g: Any, n: Any, primals: Any, tangents: Any) -> Any:
        return forward(g, *primals, n), 7.0 * n * tangents[0]

    @partial(la.custom_vjp, nondiff_argnums=(0, 2))
    def reverse(g: Any, x: Any, n: Any) -> Any:
        return g(x) * n

    reverse.defvjp(lambda g, x, n: (reverse(g, x, n), None), lambda g, n, _, ct: (7.0 * n * ct,))
    for f in (forward, reverse):
        assert_same(f(lnp.sin, A, 3), np.sin(A) * 3)
        assert_same(la.grad(f, 1)(lnp.sin, A, 3), 21.0)
        assert_same(la.grad(lambda x, f=f: f(lnp.sin, n=3, x=x))(A), 21.0)
        assert_same(la.vmap(la.grad(f, 1), (None, 0, None))(lnp.sin, X, 3), np.full(3, 21.0))


def test_containers_integers_and_defaults() -> None:
    @la.custom_vjp
    def f(params: Any, n: Any = 4) -> Any:
        return {"y": params["a"] * params["b"] * n, "n": n}

    def backward(residuals: Any, ct: Any) -> Any:
        assert ct["n"].dtype == la.dtypes.float0
        return {"a": 5 * ct["y"], "b": None}, None

    f.defvjp(lambda params, n: (f(params, n), None), backward)
    params = {"a": A, "b": B}
    assert_same(f(params)["y"], A * B * 4)
    assert_same(la.grad(lambda p: f(p, 3)["y"])(params), {"a": np.float64(5), "b": np.float64(0)})
    assert_same(la.grad(lambda p: f(p)["y"])(params)["a"], 5.0)
    batched = la.vmap(la.grad(lambda p, n: f(p, n)["y"]), ({"a": 0, "b": None}, None))({"a": X, "b": B}, 3)
    assert_same(batched, {"a": np.full(3, 5.0), "b": np.zeros(3)})

    @la.custom_jvp
    def g(x: Any, n: Any) -> Any:
        return x * n, n + 1

    @g.defjvp
    def _(primals: Any, tangents: Any) -> Any:
        assert tangents[1].dtype == la.dtypes.float0
        return g(*primals), (5 * tangents[0], np.zeros((), la.dtypes.float0))

    assert_same(la.grad(lambda x: g(x, 3)[0])(A), 5.0)
    assert_same(la.vmap(la.grad(lambda x, n: g(x, n)[0]))(X, np.arange(3)), np.full(3, 5.0))


def test_one_rule_per_argument() -> None:
    f = la.custom_jvp(lambda x, y: lnp.sin(x) * y)
    f.defjvps(lambda t, result, x, y: 2 * t * result, None)
    assert_same(la.grad(f, (0, 1))(A, B), (2 * np.sin(A) * B, np.float64(0)))
    g = la.custom_jvp(lambda x: (x, x * x))
    g.defjvps(lambda t, result, x: (t, 3 * t * result[0]))
    assert_same(la.jvp(g, (A,), (B,))[1], (B, 3 * A * B))


def test_methods_and_names() -> None:
    class Scale:
        factor = 3.0

        @partial(la.custom_jvp, nondiff_argnums=(0,))
        def apply(self, x: Any) -> Any:
            """Times three."""
            return self.factor * x

        @apply.defjvp
        def _(self, primals: Any, tangents: Any) -> Any:
            return self.apply(*primals), 10 * tangents[0]

    assert_same(la.grad(Scale().apply)(A), 10.0)
    assert (Scale.apply.__name__, Scale.apply.__doc__) == ("apply", "Times three.")


# ---- symbolic zeros and closures ------------------------------------------------------------------------------------


def test_symbolic_zeros() -> None:
    seen = []
    f = la.custom_jvp(lambda x, y: x * y)

    def rule(primals: Any, tangents: Any) -> Any:
        seen.append([type(t) is SymbolicZero for t in tangents])
        return primals[0] * primals[1], zero_from_primal(primals[0], symbolic_zeros=True)

    f.defjvp(rule, symbolic_zeros=True)
    assert_same(la.jvp(lambda x: f(x, 3.0), (A,), (B,)), (A * 3, np.float64(0)))
    g = la.custom_vjp(lambda x, y: x * y)

    def forward(x: Any, y: Any) -> Any:
        assert isinstance(x, CustomVJPPrimal)
        seen.append([not x.perturbed, not y.perturbed])
        x, y = custom_vjp_primal_tree_values((x, y))
        return x * y, None

    g.defvjp(forward, lambda _, ct: (zero_from_primal(ct, True), ct), symbolic_zeros=True)
    assert_same(la.grad(lambda x: g(x, 3.0))(A), 0.0)
    assert seen == [[False, True], [False, True]]


@RULES
def test_closures(make: Callable[[], Function]) -> None:
    """What a function closes over may be traced, but not differentiated: the rule could not say its derivative."""

    def scaled(x: Any, a: Any) -> Any:
        if make is forward_rule:
            f = la.custom_jvp(lambda x: a * x)
            f.defjvp(lambda primals, tangents: (f(*primals), 3 * a * tangents[0]))
        else:
            f = la.custom_vjp(lambda x: a * x)
            f.defvjp(lambda x: (f(x), None), lambda _, ct: (3 * a * ct,))
        return f(x)

    assert_same(la.grad(scaled)(A, B), 3 * B)
    assert_same(la.vmap(la.grad(scaled), (None, 0))(A, X), 3 * X)
    assert_same(la.grad(lambda x, a: scaled(x, lax.stop_gradient(a)), (0, 1))(A, B), (3 * B, np.float64(0)))
    with pytest.raises(errors.ClosureDerivativeError):
        la.grad(scaled, (0, 1))(A, B)
    with pytest.raises(errors.ClosureDerivativeError):
        la.grad(lambda a: lax.scan(lambda c, _: (scaled(c, a), None), 1.0, None, length=2)[0])(A)


def test_closure_convert_gives_closures_derivatives() -> None:
    def outer(a: Any) -> Any:
        g, consts = la.closure_convert(lambda x: a * x**2, 1.0)
        f = la.custom_jvp(g)

        @f.defjvp
        def _(primals: Any, tangents: Any) -> Any:
            return f(*primals), 10 * tangents[1]

        return f(3.0, *consts)

    assert_same(outer(A), 9 * A)
    assert_same(la.grad(outer)(A), 10.0)


def test_custom_gradient() -> None:
    one = la.custom_gradient(lambda x: (x**2, lambda ct: 10 * ct * x))
    pair = la.custom_gradient(lambda x: (x**2, lambda ct: (10 * ct * x,)))
    two = la.custom_gradient(lambda x, y: (x * y, lambda ct: (10 * ct * y, ct * x)))
    for f in (one, pair):
        assert_same((f(A), la.grad(f)(A), la.grad(la.grad(f))(A)), (A**2, 10 * A, np.float64(10)))
        assert_same(la.vmap(la.grad(f))(X), 10 * X)
    assert_same(la.grad(two, (0, 1))(A, B), (10 * B, A))
