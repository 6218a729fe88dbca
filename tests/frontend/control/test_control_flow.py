"""Every control-flow construct against plain Python: values, batches, derivatives, compiled code."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from control_cases import CASES, Case, assert_same, batch_choices, leaves, variants

import lamina as la
from lamina.test_util import check_grads

every = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])


@every
def test_value(case: Case) -> None:
    assert_same(case.f(*case.args), case.reference(*case.args))


@every
def test_without_jit_it_is_python(case: Case) -> None:
    """The option disable_jit runs bodies operation by operation."""
    with la.disable_jit():
        if "length_0" in case.name or "no_steps" in case.name:  # the type of nothing is only known by tracing
            return
        assert_same(case.f(*case.args), case.reference(*case.args))


@every
def test_vmap_is_a_loop(case: Case) -> None:
    for flags in batch_choices(case):
        args = [variants(x) if flag else x for x, flag in zip(case.args, flags, strict=True)]
        got = la.vmap(case.f, in_axes=tuple(0 if flag else None for flag in flags))(*args)
        each = [case.reference(*(x[i] if flag else x for x, flag in zip(args, flags, strict=True))) for i in range(3)]
        assert_same(got, [np.stack(results) for results in zip(*map(leaves, each), strict=True)])


@every
def test_derivatives(case: Case) -> None:
    """To second order and in both modes, with respect to all float arguments together."""
    check_grads(*case.of_floats(), order=case.order, modes=case.modes, atol=3e-7, rtol=3e-7)


@every
def test_derivative_with_respect_to_each_argument(case: Case) -> None:
    """Alone, other arguments have no tangents: constants, carry and slices of a loop in turn."""
    f, args = case.of_floats()
    for i in range(len(args)):
        alone = lambda x, i=i: f(*args[:i], x, *args[i + 1 :])  # noqa: E731
        check_grads(alone, (args[i],), order=1, modes=case.modes, atol=3e-7, rtol=3e-7)


@every
def test_derivatives_of_batches(case: Case) -> None:
    """vmap of the derivative is a loop of it, and the derivative of the vmap."""
    f, args = case.of_floats()
    batch = [variants(x) for x in args]

    def derivative(*xs: Any) -> Any:
        if "rev" not in case.modes:
            return la.jvp(f, xs, xs)[1]
        result, pull = la.vjp(f, *xs)
        return pull(la.tree_util.tree_map(lambda y: y * 2 if y.dtype.kind in "fc" else zero(y), result))

    each = [leaves(derivative(*(x[i] for x in batch))) for i in range(3)]
    want = [np.stack(parts) for parts in zip(*each, strict=True)]
    assert_same(la.vmap(derivative)(*batch), want)
    mapped = la.vmap(f)
    if "rev" not in case.modes:
        assert_same(la.jvp(mapped, tuple(batch), tuple(batch))[1], want)
    else:
        result, pull = la.vjp(mapped, *batch)
        assert_same(pull(la.tree_util.tree_map(lambda y: y * 2 if y.dtype.kind in "fc" else zero(y), result)), want)


def zero(y: Any) -> np.ndarray:
    """The cotangent of integers."""
    return np.zeros(y.shape, la.dtypes.float0)
