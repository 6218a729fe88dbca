"""Products of matrices in larger arrays: out[r, j] = Σₛ left[r, s] · right[s, j], where r and s are several loops each.

An operand lies anywhere in memory that grows linearly with the loops, so a convolution is such a product: r goes over
the windows, s over the elements of one, and `left` reads both from the same array, without a copy of its windows.

A block of rows and columns is summed up in registers. Long sums are cut into pieces, so that what a piece needs of the
right operand, copied into a panel, stays in a cache while all rows go by (Goto & van de Geijn 2008).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from .. import scalar
from ..linalg_builder import LinalgBuilder
from ..mlir import ir
from ..types import COMPLEX, TensorType
from .batch import append_batched
from .loops import Loops
from .memory import Lanes, Memory
from .values import Value

_OTHER_REGISTERS = 4  # than those of sums
_MOST_VECTORS = 3  # of columns in a block
_PIECE = 384  # terms of a sum: their panel has 48 KiB with AVX-512, 24 KiB with AVX2
_WORTH_A_SLAB = 1024  # terms: each slab is written to memory, and read again
_PARTS = 16  # that cores share
_UNROLLED = 128  # multiply-adds of a loop's body
_MULTIPLY_ADDS = 16  # that are a step of a workgroup


class Loop(NamedTuple):
    """How far a loop runs, and how far apart its elements are in memory, or 0."""

    size: int
    left: int = 0
    right: int = 0
    out: int = 0

    def surrounds(self, inner: Loop) -> bool:
        """Whether this loop around an inner one is as one loop."""
        return all(mine == size * inner.size for mine, size in zip(self[1:], inner[1:], strict=True))


class Products:
    """How a term of a sum is made: from one number of each operand, here."""

    name = "single"
    numbers = 1  # of the right operand in a term
    surplus: int | None = None  # what factors have too much: its products are added up beside totals, and taken away

    def __init__(self, dtype: np.dtype) -> None:
        """`dtype`: of the panel."""
        self.dtype = dtype

    def packed(self, right: Memory, lanes: Lanes) -> Any:
        """What the panel has of the right operand."""
        return right[lanes]

    def factor(self, left: Memory, place: Any) -> Any:
        """What terms have of the left operand."""
        return left[place]

    def add(self, total: Any, factor: Any, value: Any) -> Any:
        """The total, with the products of vectors of both added."""
        return total.plus(factor, value)

    @property
    def extra(self) -> int:
        """Factors beside those of rows: one if there is a surplus."""
        return int(self.surplus is not None)

    def factors(self, rows: Sequence[Any]) -> list[Any]:
        """Those of rows, and the surplus, if there is one."""
        return [*rows, *([] if self.surplus is None else [rows[0].lift(self.surplus)])]

    def panel(self, place: Any, lanes: Sequence[Lanes]) -> list[Lanes]:
        """Where it has the numbers of some columns."""
        wide = self.numbers
        return [Lanes((place + i * lane.width) * wide, lane.width * wide) for i, lane in enumerate(lanes)]


class Terms(NamedTuple):
    """The loops of a sum, where its first term lies, and where in the result it belongs."""

    loops: Sequence[Loop]
    left: int = 0
    right: int = 0
    out: int = 0


def strided_product(
    lw: LinalgBuilder,
    operands: Sequence[ir.Value],
    types: Sequence[TensorType],
    result: TensorType,
    *,
    outer: Sequence[Loop],
    rows: Sequence[Loop],
    sums: Sequence[Terms],
    columns: int,
    products: Products | None = None,
) -> ir.Value:
    """The product for every index of the loops `outer`, and for each of `sums`, which are different results.

    Columns are neighbours in the right operand and in the result, of which every element belongs to one sum.
    """
    products = products or Products(result.dtype)
    width, registers = Loops(lw).width(result.dtype), Loops(lw).vectors.registers
    registers -= products.extra * _MOST_VECTORS
    form = _Form.of(result.dtype, outer, rows, sums, columns, width, registers)
    slabs = TensorType((form.slabs, *result.shape), result.dtype) if form.slabs > 1 else result

    def body(code: Loops, part: Value, left: Memory, right: Memory, out: Memory, panel: Memory) -> None:
        _Writer(code, form, products, left, right, out, panel).part(part, result.size)

    (total,) = append_batched(
        lw,
        f"strided_product_{_digest(outer, rows, sums, columns, products.name)}",
        operands,
        types,
        [slabs],
        body,
        parts=form.parts,
        work=form.terms // (_MULTIPLY_ADDS * form.parts),
        scratch=[(form.panel * products.numbers, products.dtype)],
    )
    return total if slabs == result else _sum_of_slabs(lw, total, slabs, result)


def _sum_of_slabs(lw: LinalgBuilder, slabs: ir.Value, type: TensorType, result: TensorType) -> ir.Value:
    return lw.generic(
        [slabs],
        [range(type.rank)],
        [lw.splat(result, 0)],
        [range(1, type.rank)],
        loops=type.rank,
        reductions=[0],
        body=lambda inner, args: [inner.apply(scalar.add, args, [result.dtype] * 2)],
    )[0]


def _digest(*numbers: Any) -> str:
    return hashlib.blake2b(repr(numbers).encode(), digest_size=6).hexdigest()


def _merged(loops: Sequence[Loop]) -> list[Loop]:
    """As few loops over the same, those along which neighbours of `left` are nearest innermost."""
    if any(loop.size == 0 for loop in loops):
        return [Loop(0)]
    found: list[Loop] = []
    for loop in sorted((loop for loop in loops if loop.size != 1), key=lambda loop: -loop.left):
        if found and found[-1].surrounds(loop):
            loop = loop._replace(size=found.pop().size * loop.size)
        found.append(loop)
    return found or [Loop(1)]


class _Place(NamedTuple):
    left: Any
    right: Any
    out: Any

    @staticmethod
    def of(loops: Sequence[Loop], indices: Sequence[Any]) -> _Place:
        """Where the elements of some indices are."""
        pairs = list(zip(loops, indices, strict=True))
        return _Place(*(sum((i * loop[1 + k] for loop, i in pairs), start=0) for k in range(3)))


class _Cut(NamedTuple):
    """Nested loops in pieces: `step` of one loop and all of those inside of it."""

    around: Sequence[Loop]
    loop: Loop
    step: int
    inside: Sequence[Loop]

    @staticmethod
    def into(loops: Sequence[Loop], most: int) -> _Cut:
        """Pieces of about equal size, at most so many elements."""
        at, inner = len(loops) - 1, 1
        while at and inner * loops[at].size <= most:
            inner *= loops[at].size
            at -= 1
        loop = loops[at]
        pieces = -(-loop.size // max(1, most // inner))
        return _Cut(loops[:at], loop, max(1, -(-loop.size // max(1, pieces))), loops[at + 1 :])

    @property
    def across(self) -> int:
        """Pieces along the loop that is cut."""
        return max(1, -(-self.loop.size // self.step))

    @property
    def rest(self) -> int:
        """The step of the last piece along it."""
        return self.loop.size - (self.across - 1) * self.step

    @property
    def pieces(self) -> int:
        return self.across * _size(self.around)

    @property
    def elements(self) -> int:
        """Of a piece."""
        return self.step * _size(self.inside)

    def locate(self, number: Value) -> tuple[_Place, Value]:
        """Where a piece begins, and which one it is along the loop that is cut."""
        across = number % self.across
        indices, number = [across * self.step], number // self.across
        for loop in reversed(self.around):
            indices.append(number % loop.size)
            number = number // loop.size
        return _Place.of([*self.around, self.loop], indices[::-1]), across


def _size(loops: Sequence[Loop]) -> int:
    return math.prod(loop.size for loop in loops)


class _Form(NamedTuple):
    """How a product is computed."""

    dtype: np.dtype
    outer: _Cut
    rows: _Cut
    sums: Sequence[tuple[Terms, _Cut]]
    columns: int
    width: int  # of a vector
    vectors: int  # of columns in a block
    slabs: int  # parts of the sum, each added up in an array of its own where rows are too few for all cores
    groups: int  # of rows

    @staticmethod
    def of(
        dtype: np.dtype,
        outer: Sequence[Loop],
        rows: Sequence[Loop],
        sums: Sequence[Terms],
        columns: int,
        width: int,
        registers: int,
    ) -> _Form:
        vectors = -(-columns // width)
        vectors = vectors if vectors <= _MOST_VECTORS else 2
        free = registers - _OTHER_REGISTERS
        most = (free // 2 - 1 if dtype in COMPLEX else free) // vectors
        each, blocks = _Cut.into(_merged(outer), 1), _Cut.into(_merged(rows), most)
        cuts = [(terms, _Cut.into(_merged(terms.loops), _PIECE)) for terms in sums]
        products = each.pieces * len(sums)
        longest = max(_size(terms.loops) for terms in sums)
        slabs = max(1, min(_PARTS // products, longest // _WORTH_A_SLAB)) if len(sums) == 1 else 1
        groups = min(blocks.pieces, -(-_PARTS // (slabs * products)))
        return _Form(dtype, each, blocks, cuts, columns, width, vectors, slabs, groups)

    @property
    def parts(self) -> int:
        return len(self.sums) * self.outer.pieces * self.slabs * self.groups

    @property
    def terms(self) -> int:
        """Multiply-adds."""
        rows = self.outer.pieces * self.rows.elements * self.rows.pieces * self.columns
        return rows * sum(_size(terms.loops) for terms, _ in self.sums)

    @property
    def panel(self) -> int:
        """Elements of a panel."""
        return max(cut.elements for _, cut in self.sums) * self.vectors * self.width


class _Writer(NamedTuple):
    """Writes the kernel; the memory of the operands is counted from what is being computed."""

    code: Loops
    form: _Form
    products: Products
    left: Memory
    right: Memory
    out: Memory
    panel: Memory

    def at(self, place: _Place) -> _Writer:
        return self._replace(
            left=self.left.at(place.left), right=self.right.at(place.right), out=self.out.at(place.out)
        )

    def part(self, number: Value, slab_size: int) -> None:
        code, form = self.code, self.form
        group, number = number % form.groups, number // form.groups
        slab, number = number % form.slabs, number // form.slabs
        place, _ = form.outer.locate(number % form.outer.pieces)
        here = self.at(place._replace(out=place.out + slab * slab_size))
        blocks = _share(form.rows.pieces, form.groups, group)
        for i, (terms, cut) in enumerate(form.sums):
            with code.when((number // form.outer.pieces).eq(i)):
                here.at(_Place(*terms[1:])).sum(cut, _share(cut.pieces, form.slabs, slab), blocks)

    def sum(self, cut: _Cut, pieces: tuple[Value, Value], blocks: tuple[Value, Value]) -> None:
        """Some pieces of a sum, for some blocks of rows."""
        code, form = self.code, self.form
        block = form.vectors * form.width
        whole = form.columns // block * block
        vectors, rest = range(0, block, form.width), range(whole, form.columns, form.width)
        with code.loop(*pieces) as number:
            place, across = cut.locate(number)
            here, is_first = self.at(place), number.eq(pieces[0])
            steps = code.select(across.eq(cut.across - 1), code.index(cut.rest), code.index(cut.step))
            piece = _Piece(cut, steps, is_first)
            if whole:
                with code.loop(0, whole, block) as first:
                    here.columns(piece, [Lanes(first + i, form.width) for i in vectors], blocks)
            if rest:
                here.columns(piece, [self.lanes(first) for first in rest], blocks)

    def lanes(self, first: int) -> Lanes:
        """Columns from one on, of which there may be less than a vector."""
        width, count = self.form.width, self.form.columns - first
        return Lanes(self.code.index(first), width, self.code.mask(count, width) if count < width else None)

    def columns(self, piece: _Piece, lanes: Sequence[Lanes], blocks: tuple[Value, Value]) -> None:
        """A piece of the sums of some columns."""
        code, rows = self.code, self.form.rows
        self.pack(piece.loops, 0, 0, lanes)
        with code.loop(*blocks) as block:
            place, across = rows.locate(block)
            here = self.at(place)
            is_rest = across.eq(rows.across - 1)
            if rows.rest < rows.step:
                with code.when(is_rest):
                    here.block(piece, rows.rest, lanes)
                with code.when(~is_rest):
                    here.block(piece, rows.step, lanes)
            else:
                here.block(piece, rows.step, lanes)

    def pack(self, loops: Sequence[tuple[Any, Loop]], right: Any, place: Any, lanes: Sequence[Lanes]) -> None:
        """Copy what a piece of the sums needs of the right operand into the panel."""
        if not loops:
            for where, lane in zip(self.products.panel(place, lanes), lanes, strict=True):
                self.panel[where] = self.products.packed(self.right, lane + right)
            return
        (count, loop), *inner = loops
        with self.code.loop(0, count) as i:
            self.pack(inner, i * loop.right + right, i * _stride(inner, lanes) + place, lanes)

    def block(self, piece: _Piece, step: int, lanes: Sequence[Lanes]) -> None:
        """A piece of the sums of some columns and rows: `step` of the loop that is cut."""
        code, form = self.code, self.form
        loops = [form.rows.loop._replace(size=step), *form.rows.inside]
        rows = [_Place.of(loops, indices) for indices in product(*(range(loop.size) for loop in loops))]
        elements = [lane + row.out for row in rows for lane in lanes]
        zero = code.number(0, form.dtype, form.width)
        sums: Sequence[Any] = [zero] * len(elements)
        if piece.cut.pieces > form.slabs:
            sums = code.choose(piece.is_first, lambda: sums, lambda: [self.out[at] for at in elements])
        extra = [zero] * len(lanes) * self.products.extra
        sums = self.added(piece.loops, 0, 0, [row.left for row in rows], lanes, [*sums, *extra])
        for i, (at, total) in enumerate(zip(elements, sums, strict=False)):
            self.out[at] = total - sums[len(elements) + i % len(lanes)] if extra else total

    def added(
        self,
        loops: Sequence[tuple[Any, Loop]],
        left: Any,
        place: Any,
        rows: Sequence[int],
        lanes: Sequence[Lanes],
        sums: Sequence[Any],
    ) -> Sequence[Any]:
        """The sums with the terms of some loops added."""
        if not loops:
            values = [self.panel[where] for where in self.products.panel(place, lanes)]
            factors = self.products.factors([self.products.factor(self.left, left + row) for row in rows])
            pairs = zip(sums, product(factors, values), strict=True)
            return [self.products.add(total, *pair) for total, pair in pairs]
        (count, loop), *inner = loops

        def term(i: Any, *sums: Any) -> Sequence[Any]:
            return self.added(inner, i * loop.left + left, i * _stride(inner, lanes) + place, rows, lanes, sums)

        if isinstance(count, int) and not inner and count * len(sums) <= _UNROLLED:
            for i in range(count):
                sums = term(i, *sums)
            return sums
        return self.code.fold(0, count, sums, term)


class _Piece(NamedTuple):
    """Of sums: their first one is not added to what there is already."""

    cut: _Cut
    steps: Value
    is_first: Value

    @property
    def loops(self) -> list[tuple[Any, Loop]]:
        """With how far each runs."""
        count = self.steps if self.cut.rest < self.cut.step else self.cut.step
        return [(count, self.cut.loop), *((loop.size, loop) for loop in self.cut.inside)]


def _stride(inner: Sequence[tuple[Any, Loop]], lanes: Sequence[Lanes]) -> int:
    """How far neighbours of a loop are apart in the panel, with some loops inside of it."""
    return _size([loop for _, loop in inner]) * sum(lane.width for lane in lanes)


def _share(count: int, parts: int, part: Value) -> tuple[Any, Any]:
    """First and last of the things that a part has."""
    return part * count // parts, (part + 1) * count // parts
