"""lamina-vectorize: maps a function over a leading batch dimension.

``{kind = "vmap", of = @f, size = n, batched = array<i64: 0 or 1 per input>}`` declares @f with a batch dimension 0 of
size n on the marked inputs and on every result that depends on one of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from .. import functions
from ..builder import Builder
from ..errors import MissingRule
from ..mlir import ir
from ..opdef import is_lamina, lookup
from ..types import TensorType, from_ir, to_ir


def batched_type(type: ir.Type, size: int) -> ir.Type:
    plain = from_ir(type)
    return to_ir(TensorType((size, *plain.shape), plain.dtype))


def dependent_results(function: ir.Operation, batched: Sequence[bool]) -> list[bool]:
    """Which results depend on a batched input."""
    dependent = {value for value, flag in zip(functions.arguments(function), batched, strict=True) if flag}
    *ops, terminator = functions.operations(function)
    for op in ops:
        if any(operand in dependent for operand in op.operands):
            dependent.update(op.results)
    return [value in dependent for value in terminator.operands]


def vmap_signature(function: ir.Operation, batched: Sequence[bool], size: int) -> tuple[list[ir.Type], list[ir.Type]]:
    """Signature of the derived function."""
    inputs, results = functions.signature(function)
    result_batched = dependent_results(function, batched)
    return (
        [batched_type(t, size) if flag else t for t, flag in zip(inputs, batched, strict=True)],
        [batched_type(t, size) if flag else t for t, flag in zip(results, result_batched, strict=True)],
    )


def vectorize(function: ir.Operation, derived: ir.Operation, batched: Sequence[bool], size: int) -> None:
    """Give `derived` the body of `function` mapped over the marked inputs. Calls are inlined already."""

    def body(b: Builder, values: list[ir.Value]) -> list[ir.Value]:
        inputs = functions.arguments(function)
        env = dict(zip(inputs, values, strict=True))
        mapped = {value for value, flag in zip(inputs, batched, strict=True) if flag}
        expected = functions.signature(derived)[1]
        *ops, terminator = functions.operations(function)
        for op in ops:
            flags = [operand in mapped for operand in op.operands]
            if any(flags):
                b.loc = op.location
                env[op.results[0]] = _batch_op(b, op, [env[v] for v in op.operands], flags, size)
                mapped.update(op.results)
            else:
                functions.clone(op, env, b.ip)
        b.loc = derived.location
        # calls that were opaque when the signature was made may have turned out not to depend on the batch
        return [
            env[value] if env[value].type == type else b.add_batch(env[value], size)
            for value, type in zip(terminator.operands, expected, strict=True)
        ]

    functions.fill(derived, body)


def _batch_op(b: Builder, op: ir.Operation, operands: list[ir.Value], batched: list[bool], size: int) -> ir.Value:
    if not is_lamina(op):
        raise MissingRule(f"no batching rule for '{op.name}'", op.location)
    record = lookup(op.name)
    return record.batch(b, operands, batched, size, **record.decode_attributes(op))
