"""What derivatives and batches cost, by counting operations in the IR."""

from __future__ import annotations

import functools
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from counting import executed, largest_array, length_of, lowered_loops, module_of, multiply_adds, scans

import lamina as la
import lamina.numpy as lnp
from lamina import lax
from lamina.ad_checkpoint import saved_residuals
from lamina_compiler import functions
from lamina_compiler.passes import derive

Program = tuple[Callable[..., Any], tuple[Any, ...]]
RNG = np.random.default_rng(0)


def normal(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape) / shape[0] ** 0.5


def mlp() -> Program:
    def loss(params: Any, x: Any, y: Any) -> Any:
        for w, b in params[:-1]:
            x = lnp.tanh(x @ w + b)
        w, b = params[-1]
        return ((x @ w + b - y) ** 2).mean()

    sizes = [20, 30, 30, 5]
    params = [(normal(m, n), np.zeros(n)) for m, n in pairwise(sizes)]
    return loss, (params, normal(16, 20), normal(16, 5))


def recurrent() -> Program:
    def loss(params: Any, xs: Any) -> Any:
        w, u = params

        def step(c: Any, x: Any) -> Any:
            c = lnp.tanh(w @ c + u @ x)
            return c, (c**2).sum()

        return lax.scan(step, lnp.zeros(24), xs)[1].sum()

    return loss, ((normal(24, 24), normal(24, 10)), normal(50, 10))


def attention() -> Program:
    def loss(params: Any, x: Any) -> Any:
        q, k, v = (x @ w for w in params)
        scores = q @ k.T / q.shape[1] ** 0.5
        weights = lnp.exp(scores - scores.max(1, keepdims=True))
        return ((weights / weights.sum(1, keepdims=True)) @ v).var()

    return loss, (tuple(normal(32, 32) for _ in range(3)), normal(40, 32))


PROGRAMS = pytest.mark.parametrize("make", [mlp, recurrent, attention])


@PROGRAMS
def test_a_gradient_costs_four_evaluations_at_most(make: Callable[[], Program]) -> None:
    """Griewank and Walther (2008): 3 to 4 for reverse mode. Value included."""
    loss, args = make()
    value = multiply_adds(loss, *args)
    assert value > 10_000
    gradient = multiply_adds(la.value_and_grad(loss), *args)
    assert 2 * value < gradient <= 4 * value
    assert multiply_adds(lambda *args: la.jvp(loss, args, args)[1], *args) <= 4 * value


@PROGRAMS
def test_products_with_the_hessian_cost_a_few_gradients_and_no_hessian(make: Callable[[], Program]) -> None:
    loss, args = make()
    params, rest = args[0], args[1:]
    count = sum(x.size for x in la.tree_util.tree_leaves(params))
    gradient = la.grad(loss)

    def forward_over_reverse(params: Any) -> Any:
        return la.jvp(lambda p: gradient(p, *rest), (params,), (params,))[1]

    def reverse_over_reverse(params: Any) -> Any:
        along = lambda p: sum(  # noqa: E731
            lnp.vdot(a, b) for a, b in zip(*map(la.tree_util.tree_leaves, (gradient(p, *rest), params)), strict=True)
        )
        return la.grad(along)(params)

    value = multiply_adds(loss, *args)
    for product, limit in ((forward_over_reverse, 8), (reverse_over_reverse, 12)):
        module = module_of(product, params)
        assert executed(module)["multiply-adds"] <= limit * value
        assert largest_array(module) < count**2 / 100


@PROGRAMS
def test_a_batch_has_the_operations_of_one_example(make: Callable[[], Program]) -> None:
    """vmap over the data adds no loop to the lowered program: the number of dispatches is that of one example."""
    loss, args = make()
    axes = (None, *[0] * (len(args) - 1))
    batch = (args[0], *(np.stack([x] * 3) for x in args[1:]))
    one_more = make is recurrent  # moves the iterations of the batched slices to the front
    assert lowered_loops(la.vmap(loss, axes), *batch) <= lowered_loops(loss, *args) + one_more
    assert lowered_loops(la.vmap(la.grad(loss), axes), *batch) <= lowered_loops(la.grad(loss), *args) + 2


def test_a_body_is_differentiated_once_however_long_the_loop() -> None:
    loss, (params, _) = recurrent()

    def size(length: int) -> int:
        return length_of(module_of(la.grad(loss), params, np.zeros((length, 10))))

    assert size(1000) == size(10) < 150
    f = lambda x, n: lax.fori_loop(0, n, lambda i, v: lnp.sin(v) * x, x)  # noqa: E731
    assert len({length_of(module_of(la.grad(lambda x, n=n: f(x, n)), 0.5)) for n in (5, 500)}) == 1


def test_what_is_the_same_in_all_iterations_is_not_stacked() -> None:
    def f(c: Any, w: Any, xs: Any) -> Any:
        return lax.scan(lambda c, x: (lnp.sin(c) * lnp.exp(w) * x, None), c, xs)[0]

    module = module_of(la.grad(f, (0, 1)), 0.5, np.ones(()), np.ones(50), stage="hoist")
    forward, backward = scans(module)
    assert executed(module)["exp"] == 1  # before the loops
    stacked = [t for t in forward.result_types if t.shape == (50,)]
    assert len(stacked) == 2  # of the carry: neither exp(w) nor xs, which are there already
    assert backward.details["reverse"]


def test_dead_carries_and_results_are_removed() -> None:
    def f(c: Any, xs: Any) -> Any:
        def step(carry: Any, x: Any) -> Any:
            used, unused, fixed = carry
            return (used * x + fixed, lnp.sin(unused), fixed), lnp.exp(used)

        return lax.scan(step, (c, c, c), xs)[0][0]

    (loop,) = scans(module_of(f, 0.5, np.ones(20)))
    assert (loop.details["carry"], len(loop.result_types)) == (1, 1)
    assert executed(module_of(f, 0.5, np.ones(20)))["sin"] == 0


def test_nothing_is_computed_for_unused_tangents() -> None:
    loss, (params, xs) = recurrent()
    w, u = params
    each = {
        "w": multiply_adds(la.grad(lambda w: loss((w, u), xs)), w),
        "u": multiply_adds(la.grad(lambda u: loss((w, u), xs)), u),
        "both": multiply_adds(la.grad(loss), params, xs),
        "xs": multiply_adds(la.grad(lambda xs: loss(params, xs)), xs),
    }
    value = multiply_adds(loss, params, xs)
    assert each["w"] < each["both"] and each["u"] < each["both"]
    assert each["both"] - each["w"] >= 50 * 24 * 10  # the outer products for u
    assert each["xs"] < 2.5 * value

    def halves(x: Any, y: Any) -> Any:
        return lax.scan(lambda c, _: ((c[0] * 2, lnp.exp(lnp.sin(c[1]))), None), (x, y), None, length=9)[0]

    only_first = executed(module_of(lambda x, y: la.jvp(lambda x: halves(x, y)[0], (x,), (x,))[1], 0.5, 0.5))
    assert only_first["exp"] == only_first["cos"] == 0


def f_of_three_sines(x: Any, w: Any) -> Any:
    h = lnp.sin(w @ lnp.sin(x))
    h = la.ad_checkpoint.checkpoint_name(lnp.sin(h), "last")
    return lnp.exp(h).sum()


POLICIES = la.checkpoint_policies
X, W = np.ones(7), np.ones((6, 7))


@pytest.mark.parametrize(
    ("policy", "origins"),
    [
        (None, set()),
        (POLICIES.nothing_saveable, set()),
        (POLICIES.dots_saveable, {"dot_general"}),
        (POLICIES.save_only_these_names("last"), {"name"}),
        (POLICIES.save_only_these_names("other"), set()),
        (POLICIES.save_any_names_but_these("other"), {"name"}),
        (POLICIES.save_anything_except_these_names("last"), {"cos", "exp"}),
        (POLICIES.everything_saveable, {"cos", "exp"}),
        (POLICIES.offload_dot_with_no_batch_dims("device", "pinned_host"), {"dot_general"}),
        (POLICIES.save_and_offload_only_these_names(names_which_can_be_saved=["other"], names_which_can_be_offloaded=["last"], offload_src="device", offload_dst="pinned_host"), {"name"}),
        (POLICIES.save_from_both_policies(POLICIES.dots_saveable, POLICIES.save_only_these_names("last")), {"dot_general", "name"}),
    ],
)  # fmt: skip
def test_a_checkpoint_keeps_what_its_policy_says(policy: Any, origins: set[str]) -> None:
    kept = saved_residuals(la.checkpoint(f_of_three_sines, policy=policy), X, W)
    found = {origin.split(" at ")[0] for _, origin in kept if not origin.startswith("the argument")}
    assert found - {"mul", "reshape", "broadcast_in_dim", "sin"} == origins


def test_a_name_is_saved_or_offloaded() -> None:
    names = {"names_which_can_be_saved": ["a", "b"], "names_which_can_be_offloaded": ["c", "b"]}
    with pytest.raises(ValueError, match="a name can be saved or offloaded, not both; got b in both lists"):
        POLICIES.save_and_offload_only_these_names(**names, offload_src="device", offload_dst="pinned_host")


@pytest.mark.parametrize(("prevent_cse", "sines"), [(True, 3), ((False, True), 3), ((False, False), 2), (False, 2)])
def test_a_checkpoint_with_a_static_name(prevent_cse: Any, sines: int) -> None:
    @functools.partial(la.checkpoint, static_argnames="mode", prevent_cse=prevent_cse)
    def f(x: Any, mode: str) -> Any:
        return lnp.sin(lnp.exp(lnp.sin(x)) if mode == "exp" else x)

    for derivative in (la.grad(lambda x: f(x, "exp")), la.grad(lambda x: f(x, mode="exp"))):
        assert float(derivative(0.5)) == pytest.approx(float(la.grad(lambda x: lnp.sin(lnp.exp(lnp.sin(x))))(0.5)))
    assert executed(module_of(la.value_and_grad(lambda x: f(x, "exp")), 0.5))["sin"] == sines


def test_a_checkpoint_computes_again_what_it_does_not_keep() -> None:
    dots = la.checkpoint(f_of_three_sines, policy=POLICIES.dots_saveable)
    plain, again, kept = (
        executed(module_of(la.value_and_grad(f), X, W))
        for f in (f_of_three_sines, la.checkpoint(f_of_three_sines), dots)
    )
    assert plain["dot_general"] == 6 + 7
    assert again["dot_general"] == 6 + 6 + 7
    assert kept["dot_general"] == 6 + 7
    assert again["sin"] > plain["sin"]


def test_a_bounded_loop_keeps_about_the_square_root_of_its_steps() -> None:
    def f(x: Any, limit: int) -> Any:
        return lax.while_loop(lambda v: v.sum() < 1e9, lambda v: lnp.sin(v) * 1.1, x, max_steps=limit).sum()

    def kept(limit: int) -> int:
        return sum(t.nbytes for t, _ in saved_residuals(lambda x: f(x, limit), np.ones(100, np.float32)))

    assert kept(10_000) < 1.3 * 100 * 400  # 100 chunks of a carry of 400 bytes
    assert kept(10_000) < 12 * kept(100)


def test_deriving_lists_the_functions_of_a_module_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many there are: what they are found by is kept while a pass runs."""

    def conds(x: Any) -> Any:
        for i in range(6):
            x = lax.cond(x > i, lambda v: lnp.sin(v) * v, lambda v: lnp.cos(v), x)
        return x

    module = la.jit(la.grad(conds)).lower(1.0).trace.module
    made: list[Any] = []
    index = functions._Index
    monkeypatch.setattr(functions, "_Index", lambda module: (made.append(module), index(module))[1])
    derive._run(module)
    assert len(made) == 1
