"""Where values belong in a sorted array, and interpolation between its elements."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina import errors
from lamina.array import Array
from lamina.binding import bind
from lamina.lax._sorting import sort_key_val
from lamina.numpy import _elementwise as e
from lamina.numpy._arithmetic import remainder
from lamina.numpy._joining import concatenate
from lamina.numpy._operands import filled, operand, promoted
from lamina.numpy._steps import reversed_along
from lamina_compiler.opdef import REGISTRY

_POSITION = np.dtype(np.int32)
_METHODS = ("scan", "scan_unrolled", "sort", "compare_all")


def searchsorted(a: Any, v: Any, side: str = "left", sorter: Any = None, *, method: str = "scan") -> Array:
    """Where to insert values in a sorted vector so that it stays sorted, by binary search.

    Args:
        a: the vector, in the order of `sort` (nan last).
        v: values, of any shape.
        side: "left": before elements equal to the value; "right": after them.
        sorter: positions that sort `a`, if it is not.
        method: accepted as in JAX; the search is the same for all.

    >>> import lamina.numpy as lnp
    >>> lnp.searchsorted(lnp.array([1, 2, 2, 3]), lnp.array([2, 9]), side="right")
    Array([3, 4], dtype=int32)
    """
    a, v = promoted("searchsorted", a, v, names=("a", "v"))
    if a.ndim != 1:
        raise errors.ShapeError("lnp.searchsorted", "a must be a vector", a=a.shape)
    if side not in ("left", "right"):
        raise ValueError(f'lnp.searchsorted: side is "left" or "right", not {side!r}')
    if method not in _METHODS:
        raise ValueError(f"lnp.searchsorted: method is one of {', '.join(_METHODS)}, not {method!r}")
    if sorter is not None:
        a = a[operand("searchsorted", sorter, "sorter")]
    return bind(REGISTRY["searchsorted"], a, v, side=side, batch_dimensions=0, dtype=_POSITION)


def digitize(x: Any, bins: Any, right: bool = False, *, method: str | None = None) -> Array:
    """Number of the bin that each value falls in: i where bins[i − 1] ≤ x < bins[i] (`right`: < and ≤); 0 below all.

    The edges increase, or decrease.

    >>> import lamina.numpy as lnp
    >>> lnp.digitize(lnp.array([0.5, 1.0, 2.5]), lnp.array([1.0, 2.0]))
    Array([0, 1, 2], dtype=int32)
    """
    x, bins = operand("digitize", x), operand("digitize", bins, "bins")
    if bins.ndim != 1:
        raise errors.ShapeError("lnp.digitize", "bins must be a vector", bins=bins.shape)
    if not bins.size:
        return filled(x.shape, 0, _POSITION)
    side, method = "left" if right else "right", method or "scan"
    rising = searchsorted(bins, x, side, method=method)
    falling = bins.size - searchsorted(reversed_along(bins, (0,)), x, side, method=method)
    return e.where(bins[-1] >= bins[0], rising, falling)


def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Array:
    """Linear interpolation at x between points (xp, fp), of which xp increases.

    Args:
        left, right: the value below xp[0] and above xp[-1]; default: fp[0] and fp[-1]; "extrapolate": the line goes on.
        period: of the function: xp need not increase then, and `left` and `right` have no meaning.

    >>> import lamina.numpy as lnp
    >>> lnp.interp(lnp.array([0.5, 3.0]), lnp.array([0.0, 1.0]), lnp.array([10.0, 20.0]))
    Array([15., 20.], dtype=float32)
    """
    x, xp = promoted("interp", x, xp, names=("x", "xp"), inexact=True)
    (fp,) = promoted("interp", fp, names=("fp",), inexact=True)
    if xp.ndim != 1 or xp.shape != fp.shape:
        raise errors.ShapeError("lnp.interp", "xp and fp must be vectors of one size", xp=xp.shape, fp=fp.shape)
    if x.dtype.kind == "c":
        raise ValueError("lnp.interp: x and xp must be real numbers")
    for name, outside in (("left", left), ("right", right)):
        if isinstance(outside, str) and outside != "extrapolate":
            raise ValueError(f'lnp.interp: {name} is a number or "extrapolate", not {outside!r}')
    if period is not None:
        x, xp, fp = _wrapped(x, xp, fp, period)
    i = e.clip(searchsorted(xp, x, "right"), 1, xp.size - 1)
    x0, y0 = xp[i - 1], fp[i - 1]
    run, rise = xp[i] - x0, fp[i] - y0
    vertical = e.abs(run) <= np.spacing(np.finfo(np.float64 if xp.dtype == np.float64 else np.float32).eps)
    y = e.where(vertical, y0, y0 + (x - x0) / e.where(vertical, 1, run) * rise)
    if period is None and not isinstance(left, str):
        y = e.where(x < xp[0], fp[0] if left is None else left, y)
    if period is None and not isinstance(right, str):
        y = e.where(x > xp[-1], fp[-1] if right is None else right, y)
    return y


def _wrapped(x: Array, xp: Array, fp: Array, period: Any) -> tuple[Array, Array, Array]:
    """Everything within one period, and one point more at either end."""
    period = e.abs(operand("interp", period, "period"))
    if period.ndim:
        raise errors.ShapeError("lnp.interp", "the period must be a number", period=period.shape)
    x, xp = remainder(x, period), remainder(xp, period)
    xp, fp = sort_key_val(xp, fp)
    return x, concatenate([xp[-1:] - period, xp, xp[:1] + period]), concatenate([fp[-1:], fp, fp[:1]])
