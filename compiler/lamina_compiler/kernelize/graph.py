"""Tensors as lazy nodes: what has to be evaluated to know some elements of one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

from ..mlir import ir
from . import index as ix
from .exceptions import Unsupported
from .index import Index, Point
from .record import Value
from .scalar_body import ScalarBody

Shape = tuple[int, ...]
SMALL = 4  # a dimension up to this size is unrolled
_LINE = 64  # elements, no fewer than are in a cache line
REGISTERS = 8  # a tensor of up to so many elements is kept in as many numbers


class Buffer:
    """Memory of a tensor, its dimensions in the order `order` (outermost first).

    `kind`: "input" is only read, "output" is a result, "scratch" is neither. `packed`: copies of an input in other
    orders, by the innermost dimension.
    """

    def __init__(self, key: str, shape: Shape, element: str, kind: str, memory: Value, innermost: int | None = None):
        self.key, self.shape, self.element, self.kind, self.memory = key, shape, element, kind, memory
        self.innermost = len(shape) - 1 if innermost is None else innermost
        self.size = prod(shape)
        self.packed: dict[int, Buffer] = {}
        self.is_settled = False  # its order stays
        self.length = self.size  # of the memory
        self.origin: Index = ix.ZERO  # where in the memory it starts
        self.strides = [0] * len(shape)
        stride = 1
        for d in (self.innermost, *(d for d in reversed(range(len(shape))) if d != self.innermost)):
            if shape:
                self.strides[d] = stride
                stride *= shape[d]

    def divide(self, workgroup: Value, workgroups: int) -> None:
        """Give every workgroup memory of its own, from a cache line on that no other one writes."""
        own = -(-self.size // _LINE) * _LINE
        self.length, self.origin = own * workgroups, ix.scale(ix.symbol(workgroup.number), own)


@dataclass(eq=False)
class Registers:
    """A tensor in numbers, or in vectors along its one dimension, by the point where each is.

    `key`: of the node that decides whether these are registers.
    """

    values: dict[Point, Value]
    in_vectors: bool
    key: str


@dataclass(eq=False)
class Node:
    """A tensor. `key` is the same whenever the program is read; `home` is where it is, once it was evaluated."""

    shape: Shape
    element: str
    key: str
    home: Buffer | Registers | None = None
    price: float = 0  # of an element, in additions
    depth: int = 0  # of the longest chain of nodes that are evaluated for an element
    is_heavy: bool = False  # a long reduction is in it
    is_stored: bool = False  # evaluated once, and kept
    last_use: int = -1  # number of the operation in its block that uses it last
    last_sink: int = -1  # of those that use it as it is, and do not only make other tensors of it

    @property
    def size(self) -> int:
        return prod(self.shape)

    def sources(self) -> Sequence[Node]:
        """What the elements are made of."""
        return ()

    def compute(self, evaluator: Any, points: Sequence[Point]) -> Sequence[Value]:
        """Write what the elements are, for kinds of nodes that know it themselves."""
        raise Unsupported(f"elements of {type(self).__name__}")


@dataclass(eq=False)
class View(Node):
    """The elements of another tensor at places of its own.

    `flat`: places that are right where the source is in memory in the order of its elements; for when `place` cannot
    tell (it raises `Uneven`).
    """

    source: Node = field(kw_only=True)
    place: Callable[[Point], Point] = field(kw_only=True)
    flat: Callable[[Point], Point] | None = None

    def sources(self) -> Sequence[Node]:
        return (self.source,)


@dataclass(eq=False)
class Splat(Node):
    """One number everywhere; None: any."""

    number: Callable[[], Value] | None = field(kw_only=True)


@dataclass(eq=False)
class Elements(Node):
    """A few numbers, one after the other in the order of the elements; `backing` is the same tensor in memory."""

    numbers: Sequence[Callable[[], Value]] = field(kw_only=True)
    backing: Node | None = None


@dataclass(eq=False)
class Pieces(Node):
    """A tensor put together: `base`, and over it each piece, whose first element is at `starts`, `strides` apart."""

    base: Node = field(kw_only=True)
    pieces: Sequence[Piece] = field(kw_only=True)
    places: Sequence[Node] = ()  # that starts are computed from

    def sources(self) -> Sequence[Node]:
        return (self.base, *(piece.source for piece in self.pieces), *self.places)


class Sequential(Node):
    """A tensor that is written in an order that matters; always stored."""

    one_by_one = True  # whether elements of its sources are computed so

    def store(self, places: Any) -> None:
        """Write it, and say where it is."""
        raise NotImplementedError


@dataclass(eq=False)
class Piece:
    """`kept`: which dimensions of the whole those of the piece are; a piece has size 1 in the others.

    `sizes` are those of the piece, in all dimensions of the `whole`.
    """

    source: Node
    starts: Sequence[int | ir.Value]
    strides: Sequence[int]
    kept: Sequence[int]
    sizes: Sequence[int]
    whole: Sequence[int]


AffineMap = list[tuple[int, tuple[tuple[int, int], ...]]]  # results: constant, (loop dimension, coefficient) …


@dataclass(eq=False)
class GenericOp:
    """A linalg.generic, which all its results share."""

    inputs: Sequence[Node]
    inits: Sequence[Node]
    maps: Sequence[AffineMap]  # of inputs, then of results
    extents: Sequence[int]
    reductions: Sequence[int]  # loop dimensions
    body: ScalarBody
    captured: Sequence[Node]  # tensors from which the body takes elements at computed places
    results: Sequence[Generic] = ()

    @property
    def length(self) -> int:
        """How many elements are combined to one."""
        return prod(self.extents[d] for d in self.reductions)


@dataclass(eq=False)
class Generic(Node):
    """A result of a linalg.generic."""

    op: GenericOp = field(kw_only=True)
    place: int = field(kw_only=True)  # among the results

    @property
    def output_map(self) -> AffineMap:
        return self.op.maps[len(self.op.inputs) + self.place]

    def sources(self) -> Sequence[Node]:
        operands = enumerate((*self.op.inputs, *self.op.inits))
        return [*(x for i, x in operands if i in self.op.body.used), *self.op.captured]


def needed(*nodes: Node, known: Sequence[Node] = ()) -> Iterator[Node]:
    """Nodes, and all that has to be known for their elements, each once; what is kept or `known` ends the search."""
    found, waiting = {*nodes, *known}, list(nodes)
    while waiting:
        node = waiting.pop()
        yield node
        if node.home is None:
            sources = set(node.sources()) - found
            found |= sources
            waiting += sources


def apply_map(results: AffineMap, dimensions: Sequence[Index]) -> Point:
    """The point where an operand is read, from the values of the loop dimensions."""
    point = []
    for number, terms in results:
        expression = ix.constant(number)
        for d, coefficient in terms:
            expression = ix.add(expression, ix.scale(dimensions[d], coefficient))
        point.append(expression)
    return tuple(point)
