"""Interpolation of functions known on a grid."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina import dtypes, errors
from lamina import numpy as lnp
from lamina._frames import api_boundary
from lamina.array import Array
from lamina.numpy._operands import operand, promoted

__all__ = ["RegularGridInterpolator"]

_METHODS = ("linear", "nearest")


class RegularGridInterpolator:
    """A function from values on a rectangular grid: ``RegularGridInterpolator(points, values)(xi)``.

    Args:
        points: for each of n dimensions the coordinates of the grid, strictly increasing.
        values: [size of points[0], …, size of points[n-1], ...]; further dimensions are those of a value.
        method: "linear" (multilinear), or "nearest" (the lower one at the middle).
        bounds_error: SciPy's check of the bounds; only False, since a compiled program cannot raise.
        fill_value: what is outside of the grid; None: the outermost cell goes on.

    Raises ValueError for arguments that do not fit each other, NotImplementedError for ``bounds_error=True``.

    >>> import lamina.numpy as lnp
    >>> from lamina.scipy.interpolate import RegularGridInterpolator
    >>> x, y = lnp.array([0.0, 1.0, 2.0]), lnp.array([0.0, 10.0])
    >>> RegularGridInterpolator((x, y), x[:, None] + y)(lnp.array([[0.5, 5.0], [3.0, 0.0]]))
    Array([5.5, nan], dtype=float32)
    """

    def __init__(
        self, points: Sequence[Any], values: Any, method: str = "linear", bounds_error: bool = False,
        fill_value: Any = np.nan,
    ) -> None:  # fmt: skip
        if bounds_error:
            raise NotImplementedError("RegularGridInterpolator: bounds_error=True, which a compiled program cannot do")
        self.method, self.bounds_error = _checked(method), bounds_error
        self.grid = tuple(operand("RegularGridInterpolator", p, f"points[{i}]") for i, p in enumerate(points))
        (self.values,) = promoted("RegularGridInterpolator", values, names=("values",), inexact=True)
        if len(self.grid) > self.values.ndim:
            problem = f"there are {len(self.grid)} arrays of points"
            raise errors.ShapeError("RegularGridInterpolator", problem, values=self.values.shape)
        if fill_value is not None:
            fill_value = operand("RegularGridInterpolator", fill_value, "fill_value")
            if not fill_value.weak_type and not np.can_cast(fill_value.dtype, self.values.dtype, "same_kind"):
                raise errors.DTypeError(
                    f"RegularGridInterpolator: fill_value is {fill_value.dtype}, which values of "
                    f"{self.values.dtype} cannot take."
                )
        self.fill_value = fill_value

    @api_boundary
    def __call__(self, xi: Any, method: str | None = None) -> Array:
        """The values at points `xi`: [..., n], or a tuple of n arrays of coordinates that broadcast together."""
        method = self.method if method is None else _checked(method)
        count = len(self.grid)
        if isinstance(xi, tuple):
            xi = lnp.stack(lnp.broadcast_arrays(*xi), axis=-1)
        xi = operand("RegularGridInterpolator", xi, "xi")
        if xi.ndim == 1:
            xi = xi.reshape(-1, 1) if count == 1 else xi
        if xi.shape[-1:] != (count,):
            raise errors.ShapeError("RegularGridInterpolator", f"the grid has {count} dimensions", xi=xi.shape)
        cells = [_cell(grid, xi[..., i].ravel()) for i, grid in enumerate(self.grid)]
        result = (self._linear if method == "linear" else self._nearest)(cells)
        if self.fill_value is not None:
            outside = lnp.zeros(result.shape[:1], dtypes.dtype(bool))
            for i, grid in enumerate(self.grid):
                x = xi[..., i].ravel()
                outside = outside | (x < grid[0]) | (x > grid[-1])
            outside = outside.reshape(-1, *[1] * (result.ndim - 1))
            result = lnp.where(outside, self.fill_value.astype(result.dtype), result)
        return result.reshape(*xi.shape[:-1], *self.values.shape[count:])

    def _linear(self, cells: list[tuple[Array, Array]]) -> Array:
        """The values at the corners of the cells, weighted by the volume on the other side of the point."""
        trailing = [1] * (self.values.ndim - len(cells))
        result: Any = 0.0
        for corner in itertools.product((0, 1), repeat=len(cells)):
            weight: Any = 1.0
            for (_, distance), upper in zip(cells, corner, strict=True):
                weight = weight * (distance if upper else 1 - distance)
            index = tuple(lower + upper for (lower, _), upper in zip(cells, corner, strict=True))
            result = result + self.values[index] * weight.reshape(-1, *trailing)
        return result

    def _nearest(self, cells: list[tuple[Array, Array]]) -> Array:
        return self.values[tuple(lnp.where(distance <= 0.5, lower, lower + 1) for lower, distance in cells)]


def _checked(method: str) -> str:
    if method not in _METHODS:
        raise ValueError(f'RegularGridInterpolator: there is no method {method!r}, only "linear" and "nearest"')
    return method


def _cell(grid: Array, x: Array) -> tuple[Array, Array]:
    """The number of the cell of a grid's axis that each x is in, and how far it is into it, as a part of its size."""
    lower = lnp.clip(lnp.searchsorted(grid, x) - 1, 0, max(grid.size - 2, 0))
    return lower, (x - grid[lower]) / (grid[lower + 1] - grid[lower])
