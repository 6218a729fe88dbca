"""Windows that slide over an array: how many there are, where they lie, and how both are padded and dilated.

A window of `size` elements, `w_dilation` apart, starts at every `strides`-th place of a dimension whose elements are
`x_dilation` apart, with `low` and `high` elements around it (cut off where negative).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..attributes import INTS
from ..mlir import ir
from ..opdef import OpError
from ..types import COMPLEX, Shape, TensorType
from .slicing import pad_lower, pad_reference

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

    def before(self, others: int) -> Windows:
        """The same after `others` leading dimensions with windows of one element."""
        ones, zeros = (1,) * others, (0,) * others
        return Windows(
            (*ones, *self.strides),
            (*zeros, *self.low),
            (*zeros, *self.high),
            (*ones, *self.x_dilation),
            (*ones, *self.w_dilation),
        )

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

    def place(self, outer: Sequence[int], inner: Sequence[int]) -> list[ir.AffineExpr]:
        """The element of the padded array that is element `inner` of window `outer`, as loop expressions."""
        return [
            ir.AffineExpr.get_add(_times(o, stride), _times(i, dilation))
            for o, i, stride, dilation in zip(outer, inner, self.strides, self.w_dilation, strict=True)
        ]


def _times(loop: int, factor: int) -> ir.AffineExpr:
    expression = ir.AffineDimExpr.get(loop)
    return expression if factor == 1 else ir.AffineExpr.get_mul(expression, ir.AffineConstantExpr.get(factor))
