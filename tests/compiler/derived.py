"""Functions made of op records, what the passes derive from them, and running both with the interpreter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from lamina_compiler import functions, interpreter, mlir
from lamina_compiler.builder import Builder
from lamina_compiler.higher_order import Batch
from lamina_compiler.mlir import ir
from lamina_compiler.opdef import OpDef, Sample
from lamina_compiler.passes import derive
from lamina_compiler.types import BY_SHORT_NAME, COMPLEX, INEXACT, TensorType, from_ir, to_ir, type_of

mlir.enter()

Body = Callable[[Builder, list[ir.Value]], Sequence[ir.Value]]
WIDE = {BY_SHORT_NAME["f64"], BY_SHORT_NAME["c128"]}


class Function(NamedTuple):
    """A function and the module it is in."""

    module: ir.Module
    function: ir.Operation

    def __call__(self, *arrays: np.ndarray) -> list[np.ndarray]:
        return interpreter.run(self.function, arrays, self.module)

    @property
    def inputs(self) -> list[TensorType]:
        return [from_ir(t) for t in functions.signature(self.function)[0]]

    @property
    def results(self) -> list[TensorType]:
        return [from_ir(t) for t in functions.signature(self.function)[1]]

    @property
    def ops(self) -> list[str]:
        """Names of the ops in the body."""
        return [op.name.removeprefix("lamina.") for op in functions.operations(self.function)[:-1]]

    @property
    def differentiable_inputs(self) -> list[int]:
        return [i for i, type in enumerate(self.inputs) if type.differentiable]

    @property
    def differentiable_results(self) -> list[int]:
        return [i for i, type in enumerate(self.results) if type.differentiable]

    def jvp(self, argnums: Sequence[int]) -> Function:
        return self._derived(derive.declare_jvp(self.module, self.function, argnums))

    def vjp(self, argnums: Sequence[int]) -> Function:
        return self._derived(derive.declare_vjp(self.module, self.function, argnums, self.differentiable_results))

    def vmap(self, batched: Sequence[bool], size: int) -> Function:
        return self._derived(derive.declare_vmap(self.module, self.function, batched, Batch(size)))

    def transpose(self, linear: int) -> Function:
        return self._derived(derive.declare_transpose(self.module, self.function, linear))

    def _derived(self, function: ir.Operation) -> Function:
        derive.materialize(self.module, function)
        derive.flatten(self.module, function)
        assert self.module.operation.verify(), str(self.module)
        return Function(self.module, function)


def function_of(types: Sequence[TensorType], body: Body) -> Function:
    """A function in a module of its own."""
    module = functions.new_module()
    function = functions.create(module, "f", [to_ir(t) for t in types], [], public=True, body=False)
    functions.fill(function, body)
    return Function(module, function)


def apply(op: OpDef, sample: Sample) -> Function:
    """The function that applies an op to operands like those of a sample."""
    return function_of([type_of(x) for x in sample.operands], lambda b, args: emitted(b, op, args, sample))


def emitted(b: Builder, op: OpDef, args: Sequence[ir.Value], sample: Sample) -> Sequence[ir.Value]:
    """The results of an op with a sample's attributes."""
    return op.several(b.emit(op, *args, **sample.attributes))


def samples(op: OpDef) -> list[Sample]:
    return list(op.samples(np.random.default_rng(0)))


def has_tangent(sample: Sample) -> bool:
    return any(x.dtype in INEXACT for x in sample.operands)


def wide_samples(op: OpDef) -> list[Sample]:
    """Samples with something to differentiate, all of it in double precision."""
    chosen = []
    for sample in filter(has_tangent, samples(op)):
        arrays = (*sample.operands, *op.evaluate(sample.operands, sample.attributes))
        results = arrays[len(sample.operands) :]
        wide = all(x.dtype in WIDE or x.dtype not in INEXACT for x in arrays)
        if wide and sample.unique and any(x.dtype in INEXACT for x in results):
            chosen.append(sample)
    return chosen


def random_like(rng: np.random.Generator, type: TensorType) -> np.ndarray:
    values = rng.normal(size=type.shape)
    if type.dtype in COMPLEX:
        values = values + 1j * rng.normal(size=type.shape)
    return np.asarray(values).astype(type.dtype)


def bilinear(xs: Sequence[np.ndarray], ys: Sequence[np.ndarray]) -> float:
    """Re Σ x·y: what transposition keeps (cotangents are not conjugated, as in JAX)."""
    return float(sum(np.sum(x.astype(complex) * y.astype(complex)).real for x, y in zip(xs, ys, strict=True)))


def differentiable_operands(op: OpDef, f: Function) -> list[int]:
    """Operands with respect to which the op has a derivative."""
    return [i for i in f.differentiable_inputs if i not in op.undifferentiable]


def check_derivatives(
    f: Function,
    inputs: Sequence[np.ndarray],
    rng: np.random.Generator,
    order: int,
    argnums: Sequence[int] | None = None,
) -> None:
    """jvp is the central difference, vjp its transpose; to the given order, by checking the derived functions too."""
    argnums = f.differentiable_inputs if argnums is None else argnums
    outputs = f.differentiable_results
    if not argnums or not outputs:
        return
    directions = [random_like(rng, f.inputs[i]) for i in argnums]
    jvp, vjp = f.jvp(argnums), f.vjp(argnums)
    results = jvp(*inputs, *directions)
    values, tangents = results[: len(f.results)], results[len(f.results) :]
    for got, want in zip(values, f(*inputs), strict=True):
        np.testing.assert_array_equal(got, want)

    def moved(step: float) -> list[np.ndarray]:
        shifted = list(inputs)
        for i, direction in zip(argnums, directions, strict=True):
            shifted[i] = inputs[i] + np.asarray(step * direction).astype(direction.dtype)
        after = f(*shifted)
        return [after[i] for i in outputs]

    step = 1e-4  # fourth-order central difference: error about step⁴ and 1e-16/step
    points = zip(*(moved(k * step) for k in (-2, -1, 1, 2)), strict=True)
    for tangent, i, (a, b, c, d) in zip(tangents, outputs, points, strict=True):
        if np.all(np.isfinite(values[i])):  # not of the maximum of nothing
            difference = (a - d + 8 * (c - b)) / (12 * step)
            scale = 1 + np.max(np.abs(difference), initial=0)
            np.testing.assert_allclose(tangent, difference, rtol=1e-7, atol=1e-8 * scale)

    cotangents = [random_like(rng, f.results[i]) for i in outputs]
    gradients = vjp(*inputs, *cotangents)[len(f.results) :]
    for gradient, i in zip(gradients, argnums, strict=True):
        assert (gradient.shape, gradient.dtype) == f.inputs[i]
    along, back = bilinear(cotangents, tangents), bilinear(gradients, directions)
    size = sum(np.sum(np.abs(c) * np.abs(t)) for c, t in zip(cotangents, tangents, strict=True))
    assert abs(along - back) <= 1e-11 * (1 + size), (along, back)
    if order > 1:
        check_derivatives(jvp, [*inputs, *directions], rng, order - 1)
        check_derivatives(vjp, [*inputs, *cotangents], rng, order - 1)
