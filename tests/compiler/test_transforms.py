"""Derivatives of every op: against finite differences, forward against reverse, to second order; transposes."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pytest
from derived import (
    Function,
    apply,
    bilinear,
    check_derivatives,
    differentiable_operands,
    emitted,
    function_of,
    has_tangent,
    random_like,
    samples,
    wide_samples,
)

from lamina_compiler import functions
from lamina_compiler.builder import Builder
from lamina_compiler.errors import NoDerivativeRule
from lamina_compiler.mlir import ir
from lamina_compiler.opdef import REGISTRY, NoDerivative, NotDifferentiable, OpDef, Sample
from lamina_compiler.types import TensorType, type_of

OPS = list(REGISTRY.values())
DIFFERENTIABLE = [op for op in OPS if not isinstance(op.jvp, NotDifferentiable | NoDerivative)]
# Their derivatives with respect to parameters are ops that have none.
FIRST_ORDER = {"igamma", "igammac", "hyp1f1", "hyp2f1"}
LINEAR = [op for op in OPS if op.transpose is not None]


def named(ops: list[OpDef]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("op", ops, ids=[op.name for op in ops])


@named(DIFFERENTIABLE)
def test_derivatives_to_second_order(op: OpDef) -> None:
    chosen = wide_samples(op)
    assert chosen, "no sample of a differentiable op is in double precision"
    rng = np.random.default_rng(1)
    twice = not op.undifferentiable and op.name not in FIRST_ORDER
    for i, sample in enumerate(chosen):
        f = apply(op, sample)
        argnums = differentiable_operands(op, f)
        check_derivatives(f, sample.operands, rng, order=2 if i < 6 and twice else 1, argnums=argnums)


@named(DIFFERENTIABLE)
def test_derived_functions_are_well_typed_in_every_dtype(op: OpDef) -> None:
    """Narrow floats too: rules must not mix dtypes. (`Function` runs the verifier.)"""
    rng = np.random.default_rng(2)
    for sample in filter(has_tangent, samples(op)):
        f = apply(op, sample)
        if not f.differentiable_results:
            continue
        argnums = differentiable_operands(op, f)
        tangents = [random_like(rng, f.inputs[i]) for i in argnums]
        outputs = [f.results[i] for i in f.differentiable_results]
        results = f.jvp(argnums)(*sample.operands, *tangents)
        assert [type_of(x) for x in results] == [*f.results, *outputs]
        results = f.vjp(argnums)(*sample.operands, *(random_like(rng, type) for type in outputs))
        assert [type_of(g) for g in results[len(f.results) :]] == [f.inputs[i] for i in argnums]


@named([op for op in OPS if isinstance(op.jvp, NotDifferentiable)])
def test_what_is_not_differentiable_says_why_and_has_zero_derivative(op: OpDef) -> None:
    assert isinstance(op.jvp, NotDifferentiable) and len(op.jvp.reason) > 10
    for sample in wide_samples(op):
        f = apply(op, sample)
        argnums = f.differentiable_inputs
        tangents = [np.ones_like(sample.operands[i]) for i in argnums]
        assert not any(map(np.any, f.jvp(argnums)(*sample.operands, *tangents)[len(f.results) :]))


@named([op for op in OPS if isinstance(op.jvp, NoDerivative)])
def test_a_derivative_that_nobody_wrote_is_an_error(op: OpDef) -> None:
    assert isinstance(op.jvp, NoDerivative) and len(op.jvp.reason) > 10
    f = apply(op, samples(op)[0])
    with pytest.raises(NoDerivativeRule, match=f"there is no derivative of {op.name}: {op.jvp.reason}"):
        f.jvp([0])


@named([op for op in OPS if op.undifferentiable])
def test_an_operand_without_derivative_is_named(op: OpDef) -> None:
    f = apply(op, wide_samples(op)[0])
    for i, missing in op.undifferentiable.items():
        what = f"there is no derivative of {op.name} with respect to its operand '{op.operands[i]}': {missing.reason}"
        with pytest.raises(NoDerivativeRule, match=re.escape(what)):
            f.jvp([i])


# ---- transposes -----------------------------------------------------------------------------------------------------


def linear_operands(op: OpDef, sample: Sample) -> list[int]:
    """Operands that the op can be transposed in alone, as its rule says."""
    types = [type_of(x) for x in sample.operands]
    found: list[int] = []

    def body(b: Builder, args: list[ir.Value]) -> list[ir.Value]:
        known, cotangents = args[: len(types)], op.packed(args[len(types) :])
        for i, type in enumerate(types):
            assert op.transpose is not None
            operands = [None if i == j else x for j, x in enumerate(known)]
            if type.differentiable and op.transpose(b, cotangents, operands, types, **sample.attributes)[i] is not None:
                found.append(i)
        return []

    function_of([*types, *op.result_types(types, sample.attributes)], body)
    return found


def linear_part(op: OpDef, sample: Sample, i: int) -> Function:
    """The op as a function of its other operands, then operand i."""
    types = [type_of(x) for x in sample.operands]

    def body(b: Builder, args: list[ir.Value]) -> list[ir.Value]:
        operands = [*args[:i], args[-1], *args[i:-1]]
        return emitted(b, op, operands, sample)

    return function_of([*types[:i], *types[i + 1 :], types[i]], body)


@named(LINEAR)
def test_transpose_is_the_adjoint(op: OpDef) -> None:
    rng = np.random.default_rng(3)
    tested = 0
    for sample in wide_samples(op):
        for i in linear_operands(op, sample):
            f = linear_part(op, sample, i)
            known = [*sample.operands[:i], *sample.operands[i + 1 :]]
            direction, cotangents = random_like(rng, f.inputs[-1]), [random_like(rng, t) for t in f.results]
            image, zero = f(*known, direction), f(*known, np.zeros_like(direction))
            (gradient,) = f.transpose(1)(*known, *cotangents)
            # pad and select keep the other operand in the result
            affine = [np.asarray(x - y) for x, y in zip(image, zero, strict=True)]
            assert type_of(gradient) == f.inputs[-1]
            np.testing.assert_allclose(
                bilinear(cotangents, affine), bilinear([gradient], [direction]), rtol=1e-11, atol=1e-12
            )
            tested += 1
    assert tested


# ---- symbolic zeros -------------------------------------------------------------------------------------------------


def emitted_tangent(op: OpDef, sample: Sample, chosen: Sequence[int]) -> list[str]:
    """What the JVP rule emits for tangents of the chosen operands."""
    types = [type_of(x) for x in sample.operands]

    def body(b: Builder, args: list[ir.Value]) -> list[ir.Value]:
        primals, directions = args[: len(types)], args[len(types) :]
        results = emitted(b, op, primals, sample)
        tangents = [direction if i in chosen else None for i, direction in enumerate(directions)]
        tangent = op.jvp(b, tangents, primals, op.packed(results), **sample.attributes)  # type: ignore[operator]
        assert chosen or tangent is None
        return results

    return function_of([*types, *types], body).ops[1:]


@named(DIFFERENTIABLE)
def test_absent_tangents_cost_nothing(op: OpDef) -> None:
    """No tangent: nothing is emitted. One of several: not more than for all of them."""
    for sample in wide_samples(op):
        active = [i for i, x in enumerate(sample.operands) if type_of(x).differentiable]
        assert emitted_tangent(op, sample, ()) == []
        if op.family != "scatter" and op.name not in ("pad", "concatenate", "dynamic_update_slice"):  # place zeros
            assert all(
                len(emitted_tangent(op, sample, [i])) <= len(emitted_tangent(op, sample, active)) for i in active
            )


def test_the_tangent_of_an_unused_input_is_a_constant() -> None:
    f64 = TensorType((3,), np.dtype(np.float64))
    f = function_of([f64, f64], lambda b, args: [b.sin(args[0])])
    assert f.jvp([1]).ops == ["sin", "constant"]
    assert f.vjp([1]).ops == ["sin", "constant"]
    assert f.jvp([0, 1]).ops == ["sin", "cos", "mul"]


def test_stop_gradient_cuts_the_derivative() -> None:
    f64 = TensorType((), np.dtype(np.float64))
    f = function_of([f64], lambda b, args: [b.mul(args[0], b.stop_gradient(args[0]))])
    assert f.vjp([0])(np.float64(3), np.float64(1))[1] == 3


def test_functions_of_the_module_survive() -> None:
    """Deriving leaves the function it starts from, and the derived one, and nothing else."""
    f64 = TensorType((), np.dtype(np.float64))
    f = function_of([f64], lambda b, args: [b.mul(args[0], b.sin(args[0]))])
    f.vjp([0])
    assert [functions.symbol(each) for each in functions.functions(f.module)] == ["f", "f.vjp"]
