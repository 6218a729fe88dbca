"""Reads operations on tensors as nodes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

from .. import functions
from ..kernels.kernel import kernel_of, workgroups
from ..mlir import ir
from . import index as ix
from .calls import Call, Result
from .exceptions import Uneven, Unsupported
from .graph import AffineMap, Buffer, Elements, Generic, GenericOp, Node, Piece, Pieces, Shape, Splat, View
from .index import Index, Point
from .record import Record, Value
from .scalar_body import ScalarBody
from .sequences import Running, Totals, Updated
from .windows import window_of

_DYNAMIC = -(2**63)


def is_tensor(value: ir.Value) -> bool:
    return isinstance(value.type, ir.RankedTensorType)


def shape_of(value: ir.Value) -> Shape:
    return tuple(value.type.shape)  # type: ignore[attr-defined]


def element_of(value: ir.Value) -> str:
    return str(value.type.element_type)  # type: ignore[attr-defined]


def integers(attribute: ir.Attribute) -> list[int]:
    return list(ir.DenseI64ArrayAttr(attribute))


class Reader:
    """`nodes` has the node of every tensor that was read; scalars are asked for when elements are evaluated."""

    def __init__(self, record: Record, number_of: Callable[[ir.Value], Value], index_of: Callable[[ir.Value], Index]):
        self.nodes: dict[ir.Value, Node] = {}
        self.record, self.number_of, self.index_of = record, number_of, index_of
        self._count = 0

    def key(self) -> str:
        """A name that is the same in every reading of the program."""
        self._count += 1
        return f"t{self._count}"

    def read(self, op: ir.Operation) -> list[Node]:
        """Nodes for the results. Unsupported if the operation has none."""
        rule = _RULES.get(op.name)
        if rule is None:
            raise Unsupported(op.name)
        nodes = rule(self, op)
        nodes = nodes if isinstance(nodes, list) else [nodes]
        self.nodes.update(zip(op.results, nodes, strict=True))
        return nodes

    def head(self, value: ir.Value) -> dict[str, Any]:
        """The fields every node has."""
        if 0 in shape_of(value):
            raise Unsupported("an empty array")
        return {"shape": shape_of(value), "element": element_of(value), "key": self.key()}

    def view(self, op: ir.Operation, place: Callable[[Point], Point], source: ir.Value | None = None) -> View:
        return View(**self.head(op.results[0]), source=self.nodes[source or op.operands[0]], place=place)

    def inserted(self, op: ir.Operation) -> Piece:
        """What an insertion, whose operands are source, base and offsets, writes over its base."""
        offsets, sizes, strides = _offsets(op, 2)
        source, base = (self.nodes[x] for x in list(op.operands)[:2])
        return Piece(source, offsets, strides, _kept(sizes, source.shape), sizes, base.shape)

    def start(self, offset: int | ir.Value) -> Index:
        return ix.constant(offset) if isinstance(offset, int) else self.index_of(offset)

    def placed(self, piece: Piece, point: Point) -> Point:
        """Where an element of a piece is in the whole."""
        inner = [ix.ZERO] * len(piece.starts)
        for d, i in zip(piece.kept, point, strict=True):
            inner[d] = i
        return tuple(
            ix.add(self.start(o), ix.scale(i, s)) for o, i, s in zip(piece.starts, inner, piece.strides, strict=True)
        )


LISTED = ("f32", "f64", "i8", "i16", "i32", "i64")  # elements of constants that MLIR's bindings give one by one


def constant_node(reader: Reader, op: ir.Operation, backing: Node | None = None) -> Node:
    """arith.constant of a tensor, which is a splat or small."""
    attribute: Any = op.attributes["value"]
    head = reader.head(op.results[0])
    if attribute.is_splat:
        return Splat(**head, number=_constant_number(reader, attribute.get_splat_value(), head["element"]))
    if head["element"] not in LISTED:
        raise Unsupported(f"a constant of {head['element']}")
    element = op.results[0].type.element_type  # type: ignore[attr-defined]
    is_float = isinstance(element, ir.FloatType)
    values = ir.DenseFPElementsAttr(attribute) if is_float else ir.DenseIntElementsAttr(attribute)
    make = ir.FloatAttr.get if is_float else ir.IntegerAttr.get
    numbers = [_constant_number(reader, make(element, v), head["element"]) for v in values]
    return Elements(**head, numbers=numbers, backing=backing)


def _constant_number(reader: Reader, attribute: ir.Attribute, element: str) -> Callable[[], Value]:
    return lambda: reader.record.constant(attribute, element)


def _empty(reader: Reader, op: ir.Operation) -> Node:
    return Splat(**reader.head(op.results[0]), number=None)


def _fill(reader: Reader, op: ir.Operation) -> Node:
    value = op.operands[0]
    return Splat(**reader.head(op.results[0]), number=lambda: reader.number_of(value))


def _from_elements(reader: Reader, op: ir.Operation) -> Node:
    numbers = [lambda x=x: reader.number_of(x) for x in op.operands]
    return Elements(**reader.head(op.results[0]), numbers=numbers)


def _same(reader: Reader, op: ir.Operation) -> Node:
    return reader.view(op, lambda point: point)


def _offsets(op: ir.Operation, leading: int) -> tuple[list[int | ir.Value], list[int], list[int]]:
    """Offsets, sizes and strides of a slice; only offsets may be values."""
    dynamic = list(op.operands)[leading:]
    sizes, strides = integers(op.attributes["static_sizes"]), integers(op.attributes["static_strides"])
    if _DYNAMIC in sizes or _DYNAMIC in strides:
        raise Unsupported("a slice of dynamic size")
    offsets = [dynamic.pop(0) if o == _DYNAMIC else o for o in integers(op.attributes["static_offsets"])]
    return offsets, sizes, strides


def _kept(sizes: Sequence[int], shape: Shape) -> list[int]:
    """Which dimensions a slice of a lower rank keeps."""
    kept, j = [], 0
    for d, size in enumerate(sizes):
        may_drop = size == 1 and len(sizes) - d > len(shape) - j
        if may_drop and (j == len(shape) or shape[j] != 1 or prod(sizes[d + 1 :]) == prod(shape[j:])):
            continue
        kept.append(d)
        j += 1
    if [sizes[d] for d in kept] != list(shape):
        raise Unsupported("a slice that drops dimensions in an unclear way")
    return kept


def _extract_slice(reader: Reader, op: ir.Operation) -> Node:
    offsets, sizes, strides = _offsets(op, 1)
    source = reader.nodes[op.operands[0]]
    piece = Piece(source, offsets, strides, _kept(sizes, shape_of(op.results[0])), sizes, source.shape)
    return reader.view(op, lambda point: reader.placed(piece, point))


def _insert_slice(reader: Reader, op: ir.Operation) -> Node:
    base = reader.nodes[op.operands[1]]
    return Pieces(**reader.head(op.results[0]), base=base, pieces=[reader.inserted(op)])


def _pad(reader: Reader, op: ir.Operation) -> Node:
    if len(op.operands) > 1:
        raise Unsupported("padding of dynamic size")
    fill = op.regions[0].blocks[0].operations[0].operation
    source, head = reader.nodes[op.operands[0]], reader.head(op.results[0])
    if fill.name != "tensor.yield":
        raise Unsupported("a padding value that is computed")
    value = fill.operands[0]
    base = Splat(head["shape"], head["element"], reader.key(), number=lambda: reader.number_of(value))
    low = integers(op.attributes["static_low"])
    rank = len(source.shape)
    piece = Piece(source, low, [1] * rank, range(rank), source.shape, head["shape"])
    return Pieces(**head, base=base, pieces=[piece])


def _concat(reader: Reader, op: ir.Operation) -> Node:
    d = ir.IntegerAttr(op.attributes["dim"]).value
    head, pieces, start = reader.head(op.results[0]), [], 0
    for operand in op.operands:
        source = reader.nodes[operand]
        rank = len(source.shape)
        starts = [start if i == d else 0 for i in range(rank)]
        pieces.append(Piece(source, starts, [1] * rank, range(rank), source.shape, head["shape"]))
        start += source.shape[d]
    base = Splat(head["shape"], head["element"], reader.key(), number=None)
    return Pieces(**head, base=base, pieces=pieces)


def _groups(op: ir.Operation) -> list[list[int]]:
    return [[ir.IntegerAttr(d).value for d in group] for group in op.attributes["reassociation"]]  # type: ignore


def _expand(reader: Reader, op: ir.Operation) -> Node:
    groups, shape = _groups(op), shape_of(op.results[0])

    def place(point: Point) -> Point:
        found = []
        for group in groups:
            i = ix.ZERO
            for d in group:
                i = ix.add(ix.scale(i, shape[d]), point[d])
            found.append(i)
        return tuple(found)

    return reader.view(op, place)


def _collapse(reader: Reader, op: ir.Operation) -> Node:
    groups, source = _groups(op), reader.nodes[op.operands[0]]
    if not groups:
        return reader.view(op, lambda point: (ix.ZERO,) * len(source.shape))

    sizes = [[source.shape[d] for d in group] for group in groups]

    def place(point: Point) -> Point:
        return tuple(i for x, group in zip(point, sizes, strict=True) for i in _split(x, group))

    def flat(point: Point) -> Point:
        return tuple(i for x, group in zip(point, sizes, strict=True) for i in (*[ix.ZERO] * (len(group) - 1), x))

    view = reader.view(op, place)
    if any(sum(size != 1 for size in group) > 1 for group in sizes):
        view.flat = flat
    return view


def _split(x: Index, sizes: Sequence[int]) -> list[Index]:
    """Indices of a group of dimensions from the index of the collapsed one."""
    long = [d for d, size in enumerate(sizes) if size != 1]
    if len(long) <= 1:
        return [x if d in long else ix.ZERO for d in range(len(sizes))]
    if x[1]:
        raise Uneven
    number, found = x[0], []
    for size in reversed(sizes):
        found.append(ix.constant(number % size))
        number //= size
    return found[::-1]


def _window(reader: Reader, op: ir.Operation) -> Node | None:
    """An insertion whose starts are computed from tensors, where the base may be written over."""
    window = window_of(op)
    base = None if window is None else reader.nodes[window.base]
    if window is None or base is None or isinstance(base, Splat) or not _is_writable(base):
        return None
    head, sizes = reader.head(op.results[0]), window.sizes
    source = _operand(reader, window.update)
    if isinstance(source, Splat) and not source.shape:
        source = Splat(tuple(sizes), source.element, source.key, number=source.number)
    piece = Piece(source, window.starts, [1] * len(sizes), range(len(sizes)), sizes, head["shape"])
    return Pieces(**head, base=base, pieces=[piece], places=[reader.nodes[x] for x in window.places])


def _is_writable(node: Node) -> bool:
    """Whether a tensor is in memory that may be written, or will be."""
    return node.home is None or (isinstance(node.home, Buffer) and node.home.kind != "input")


def _generic(reader: Reader, op: ir.Operation) -> list[Node] | Node:
    window = _window(reader, op)
    if window is not None:
        return window
    inputs_count = ir.DenseI32ArrayAttr(op.attributes["operandSegmentSizes"])[0]
    maps = [_affine_map(attribute.value) for attribute in op.attributes["indexing_maps"]]  # type: ignore
    kinds = [str(kind) for kind in op.attributes["iterator_types"]]  # type: ignore
    operands = [_operand(reader, x) for x in op.operands]
    extents = [0] * len(kinds)
    for node, results in zip(operands, maps, strict=True):
        for size, (number, terms) in zip(node.shape, results, strict=True):
            if number == 0 and len(terms) == 1 and terms[0][1] == 1:
                extents[terms[0][0]] = size
    if 0 in extents:
        raise Unsupported("a loop of unknown length")
    body = _body(op)
    captured = [reader.nodes[value] for value in body.captures if value in reader.nodes]
    shared = GenericOp(
        operands[:inputs_count],
        operands[inputs_count:],
        maps,
        extents,
        [d for d, kind in enumerate(kinds) if "reduction" in kind],
        body,
        captured,
    )
    for results in maps[inputs_count:]:
        if any(number or len(terms) != 1 or terms[0][1] != 1 for number, terms in results):
            raise Unsupported("results at computed places")
    shared.results = [Generic(**reader.head(r), op=shared, place=i) for i, r in enumerate(op.results)]
    return list(shared.results)


def _body(op: ir.Operation) -> ScalarBody:
    body = ScalarBody(op.regions[0].blocks[0])
    if body.has_loops:
        raise Unsupported("a loop for each element")
    return body


def _operand(reader: Reader, value: ir.Value) -> Node:
    if is_tensor(value):
        return reader.nodes[value]
    return Splat((), str(value.type), reader.key(), number=lambda: reader.number_of(value))


def _affine_map(map: ir.AffineMap) -> AffineMap:
    return [_affine(expression) for expression in map.results]


def _affine(expression: ir.AffineExpr) -> tuple[int, tuple[tuple[int, int], ...]]:
    if isinstance(expression, ir.AffineConstantExpr):
        return expression.value, ()
    if isinstance(expression, ir.AffineDimExpr):
        return 0, ((expression.position, 1),)
    if isinstance(expression, (ir.AffineAddExpr, ir.AffineMulExpr)):
        left, right = _affine(expression.lhs), _affine(expression.rhs)
        if isinstance(expression, ir.AffineAddExpr):
            return left[0] + right[0], (*left[1], *right[1])
        left, right = (right, left) if left[1] else (left, right)
        return left[0] * right[0], tuple((d, c * left[0]) for d, c in right[1])
    raise Unsupported(f"indices {expression}")


def _scan(reader: Reader, op: ir.Operation) -> list[Node]:
    if not ir.BoolAttr(op.attributes["inclusive"]).value:
        raise Unsupported("an exclusive scan")
    source, _, start = (reader.nodes[x] for x in op.operands)
    totals = Totals(**reader.head(op.results[1]))
    running = Running(
        **reader.head(op.results[0]),
        source=source,
        start=start,
        dimension=ir.IntegerAttr(op.attributes["dimension"]).value,
        body=_body(op),
        totals=totals,
    )
    totals.running = running
    return [running, totals]


def _scatter(reader: Reader, op: ir.Operation) -> Node:
    updates, rows, base = (reader.nodes[x] for x in op.operands)
    if integers(op.attributes["dimension_map"]) != [0] or rows.shape != (updates.shape[0], 1):
        raise Unsupported("a scatter along several dimensions")
    body = _body(op)
    return Updated(**reader.head(op.results[0]), base=base, updates=updates, rows=rows, body=body)


def _call(reader: Reader, op: ir.Operation) -> list[Node]:
    kernel = kernel_of(op)
    if kernel is None:
        raise Unsupported("a call of a function")
    own = 1 + len(op.operands) + len(op.results)
    scratch = [(x.type.shape[0], str(x.type.element_type)) for x in functions.arguments(kernel)[own:]]  # type: ignore
    call = Call(functions.symbol(kernel), workgroups(kernel), [reader.nodes[x] for x in op.operands], scratch)
    call.results = [Result(**reader.head(result), call=call) for result in op.results]
    return list(call.results)


_RULES: dict[str, Callable[[Reader, ir.Operation], Any]] = {
    "arith.constant": constant_node,
    "tensor.empty": _empty,
    "linalg.fill": _fill,
    "tensor.from_elements": _from_elements,
    "tensor.cast": _same,
    "tensor.extract_slice": _extract_slice,
    "tensor.insert_slice": _insert_slice,
    "tensor.pad": _pad,
    "tensor.concat": _concat,
    "tensor.expand_shape": _expand,
    "tensor.collapse_shape": _collapse,
    "linalg.generic": _generic,
    "iree_linalg_ext.scan": _scan,
    "iree_linalg_ext.scatter": _scatter,
    "func.call": _call,
}
