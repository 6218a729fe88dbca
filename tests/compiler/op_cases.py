"""Test tables made from the op records, and what runs them. One function of one IREE module holds many cases."""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np

from lamina_compiler import backend, functions, host_calls, mlir, pipeline
from lamina_compiler.builder import Builder
from lamina_compiler.mlir import ir
from lamina_compiler.opdef import REGISTRY, OpDef, Sample
from lamina_compiler.types import KEY, TensorType, from_ir, to_ir, type_of
from lamina_runtime import buffer
from lamina_runtime.call import Executable
from lamina_runtime.device import device
from lamina_runtime.host import HostModule

mlir.enter()

# relative and absolute: a few roundings of the dtype; elementary functions are held to ulps in test_accuracy.py
TOLERANCE = {
    "float16": 2e-3,
    "bfloat16": 1.6e-2,
    "float32": 2e-6,
    "float64": 4e-15,
    "complex64": 4e-6,
    "complex128": 8e-15,
}


class Case(NamedTuple):
    name: str
    op: OpDef
    sample: Sample

    @property
    def types(self) -> list[TensorType]:
        return [type_of(x) for x in self.sample.operands]

    @property
    def dtype(self) -> str:
        """Of the data; the last operand of select, the result where there are no operands."""
        if self.sample.operands:
            return str(self.sample.operands[-1 if self.op.name == "select" else 0].dtype)
        return str(self.op.result_types((), self.sample.attributes)[0].dtype)


def cases() -> list[Case]:
    """Every op on all its samples."""
    rng = np.random.default_rng(0)
    return [Case(f"{op.name}_{i}", op, sample) for op in REGISTRY.values() for i, sample in enumerate(op.samples(rng))]


def compiled_cases() -> list[Case]:
    """A selection worth compiling, where every dispatch costs a twentieth of a second or more.

    Every op in every dtype, on one of its samples, a different one from dtype to dtype; f32 on up to four. Conversions
    between two rare dtypes are left to the tests of the scalar definitions, as are scalar and long arrays.
    """
    chosen = []
    by_op_and_dtype: dict[tuple[str, str], list[Case]] = {}
    for case in cases():
        by_op_and_dtype.setdefault((case.op.name, case.dtype), []).append(case)
    for turn, ((name, dtype), same) in enumerate(by_op_and_dtype.items()):
        if name == "convert":
            chosen += [c for c in same if COMMON & {dtype, str(c.sample.attributes["dtype"])}]
        elif same[0].op.family == "scatter" and name != "scatter_add" and dtype not in COMMON:
            continue  # they share their lowering
        elif same[0].op.scalar is not None:
            if same[0].op.family not in LONG_FAMILIES or same[0].sample.operands[0].dtype.itemsize > 2:
                chosen.append(same[-1])  # not the scalar one
        else:
            chosen += same[:: -(-len(same) // 4)] if dtype == "float32" else [same[turn % len(same)]]
    return chosen


LONG_FAMILIES = {"special", "scipy"}  # hundreds of operations each, the same for f16 and bf16 as for f32
WITH_VECTORS = {"eigh", "eigh_tridiagonal", "svd"}  # of any sign: see test_spectral_kernels.py
COMMON = {"float32", "int32", "bool", "complex64", "uint64"}


def build(module: ir.Module, case: Case) -> ir.Operation:
    """A public function that applies the op."""
    function = functions.create(module, case.name, [to_ir(t) for t in case.types], [], public=True)
    b = Builder(ir.InsertionPoint(functions.block(function)), ir.Location.unknown())
    results = b.emit(case.op, *functions.arguments(function), **case.sample.attributes)
    functions.append_return(function, case.op.several(results))
    return function


def to_bytes(module: ir.Module) -> bytes:
    stream = io.BytesIO()
    module.operation.write_bytecode(stream)
    return stream.getvalue()


def build_all(module: ir.Module, cases: Sequence[Case]) -> ir.Operation:
    """One public function `main` that applies every op, each to operands of its own.

    A function costs IREE as much time as an op, so a module of one function takes half that of one with many.
    """
    types = [to_ir(t) for case in cases for t in case.types]
    function = functions.create(module, "main", types, [], public=True)
    operands, results = iter(functions.arguments(function)), []
    for case in cases:
        b = Builder(ir.InsertionPoint(functions.block(function)), ir.Location.name(case.name))
        results += case.op.several(b.emit(case.op, *islice(operands, len(case.types)), **case.sample.attributes))
    functions.append_return(function, results)
    assert module.operation.verify()
    return function


def compiled_results(cases: Sequence[Case], target: str = "cpu", has_host: bool = True) -> list[list[np.ndarray]]:
    """What every op gives for its operands when compiled for a target ("cpu" or "vulkan") and run there."""
    module = functions.new_module()
    types = [from_ir(t) for t in functions.signature(build_all(module, cases))[1]]
    pipeline.run(module, has_f64=target == "cpu", has_host=has_host, vectors=backend.TARGETS[target].vectors)
    linked = [HostModule(host_calls.MODULE, host_calls.exports(module))]
    assert has_host or not host_calls.exports(module)
    where = device(target)
    executable = Executable(backend.compile(to_bytes(module), target), where, host_modules=linked)
    views = executable.function("main")([np.asarray(x, order="C") for case in cases for x in case.sample.operands])
    arrays = (buffer.to_host(v, t.dtype, t.shape, where) for v, t in zip(views, types, strict=True))
    return [list(islice(arrays, len(case.op.results))) for case in cases]


def assert_close(got: np.ndarray, want: np.ndarray, scale: float = 1.0) -> None:
    """Equal for exact dtypes; within a few roundings for inexact ones."""
    assert (got.shape, got.dtype) == (want.shape, want.dtype)
    tolerance = TOLERANCE.get(want.dtype.name, 0) * scale
    if want.dtype in KEY:
        got, want = got.view(np.uint64), want.view(np.uint64)
    if want.dtype.name == "bfloat16":
        got, want = got.astype(np.float64), want.astype(np.float64)
    np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance)


def assert_compiled_is_reference(
    cases: Sequence[Case], target: str = "cpu", scale: float = 1.0, *, has_host: bool = True
) -> None:
    """The compiled results of every case are the reference's; one failure lists all that differ."""
    wrong = []
    for case, got in zip(cases, compiled_results(cases, target, has_host), strict=True):
        want = case.op.evaluate(case.sample.operands, case.sample.attributes)
        try:
            for i, (one, other) in enumerate(zip(got, want, strict=True)):
                if i and case.op.name in WITH_VECTORS:
                    assert (one.shape, one.dtype) == (other.shape, other.dtype)
                else:
                    assert_close(one, other, scale)
        except AssertionError as difference:
            shown = [f"{t} {x.ravel()[:6]}" for t, x in zip(case.types, case.sample.operands, strict=True)]
            wrong.append(f"{case.name} {shown} {dict(case.sample.attributes)}: {str(difference)[:600]}")
    assert not wrong, "\n".join(wrong)
