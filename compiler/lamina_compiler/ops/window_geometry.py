"""Windows that slide over an array: how many there are, where they lie, and how both are padded and dilated.

A window of `size` elements, `w_dilation` apart, starts at every `strides`-th place of a dimension whose elements are
`x_dilation` apart, with `low` and `high` elements around it (cut off where negative).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..attributes import INTS
from ..mlir import ir
from ..opdef import OpError, Rule
from ..types import COMPLEX, Shape, TensorType
from .slicing import pad_lower, pad_reference

# of the ops that have windows
ATTRIBUTES = {"strides": INTS, "low": INTS, "high": INTS, "x_dilation": INTS, "w_dilation": INTS}


def dilated(size: int, dilation: int) -> int:
    """Length of `size` elements that are `dilation` apart."""
    return 0 if size == 0 else (size - 1) * dilation + 1


@dataclass(frozen=True)
class Windows:
    """The five attributes, an entry for each dimension."""

    strides: Shape
    low: Shape
    high: Shape
    x_dilation: Shape
    w_dilation: Shape

    def check(self, rank: int) -> None:
        """OpError unless there is a sensible entry for each of `rank` dimensions."""
        for name, entries in vars(self).items():
            if len(entries) != rank:
                raise OpError(f"{name} {tuple(entries)} must have an entry for each of {rank} window dimensions")
            if name not in ("low", "high") and any(n < 1 for n in entries):
                raise OpError(f"{name} {tuple(entries)} must be positive")

    def padded(self, sizes: Shape) -> Shape:
        """Sizes of the dilated and padded array."""
        return tuple(
            dilated(n, d) + lo + hi for n, d, lo, hi in zip(sizes, self.x_dilation, self.low, self.high, strict=True)
        )

    def reach(self, window: Shape) -> Shape:
        """Sizes of the dilated window."""
        return tuple(dilated(n, d) for n, d in zip(window, self.w_dilation, strict=True))

    def count(self, sizes: Shape, window: Shape) -> Shape:
        """How many windows there are along each dimension."""
        return tuple(
            max((n - w) // stride + 1, 0)
            for n, w, stride in zip(self.padded(sizes), self.reach(window), self.strides, strict=True)
        )

    def transposed(self, sizes: Shape, window: Shape) -> Windows:
        """The geometry in which every element of the array sees the windows that see it, in reverse order."""
        low = tuple(n - lo - 1 for n, lo in zip(self.reach(window), self.low, strict=True))
        spread = zip(sizes, self.x_dilation, self.count(sizes, window), self.strides, strict=True)
        high = tuple(
            dilated(n, d) + k - 1 - dilated(m, stride) - lo
            for (n, d, m, stride), k, lo in zip(spread, self.reach(window), low, strict=True)
        )
        return Windows(self.x_dilation, low, high, self.strides, self.w_dilation)

    def batched(self) -> dict[str, Shape]:
        """The attributes with a leading dimension that has windows of one element."""
        return {name: (int(name not in ("low", "high")), *entries) for name, entries in vars(self).items()}

    # ---- NumPy ----

    def view(self, x: np.ndarray, window: Shape, fill: Any, first: int = 0) -> np.ndarray:
        """All windows of dimensions `first`, …, as a view with one more dimension at the end for each of them."""
        axes = tuple(range(first, first + len(window)))
        sizes = tuple(x.shape[a] for a in axes)
        if any(self.low) or any(self.high) or any(d > 1 for d in self.x_dilation):
            around = ((0,) * first, (0,) * (x.ndim - first - len(axes)))
            low, high, interior = (
                (*around[0], *entries, *around[1])
                for entries in (self.low, self.high, tuple(d - 1 for d in self.x_dilation))
            )
            x = pad_reference(x, np.asarray(fill, x.dtype), low, high, interior)
        count, shape, strides = self.count(sizes, window), list(x.shape), list(x.strides)
        for axis, n, stride in zip(axes, count, self.strides, strict=True):
            shape[axis], strides[axis] = n, stride * x.strides[axis]
        inner = [x.strides[a] * d for a, d in zip(axes, self.w_dilation, strict=True)]
        return np.lib.stride_tricks.as_strided(x, (*shape, *window), (*strides, *inner), writeable=False)

    # ---- linalg ----

    def pad(self, lw: Any, x: Any, type: TensorType, fill: Any, first: int = 0) -> tuple[Any, TensorType]:
        """The dilated and padded array and its type."""
        last = type.rank - first - len(self.low)
        low, high = ((*[0] * first, *edge, *[0] * last) for edge in (self.low, self.high))
        interior = (*[0] * first, *(d - 1 for d in self.x_dilation), *[0] * last)
        sizes = self.padded(type.shape[first : type.rank - last])
        shape = (*type.shape[:first], *sizes, *type.shape[type.rank - last :])
        padded = TensorType(shape, type.dtype)
        if not any(low) and not any(high) and not any(interior):
            return x, type
        scalar = TensorType((), type.dtype)
        value = lw.splat(scalar, fill) if type.dtype in COMPLEX else lw.constant(np.asarray(fill, type.dtype))
        return pad_lower(lw, [x, value], [type, scalar], padded, low, high, interior), padded

    def place(self, dimension: int, outer: int, inner: int | None) -> ir.AffineExpr:
        """Where element `inner` of window `outer` lies in the padded array, as loop expressions; None: the first."""
        start = _times(outer, self.strides[dimension])
        return start if inner is None else ir.AffineExpr.get_add(start, _times(inner, self.w_dilation[dimension]))


def _times(loop: int, factor: int) -> ir.AffineExpr:
    expression = ir.AffineDimExpr.get(loop)
    return expression if factor == 1 else ir.AffineExpr.get_mul(expression, ir.AffineConstantExpr.get(factor))


def plain_geometry(rank: int) -> dict[str, Shape]:
    """Windows in every place of an array, without padding and dilation."""
    ones, zeros = (1,) * rank, (0,) * rank
    return {"strides": ones, "low": zeros, "high": zeros, "x_dilation": ones, "w_dilation": ones}


# ---- what ops with windows over all dimensions share -----------------------------------------------------------------

POSITION = np.dtype(np.int32)  # in a window, in row-major order

WINDOW_CASES: list[tuple[Shape, dict[str, Shape]]] = [
    ((4, 5), {"window": (2, 3)}),
    ((1, 7, 6, 2), {"window": (1, 3, 2, 1), "strides": (1, 2, 2, 1), "low": (0, 1, 0, 0), "high": (0, 1, 0, 0)}),
    ((5,), {"window": (3,), "x_dilation": (2,), "w_dilation": (2,), "low": (1,), "high": (2,)}),
    ((3, 4), {"window": (1, 1), "strides": (2, 3)}),
    ((2,), {"window": (3,)}),
    ((6,), {"window": (2,), "low": (-1,), "high": (-2,)}),
]


def counted(x: TensorType, window: Shape, geometry: dict[str, Shape]) -> Shape:
    """How many windows there are. OpError where the attributes do not fit."""
    windows = Windows(**geometry)
    windows.check(x.rank)
    if len(window) != x.rank or any(n < 1 for n in window):
        raise OpError(f"window {tuple(window)} must have a positive size for each of the operand's {x.rank} dimensions")
    if any(n < 0 for n in windows.padded(x.shape)):
        raise OpError(f"the padding low {windows.low} and high {windows.high} cuts more off {x} than there is")
    return windows.count(x.shape, window)


def window_batch(name: str) -> Rule:
    def batch(b: Any, operands: Any, batched: Sequence[bool], size: int, window: Shape, **geometry: Shape) -> Any:
        attributes = {"window": (1, *window), **Windows(**geometry).batched()}
        return getattr(b, name)(*b.all_batched(operands, batched, size), **attributes)

    return batch


def over_windows(
    lw: Any,
    seen: Sequence[Any],
    each: Sequence[Any],
    window: Shape,
    windows: Windows,
    inits: Sequence[Any],
    body: Callable[[Any, list[Any], Callable[[], Any]], list[Any]],
) -> list[Any]:
    """A generic over all windows and, as reductions, their elements.

    `body` gets the elements of the padded arrays `seen`, those of `each` (one for each window) and of the results, and
    a function that gives the position in the window.
    """
    rank = len(window)
    inner = [d for d in range(rank) if window[d] > 1]  # windows of one element need no loop
    loops = {d: rank + i for i, d in enumerate(inner)}
    place = [windows.place(d, d, loops.get(d)) for d in range(rank)]
    bounds = lw.empty(TensorType(tuple(window[d] for d in inner), np.dtype(np.int8)))  # its shape is all that matters

    def run(inside: Any, args: list[Any]) -> list[Any]:
        def position() -> Any:
            flat = inside.index(0)
            for d in inner:
                flat = inside.index_op("muli", flat, inside.index(window[d]))
                flat = inside.index_op("addi", flat, inside.loop_index(loops[d]))
            return inside.from_index(flat, POSITION)

        return body(inside, args[1:], position)

    return lw.generic(
        [bounds, *seen, *each],
        [list(loops.values()), *[place] * len(seen), *[range(rank)] * len(each)],
        inits,
        [range(rank)] * len(inits),
        loops=rank + len(inner),
        reductions=range(rank, rank + len(inner)),
        body=run,
    )
