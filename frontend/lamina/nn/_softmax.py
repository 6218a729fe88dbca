"""Softmax and its logarithm, computed without overflow, and what classifiers use beside them."""

from __future__ import annotations

import math
from typing import Any

from lamina import dtypes
from lamina import numpy as lnp
from lamina._custom_jvp import custom_jvp
from lamina.array import Array
from lamina.lax._staging import stop_gradient
from lamina.numpy._operands import operand, promoted


def _shift(x: Array, axis: Any, where: Any) -> Array:
    """The maximum, which is a constant for derivatives: the results do not depend on it. 0 where it is not finite."""
    options = {} if where is None and x.size else {"where": where, "initial": -math.inf}
    largest = lnp.max(x, axis, keepdims=True, **options)
    return stop_gradient(lnp.where(lnp.isfinite(largest), largest, 0))


def logsumexp(
    a: Any, axis: Any = None, b: Any = None, keepdims: bool = False, return_sign: bool = False, where: Any = None
) -> Any:
    """ln Σ b·eᵃ over the axes, without overflow. `b` (default 1) may be negative; then ask for `return_sign`.

    >>> import lamina.numpy as lnp
    >>> logsumexp(lnp.array([100.0, 100.0]))
    Array(100.693146, dtype=float32)
    """
    if b is None:
        (a,) = promoted("nn.logsumexp", a, inexact=True)
    else:
        a, b = promoted("nn.logsumexp", a, b, names=("a", "b"), inexact=True)
        a = lnp.where(b != 0, a, -math.inf)
    shift = _shift(lnp.real(a), axis, where)
    terms = lnp.exp(a - shift)
    total = lnp.sum(terms if b is None else terms * b, axis, keepdims=True, where=where)
    sign = lnp.sign(total)
    signed = total.dtype.kind == "c" or b is None
    result = lnp.log(total if signed and not return_sign else lnp.abs(total)) + shift
    if not signed and not return_sign:
        result = lnp.where(sign < 0, math.nan, result)
    if not keepdims:
        result, sign = lnp.squeeze(result, _axes(a, axis)), lnp.squeeze(sign, _axes(a, axis))
    return (result, sign) if return_sign else result


def _axes(a: Array, axis: Any) -> Any:
    return tuple(range(a.ndim)) if axis is None else axis


def logmeanexp(x: Any, axis: Any = None, where: Any = None, keepdims: bool = False) -> Array:
    """ln of the mean of eˣ over the axes, without overflow.

    >>> import lamina.numpy as lnp, lamina.nn as nn
    >>> nn.logmeanexp(lnp.array([1000.0, 1000.0]))
    Array(1000., dtype=float32)
    """
    x = operand("nn.logmeanexp", x)
    count = lnp.sum(lnp.ones_like(x), axis, keepdims=keepdims, where=where)
    return logsumexp(x, axis, keepdims=keepdims, where=where) - lnp.log(count)


@custom_jvp
def log1mexp(x: Any) -> Array:
    """ln(1 − e⁻ˣ) for x > 0, accurate for small and large x (Mächler 2012).

    >>> import lamina.numpy as lnp
    >>> log1mexp(lnp.array([1e-10, 50.0]))
    Array([-2.3025850e+01, -1.9287499e-22], dtype=float32)
    """
    (x,) = promoted("nn.log1mexp", x, inexact=True)
    return lnp.where(x < math.log(2), lnp.log(-lnp.expm1(-x)), lnp.log1p(-lnp.exp(-x)))


log1mexp.defjvps(lambda tangent, result, x: tangent / lnp.expm1(x))


def softmax(x: Any, axis: Any = -1, where: Any = None) -> Array:
    """eˣ / Σ eˣ over the axes: positive numbers of sum 1. Elements outside `where` give 0.

    >>> import lamina.numpy as lnp
    >>> softmax(lnp.array([0.0, 0.0]))
    Array([0.5, 0.5], dtype=float32)
    """
    (x,) = promoted("nn.softmax", x, inexact=True)
    terms = lnp.exp(_centered(x, axis, where))
    result = terms / lnp.sum(terms, axis, keepdims=True, where=where)
    return result if where is None else lnp.where(where, result, 0)


def log_softmax(x: Any, axis: Any = -1, where: Any = None) -> Array:
    """ln softmax(x), accurate where softmax is tiny. Elements outside `where` give −∞.

    >>> import lamina.numpy as lnp
    >>> log_softmax(lnp.array([0.0, 1000.0]))
    Array([-1000.,     0.], dtype=float32)
    """
    (x,) = promoted("nn.log_softmax", x, inexact=True)
    centered = _centered(x, axis, where)
    result = centered - lnp.log(lnp.sum(lnp.exp(centered), axis, keepdims=True, where=where))
    return result if where is None else lnp.where(where, result, -math.inf)


def _centered(x: Array, axis: Any, where: Any) -> Array:
    options = {} if where is None and x.size else {"where": where, "initial": -math.inf}
    largest = lnp.max(x, axis, keepdims=True, **options)
    return (x if where is None else lnp.where(where, x, -math.inf)) - stop_gradient(largest)


def standardize(
    x: Any, axis: Any = -1, mean: Any = None, variance: Any = None, epsilon: Any = 1e-5, where: Any = None, *,
    algorithm: str = "fast",
) -> Array:  # fmt: skip
    """(x − mean) / √(variance + epsilon) over the axes; mean and variance are those of x unless given.

    `algorithm` is "fast" or "stable"; the variance is that of x − mean in any case.

    >>> import lamina.numpy as lnp, lamina.nn as nn
    >>> lnp.round(nn.standardize(lnp.array([1.0, 3.0])), 3)
    Array([-1.,  1.], dtype=float32)
    """
    if algorithm not in ("fast", "stable"):
        raise ValueError(f"nn.standardize: algorithm is 'fast' or 'stable', not {algorithm!r}")
    (x,) = promoted("nn.standardize", x, inexact=True)
    if mean is None:
        mean = lnp.mean(x, axis, keepdims=True, where=where)
    if variance is None:
        variance = lnp.var(x, axis, keepdims=True, where=where, mean=mean)
    return (x - mean) / lnp.sqrt(variance + epsilon)


def one_hot(x: Any, num_classes: int, *, dtype: Any = None, axis: int = -1) -> Array:
    """1 at position x of a new axis of `num_classes`, 0 elsewhere; nothing but 0 for x outside [0, num_classes).

    Of dtype float32 (float64 with ``enable_x64``) unless another is asked for.

    >>> import lamina.numpy as lnp
    >>> one_hot(lnp.array([0, 2]), 3)
    Array([[1., 0., 0.],
           [0., 0., 1.]], dtype=float32)
    """
    x = operand("nn.one_hot", x)
    axis = axis % (x.ndim + 1)
    classes = lnp.arange(num_classes, dtype=x.dtype if x.dtype.kind != "b" else int)
    classes = classes.reshape(num_classes, *(1,) * (x.ndim - axis))
    hit = lnp.expand_dims(x, axis) == classes
    return lnp.astype(hit, dtypes.check_user_dtype_supported(float if dtype is None else dtype, "nn.one_hot"))
