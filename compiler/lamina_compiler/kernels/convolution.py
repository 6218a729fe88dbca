"""Convolutions as products of matrices that lie in larger arrays (`strided_product.py`).

Where elements of x are apart, as in the gradient of a convolution with strides, neighbouring windows see different
weights; after so many windows, the phases, it begins anew. Each phase is a sum of its own over some of the weights. Or
the weights of all phases become one array, with zeros where they are fewer, of a product whose columns or further loops
are the phases. So do neighbouring windows, without need, where there are few features: they fill a vector.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

from ..linalg_builder import LinalgBuilder
from ..linalg_loops import source_of_transpose
from ..mlir import ir
from ..types import BY_SHORT_NAME, COMPLEX, Shape, TensorType
from .loops import Loops
from .memory import strides_of
from .strided_product import Loop, Terms, strided_product

if TYPE_CHECKING:
    from ..ops.window_geometry import Windows

_FLOATS = {BY_SHORT_NAME["f32"], BY_SHORT_NAME["f64"], *COMPLEX}
_WORTH = 1 << 16  # multiply-adds
_WORTH_IN_LOOP = 1 << 22  # a loop with less in a step may be one kernel
_MOST_SUMS = 4  # each is code of its own
_WELL_USED = 0.9  # part of an array of weights


class Taps(NamedTuple):
    """The weights that windows of a phase see along a dimension: which, and where they lie in x."""

    size: int
    first: int  # element of x, from where the first window of all begins
    step: int
    weight: int
    weight_step: int


class Dimension(NamedTuple):
    """A dimension that windows go along: sizes of x, of a window, of the result, and the geometry as in `Windows`."""

    size: int
    window: int
    windows: int
    stride: int
    low: int
    x_dilation: int
    w_dilation: int
    phases: int

    @staticmethod
    def of(size: int, window: int, windows: int, stride: int, low: int, x_dilation: int, w_dilation: int) -> Dimension:
        phases = x_dilation // math.gcd(stride, x_dilation)
        return Dimension(size, window, windows, stride, low, x_dilation, w_dilation, phases)

    @property
    def blocks(self) -> int:
        """Of a window for each phase."""
        return -(-self.windows // self.phases)

    @property
    def step(self) -> int:
        """From block to block, in elements of x."""
        return self.phases * self.stride // self.x_dilation

    def taps(self, phase: int) -> Taps:
        """Weight k lies at element (phase · stride + k · w_dilation − low) / x_dilation of x, if that is an integer."""
        common = math.gcd(self.x_dilation, self.w_dilation)
        every = self.x_dilation // common
        start = phase * self.stride - self.low
        weight = next((k for k in range(every) if (start + k * self.w_dilation) % self.x_dilation == 0), self.window)
        first = (start + weight * self.w_dilation) // self.x_dilation
        return Taps(-(-max(0, self.window - weight) // every), first, self.w_dilation // common, weight, every)

    @property
    def all_taps(self) -> Taps:
        """Of all phases: every element of x that a block sees."""
        taps = [t for t in map(self.taps, range(self.phases)) if t.size]
        if not taps:
            return Taps(0, 0, 1, 0, 1)
        first = min(t.first for t in taps)
        last = max(t.first + (t.size - 1) * t.step for t in taps)
        step = 1 if self.phases > 1 else taps[0].step
        return Taps((last - first) // step + 1, first, step, 0, 1)

    @property
    def edges(self) -> tuple[int, int]:
        """How far windows reach beyond x."""
        taps = self.all_taps
        last = (self.blocks - 1) * self.step + taps.first + (taps.size - 1) * taps.step
        return max(0, -taps.first), max(0, last - self.size + 1)

    @property
    def used(self) -> float:
        """Which part of an array of the weights of all phases they fill."""
        return sum(self.taps(phase).size for phase in range(self.phases)) / (self.phases * self.all_taps.size)

    def filling(self, features: int, width: int) -> Dimension:
        """With as many phases as take the fewest steps, in vectors of that width."""
        if self.w_dilation > 1:
            return self

        def steps(dimension: Dimension) -> int:
            return dimension.blocks * dimension.all_taps.size * -(-dimension.phases * features // width)

        more = (self._replace(phases=n) for n in range(2 * self.phases, 2 * width + 1, self.phases))
        return min([self, *(dimension for dimension in more if self.windows % dimension.phases == 0)], key=steps)


def is_worth_a_kernel(lw: LinalgBuilder, weights: TensorType, result: TensorType) -> bool:
    """Whether a convolution is: on a CPU, of floats or complex numbers, with enough to do.

    A loop with less in a step may be one kernel as a whole. Where every channel is a group, IREE has it in vectors.
    """
    *_, channels, features = weights.shape
    terms = math.prod(weights.shape) // weights.shape[-3] // features * result.size
    in_loop = lw.ip.block.owner.name != "func.func"
    return (
        result.dtype in _FLOATS
        and Loops(lw).has_vectors
        and (channels, features) != (1, 1)
        and terms >= (_WORTH_IN_LOOP if in_loop else _WORTH)
    )


def convolution_kernel(
    lw: LinalgBuilder, operands: Sequence[ir.Value], shapes: Sequence[Shape], result: TensorType, windows: Windows
) -> ir.Value:
    """x [n, *places, group, channel] with windows w [*window, group, channel, feature], as the op defines it."""
    x_type, w_type = (TensorType(shape, result.dtype) for shape in shapes)
    n, *counts, groups, features = result.shape
    channels, rank = x_type.shape[-1], len(counts)
    sizes = zip(x_type.shape[1:-2], w_type.shape, counts, strict=False)
    geometry = zip(windows.strides, windows.low, windows.x_dilation, windows.w_dilation, strict=True)
    dimensions = [Dimension.of(*size, *entries) for size, entries in zip(sizes, geometry, strict=True)]
    width = Loops(lw).width(result.dtype)
    in_columns = rank - 1 if rank and groups == 1 and features < width else None
    if in_columns is not None:
        dimensions[-1] = dimensions[-1].filling(features, width)
    joined = _joined(dimensions, in_columns)

    x = _padded(lw, operands[0], x_type, [d.edges for d in dimensions])
    w = _phased(lw, operands[1], w_type, dimensions, joined) if joined else _as_it_lies(operands[1], w_type)
    # examples that are neighbours in x, which a weight gradient has, are so in memory of the result, too
    examples_inside = rank and in_columns is None and x.strides[0] < min(x.strides[1:-2])
    order = (*range(1, rank + 2), 0, rank + 2) if examples_inside else tuple(range(rank + 3))
    full = (n, *(d.blocks * d.phases for d in dimensions), groups, features)
    whole, part = (TensorType(tuple(shape[d] for d in order), result.dtype) for shape in (full, result.shape))
    out = [strides_of(whole.shape)[order.index(d)] for d in range(rank + 3)]
    outer = [Loop(groups, x.strides[-2], w.strides[rank], out[-2])]
    rows = [Loop(n, left=x.strides[0], out=out[0])]
    over_channels = Loop(channels, left=x.strides[-1], right=w.strides[rank + 1])
    choices: list[list[Terms]] = []
    for i, d in enumerate(dimensions):
        x_stride, w_stride, out_stride = x.strides[i + 1], w.strides[i], out[i + 1]
        rows.append(Loop(d.blocks, left=x_stride * d.step, out=out_stride * d.phases))
        if i in joined and i != in_columns:
            outer.append(Loop(d.phases, right=w.strides[rank + 2 + joined.index(i)], out=out_stride))
        phases = [d.all_taps] if i in joined else [d.taps(phase) for phase in range(d.phases)]
        choices.append([
            Terms(
                [Loop(taps.size, left=x_stride * taps.step, right=w_stride * taps.weight_step)],
                x_stride * (taps.first + d.edges[0]), w_stride * taps.weight, out_stride * phase,
            )
            for phase, taps in enumerate(phases)
        ])  # fmt: skip
    sums = [_nested(over_channels, terms) for terms in product(*choices)]
    columns = features * (dimensions[-1].phases if in_columns in joined else 1)
    total = strided_product(
        lw, [x.value, w.value], [x.type, w.type], whole, outer=outer, rows=rows, sums=sums, columns=columns
    )
    if whole != part:
        total = lw.extract_slice(total, [0] * result.rank, [1] * result.rank, part)
    return lw.parallel([total], [order], result, lambda _, args: args[0]) if examples_inside else total


def _nested(channels: Loop, terms: Sequence[Terms]) -> Terms:
    """The sum over the channels and over some terms along each dimension."""
    loops = [channels, *(loop for t in terms for loop in t.loops)]
    return Terms(loops, sum(t.left for t in terms), sum(t.right for t in terms), sum(t.out for t in terms))


def _joined(dimensions: Sequence[Dimension], in_columns: int | None) -> list[int]:
    """The dimensions whose phases share an array of weights.

    Others have sums of their own: those that would leave most of it empty, if these are not too many.
    """
    found, sums = [], 1
    for i, d in enumerate(dimensions):
        if d.phases > 1:
            if i == in_columns or d.used > _WELL_USED or sums * d.phases > _MOST_SUMS:
                found.append(i)
            else:
                sums *= d.phases
    return found


class _Array(NamedTuple):
    """A tensor, and the strides of dimensions that it may have in another order."""

    value: ir.Value
    type: TensorType
    strides: Sequence[int]


def _as_it_lies(w: ir.Value, type: TensorType) -> _Array:
    """Weights: those that a transpose was made of, if their features are neighbours."""
    source, order = source_of_transpose(w)
    if order[-1] != type.rank - 1:
        return _Array(w, type, strides_of(type.shape))
    shape = _moved(type.shape, order)
    strides = strides_of(shape)
    return _Array(source, TensorType(shape, type.dtype), [strides[place] for place in order])


def _padded(lw: LinalgBuilder, x: ir.Value, type: TensorType, edges: Sequence[tuple[int, int]]) -> _Array:
    """x, or what a transpose made x of, with zeros around its spatial dimensions."""
    source, order = source_of_transpose(x)
    none = [(0, 0)]
    low, high = zip(*_moved([*none, *edges, *none, *none], order), strict=True)
    sizes = zip(_moved(type.shape, order), low, high, strict=True)
    padded = TensorType(tuple(size + before + after for size, before, after in sizes), type.dtype)
    if any(low) or any(high):
        source = lw.pad(source, low, high, lw.scalar_constant(0, type.dtype), padded)
    strides = strides_of(padded.shape)
    return _Array(source, padded, [strides[place] for place in order])


def _moved(entries: Sequence[Any], order: Sequence[int]) -> tuple[Any, ...]:
    """What belongs to dimensions, for the array in which they are at these places."""
    return tuple(entries[order.index(place)] for place in range(len(order)))


def _phased(
    lw: LinalgBuilder, w: ir.Value, type: TensorType, dimensions: Sequence[Dimension], joined: Sequence[int]
) -> _Array:
    """The weights of all phases of some dimensions, zero where they have none: [*taps, g, c, *phases, o]."""
    rank = len(dimensions)
    *window, groups, channels, features = type.shape
    taps = [d.all_taps.size if i in joined else window[i] for i, d in enumerate(dimensions)]
    shape = (*taps, groups, channels, *(dimensions[i].phases for i in joined), features)

    def element(inner: LinalgBuilder, _: Any) -> ir.Value:
        inside, places = None, [inner.loop_index(i) for i in range(rank + 2)]
        for number, i in enumerate(joined):
            d = dimensions[i]
            # which weight of this phase lies at this element: as in `Dimension.taps`
            at = inner.index_op("muli", places[i], inner.index(d.all_taps.step * d.x_dilation))
            at = inner.index_op("addi", at, inner.index(d.all_taps.first * d.x_dilation + d.low))
            phase = inner.index_op("muli", inner.loop_index(rank + 2 + number), inner.index(d.stride))
            at = inner.index_op("subi", at, phase)
            weight = inner.index_op("floordivsi", at, inner.index(d.w_dilation))
            places[i] = inner.clamp_index(weight, d.window - 1)
            hit = inner.compare_index("eq", inner.index_op("muli", places[i], inner.index(d.w_dilation)), at)
            inside = hit if inside is None else inner.op("arith.andi", [hit.type], [inside, hit]).result
        assert inside is not None
        weight = inner.extract(w, [*places, inner.loop_index(len(shape) - 1)])
        return inner.choose(inside, weight, inner.scalar_constant(0, type.dtype))

    full = TensorType(shape, type.dtype)
    return _Array(lw.parallel([], [], full, element), full, strides_of(shape))
