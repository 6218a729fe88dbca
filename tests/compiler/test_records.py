"""Every record is complete and consistent: documented, sampled in every dtype it accepts, inferred as it computes."""

from __future__ import annotations

from itertools import product

import pytest
from derived import apply, samples

from lamina_compiler import functions
from lamina_compiler.builder import Builder
from lamina_compiler.mlir import ir
from lamina_compiler.opdef import (
    REGISTRY,
    ByReference,
    KernelOrReference,
    NoDerivative,
    NotDifferentiable,
    OpDef,
    OpError,
)
from lamina_compiler.types import ANY, BOOL_DTYPE, BY_SHORT_NAME, KEY, TensorType, to_ir, type_of

OPS = list(REGISTRY.values())
named = pytest.mark.parametrize("op", OPS, ids=[op.name for op in OPS])


@named
def test_record_is_complete(op: OpDef) -> None:
    assert op.doc.strip().endswith((".", ")")) and op.doc[0].strip()
    assert op.family
    assert callable(op.jvp) or (isinstance(op.jvp, NotDifferentiable | NoDerivative) and op.jvp.reason)
    assert all(map(callable, (op.infer, op.reference, op.batch)))
    assert callable(op.lower) or isinstance(op.lower, ByReference | KernelOrReference)
    assert samples(op)
    if callable(op.jvp):
        assert op.operands


@named
def test_inference_tells_what_the_reference_gives(op: OpDef) -> None:
    for sample in samples(op):
        inferred = op.result_types([type_of(x) for x in sample.operands], sample.attributes)
        assert tuple(map(type_of, op.evaluate(sample.operands, sample.attributes))) == inferred
        assert apply(op, sample).results == list(inferred)


@named
def test_samples_cover_every_accepted_dtype(op: OpDef) -> None:
    """What inference accepts in place of a sample's dtype is among the samples."""
    if not op.operands:
        return
    main = -1 if op.name == "select" else 0
    sampled = {s.operands[main].dtype for s in samples(op)}
    accepted = set()
    for sample, dtype in product(samples(op), ANY | KEY):
        from_dtype = sample.operands[main].dtype
        types = [TensorType(x.shape, dtype if x.dtype == from_dtype else x.dtype) for x in sample.operands]
        try:
            op.result_types(types, sample.attributes)
        except OpError:
            continue
        accepted.add(dtype)
    assert accepted == sampled


@named
def test_inference_rejects_a_wrong_number_of_operands(op: OpDef) -> None:
    sample = samples(op)[0]
    types = [*map(type_of, sample.operands), TensorType((), BOOL_DTYPE)]
    with pytest.raises(OpError, match=f"expects {len(op.operands)} operands"):
        op.result_types(types, sample.attributes)


@named
def test_verifier_rejects_a_wrong_result_type(op: OpDef) -> None:
    sample = samples(op)[0]
    types = [type_of(x) for x in sample.operands]
    module = functions.new_module()
    function = functions.create(module, "f", [to_ir(t) for t in types], [])
    b = Builder(ir.InsertionPoint(functions.block(function)), ir.Location.unknown())
    right, *others = op.result_types(types, sample.attributes)
    for wrong in (TensorType((*right.shape, 1), right.dtype), TensorType(right.shape, BY_SHORT_NAME["i16"])):
        if wrong == right:
            continue
        written = [wrong, *others]
        value = op.create(functions.arguments(function), sample.attributes, ip=b.ip, loc=b.loc, types=written)[0]
        with pytest.raises(ir.MLIRError, match=r"result type should be|type of result '"):
            value.owner.verify()
        value.owner.erase()
