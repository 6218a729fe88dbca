"""Polynomials as vectors of coefficients, the highest power first."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from lamina import dtypes, errors
from lamina.array import Array
from lamina.lax._loops import scan
from lamina.numpy import _elementwise as e
from lamina.numpy._convolution import convolve
from lamina.numpy._creation import array, zeros_like
from lamina.numpy._joining import concatenate
from lamina.numpy._manipulation import atleast_1d
from lamina.numpy._operands import converted, expanded, filled, operand, promoted
from lamina.numpy._ranges import arange


def _vector(function: str, p: Any, name: str = "p") -> Array:
    p = atleast_1d(operand(function, p, name))
    if p.ndim != 1:
        raise errors.ShapeError(f"lnp.{function}", "coefficients are a vector", **{name: p.shape})
    return p


def polyval(p: Any, x: Any, *, unroll: int = 16) -> Array:
    """The polynomial at x, elementwise, by Horner's scheme.

    >>> import lamina.numpy as lnp
    >>> lnp.polyval(lnp.array([1, 0, -2]), 3)
    Array(7, dtype=int32)
    """
    p = _vector("polyval", p)
    p, x = promoted("polyval", p, operand("polyval", x), names=("p", "x"))
    start = converted(zeros_like(x), p.dtype)

    def step(value: Array, coefficient: Array) -> tuple[Array, None]:
        return e.add(e.multiply(value, x), coefficient), None

    if p.size <= unroll:  # a short one without a loop
        for i in range(p.size):
            start = step(start, p[i])[0]
        return start
    return scan(step, start, p, unroll=unroll)[0]


def polyadd(a1: Any, a2: Any) -> Array:
    """The sum of two polynomials.

    >>> import lamina.numpy as lnp
    >>> lnp.polyadd(lnp.array([1, 2, 3]), lnp.array([1, 1]))
    Array([1, 3, 4], dtype=int32)
    """
    return e.add(*_aligned("polyadd", a1, a2))


def polysub(a1: Any, a2: Any) -> Array:
    """The difference of two polynomials.

    >>> import lamina.numpy as lnp
    >>> lnp.polysub(lnp.array([1, 2, 3]), lnp.array([1, 1]))
    Array([1, 1, 2], dtype=int32)
    """
    return e.subtract(*_aligned("polysub", a1, a2))


def _aligned(function: str, a1: Any, a2: Any) -> list[Array]:
    """Coefficients of one length."""
    vectors = promoted(function, _vector(function, a1, "a1"), _vector(function, a2, "a2"), names=("a1", "a2"))
    size = max(v.size for v in vectors)
    return [concatenate([filled((size - v.size,), 0, v.dtype), v]) if v.size < size else v for v in vectors]


def polymul(a1: Any, a2: Any, *, trim_leading_zeros: bool = False) -> Array:
    """The product of two polynomials; `trim_leading_zeros` needs known values.

    >>> import lamina.numpy as lnp
    >>> lnp.polymul(lnp.array([1.0, 1.0]), lnp.array([1.0, -1.0]))
    Array([ 1.,  0., -1.], dtype=float32)
    """
    a1, a2 = promoted("polymul", _vector("polymul", a1, "a1"), _vector("polymul", a2, "a2"), inexact=True)
    if trim_leading_zeros and (a1.size > 1 or a2.size > 1):
        a1, a2 = _without_leading_zeros(a1), _without_leading_zeros(a2)
    one = filled((1,), 0, a1.dtype)
    return convolve(a1 if a1.size else one, a2 if a2.size else one)


def _without_leading_zeros(p: Array) -> Array:
    nonzero = np.flatnonzero(np.asarray(p))
    return p[nonzero[0] if len(nonzero) else p.size - 1 :]


def polydiv(u: Any, v: Any, *, trim_leading_zeros: bool = False) -> tuple[Array, Array]:
    """Quotient and remainder of two polynomials; `trim_leading_zeros` (of the remainder) needs known values.

    >>> import lamina.numpy as lnp
    >>> lnp.polydiv(lnp.array([1.0, 0.0, -1.0]), lnp.array([1.0, 1.0]))
    (Array([ 1., -1.], dtype=float32), Array([0., 0., 0.], dtype=float32))
    """
    u, v = promoted("polydiv", _vector("polydiv", u, "u"), _vector("polydiv", v, "v"), names="uv", inexact=True)
    m, n = u.size - 1, v.size - 1
    scale = e.true_divide(1.0, v[0])
    quotient = []
    for k in range(m - n + 1):
        d = e.multiply(scale, u[k])
        quotient.append(d)
        u = u.at[k : k + n + 1].add(e.negative(e.multiply(d, v)))
    if trim_leading_zeros:
        u = _without_leading_zeros(u)
    return array(quotient) if quotient else filled((max(m - n + 1, 1),), 0, u.dtype), u


def polyder(p: Any, m: int = 1) -> Array:
    """The m-th derivative.

    >>> import lamina.numpy as lnp
    >>> lnp.polyder(lnp.array([1.0, 2.0, 3.0]))
    Array([2., 2.], dtype=float32)
    """
    p, m = _vector("polyder", p), _order("polyder", m)
    if m == 0:
        return p
    (p,) = promoted("polyder", p, inexact=True)
    powers = arange(p.size)[m:][::-1]
    factor = converted(filled(powers.shape, 1, p.dtype), p.dtype)
    for i in range(m):
        factor = e.multiply(factor, converted(e.subtract(powers, i), p.dtype))
    return e.multiply(p[: max(p.size - m, 0)], factor)


def polyint(p: Any, m: int = 1, k: Any = None) -> Array:
    """The m-th antiderivative, with the integration constants k (0; one, or one for each integration).

    >>> import lamina.numpy as lnp
    >>> lnp.polyint(lnp.array([2.0, 2.0]), k=5)
    Array([1., 2., 5.], dtype=float32)
    """
    p, m = _vector("polyint", p), _order("polyint", m)
    k = 0 if k is None else k
    p, k = promoted("polyint", p, atleast_1d(operand("polyint", k, "k")), names=("p", "k"), inexact=True)
    if k.size == 1:
        k = expanded(k, (m,))
    if k.shape != (m,):
        raise ValueError(f"lnp.polyint: k must hold one constant, or {m}, not {k.shape}")
    if m == 0:
        return p
    for i in range(m):
        divisors = converted(arange(p.size, 0, -1), p.dtype)
        p = concatenate([e.true_divide(p, divisors), k[i : i + 1]])
    return p


def _order(function: str, m: Any) -> int:
    m = operator.index(m)
    if m < 0:
        raise ValueError(f"lnp.{function}: the order m must not be negative, but is {m}")
    return m


def poly(seq_of_zeros: Any) -> Array:
    """The polynomial with these zeros (of a square matrix: with its eigenvalues), of leading coefficient 1.

    >>> import lamina.numpy as lnp
    >>> lnp.poly(lnp.array([1.0, 2.0]))
    Array([ 1., -3.,  2.], dtype=float32)
    """
    (zeros,) = promoted("poly", operand("poly", seq_of_zeros, "seq_of_zeros"), inexact=True)
    if zeros.ndim == 2 and zeros.shape[0] == zeros.shape[1] and zeros.size:
        from lamina.numpy import linalg

        zeros = linalg.eigvals(zeros)
    zeros = atleast_1d(zeros)
    if zeros.ndim != 1:
        raise errors.ShapeError("lnp.poly", "the zeros are a vector, or a square matrix", seq_of_zeros=zeros.shape)
    if not zeros.size:
        return filled((), 1, zeros.dtype)
    result = filled((1,), 1, zeros.dtype)
    for i in range(zeros.size):
        result = convolve(result, array([1, e.negative(zeros[i])]))
    return converted(result, result.dtype)


def polyfit(x: Any, y: Any, deg: int, rcond: Any = None, full: bool = False, w: Any = None, cov: Any = False) -> Any:
    """The polynomial of degree `deg` that fits samples y at x best (least squares; `w` weighs the residuals).

    Returns the coefficients, of each column of y if it is a matrix; with `full` also residuals, rank, singular values
    and rcond; with `cov` (True, or "unscaled") also their covariance.

    >>> import lamina.numpy as lnp
    >>> lnp.round(lnp.polyfit(lnp.array([0.0, 1.0, 2.0]), lnp.array([1.0, 3.0, 5.0]), 1), 4)
    Array([2., 1.], dtype=float32)
    """
    from lamina.numpy import linalg
    from lamina.numpy._contraction import outer
    from lamina.numpy._matrices import vander
    from lamina.numpy._reductions import sum

    order = operator.index(deg) + 1
    x, y = promoted("polyfit", x, y, inexact=True)
    if deg < 0:
        raise ValueError(f"lnp.polyfit: the degree must not be negative, but is {deg}")
    if x.ndim != 1 or not x.size or y.ndim not in (1, 2) or x.shape[0] != y.shape[0]:
        raise errors.ShapeError("lnp.polyfit", "x is a vector, y a vector or matrix as long", x=x.shape, y=y.shape)
    rcond = x.size * float(np.finfo(x.dtype).eps) if rcond is None else rcond
    lhs, rhs = vander(x, order), y
    if w is not None:
        (weights,) = promoted("polyfit", w, names=("w",), inexact=True)
        if weights.shape != x.shape:
            raise errors.ShapeError("lnp.polyfit", "w holds one weight per sample", x=x.shape, w=weights.shape)
        lhs = e.multiply(lhs, weights[:, None])
        rhs = e.multiply(rhs, weights[:, None] if rhs.ndim == 2 else weights)
    scale = e.sqrt(sum(e.multiply(lhs, lhs), 0))
    lhs = e.true_divide(lhs, scale)
    solution, residuals, rank, singular = linalg.lstsq(lhs, rhs, rcond)
    coefficients = e.true_divide(solution.T, scale).T
    if full:
        return coefficients, residuals, rank, singular, rcond
    if not cov:
        return coefficients
    base = e.true_divide(linalg.inv(lhs.T @ lhs), outer(scale, scale))
    if cov == "unscaled":
        factor: Any = 1
    elif x.size <= order:
        raise ValueError("lnp.polyfit: with cov=True there must be more samples than coefficients")
    else:
        factor = e.true_divide(residuals, x.size - order)
    return coefficients, e.multiply(base if y.ndim == 1 else base[:, :, None], factor)


def roots(p: Any, *, strip_zeros: bool = True) -> Array:
    """The zeros of a polynomial: eigenvalues of its companion matrix.

    `strip_zeros`: leading zeros are removed first, which needs known values; without it they give nan.

    >>> import lamina.numpy as lnp
    >>> lnp.round(lnp.sort(lnp.roots(lnp.array([1.0, -3.0, 2.0]))), 4)
    Array([1.+0.j, 2.+0.j], dtype=complex64)
    """
    from lamina.numpy import linalg

    (p,) = promoted("roots", _vector("roots", p), inexact=True)
    trailing = 0
    if strip_zeros:
        nonzero = np.flatnonzero(np.asarray(p))
        if not len(nonzero):
            return filled((0,), 0, dtypes.to_complex_dtype(p.dtype))
        trailing = p.size - 1 - int(nonzero[-1])
        p = p[int(nonzero[0]) : p.size - trailing]
    return concatenate([linalg.eigvals(_companion(p)), zeros_like(p, shape=(trailing,))]) if p.size > 1 else p[:0]


def _companion(p: Array) -> Array:
    from lamina.numpy._matrices import eye

    n = p.size - 1
    return eye(n, k=-1, dtype=p.dtype).at[0].set(e.true_divide(e.negative(p[1:]), p[0]))
