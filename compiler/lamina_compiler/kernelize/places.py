"""Where tensors are kept: buffers and registers, and what may be written over."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import product

from . import index as ix
from .evaluate import Evaluator
from .graph import REGISTERS, SMALL, Buffer, Node, Piece, Pieces, Registers, Sequential, Shape, Splat, View, needed
from .index import Point
from .machine import Machine
from .nests import Nests

VECTOR_REGISTERS = 4  # a tensor of up to so many whole vectors is kept in them


class Frame:
    """A block that is being written: its nodes, how far it is, and the buffers that belong to it.

    `into`: where nodes will have to be in the end.
    """

    def __init__(self, nodes: Sequence[Node], into: Sequence[tuple[Node, Buffer]]):
        self.nodes = list(nodes)
        self.into = dict(into)
        self.owned = {buffer for _, buffer in into}
        self.position = 0


class Places:
    """Gives nodes their homes."""

    def __init__(self, evaluator: Evaluator, machine: Machine):
        self.evaluator, self.record, self.decisions = evaluator, evaluator.record, evaluator.decisions
        self.nests = Nests(evaluator, machine)
        self.scratch: list[Buffer] = []
        self.frames: list[Frame] = []
        self.workgroup = self.record.new("index")  # its number
        self.workgroups = 1

    # ---- buffers ----

    def new_buffer(self, key: str, shape: Shape, element: str) -> Buffer:
        """Scratch memory, in the order of dimensions that earlier attempts voted for."""
        buffer = Buffer(key, shape, element, "scratch", self.record.new("memory"), self.decisions.innermost.get(key))
        buffer.is_settled = key in self.decisions.settled
        if self.workgroups > 1:
            buffer.divide(self.workgroup, self.workgroups)
        self.scratch.append(buffer)
        if self.frames:
            self.frames[-1].owned.add(buffer)
        return buffer

    def reads(self, node: Node, known: Sequence[Node] = ()) -> set[Buffer]:
        """The buffers that are read when elements of a node are evaluated, where those of others are known."""
        return {x.home for x in needed(node, known=known) if isinstance(x.home, Buffer)}

    def readers(self, buffer: Buffer, new: Node, *but: Node) -> list[Node]:
        """Nodes of the current block that will still read a buffer as it is, when `new` is kept.

        They are used after the operation that is being written.
        """
        frame = self.frames[-1]
        later = (n for n in frame.nodes if n.last_use > frame.position and n is not new and n not in but)
        return [node for node in later if buffer in self.reads(node, [new])]

    # ---- storing ----

    def store(self, node: Node) -> None:
        """Evaluate a node now, and keep it."""
        if node.home is not None or isinstance(node, Splat) or self._is_plain(node):
            return
        if isinstance(node, Pieces):
            self._put_together(node)
            return
        if isinstance(node, Sequential):
            node.store(self)
            return
        in_vectors = self.register_class(node)
        if in_vectors is not None:
            node.home = self.to_registers(node, in_vectors, node.key)
            return
        target = self.frames[-1].into.get(node)
        is_free = target is not None and target.shape == node.shape and not self.readers(target, node)
        if target and is_free and self.nests.add(node, target, in_place=True):
            return
        self.nests.add(node, self.new_buffer(node.key, node.shape, node.element))

    def _is_plain(self, node: Node) -> bool:
        """Whether a node is but a view of something that is kept anyway."""
        while isinstance(node, View) and node.home is None and not node.is_stored:
            node = node.source
        return node.home is not None or isinstance(node, Splat)

    def is_there(self, node: Node, buffer: Buffer) -> bool:
        """Whether nothing more has to be done for a buffer to have what a node is."""
        if isinstance(node, Splat) and node.number is None:
            return True
        return node.home is buffer or self.nests.is_waiting(node, buffer)

    def write(self, node: Node, buffer: Buffer) -> None:
        """Copy a node to a buffer that nothing reads any more, or only this node at the place it writes."""
        if self.is_there(node, buffer):
            return
        if not self.nests.add(node, buffer, stays=False, in_place=True):
            copy = self.new_buffer(f"{node.key}.copy", node.shape, node.element)
            self.nests.add(node, copy, stays=False)
            self.nests.flush()
            self.nests.add(self.stored_in(copy), buffer, stays=False)

    def stored_in(self, buffer: Buffer) -> Node:
        return Node(buffer.shape, buffer.element, buffer.key, home=buffer)

    def _put_together(self, node: Pieces) -> None:
        """Write the pieces over the base, in its own place if that is not needed any more."""
        self.nests.flush()
        target = self.place_of(node, node.base)
        if target is None:
            target = self._target(node)
            if not self._is_covered(node):
                self.write(node.base, target)
                self.nests.flush()
        for piece in node.pieces:
            self.insert(piece, target)
        self.nests.flush()
        node.home = target

    def insert(self, piece: Piece, target: Buffer) -> None:
        """Write a piece into a buffer, which it may be made of itself."""
        place = partial(self.evaluator.reader.placed, piece)
        for start in piece.starts:  # computed before anything is written
            self.evaluator.reader.start(start)
        if not self.nests.add(piece.source, target, place, stays=False, in_place=True):
            copy = self.new_buffer(f"{piece.source.key}.copy", piece.source.shape, piece.source.element)
            self.nests.add(piece.source, copy, stays=False)
            self.nests.flush()
            self.nests.add(self.stored_in(copy), target, place, stays=False)

    def place_of(self, node: Node, base: Node) -> Buffer | None:
        """The memory of `base`, for `node` to be written over it, if nothing will need it as it is."""
        frame, home = self.frames[-1], base.home
        if not isinstance(home, Buffer) or home not in frame.owned or base.last_sink > frame.position:
            return None
        readers = self.readers(home, node, base)
        if any(reader.home is home for reader in readers):
            return None
        for reader in readers:
            if home not in self.reads(reader, [node]):
                continue  # what it reads has been kept for another one
            if node in needed(reader):
                return None
            self.keep(reader)
            self.nests.flush()
        return home

    def unless_reading(self, buffer: Buffer, node: Node) -> Node:
        """The node; or a copy of it, if it reads a buffer that is about to be overwritten."""
        if buffer not in self.reads(node):
            return node
        copy = self.new_buffer(f"{node.key}.copy", node.shape, node.element)
        self.nests.add(node, copy, stays=False)
        self.nests.flush()
        return self.stored_in(copy)

    def keep(self, node: Node) -> None:
        """Store even what is cheap: what it reads is about to be overwritten."""
        sources = set(needed(node)) - {node}
        for source in self.frames[-1].nodes:
            if source in sources and source.is_stored:
                self.store(source)
        if self._is_plain(node):
            self.nests.add(node, self.new_buffer(node.key, node.shape, node.element))
        else:
            self.store(node)

    def _target(self, node: Pieces) -> Buffer:
        hint = self.frames[-1].into.get(node)
        is_free = hint is not None and hint.shape == node.shape and not self.readers(hint, node)
        if hint and is_free and not any(hint in self.reads(x) for x in node.sources()):
            return hint
        return self.new_buffer(node.key, node.shape, node.element)

    def _is_covered(self, node: Pieces) -> bool:
        """Whether the pieces leave nothing of the base."""
        if isinstance(node.base, Splat) and node.base.number is None:
            return True
        return any(piece.source.size == node.size for piece in node.pieces)

    # ---- registers ----

    def register_class(self, node: Node) -> bool | None:
        """Whether a node is kept in vectors (True) or numbers (False); None: in memory."""
        if node.key in self.decisions.not_in_registers or node.key in self.decisions.stored:
            return None
        if self.evaluator.memory.in_tiles:  # loops go over the rows, whatever is computed for them
            return False if node.size <= SMALL else None
        if node.size <= REGISTERS:
            return False
        whole, rest = divmod(node.shape[0], self.record.width)
        if len(node.shape) == 1 and not rest and whole <= VECTOR_REGISTERS:
            return True
        return None

    def register_points(self, shape: Shape, in_vectors: bool) -> list[Point]:
        if in_vectors:
            width = self.record.width
            return [(ix.add(ix.constant(width * i), ix.LANES),) for i in range(shape[0] // width)]
        return [tuple(map(ix.constant, place)) for place in product(*map(range, shape))]

    def to_registers(self, node: Node, in_vectors: bool, key: str) -> Registers:
        """Evaluate a node into registers. `key`: of the node that decides whether these are registers."""
        self.nests.flush()
        points = self.register_points(node.shape, in_vectors)
        self.evaluator.reduce_in_lanes = not in_vectors
        try:
            values = self.evaluator.at(node, points)
        finally:
            self.evaluator.reduce_in_lanes = False
        if in_vectors:
            values = [self.record.in_lanes(value) for value in values]
        return Registers(dict(zip(points, values, strict=True)), in_vectors, key)
