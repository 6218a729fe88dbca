"""Control flow as a table: each case is a function of arrays and what plain Python and NumPy make of it.

The tests hold every case to its reference, eagerly, compiled, mapped over every choice of its arguments, and its
derivatives to finite differences of the reference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np

import lamina as la
import lamina.numpy as lnp
from lamina import lax

F64 = np.float64
X = np.array([0.3, -0.7, 1.1])
W = np.array([[0.5, -0.3], [0.2, 0.4]])
C = np.array([0.1, -0.2])
XS = np.array([[0.4, 0.1], [-0.3, 0.8], [0.6, -0.5], [0.2, 0.9]])


class Case(NamedTuple):
    """`modes`: of differentiation with respect to the float arguments; `order`: up to which they are checked."""

    name: str
    f: Callable[..., Any]
    args: tuple[Any, ...]
    reference: Callable[..., Any]
    modes: tuple[str, ...] = ("fwd", "rev")
    order: int = 2

    @property
    def floats(self) -> list[int]:
        return [i for i, x in enumerate(self.args) if np.asarray(x).dtype.kind in "fc"]

    def of_floats(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        """The function of its float arguments alone, and these."""
        positions = self.floats

        def f(*given: Any) -> Any:
            every = list(self.args)
            for i, x in zip(positions, given, strict=True):
                every[i] = x
            return self.f(*every)

        return f, tuple(np.asarray(self.args[i]) for i in positions)


CASES: list[Case] = []


def case(
    *args: Any, modes: tuple[str, ...] = ("fwd", "rev"), order: int = 2
) -> Callable[[Callable[[], tuple[Any, Any]]], None]:
    """Registers what the decorated function returns: the function and its reference."""

    def register(pair: Callable[[], tuple[Any, Any]]) -> None:
        f, reference = pair()
        CASES.append(Case(pair.__name__, f, args, reference, modes, order))

    return register


def variants(x: Any) -> np.ndarray:
    """A batch of three arguments like x."""
    x = np.asarray(x)
    if x.dtype.kind in "fc":
        return np.stack([x, 0.8 * x + 0.05, -0.6 * x])
    return np.stack([x, x ^ True, x]) if x.dtype.kind == "b" else np.stack([x, x + 1, x - 1])


def batch_choices(case: Case) -> Iterator[tuple[bool, ...]]:
    """Which arguments have a batch axis: every choice of at least one."""
    return (flags for flags in product((True, False), repeat=len(case.args)) if any(flags))


def leaves(tree: Any) -> list[np.ndarray]:
    return [np.asarray(x) for x in la.tree_util.tree_leaves(tree)]


def assert_same(got: Any, want: Any) -> None:
    """Equal containers of close numbers, of the same shapes and dtypes."""
    got, want = leaves(got), leaves(want)
    assert len(got) == len(want)
    for a, b in zip(got, want, strict=True):
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        if a.dtype == la.dtypes.float0:
            continue
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-12)


def looped(step: Callable[..., Any], carry: Any, xs: Sequence[Any], reverse: bool = False) -> tuple[Any, Any]:
    """scan as its documentation says it, for a `y` that is one array."""
    ys: list[Any] = []
    for x in list(xs)[::-1] if reverse else xs:
        carry, y = step(carry, x)
        ys.append(y)
    return carry, np.stack(ys[::-1] if reverse else ys)


# ---- scan -----------------------------------------------------------------------------------------------------------


@case(F64(0.5), X)
def scan():
    step = lambda np: lambda c, x: (np.sin(c) * x + c, c * x)  # noqa: E731
    return lambda c, xs: lax.scan(step(lnp), c, xs), lambda c, xs: looped(step(np), c, xs)


@case(F64(0.5), X)
def scan_reverse():
    step = lambda np: lambda c, x: (np.sin(c) * x + c, c * x)  # noqa: E731
    return (
        lambda c, xs: lax.scan(step(lnp), c, xs, reverse=True),
        lambda c, xs: looped(step(np), c, xs, reverse=True),
    )


@case(C, XS, W)
def recurrent_network():
    """Constant, carry and slices all have derivatives."""

    def step(np, w):
        def f(c, x):
            c = np.tanh(w @ c + x)
            return c, c.sum() * x

        return f

    return lambda c, xs, w: lax.scan(step(lnp, w), c, xs), lambda c, xs, w: looped(step(np, w), c, xs)


@case(F64(0.7), F64(-0.4))
def scan_of_containers():
    """A dict of a carry with an integer and nothing in it; slices of two dtypes."""

    def f(a, b):
        def step(carry, x):
            new = {"a": carry["a"] * x["float"] + b, "n": carry["n"] + x["int"], "none": None}
            return new, (carry["a"], (new["n"],))

        xs = {"float": X, "int": np.arange(3)}
        return lax.scan(step, {"a": a, "n": np.int64(1), "none": None}, xs)

    def reference(a, b):
        n, kept, numbers = np.int64(1), [], []
        for x, i in zip(X, np.arange(3), strict=True):
            kept.append(a)
            a, n = a * x + b, n + i
            numbers.append(n)
        return {"a": a, "n": n, "none": None}, (np.stack(kept), (np.stack(numbers),))

    return f, reference


@case(F64(0.7))
def scan_without_arrays():
    return (
        lambda c: lax.scan(lambda c, x: (lnp.sin(c) + 1, None), c, None, length=4),
        lambda c: (np.sin(np.sin(np.sin(np.sin(c) + 1) + 1) + 1) + 1, None),
    )


@case(F64(0.7), X)
def scan_without_carry():
    return lambda a, xs: lax.scan(lambda c, x: (None, x * a), None, xs)[1], lambda a, xs: xs * a


@case(F64(0.7), np.zeros((0, 2)))
def scan_of_length_0():
    return (
        lambda c, xs: lax.scan(lambda c, x: (c * x[0], x * c), c, xs),
        lambda c, xs: (c, np.zeros((0, 2))),
    )


@case(F64(0.7), X[:1])
def scan_of_length_1():
    return lambda c, xs: lax.scan(lambda c, x: (c * x, x + c), c, xs), lambda c, xs: (c * xs[0], xs + c)


@case(F64(0.7), np.zeros((3, 0)))
def scan_of_empty_slices():
    return (
        lambda c, xs: lax.scan(lambda c, x: (c * c + x.sum(), x * c), c, xs),
        lambda c, xs: (c**8, np.zeros((3, 0))),
    )


@case(F64(0.7), np.array([2, 0, 3]), np.bool_(True))
def scan_of_integers_and_booleans():
    """Discrete carries and slices beside a differentiable one."""

    def step(carry, x):
        c, n, p = carry
        return (c * x + n, n + x, p ^ (x > 1)), (n, p)

    def f(c, xs, p):
        return lax.scan(step, (c, np.int64(1), p), xs)

    def reference(c, xs, p):
        carry, ns, ps = (c, np.int64(1), p), [], []
        for x in xs:
            carry, (n, flag) = step(carry, x)
            ns.append(n)
            ps.append(flag)
        return carry, (np.stack(ns), np.stack(ps))

    return f, reference


@case(F64(0.7), np.array([0.3 + 0.1j, -0.2j]), order=1)
def scan_of_complex_numbers():
    step = lambda c, x: (c * x + 1j, c + x)  # noqa: E731
    return lambda c, xs: lax.scan(step, c + 0j, xs), lambda c, xs: looped(step, c + 0j, xs)


@case(F64(0.3), X)
def scan_in_scan():
    def f(c, xs):
        def outer(c, x):
            c, ys = lax.scan(lambda c, t: (lnp.sin(c) * x + t, c * t), c, xs)
            return c, ys.sum()

        return lax.scan(outer, c, xs[:2])

    def reference(c, xs):
        sums = []
        for x in xs[:2]:
            c, ys = looped(lambda c, t, x=x: (np.sin(c) * x + t, c * t), c, xs)
            sums.append(ys.sum())
        return c, np.stack(sums)

    return f, reference


@case(F64(0.4), X)
def cond_in_scan():
    def f(c, xs):
        return lax.scan(
            lambda c, x: (lax.cond(c * x > 0.1, lambda v: v * x, lambda v: lnp.sin(v) + x, c), c), c, xs
        )  # fmt: skip

    return f, lambda c, xs: looped(lambda c, x: (c * x if c * x > 0.1 else np.sin(c) + x, c), c, xs)


@case(X, F64(0.5))
def scan_that_gives_and_ignores():
    """A carry nothing reads, slices nothing reads, a result that is the same in all iterations."""

    def f(xs, a):
        return lax.scan(lambda c, x: ((c[0] + x[0], c[0]), lnp.exp(a)), (a, 0.0), (xs, lnp.cos(xs)))

    def reference(xs, a):
        return (a + xs.sum(), a + xs[:-1].sum()), np.full(3, np.exp(a))

    return f, reference


# ---- while and fori -------------------------------------------------------------------------------------------------


@case(F64(0.7), 3, modes=("fwd",))
def while_with_a_count():
    def f(x, n):
        return lax.while_loop(
            lambda s: s["i"] < n, lambda s: {"i": s["i"] + 1, "x": lnp.sin(s["x"]) * 1.5}, {"i": 0, "x": x}
        )

    def reference(x, n):
        for _ in range(n):
            x = np.sin(x) * 1.5
        return {"i": np.int64(n), "x": x}

    return f, reference


@case(F64(1.7), F64(0.3), modes=("fwd",))
def while_until_large():
    """Examples of a batch need different numbers of iterations, some none."""

    def reference(x, a):
        while -9 < x < 9:
            x = x * 1.8 + a
        return x

    return lambda x, a: lax.while_loop(lambda v: abs(v) < 9, lambda v: v * 1.8 + a, x), reference


@case(F64(2.0), modes=("fwd",))
def while_with_differing_last_values():
    """Newton's method, which compares with the last iterate."""

    def f(a):
        step = lambda s: (0.5 * (s[0] + (1 + a * a) / s[0]), s[0])  # noqa: E731
        return lax.while_loop(lambda s: abs(s[0] - s[1]) > 1e-14, step, (1.0 + a * a, 0.0))[0]

    return f, lambda a: np.sqrt(1 + a * a)


@case(F64(0.3), 2, modes=("fwd",))
def while_in_while():
    def f(x, n):
        def outer(s):
            i, x = s
            return i + 1, lax.while_loop(lambda t: t[0] <= i, lambda t: (t[0] + 1, lnp.cos(t[1]) * x), (0, x))[1]

        return lax.while_loop(lambda s: s[0] < n, outer, (0, x))[1]

    def reference(x, n):
        for i in range(n):
            y = x
            for _ in range(i + 1):
                y = np.cos(y) * x
            x = y
        return x

    return f, reference


def bounded(limit: int) -> Any:
    def f(x, a):
        return lax.while_loop(lambda s: s[1] < 3, lambda s: (s[0] + 1, s[1] * 1.3 + a * a), (0, x), max_steps=limit)

    def reference(x, a):
        n = 0
        while n < limit and x < 3:
            n, x = n + 1, x * 1.3 + a * a
        return np.int64(n), x

    return f, reference


CASES.append(Case("bounded_while", bounded(10)[0], (F64(0.9), F64(0.5)), bounded(10)[1]))
CASES.append(Case("bounded_while_that_ends_at_the_bound", bounded(2)[0], (F64(0.9), F64(0.5)), bounded(2)[1], order=1))
CASES.append(Case("bounded_while_of_no_steps", bounded(0)[0], (F64(0.9), F64(0.5)), bounded(0)[1], order=1))


@case(F64(0.3), X)
def fori():
    def f(x, a):
        return lax.fori_loop(1, 4, lambda i, v: {"v": lnp.sin(v["v"]) * i + lnp.asarray(a)[i - 1]}, {"v": x})

    def reference(x, a):
        for i in range(1, 4):
            x = np.sin(x) * i + a[i - 1]
        return {"v": x}

    return f, reference


@case(F64(0.3), 1, 3, modes=("fwd",))
def fori_with_traced_bounds():
    def f(x, first, last):
        return lax.fori_loop(first, last, lambda i, v: (lnp.sin(v[0]) * i, v[1] + i), (x, 0))

    def reference(x, first, last):
        n = np.int64(0)
        for i in range(first, last):
            x, n = np.sin(x) * i, n + i
        return x, n

    return lambda x, a, b: la.jit(f)(x, a, b) if isinstance(b, la.Array) else f(x, lnp.asarray(a), b), reference


@case(F64(0.3))
def fori_that_does_nothing():
    return lambda x: lax.fori_loop(5, 2, lambda i, v: v * i, x), lambda x: x


# ---- map and associative_scan ---------------------------------------------------------------------------------------


@case(X, F64(0.4))
def map_over_slices():
    f = lambda xs, a: lax.map(lambda x: {"s": lnp.sin(x[0]) * a, "i": x[1] + 1}, (xs, np.arange(3)))  # noqa: E731
    return f, lambda xs, a: {"s": np.sin(xs) * a, "i": np.arange(3) + 1}


@case(np.arange(7.0) / 5, F64(0.4))
def map_in_batches():
    return lambda xs, a: lax.map(lambda x: x * a, xs, batch_size=3), lambda xs, a: xs * a


@case(np.array([0.9, -0.4, 1.2, 0.7, -1.1]), np.array([0.1, 0.2, -0.3, 0.4, 0.5]))
def linear_recurrence_by_associative_scan():
    def combine(p, q):
        return p[0] * q[0], q[0] * p[1] + q[1]

    def reference(a, b):
        x, xs = 0.0, []
        for s, t in zip(a, b, strict=True):
            x = s * x + t
            xs.append(x)
        return np.stack(xs)

    return lambda a, b: lax.associative_scan(combine, (a, b))[1], reference


@case(XS)
def associative_scan_backwards():
    f = lambda x: lax.associative_scan(lnp.multiply, x, reverse=True, axis=1)  # noqa: E731
    return f, lambda x: np.cumprod(x[:, ::-1], 1)[:, ::-1]


# ---- branches -------------------------------------------------------------------------------------------------------


@case(np.bool_(True), F64(0.7), X)
def cond():
    """Each branch uses other operands; one ignores its own."""
    return (
        lambda p, x, y: lax.cond(p, lambda x, y: (x * y, x), lambda x, y: (lnp.sin(y), y[0] * 0.5), x, y),
        lambda p, x, y: (x * y, x) if p else (np.sin(y), y[0] * 0.5),
    )


@case(F64(0.7), F64(0.2))
def cond_on_a_value():
    f = lambda x, a: lax.cond(x > 0.5, lambda: x * x * a, lambda: lnp.exp(x))  # noqa: E731
    return f, lambda x, a: x * x * a if x > 0.5 else np.exp(x)


@case(1, F64(0.7))
def switch():
    branches = lambda np: [np.sin, lambda x: x * 0 + 2.0, lambda x: x**3]  # noqa: E731
    return (
        lambda i, x: lax.switch(i, branches(lnp), x),
        lambda i, x: branches(np)[min(max(int(i), 0), 2)](x),
    )


@case(np.int8(-1), X, order=1)
def switch_out_of_range():
    def f(i, x):  # the branches close over x
        return lax.switch(i, [lambda _: lnp.asarray(x), lambda _: lnp.asarray(x)[::-1] * 2], operand=None)

    return f, lambda i, x: x[::-1] * 2 if i >= 1 else x


@case(np.bool_(False), np.bool_(True), F64(0.3))
def cond_in_cond():
    inner = lambda p, x: lax.cond(p, lnp.sin, lnp.cos, x)  # noqa: E731
    return (
        lambda p, q, x: lax.cond(p, lambda x: x * x, lambda x: inner(q, x) * x, x),
        lambda p, q, x: x * x if p else (np.sin(x) if q else np.cos(x)) * x,
    )


@case(np.bool_(True), F64(0.3), 4, modes=("fwd",))
def while_in_cond():
    def f(p, x, n):
        loop = lambda x: lax.while_loop(lambda s: s[0] < n, lambda s: (s[0] + 1, lnp.sin(s[1])), (0, x))[1]  # noqa: E731
        return lax.cond(p, loop, lambda x: x, x)

    def reference(p, x, n):
        for _ in range(n if p else 0):
            x = np.sin(x)
        return x

    return f, reference


# ---- solvers and rules inside of loops ------------------------------------------------------------------------------


@case(np.array([[2.0, 0.5], [0.3, 1.5]]), C)
def linear_solve():
    def solve(a, b):
        return lax.custom_linear_solve(lambda x: a @ x, b, lambda _, b: _solved(a, b), lambda _, b: _solved(a.T, b))

    def _solved(a, b):
        adjoint = lnp.array([[a[1, 1], -a[0, 1]], [-a[1, 0], a[0, 0]]])
        return adjoint @ b / (a[0, 0] * a[1, 1] - a[0, 1] * a[1, 0])

    return solve, np.linalg.solve


@case(F64(0.8))
def root():
    newton = lambda f, x: lax.fori_loop(0, 40, lambda i, x: x - f(x) / (3 * x * x), x)  # noqa: E731
    return (
        lambda a: lax.custom_root(lambda x: x**3 - (1 + a * a), 2.0, newton, lambda g, y: y / g(1.0)),
        lambda a: np.cbrt(1 + a * a),
    )


@case(F64(0.3), X)
def checkpointed_scan():
    step = lambda np: lambda c, x: (np.sin(c * x), np.cos(c) * x)  # noqa: E731
    return lambda c, xs: lax.scan(la.checkpoint(step(lnp)), c, xs), lambda c, xs: looped(step(np), c, xs)


@la.custom_jvp
def sine_forward(x, y):
    return lnp.sin(x) * y


@sine_forward.defjvp
def _(primals, tangents):
    (x, y), (dx, dy) = primals, tangents
    return sine_forward(x, y), lnp.cos(x) * y * dx + lnp.sin(x) * dy


@la.custom_vjp
def sine_reverse(x, y):
    return lnp.sin(x) * y


sine_reverse.defvjp(
    lambda x, y: (sine_reverse(x, y), (x, y)),
    lambda residuals, ct: (lnp.cos(residuals[0]) * residuals[1] * ct, lnp.sin(residuals[0]) * ct),
)


@case(F64(0.3), X)
def custom_jvp_in_scan():
    return (
        lambda c, xs: lax.scan(lambda c, x: (sine_forward(c, x), sine_forward(x, c)), c, xs),
        lambda c, xs: looped(lambda c, x: (np.sin(c) * x, np.sin(x) * c), c, xs),
    )


@case(F64(0.3), X, modes=("rev",))
def custom_vjp_in_scan():
    return (
        lambda c, xs: lax.scan(lambda c, x: (sine_reverse(c, x), sine_reverse(x, c)), c, xs),
        lambda c, xs: looped(lambda c, x: (np.sin(c) * x, np.sin(x) * c), c, xs),
    )


@case(np.bool_(True), F64(0.3), F64(0.6), modes=("rev",))
def custom_vjp_in_cond():
    return (
        lambda p, x, y: lax.cond(p, sine_reverse, lambda x, y: sine_reverse(y, 2.0) + x, x, y),
        lambda p, x, y: np.sin(x) * y if p else np.sin(y) * 2 + x,
    )
