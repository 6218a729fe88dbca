"""lamina-vectorize: maps a function over a leading batch dimension.

``{kind = "vmap", of = @f, size = n, batched = array<i64: 0 or 1 per input>}`` declares @f with a batch dimension 0 of
size n on the marked inputs and on every result that depends on one of them; ``results = array<i64: …>`` marks results
that have one in any case, ``axis_name = "i"`` is what collectives call the dimension.
"""

from __future__ import annotations

from collections.abc import Sequence

from .. import functions
from ..builder import Builder
from ..dependence import mapped_over
from ..errors import MissingRule
from ..higher_order import Batch, call_of
from ..mlir import ir
from ..opdef import is_lamina, lookup
from ..types import TensorType, from_ir, to_ir


def batched_type(type: ir.Type, size: int) -> ir.Type:
    plain = from_ir(type)
    return to_ir(TensorType((size, *plain.shape), plain.dtype))


def mapped_results(module: ir.Module, function: ir.Operation, batched: Sequence[bool], batch: Batch) -> list[bool]:
    """Which results have the batch dimension; a function that is not derived yet may have fewer in the end."""
    if not functions.has_body(function):
        return [any(batched)] * len(functions.signature(function)[1])
    return mapped_over(batch.name)(module, function, batched)


def vmap_signature(
    inputs: Sequence[ir.Type], results: Sequence[ir.Type], batched: Sequence[bool], mapped: Sequence[bool], size: int
) -> tuple[list[ir.Type], list[ir.Type]]:
    """Signature of the derived function."""
    return (
        [batched_type(t, size) if flag else t for t, flag in zip(inputs, batched, strict=True)],
        [batched_type(t, size) if flag else t for t, flag in zip(results, mapped, strict=True)],
    )


def vectorize(
    module: ir.Module, function: ir.Operation, derived: ir.Operation, batched: Sequence[bool], batch: Batch
) -> None:
    """Give `derived` the body of `function` mapped over the marked inputs. Calls are inlined already."""

    def body(b: Builder, values: list[ir.Value]) -> list[ir.Value]:
        inputs = functions.arguments(function)
        env = dict(zip(inputs, values, strict=True))
        mapped = {value for value, flag in zip(inputs, batched, strict=True) if flag}
        expected = functions.signature(derived)[1]
        *ops, terminator = functions.operations(function)
        for op in ops:
            flags = [operand in mapped for operand in op.operands]
            if any(flags) or _is_over(op, batch):
                b.loc = op.location
                _batch_op(b, module, op, flags, batch, env, mapped)
            else:
                functions.clone(op, env, b.ip)
        b.loc = derived.location
        # calls that were opaque when the signature was made may have turned out not to depend on the batch
        return [
            env[value] if env[value].type == type else b.add_batch(env[value], batch.size)
            for value, type in zip(terminator.operands, expected, strict=True)
        ]

    functions.fill(derived, body)


def _is_over(op: ir.Operation, batch: Batch) -> bool:
    """Whether an op is a collective over the batch dimension."""
    if not batch.name or not is_lamina(op):
        return False
    record = lookup(op.name)
    return record.collective is not None and record.decode_attributes(op)["axis_name"] == batch.name


def _batch_op(
    b: Builder,
    module: ir.Module,
    op: ir.Operation,
    flags: list[bool],
    batch: Batch,
    env: functions.Env,
    mapped: set[ir.Value],
) -> None:
    """Append a mapped op; marks those of its results that have the batch dimension."""
    operands = [env[v] for v in op.operands]
    if is_lamina(op):
        record = lookup(op.name)
        attributes = record.decode_attributes(op)
        over = record.collective if _is_over(op, batch) else None
        rule = record.batch if over is None else over.rule
        new = record.several(rule(b, operands, flags, batch.size, **attributes))
        varies = [over is None or over.varies] * len(new)
    else:
        call = call_of(module, op)
        if call is None:
            raise MissingRule(f"no batching rule for '{op.name}'", op.location)
        new, varies = call.record.batch(b, call, operands, flags, batch)
    env.update(zip(op.results, new, strict=True))
    mapped.update(result for result, flag in zip(op.results, varies, strict=True) if flag)
