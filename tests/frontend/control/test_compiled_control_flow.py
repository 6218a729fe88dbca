"""Control flow in compiled code is what the interpreter makes of it; many cases in each program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from control_cases import CASES, Case, assert_same, variants

import lamina as la
from lamina import lax


def assert_compiled(functions: dict[str, Callable[..., Any]], args: Sequence[Sequence[Any]]) -> None:
    """All functions, in one program, give what they give eagerly."""
    together = la.jit(lambda *every: [f(*own) for f, own in zip(functions.values(), every, strict=True)])
    for (name, f), own, got in zip(functions.items(), args, together(*args), strict=True):
        try:
            assert_same(got, f(*own))
        except AssertionError as difference:
            raise AssertionError(f"{name}: {difference}") from None


def derivative(case: Case) -> Callable[..., Any]:
    """Values and derivatives of a case, in one mode."""
    f, _ = case.of_floats()

    def both(*xs: Any) -> Any:
        if "rev" not in case.modes:
            return la.jvp(f, xs, xs)
        result, pull = la.vjp(f, *xs)
        return pull(la.tree_util.tree_map(cotangent, result))

    return both


def cotangent(y: Any) -> Any:
    return y * 2 if y.dtype.kind in "fc" else np.zeros(y.shape, la.dtypes.float0)


@pytest.mark.parametrize("part", [0, *(pytest.param(part, marks=pytest.mark.slow) for part in (1, 2, 3))])
def test_values(part: int) -> None:
    chosen = CASES[part::4]
    assert_compiled({case.name: case.f for case in chosen}, [case.args for case in chosen])


@pytest.mark.slow
@pytest.mark.parametrize("part", range(3))
def test_derivatives(part: int) -> None:
    chosen = CASES[part::3]
    assert_compiled({case.name: derivative(case) for case in chosen}, [case.of_floats()[1] for case in chosen])


@pytest.mark.slow
@pytest.mark.parametrize("part", range(3))
def test_batches(part: int) -> None:
    chosen = CASES[part::3]
    batches = [tuple(map(variants, case.args)) for case in chosen]
    assert_compiled({case.name: la.vmap(case.f) for case in chosen}, batches)


def test_loops_that_the_compiler_finds_hard() -> None:
    """State that is written without being read, exchanged, constant, or the same twice; loops that never run."""
    n, x, ints = 3, np.array([1.5, -2.0]), np.arange(3)

    def while_(step: Callable[..., Any], *init: Any) -> Callable[..., Any]:
        return lambda n: lax.while_loop(lambda s: s[0] < n, lambda s: (s[0] + 1, *step(*s)), (0, *init))

    functions = {
        "previous": while_(lambda i, last: (i,), 0),
        "shifted": while_(lambda i, a, b: (i, a), 7, 8),
        "computed": while_(lambda i, a: (i * x,), x),
        "number": while_(lambda i, a: (7,), 9),
        "exchanged": while_(lambda i, a, b: (b, a), 1.5, 2.5),
        "fibonacci": while_(lambda i, a, b: (b, a + b), 1, 1),
        "same twice": while_(lambda i, a, b: (a + 1, b + 1), 0, 0),
        "untouched": while_(lambda i, a: (a,), x),
        "read until it is folded": while_(lambda i, a, b: (a * 3 + 1, lax.select(b == b, a, b)), 1, 2),
        "array read until it is folded": while_(lambda i, a, b: (a * 3 + 1, a - (b ^ b)), ints, ints + 1),
        "number, once folded": while_(lambda i, a, b: (a + 1, lax.select(b == b, 7, b)), 1, 2),
        "same, once folded": while_(lambda i, a, b: (a + 1, lax.select(b == b, b, a)), ints, ints),
        "one value twice": while_(lambda i, a, b: ((c := a * 2 + b), c), 1, 2),
        "one array twice": while_(lambda i, a, b: ((c := a * 2 + b.sum()), c), x, x + 1),
        "one number twice": while_(lambda i, a, b: (7, 7), 1, 2),
        "kept and twice": while_(lambda i, a, b: (a, a), x, x + 1),
        "never": lambda n: lax.while_loop(lambda s: s < 0, lambda s: s + 1, n),
        "exchanged in scan": lambda n: lax.scan(lambda s, _: ((s[1], s[0] * n), s[0]), (x, x + 1), None, length=3),
        "fori over int16": lambda n: lax.fori_loop(
            0, n.astype("int16"), lambda i, s: (s[1], s[1] + i), (np.int16(0), np.int16(0))
        ),
    }
    assert_compiled(functions, [(la.numpy.asarray(n),)] * len(functions))


def test_barriers_on_the_state_of_large_loops() -> None:
    """Programs on all cores wait for what they read also where it goes through a barrier."""
    barrier, x = lax.optimization_barrier, (np.arange(1 << 20) % 8).astype(np.float32)

    def counted(x: Any) -> Any:
        step = lambda s: (barrier(s[0]) + 1, barrier(s[1]) / 2 + x)  # noqa: E731
        return lax.while_loop(lambda s: s[0] < 5, step, (0, x))

    def reshaped(x: Any) -> Any:
        step = lambda c, _: ((barrier(c.reshape(64, -1)) / 2).reshape(-1) + x, c.max())  # noqa: E731
        return lax.scan(step, x, None, length=5)

    def at_once(x: Any) -> Any:
        return lax.scan(lambda c, _: (barrier(c) / 2 + x, c.max()), x, None, length=5)

    functions = {f.__name__: f for f in (counted, reshaped, at_once)}
    for _ in range(3):
        assert_compiled(functions, [(la.numpy.asarray(x),)] * len(functions))
