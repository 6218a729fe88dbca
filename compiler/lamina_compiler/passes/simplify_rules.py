"""The rules of lamina-simplify, by op: ``(b, operands, result type, attributes) -> replacement or None``."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..mlir import ir
from ..opdef import lookup
from ..ops.shape import inverse
from ..types import INTEGRAL, TensorType, from_ir

Rule = Callable[[Any, list[ir.Value], TensorType, dict[str, Any]], ir.Value | None]

RULES: dict[str, Rule] = {}
_EXACT = 256  # a power of two that floats of all types are divided by exactly


def _rule(*names: str) -> Callable[[Rule], Rule]:
    def add(rule: Rule) -> Rule:
        for name in names:
            RULES[name] = rule
        return rule

    return add


def definition(value: ir.Value, name: str) -> ir.Operation | None:
    """The op that defines `value` if it is ``lamina.<name>``."""
    owner = value.owner
    if isinstance(owner, ir.Block):
        return None
    op = owner.operation
    return op if op.name == f"lamina.{name}" else None


def splat(value: ir.Value) -> Any | None:
    """The number a constant is filled with, or None."""
    op = definition(value, "constant")
    if op is None:
        return None
    attribute: Any = op.attributes["value"]
    if not attribute.is_splat:
        return None
    return attribute.get_splat_value().value


def _is_zero(value: ir.Value, sign: int) -> bool:
    """A splat of zero, of a float the one of that sign: sums ignore −0.0, differences 0.0 (−0.0 + 0.0 is 0.0)."""
    number = splat(value)
    return number is not None and number == 0 and (isinstance(number, int) or math.copysign(1, number) == sign)


def _decoded(op: ir.Operation) -> dict[str, Any]:
    return lookup(op.name).decode_attributes(op)


# ---- algebra --------------------------------------------------------------------------------------------------------


@_rule("add")
def _add(b: Any, operands: list[ir.Value], type: TensorType, attributes: Any) -> ir.Value | None:
    x, y = operands
    if _is_zero(y, -1):
        return x
    if _is_zero(x, -1):
        return y
    negated = definition(y, "neg")
    if negated is not None:
        return b.sub(x, negated.operands[0])
    negated = definition(x, "neg")
    return None if negated is None else b.sub(y, negated.operands[0])


@_rule("sub")
def _sub(b: Any, operands: list[ir.Value], type: TensorType, attributes: Any) -> ir.Value | None:
    x, y = operands
    if _is_zero(y, 1):
        return x
    negated = definition(y, "neg")
    return None if negated is None else b.add(x, negated.operands[0])


@_rule("mul")
def _mul(b: Any, operands: list[ir.Value], type: TensorType, attributes: Any) -> ir.Value | None:
    for x, factor in (operands, operands[::-1]):
        number = splat(factor)
        if number is None:
            continue
        if number == 1:
            return x
        if number == -1:
            return b.neg(x)
        if number == 0 and type.dtype in INTEGRAL:  # not for floats: 0 · inf is nan
            return factor
    return None


@_rule("div")
def _div(b: Any, operands: list[ir.Value], type: TensorType, attributes: Any) -> ir.Value | None:
    return operands[0] if splat(operands[1]) == 1 else None


@_rule("rem")
def _rem(b: Any, operands: list[ir.Value], type: TensorType, attributes: Any) -> ir.Value | None:
    """The quotient by a small power of two is exact, and so are the product with it and the difference."""
    x, y = operands
    number = splat(y)
    if type.dtype in INTEGRAL or number is None or not 1 <= number <= _EXACT or math.frexp(number)[0] != 0.5:
        return None
    rest = b.sub(x, b.mul(b.trunc(b.mul(x, 1 / number)), number))
    rest = b.select(b.eq(rest, 0), b.mul(x, 0), rest)  # a zero has the sign of x
    return b.select(b.lt(b.abs(x), number), x, rest)  # differences of subnormal numbers would be zero


def _involution(name: str) -> Rule:
    def rule(b: Any, operands: list[ir.Value], type: TensorType, attributes: Any) -> ir.Value | None:
        inner = definition(operands[0], name)
        return None if inner is None else inner.operands[0]

    return rule


for _name in ("neg", "conj", "not"):
    RULES[_name] = _involution(_name)


@_rule("integer_pow")
def _integer_pow(b: Any, operands: list[ir.Value], type: TensorType, attributes: Any) -> ir.Value | None:
    return operands[0] if attributes["exponent"] == 1 else None


@_rule("select")
def _select(b: Any, operands: list[ir.Value], type: TensorType, attributes: Any) -> ir.Value | None:
    predicate, on_true, on_false = operands
    if on_true == on_false:
        return on_true
    known = splat(predicate)
    return None if known is None else on_true if known else on_false


@_rule("real")
def _real(b: Any, operands: list[ir.Value], type: TensorType, attributes: Any) -> ir.Value | None:
    made = definition(operands[0], "complex")
    return None if made is None else made.operands[0]


@_rule("imag")
def _imag(b: Any, operands: list[ir.Value], type: TensorType, attributes: Any) -> ir.Value | None:
    made = definition(operands[0], "complex")
    return None if made is None else made.operands[1]


@_rule("random_word0")
def _random_word0(b: Any, operands: list[ir.Value], type: TensorType, attributes: Any) -> ir.Value | None:
    made = definition(operands[0], "random_wrap")
    return None if made is None else made.operands[0]


@_rule("random_word1")
def _random_word1(b: Any, operands: list[ir.Value], type: TensorType, attributes: Any) -> ir.Value | None:
    made = definition(operands[0], "random_wrap")
    return None if made is None else made.operands[1]


@_rule("stop_gradient", "name")
def _stop_gradient(b: Any, operands: list[ir.Value], type: TensorType, attributes: Any) -> ir.Value | None:
    return operands[0]  # derivatives have been taken


@_rule("convert")
def _convert(b: Any, operands: list[ir.Value], type: TensorType, attributes: Any) -> ir.Value | None:
    (x,) = operands
    if from_ir(x.type) == type:
        return x
    if splat(x) is None or type.dtype.kind == "c":
        return None
    value = lookup("lamina.constant").decode_attributes(x.owner.operation)["value"]
    converted = lookup("lamina.convert").reference(np.asarray(value.flat[0]) if value.size else value, type.dtype)
    return b.full(type, converted.item()) if value.size else None


# ---- shapes ---------------------------------------------------------------------------------------------------------


def _moved_splat(b: Any, x: ir.Value, type: TensorType) -> ir.Value | None:
    """A splat stays one however it is rearranged."""
    number = splat(x)
    return None if number is None else b.full(type, number)


@_rule("reshape")
def _reshape(b: Any, operands: list[ir.Value], type: TensorType, attributes: Any) -> ir.Value | None:
    (x,) = operands
    if from_ir(x.type) == type:
        return x
    inner = definition(x, "reshape")
    return _moved_splat(b, x, type) if inner is None else b.reshape(inner.operands[0], shape=type.shape)


@_rule("broadcast_in_dim")
def _broadcast(b: Any, operands: list[ir.Value], type: TensorType, attributes: Any) -> ir.Value | None:
    (x,), dimensions = operands, attributes["dimensions"]
    if from_ir(x.type) == type and dimensions == tuple(range(type.rank)):
        return x
    inner = definition(x, "broadcast_in_dim")
    if inner is not None:
        composed = tuple(dimensions[d] for d in _decoded(inner)["dimensions"])
        return b.broadcast_in_dim(inner.operands[0], shape=type.shape, dimensions=composed)
    inner = definition(x, "reshape")
    if inner is not None:
        wide = from_ir(x.type).shape
        kept = [d for d, size in enumerate(wide) if size != 1]
        if from_ir(inner.operands[0].type).shape == tuple(wide[d] for d in kept):  # it only added dimensions of size 1
            return b.broadcast_in_dim(
                inner.operands[0], shape=type.shape, dimensions=tuple(dimensions[d] for d in kept)
            )
    return _moved_splat(b, x, type)


@_rule("transpose")
def _transpose(b: Any, operands: list[ir.Value], type: TensorType, attributes: Any) -> ir.Value | None:
    (x,), permutation = operands, attributes["permutation"]
    if permutation == tuple(range(type.rank)):
        return x
    inner = definition(x, "transpose")
    if inner is not None:
        before = _decoded(inner)["permutation"]
        return b.transpose(inner.operands[0], permutation=tuple(before[p] for p in permutation))
    repeated = definition(x, "broadcast_in_dim")
    if repeated is not None:
        position = inverse(permutation)
        dimensions = tuple(position[d] for d in _decoded(repeated)["dimensions"])
        return b.broadcast_in_dim(repeated.operands[0], shape=type.shape, dimensions=dimensions)
    dot = definition(x, "dot_general")
    if dot is not None:
        swapped = _swapped_dot(b, dot, permutation)
        if swapped is not None:
            return swapped
    return _moved_splat(b, x, type)


@_rule("rev")
def _rev(b: Any, operands: list[ir.Value], type: TensorType, attributes: Any) -> ir.Value | None:
    (x,) = operands
    if all(type.shape[d] <= 1 for d in attributes["dimensions"]):
        return x
    return _moved_splat(b, x, type)


@_rule("slice")
def _slice(b: Any, operands: list[ir.Value], type: TensorType, attributes: Any) -> ir.Value | None:
    (x,) = operands
    return x if from_ir(x.type) == type else _moved_splat(b, x, type)


@_rule("pad")
def _pad(b: Any, operands: list[ir.Value], type: TensorType, attributes: Any) -> ir.Value | None:
    x, value = operands
    if not any((*attributes["low"], *attributes["high"], *attributes["interior"])):
        return x
    number, inner = splat(value), splat(x)
    if number is None or inner is None or inner != number or math.copysign(1, inner) != math.copysign(1, number):
        return None
    return b.full(type, number)


@_rule("concatenate")
def _concatenate(b: Any, operands: list[ir.Value], type: TensorType, attributes: Any) -> ir.Value | None:
    x, y = operands
    if from_ir(y.type).size == 0 and from_ir(x.type) == type:
        return x
    if from_ir(x.type).size == 0 and from_ir(y.type) == type:
        return y
    return None


@_rule("dynamic_slice")
def _dynamic_slice(b: Any, operands: list[ir.Value], type: TensorType, attributes: Any) -> ir.Value | None:
    """A constant start makes it a plain slice."""
    x, start = operands
    constant = definition(start, "constant")
    if constant is None or attributes["batch_dimensions"]:
        return None
    shape, sizes = from_ir(x.type).shape, attributes["sizes"]
    first = [int(i) for i in _decoded(constant)["value"]]
    first = [min(max(i, 0), n - size) for i, n, size in zip(first, shape, sizes, strict=True)]
    limit = tuple(i + size for i, size in zip(first, sizes, strict=True))
    return b.slice(x, start=tuple(first), limit=limit, strides=(1,) * len(first))


# ---- reductions and dots --------------------------------------------------------------------------------------------


def _reduction(name: str) -> Rule:
    def rule(b: Any, operands: list[ir.Value], type: TensorType, attributes: Any) -> ir.Value | None:
        (x,), axes = operands, attributes["axes"]
        if not axes:
            return x
        inner = definition(x, "transpose")
        if inner is None:
            return None
        permutation = _decoded(inner)["permutation"]
        kept = [p for d, p in enumerate(permutation) if d not in axes]
        if kept != sorted(kept):
            return None
        return getattr(b, name)(inner.operands[0], axes=tuple(sorted(permutation[d] for d in axes)))

    return rule


for _name in ("reduce_sum", "reduce_prod", "reduce_max", "reduce_min", "reduce_and", "reduce_or", "reduce_xor"):
    RULES[_name] = _reduction(_name)


def _free(rank: int, contracting: Sequence[int], batch: Sequence[int]) -> list[int]:
    return [d for d in range(rank) if d not in contracting and d not in batch]


@_rule("dot_general")
def _dot_general(b: Any, operands: list[ir.Value], type: TensorType, attributes: dict[str, Any]) -> ir.Value | None:
    """Look through transposes of operands whose free dimensions keep their order; no contraction makes a product."""
    if not attributes["lhs_contracting"] and from_ir(operands[0].type).dtype == type.dtype and type.dtype.kind != "b":
        return _outer_product(b, operands, type, attributes)
    changed, new, details = False, list(operands), dict(attributes)
    for side, (operand, prefix) in enumerate(zip(operands, ("lhs", "rhs"), strict=True)):
        op = definition(operand, "transpose")
        if op is None:
            continue
        permutation = _decoded(op)["permutation"]
        contracting, batch = details[f"{prefix}_contracting"], details[f"{prefix}_batch"]
        free = [permutation[d] for d in _free(len(permutation), contracting, batch)]
        if free == sorted(free):
            new[side] = op.operands[0]
            details[f"{prefix}_contracting"] = tuple(permutation[d] for d in contracting)
            details[f"{prefix}_batch"] = tuple(permutation[d] for d in batch)
            changed = True
    return b.dot_general(*new, **details) if changed else None


def _outer_product(b: Any, operands: list[ir.Value], type: TensorType, attributes: dict[str, Any]) -> ir.Value:
    """A dot without contracting dimensions multiplies elements: IREE fuses that with what comes before and after."""
    spread, batch = [], len(attributes["lhs_batch"])
    position = batch  # of the next free dimension in the result
    for operand, own_batch in zip(operands, (attributes["lhs_batch"], attributes["rhs_batch"]), strict=True):
        shape = from_ir(operand.type).shape
        free = _free(len(shape), (), own_batch)
        target = {d: i for i, d in enumerate(own_batch)} | {d: position + i for i, d in enumerate(free)}
        position += len(free)
        dimensions = tuple(target[d] for d in range(len(shape)))
        spread.append(b.broadcast_in_dim(operand, shape=type.shape, dimensions=dimensions))
    return b.mul(*spread)


def _swapped_dot(b: Any, dot: ir.Operation, permutation: tuple[int, ...]) -> ir.Value | None:
    """A transpose that exchanges the free dimensions of both sides of a dot is the dot of the exchanged operands."""
    details = _decoded(dot)
    x, y = dot.operands
    batch = len(details["lhs_batch"])
    left = len(from_ir(x.type).shape) - batch - len(details["lhs_contracting"])
    right = len(from_ir(y.type).shape) - batch - len(details["rhs_contracting"])
    exchanged = (*range(batch), *range(batch + left, batch + left + right), *range(batch, batch + left))
    if permutation != exchanged:
        return None
    return b.dot_general(
        y,
        x,
        lhs_contracting=details["rhs_contracting"],
        rhs_contracting=details["lhs_contracting"],
        lhs_batch=details["rhs_batch"],
        rhs_batch=details["lhs_batch"],
        dtype=details["dtype"],
    )
