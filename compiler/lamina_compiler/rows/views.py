"""What is done before groups are sought, for them to be larger and to leave less.

Views of what is computed element by element become computations of views; broadcasts are made by whoever reads them.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from ..linalg_loops import reduces
from ..mlir import ir
from .classes import free_like, is_free

VIEWS = ("tensor.extract_slice", "tensor.expand_shape", "tensor.collapse_shape")
_CHEAP = 4  # operations that are done again where the whole has other uses


def sink(reduction: ir.Operation) -> bool:
    """Have a reduction of views read computations of views, where it reads views of computations."""
    found = False
    for i, operand in enumerate(list(reduction.operands)):
        new = _computed_behind(operand, [], ir.InsertionPoint(reduction))
        if new is not None:
            reduction.operands[i] = new
            found = True
    return found


def repeat(op: ir.Operation) -> None:
    """Have every user of a broadcast or a view make it itself: what one group leaves for another is then the source."""
    if not is_broadcast(op) and not (len(op.results) == 1 and is_view(op.results[0])):
        return
    for use in list(op.results[0].uses)[1:]:
        user, number = use.owner.operation, use.operand_number
        if user.block == op.block:
            user.operands[number] = op.clone(ip=ir.InsertionPoint(user)).results[0]


def is_view(value: ir.Value) -> bool:
    """Whether a tensor has elements of another one in places that are known."""
    if isinstance(value.owner, ir.Block):
        return False
    return value.owner.operation.name in VIEWS and len(value.owner.operation.operands) == 1


def _computed_behind(value: ir.Value, views: Sequence[ir.Operation], ip: ir.InsertionPoint) -> ir.Value | None:
    """`views`, the last one first, of a value as a computation of views, or None if the value is not computed."""
    while is_view(value):
        views = [*views, value.owner.operation]  # type: ignore[union-attr]
        value = value.owner.operation.operands[0]  # type: ignore[union-attr]
    if not views or isinstance(value.owner, ir.Block):
        return None
    op = value.owner.operation
    if not is_cheap(op) and not (_is_elementwise(op) and _is_only_viewed(op)):
        return None
    *read, init = op.operands
    operands = [x if is_number(x) else _computed_behind(x, views, ip) or _viewed(x, views, ip) for x in read]
    operands.append(_viewed(init, views, ip))
    clone = op.clone(ip=ip)
    for i, operand in enumerate(operands):
        clone.operands[i] = operand
    rank = ir.RankedTensorType(operands[-1].type).rank
    maps = [ir.AffineMap.get(rank, 0, []) if is_number(x) else ir.AffineMap.get_identity(rank) for x in operands]
    parallel = ir.Attribute.parse("#linalg.iterator_type<parallel>")
    clone.attributes["indexing_maps"] = ir.ArrayAttr.get([ir.AffineMapAttr.get(map) for map in maps])
    clone.attributes["iterator_types"] = ir.ArrayAttr.get([parallel] * rank)
    clone.results[0].set_type(operands[-1].type)
    return clone.results[0]


def _viewed(value: ir.Value, views: Sequence[ir.Operation], ip: ir.InsertionPoint) -> ir.Value:
    """The views of another tensor of the same shape."""
    element = ir.RankedTensorType(value.type).element_type
    if is_free(value):
        shape = ir.RankedTensorType(views[0].results[0].type).shape
        return free_like(value, ir.RankedTensorType.get(shape, element), ip)
    for view in reversed(views):
        clone = view.clone(ip=ip)
        clone.operands[0] = value
        value = clone.results[0]
        value.set_type(ir.RankedTensorType.get(ir.RankedTensorType(value.type).shape, element))
    return value


def is_broadcast(op: ir.Operation) -> bool:
    """Whether the result is but a smaller operand, repeated."""
    if op.name != "linalg.generic" or len(op.operands) != 2 or len(op.regions[0].blocks[0].operations) != 1:
        return False
    yielded = op.regions[0].blocks[0].operations[0].operation.operands[0]
    sizes = [prod(ir.ShapedType(x.type).shape) for x in op.operands if isinstance(x.type, ir.RankedTensorType)]
    return len(sizes) == 2 and sizes[0] < sizes[1] and yielded == op.regions[0].blocks[0].arguments[0]


def is_number(value: ir.Value) -> bool:
    """Whether a tensor, or what else an operation reads, has no dimensions."""
    return not isinstance(value.type, ir.RankedTensorType) or not value.type.rank


def is_cheap(op: ir.Operation) -> bool:
    """Whether an elementwise operation may be done again wherever its elements are needed."""
    if not _is_elementwise(op):
        return False
    names = [inner.operation.name for inner in op.regions[0].blocks[0].operations]
    return len(names) <= _CHEAP and "func.call" not in names


def _is_elementwise(op: ir.Operation) -> bool:
    """Whether all operands, but numbers, and the one result are visited in step."""
    if op.name != "linalg.generic" or len(op.results) != 1 or reduces(op):
        return False
    maps = [attribute.value for attribute in op.attributes["indexing_maps"]]  # type: ignore[attr-defined]
    identity = ir.AffineMap.get_identity(maps[-1].n_dims)
    names = {inner.operation.name for inner in op.regions[0].blocks[0].operations}
    return (
        all(map == identity or not map.results for map in maps)
        and not {"tensor.extract", "linalg.index"} & names
        and is_free(op.operands[len(op.operands) - 1])
    )


def _is_only_viewed(op: ir.Operation) -> bool:
    uses = list(op.results[0].uses)
    return len(uses) == 1 or all(use.owner.name in VIEWS for use in uses)
