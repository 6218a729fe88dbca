"""What a carry of a loop grows by, written as a sum over all iterations of what the loop stacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from typing import NamedTuple

import numpy as np

from .. import functions
from ..builder import Builder
from ..mlir import ir
from ..opdef import lookup
from ..ops.contract import Dims
from ..ops.shape import inverse
from ..passes.simplify_rules import definition, splat
from ..types import from_ir

_DEEP, _LARGE = 32, 1 << 21  # depth and multiply-adds of products that are as fast one by one

_SUMS = ("lamina.add", "lamina.sub")
_LINEAR = {f"lamina.{name}" for name in ("neg", "transpose", "reshape", "slice", "broadcast_in_dim", "reduce_sum")}

Stacks = Mapping[ir.Value, ir.Value]  # values of the body, and what they are in all iterations


class Sum(NamedTuple):
    """A value of the body, added up over the iterations.

    Attributes:
        stacked: values of the body that it is made of.
        work: multiply-adds of an iteration.
        write: appends it, where these values are stacked.
    """

    stacked: list[ir.Value]
    work: int
    write: Callable[[Builder, Stacks], ir.Value]


class Addends:
    """Goes back from values of a body, through what is linear, to products and to what is stacked.

    `ready`: values that are stacked anyway; `varies`: those that are not the same in all iterations.
    """

    def __init__(self, ready: set[ir.Value], varies: set[ir.Value]):
        self.ready, self.varies = ready, varies

    def of_carry(self, before: ir.Value, after: ir.Value) -> Sum | None:
        """All that is added to a carry, or None if more happens to it, or if anything else reads it."""
        if not _is_used_once(after) or isinstance(after.owner, ir.Block) or after.owner.operation.name not in _SUMS:
            return None
        op = after.owner.operation
        x, y = op.operands
        for rest, term in ((x, y), (y, x)) if op.name == "lamina.add" else ((x, y),):
            if term not in self.varies:
                continue
            if rest == before and _is_used_once(before):
                return self.of(term) if op.name == "lamina.add" else _negated(self.of(term))
            earlier = self.of_carry(before, rest)
            if earlier is not None:
                return _joined(op, earlier, self.of(term))
        return None

    def of(self, value: ir.Value) -> Sum:
        """A value that varies."""
        if value not in self.ready and not isinstance(value.owner, ir.Block):
            op = value.owner.operation
            if op.name in _LINEAR or (op.name == "lamina.pad" and splat(op.operands[1]) == 0):
                return _through(op, self.of(op.operands[0]))
            if op.name in _SUMS and all(x in self.varies for x in op.operands):
                return _joined(op, *(self.of(x) for x in op.operands))
            product = _product(op) if _is_used_once(value) else None
            if product is not None and all(x in self.varies for x in product.stacked):
                return product
        return Sum([value], 0, lambda b, stacks: b.reduce_sum(stacks[value], axes=(0,)))


def _is_used_once(value: ir.Value) -> bool:
    return len(list(value.uses)) == 1


def _negated(sum: Sum) -> Sum:
    return sum._replace(write=lambda b, stacks: b.neg(sum.write(b, stacks)))


def _joined(op: ir.Operation, x: Sum, y: Sum) -> Sum:
    """The sum or the difference of two."""

    def write(b: Builder, stacks: Stacks) -> ir.Value:
        return b.emit(lookup(op.name), x.write(b, stacks), y.write(b, stacks))

    return Sum([*x.stacked, *y.stacked], x.work + y.work, write)


def _through(op: ir.Operation, inner: Sum) -> Sum:
    """A linear operation on what is added up before; its other operands are constants."""

    def write(b: Builder, stacks: Stacks) -> ir.Value:
        total, *constants = op.operands
        env = {total: inner.write(b, stacks)}
        for constant in constants:
            functions.clone(constant.owner.operation, env, b.ip)
        functions.clone(op, env, b.ip)
        return env[op.results[0]]

    return inner._replace(write=write)


def _product(op: ir.Operation) -> Sum | None:
    """A product of matrices, unless it is as fast in the loop."""
    if op.name == "lamina.mul":
        return _outer_product(op)
    if op.name != "lamina.dot_general":
        return None
    dimensions, shape = lookup(op.name).decode_attributes(op), from_ir(op.operands[0].type).shape
    product = _contraction(list(op.operands), **dimensions)
    depth = prod(shape[d] for d in dimensions["lhs_contracting"])
    return None if depth >= _DEEP and product.work >= _LARGE else product


def _outer_product(op: ir.Operation) -> Sum | None:
    """A product of elements along dimensions that both factors have, and others that one of them has."""
    type = from_ir(op.results[0].type)
    spread = [x for x in (definition(x, "broadcast_in_dim") for x in op.operands) if x is not None]
    dimensions = [lookup(x.name).decode_attributes(x)["dimensions"] for x in spread]
    factors = [x.operands[0] for x in spread]
    shapes = [tuple(type.shape[d] for d in own) for own in dimensions]
    if len(spread) < 2 or shapes != [from_ir(x.type).shape for x in factors]:
        return None
    shared = [d for d in dimensions[0] if d in dimensions[1]]
    free = [[d for d in own if d not in shared] for own in dimensions]
    order = (*shared, *free[0], *free[1])
    if not all(free) or len(order) < type.rank:
        return None
    lhs_batch, rhs_batch = (tuple(own.index(d) for d in shared) for own in dimensions)
    outer = _contraction(factors, (), (), lhs_batch, rhs_batch, type.dtype)
    return outer._replace(write=lambda b, stacks: b.transpose(outer.write(b, stacks), permutation=inverse(order)))


def _contraction(
    factors: list[ir.Value],
    lhs_contracting: Dims,
    rhs_contracting: Dims,
    lhs_batch: Dims,
    rhs_batch: Dims,
    dtype: np.dtype,
) -> Sum:
    """A product that contracts over the iterations, too."""
    batch = tuple(range(len(lhs_batch)))
    contracted = (len(batch),)

    def write(b: Builder, stacks: Stacks) -> ir.Value:
        return b.dot_general(
            _with_iterations(b, stacks[factors[0]], lhs_contracting, lhs_batch),
            _with_iterations(b, stacks[factors[1]], rhs_contracting, rhs_batch),
            lhs_contracting=contracted,
            rhs_contracting=contracted,
            lhs_batch=batch,
            rhs_batch=batch,
            dtype=dtype,
        )

    shape = from_ir(factors[0].type).shape
    sizes = prod(from_ir(x.type).size for x in factors)
    return Sum(factors, sizes // max(1, prod(shape[d] for d in (*lhs_contracting, *lhs_batch))), write)


def _with_iterations(b: Builder, stack: ir.Value, contracting: Dims, batch: Dims) -> ir.Value:
    """A stack with its batch dimensions first, then one of the iterations and what is contracted, as IREE likes it."""
    shape = b.shape(stack)
    first, summed = [d + 1 for d in batch], [0, *(d + 1 for d in contracting)]
    free = [d for d in range(len(shape)) if d not in {*first, *summed}]
    moved = b.transpose(stack, permutation=(*first, *summed, *free))
    depth = prod(shape[d] for d in summed)
    return b.reshape(moved, shape=(*(shape[d] for d in first), depth, *(shape[d] for d in free)))
