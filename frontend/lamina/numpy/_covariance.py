"""Covariance and correlation of variables."""

from __future__ import annotations

import math
import operator
from typing import Any

from lamina import dtypes, errors
from lamina.array import Array
from lamina.numpy import _elementwise as e
from lamina.numpy._contraction import matmul
from lamina.numpy._joining import concatenate
from lamina.numpy._manipulation import atleast_2d, expand_dims, transpose
from lamina.numpy._matrices import diagonal
from lamina.numpy._operands import converted, filled, operand, promoted
from lamina.numpy._reductions import average, sum


def cov(
    m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: int | None = None, fweights: Any = None,
    aweights: Any = None, dtype: Any = None,
) -> Array:  # fmt: skip
    """Covariance matrix of variables, the rows of `m` (columns unless `rowvar`) and of `y`.

    Args:
        bias: divide by the number of observations n; default: by n − 1. `ddof` says what to subtract from n.
        fweights, aweights: how often, and with what weight, each observation counts.
        dtype: what to compute in, floating or complex; default: what m and y promote to.

    >>> import lamina.numpy as lnp
    >>> lnp.cov(lnp.array([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]))
    Array([[ 1., -1.],
           [-1.,  1.]], dtype=float32)
    """
    if ddof is not None and operator.index(ddof) != ddof:
        raise ValueError(f"lnp.cov: ddof is an integer, not {ddof!r}")
    x = _variables(m, y, rowvar)
    if not x.shape[0]:
        return filled((0, 0), 0, x.dtype)
    if not x.shape[1]:
        return filled((x.shape[0], x.shape[0]), math.nan, x.dtype)[_squeezed(x)]
    w = _weights(x, fweights, aweights)
    x, w = (v if v is None or dtype is None else converted(v, inexact_dtype("cov", dtype)) for v in (x, w))
    removed = ddof if ddof is not None else 0 if bias else 1
    mean, total = average(x, axis=1, weights=w, returned=True)
    total = total[0]
    if removed == 0:
        norm = total
    elif aweights is None:
        norm = e.subtract(total, removed)
    else:
        norm = e.subtract(
            total,
            e.true_divide(e.multiply(removed, sum(e.multiply(w, e.abs(operand("cov", aweights, "aweights"))))), total),
        )
    x = e.subtract(x, expand_dims(mean, 1))
    weighted = x if w is None else e.multiply(x, w)
    return e.true_divide(matmul(weighted, e.conj(transpose(x))), norm)[_squeezed(x)]


def _variables(m: Any, y: Any, rowvar: bool) -> Array:
    """All variables as rows of one matrix."""
    given = [operand("cov", v, n) for v, n in ((m, "m"), (y, "y")) if v is not None]
    for x, name in zip(given, "my", strict=False):
        if x.ndim > 2:
            raise errors.ShapeError(f"lnp.cov: {name}", "a variable or a matrix of them is meant", given=x.shape)
    rows = [atleast_2d(x) for x in promoted("cov", *given, names=("m", "y"), inexact=True)]
    if not rowvar:
        rows = [transpose(x) if (x.shape[0] != 1 if i else given[0].ndim == 2) else x for i, x in enumerate(rows)]
    return concatenate(rows, 0) if len(rows) > 1 else rows[0]


def _weights(x: Array, fweights: Any, aweights: Any) -> Array | None:
    result = None
    for name, given in (("fweights", fweights), ("aweights", aweights)):
        if given is None:
            continue
        w = e.abs(operand("cov", given, name))
        if w.shape != (x.shape[1],):
            raise errors.ShapeError(f"lnp.cov: {name}", "one weight per observation", m=x.shape, weights=w.shape)
        if name == "fweights" and w.dtype.kind not in "iu":
            raise TypeError("lnp.cov: fweights are numbers of times: integers")
        result = w if result is None else e.multiply(result, w)
    return result


def inexact_dtype(function: str, dtype: Any) -> Any:
    """A floating or complex dtype that was asked for."""
    found = dtypes.check_user_dtype_supported(dtype, function)
    if found.kind in "biu":
        raise ValueError(f"lnp.{function}: dtype is a floating or complex one, not {found}")
    return found


def _squeezed(x: Array) -> Any:
    return (0, 0) if x.shape[0] == 1 else ...


def corrcoef(x: Any, y: Any = None, rowvar: bool = True, dtype: Any = None) -> Array:
    """Correlation coefficients of variables, the rows of `x` (columns unless `rowvar`) and of `y`: from −1 to 1.

    `dtype` as in `cov`.

    >>> import lamina.numpy as lnp
    >>> lnp.corrcoef(lnp.array([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]))
    Array([[ 1., -1.],
           [-1.,  1.]], dtype=float32)
    """
    c = cov(x, y, rowvar, dtype=None if dtype is None else inexact_dtype("corrcoef", dtype))
    if c.ndim == 0:
        return e.true_divide(c, c)
    deviation = e.sqrt(e.real(diagonal(c)))
    c = e.true_divide(e.true_divide(c, expand_dims(deviation, 1)), expand_dims(deviation, 0))
    if c.dtype.kind == "c":
        from lamina.binding import bind
        from lamina_compiler.opdef import REGISTRY

        return bind(REGISTRY["complex"], e.clip(e.real(c), -1, 1), e.clip(e.imag(c), -1, 1))
    return e.clip(c, -1, 1)
