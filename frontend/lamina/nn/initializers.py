"""Initial weights: each function gives an initializer ``init(key, shape, dtype)``.

>>> import lamina as la
>>> init = la.nn.initializers.he_normal()
>>> init(la.random.key(0), (2, 3))
Array([[ 1.655203  ,  1.9494076 , -0.46914873],
       [-0.08530156,  0.19099148, -1.037503  ]], dtype=float32)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np

from lamina import dtypes, lax
from lamina import numpy as lnp
from lamina.array import Array
from lamina.random._arguments import as_shape
from lamina.random._keys import split
from lamina.random._matrices import orthogonal as orthogonal_matrix
from lamina.random._normal import normal as normal_numbers
from lamina.random._normal import truncated_normal as truncated_normal_numbers
from lamina.random._uniform import uniform as uniform_numbers

__all__ = [
    "Initializer", "constant", "delta_orthogonal", "glorot_normal", "glorot_uniform", "he_normal", "he_uniform",
    "kaiming_normal", "kaiming_uniform", "lecun_normal", "lecun_uniform", "normal", "ones", "orthogonal",
    "truncated_normal", "uniform", "variance_scaling", "xavier_normal", "xavier_uniform", "zeros",
]  # fmt: skip

Axes = int | Sequence[int]
# standard deviations of a normal number cut at ±2, and of a complex one with a modulus below 2
_CUT_NORMAL, _CUT_COMPLEX_NORMAL = 0.87962566103423978, 0.95311164380491208


@runtime_checkable
class Initializer(Protocol):
    """The type of initializers.

    >>> import lamina as la
    >>> isinstance(la.nn.initializers.zeros, la.nn.initializers.Initializer)
    True
    """

    def __call__(self, key: Any, shape: Any, dtype: Any = None, out_sharding: Any = None) -> Array:
        """Weights of a shape; a dtype given here replaces the initializer's own."""
        raise NotImplementedError


def _initializer(dtype: Any, make: Callable[[Any, Any, np.dtype], Array]) -> Initializer:
    """The initializer of a function of key, shape and dtype."""

    def init(key: Any, shape: Any, dtype: Any = dtype, out_sharding: Any = None) -> Array:
        return make(key, as_shape("initializers", shape), _dtype(dtype))

    return init


def _dtype(dtype: Any) -> np.dtype:
    return dtypes.check_user_dtype_supported(float if dtype is None else dtype, "nn.initializers")


def zeros(key: Any, shape: Any, dtype: Any = None, out_sharding: Any = None) -> Array:
    """An initializer: zeros.

    >>> import lamina as la, lamina.nn as nn
    >>> nn.initializers.zeros(la.random.key(0), (2, 2))
    Array([[0., 0.],
           [0., 0.]], dtype=float32)
    """
    return lnp.zeros(shape, _dtype(dtype))


def ones(key: Any, shape: Any, dtype: Any = None, out_sharding: Any = None) -> Array:
    """An initializer: ones.

    >>> import lamina as la, lamina.nn as nn
    >>> nn.initializers.ones(la.random.key(0), (2, 2))
    Array([[1., 1.],
           [1., 1.]], dtype=float32)
    """
    return lnp.ones(shape, _dtype(dtype))


def constant(value: Any, dtype: Any = None) -> Initializer:
    """One value everywhere, or an array that broadcasts to the shape.

    >>> import lamina as la, lamina.nn as nn
    >>> nn.initializers.constant(0.5)(la.random.key(0), (2, 2))
    Array([[0.5, 0.5],
           [0.5, 0.5]], dtype=float32)
    """
    return _initializer(dtype, lambda key, shape, dtype: lnp.full(shape, value, dtype))


def uniform(scale: Any = 1e-2, dtype: Any = None) -> Initializer:
    """Uniform in [0, scale).

    >>> import lamina as la, lamina.nn as nn
    >>> weights = nn.initializers.uniform(0.1)(la.random.key(0), (100,))
    >>> bool(((weights >= 0) & (weights < 0.1)).all())
    True
    """
    return _initializer(dtype, lambda key, shape, dtype: uniform_numbers(key, shape, dtype) * lnp.asarray(scale, dtype))


def normal(stddev: Any = 1e-2, dtype: Any = None) -> Initializer:
    """Normal with mean 0 and a standard deviation.

    >>> import lamina as la, lamina.nn as nn
    >>> nn.initializers.normal(0.1)(la.random.key(0), (2, 2)).shape
    (2, 2)
    """
    return _initializer(dtype, lambda key, shape, dtype: normal_numbers(key, shape, dtype) * lnp.asarray(stddev, dtype))


def truncated_normal(stddev: Any = 1e-2, dtype: Any = None, lower: Any = -2.0, upper: Any = 2.0) -> Initializer:
    """`stddev` times standard normal numbers between lower and upper, whose own deviation is less than 1.

    >>> import lamina as la, lamina.nn as nn
    >>> weights = nn.initializers.truncated_normal(0.1)(la.random.key(0), (100,))
    >>> bool((abs(weights) <= 0.2).all())
    True
    """
    return _initializer(
        dtype,
        lambda key, shape, dtype: (
            truncated_normal_numbers(key, lower, upper, shape, dtype) * lnp.asarray(stddev, dtype)
        ),
    )


def variance_scaling(
    scale: Any,
    mode: str,
    distribution: str,
    in_axis: Axes = -2,
    out_axis: Axes = -1,
    batch_axis: Axes = (),
    dtype: Any = None,
) -> Initializer:
    """Mean 0 and variance scale / n, so that a layer keeps the variance of what it gets (or of its gradients).

    Args:
        scale: of the variance.
        mode: what n is: "fan_in" or "fan_out", the numbers of inputs and of outputs that meet in one unit, or their
            mean, "fan_avg" (arithmetic) or "fan_geo_avg" (geometric).
        distribution: "truncated_normal" (at two standard deviations), "normal" or "uniform".
        in_axis, out_axis, batch_axis: the axes of inputs and outputs, and those of independent layers. All others are
            the receptive field of a convolution.

    The initializer raises ValueError for an unknown mode or distribution, and for shapes without an input axis.

    >>> import lamina as la
    >>> init = variance_scaling(1.0, "fan_in", "uniform")
    >>> init(la.random.key(0), (3, 2))
    Array([[ 0.895334  ,  0.95715976],
           [-0.33541703, -0.06266308],
           [ 0.13977742, -0.66899395]], dtype=float32)
    """

    def make(key: Any, shape: tuple[int, ...], dtype: np.dtype) -> Array:
        fan_in, fan_out = _fans(shape, in_axis, out_axis, batch_axis)
        averages = {
            "fan_in": fan_in,
            "fan_out": fan_out,
            "fan_avg": (fan_in + fan_out) / 2,
            "fan_geo_avg": math.sqrt(fan_in * fan_out),
        }
        _require_one_of("mode", mode, averages)
        _require_one_of("distribution", distribution, _DISTRIBUTIONS)
        variance = lnp.asarray(scale / averages[mode], dtype)
        return _DISTRIBUTIONS[distribution](key, shape, dtype, variance)

    return _initializer(dtype, make)


def _require_one_of(argument: str, value: str, choices: dict[str, Any]) -> None:
    if value not in choices:
        listed = ", ".join(map(repr, choices))
        raise ValueError(f"nn.initializers.variance_scaling: {argument} is one of {listed}, not {value!r}.")


def _fans(shape: tuple[int, ...], in_axis: Axes, out_axis: Axes, batch_axis: Axes) -> tuple[float, float]:
    """The number of inputs and of outputs that meet in one unit."""
    if len(shape) <= 1 and isinstance(in_axis, int) and in_axis == -2:
        raise ValueError(
            f"nn.initializers: weights of shape {shape} have no axis of inputs. Make them at least two-dimensional, or "
            "name the axis with in_axis=."
        )

    def size(axes: Axes) -> int:
        return math.prod(shape[axis] for axis in ((axes,) if isinstance(axes, int) else axes))

    inputs, outputs = size(in_axis), size(out_axis)
    receptive_field = math.prod(shape) / inputs / outputs / size(batch_axis)
    return inputs * receptive_field, outputs * receptive_field


def _scaled_uniform(key: Any, shape: Any, dtype: np.dtype, variance: Array) -> Array:
    if dtype.kind != "c":
        return uniform_numbers(key, shape, dtype, -1) * lnp.sqrt(3 * variance)
    radius, angle = (uniform_numbers(k, shape, dtypes.to_real_dtype(dtype)) for k in split(key))
    return _polar(lnp.sqrt(2 * radius), angle) * lnp.sqrt(variance)


def _scaled_normal(key: Any, shape: Any, dtype: np.dtype, variance: Array) -> Array:
    return normal_numbers(key, shape, dtype) * lnp.sqrt(variance)


def _scaled_truncated_normal(key: Any, shape: Any, dtype: np.dtype, variance: Array) -> Array:
    if dtype.kind != "c":
        deviation = lnp.sqrt(variance) / lnp.asarray(_CUT_NORMAL, dtype)
        return truncated_normal_numbers(key, -2, 2, shape, dtype) * deviation
    part = dtypes.to_real_dtype(dtype)
    radius, angle = (uniform_numbers(k, shape, part) for k in split(key))
    radius = lnp.sqrt(-lnp.log1p(-lnp.asarray(-math.expm1(-4), part) * radius))
    return _polar(radius, angle) * (lnp.sqrt(variance) / lnp.asarray(_CUT_COMPLEX_NORMAL, dtype))


def _polar(radius: Array, turns: Array) -> Array:
    angle = 2 * math.pi * turns
    return lax.complex(radius * lnp.cos(angle), radius * lnp.sin(angle))


_DISTRIBUTIONS = {
    "truncated_normal": _scaled_truncated_normal,
    "normal": _scaled_normal,
    "uniform": _scaled_uniform,
}


def _scaling(name: str, scale: float, mode: str, distribution: str, doc: str) -> Callable[..., Initializer]:
    def make(in_axis: Axes = -2, out_axis: Axes = -1, batch_axis: Axes = (), dtype: Any = None) -> Initializer:
        return variance_scaling(scale, mode, distribution, in_axis, out_axis, batch_axis, dtype)

    make.__name__ = make.__qualname__ = name
    inputs = {"fan_in": 300, "fan_avg": (300 + 100) / 2}[mode]
    make.__doc__ = (
        f"{doc} `variance_scaling({scale}, {mode!r}, {distribution!r})`.\n\n"
        f">>> import lamina as la\n>>> weights = la.nn.initializers.{name}()(la.random.key(0), (300, 100))\n"
        f">>> round(float(weights.var()), 3)  # {scale} / {inputs:g}\n{round(scale / inputs, 3)}"
    )
    return make


_GLOROT = "X. Glorot, Y. Bengio, AISTATS 2010:"
_LECUN = "Y. LeCun, L. Bottou, G. Orr, K.-R. Müller, Efficient BackProp, 1998:"
_HE = "K. He, X. Zhang, S. Ren, J. Sun, ICCV 2015, for rectified units:"

glorot_uniform = xavier_uniform = _scaling("glorot_uniform", 1.0, "fan_avg", "uniform", _GLOROT)
glorot_normal = xavier_normal = _scaling("glorot_normal", 1.0, "fan_avg", "truncated_normal", _GLOROT)
lecun_uniform = _scaling("lecun_uniform", 1.0, "fan_in", "uniform", _LECUN)
lecun_normal = _scaling("lecun_normal", 1.0, "fan_in", "truncated_normal", _LECUN)
he_uniform = kaiming_uniform = _scaling("he_uniform", 2.0, "fan_in", "uniform", _HE)
he_normal = kaiming_normal = _scaling("he_normal", 2.0, "fan_in", "truncated_normal", _HE)


def orthogonal(scale: Any = 1.0, column_axis: int = -1, dtype: Any = None) -> Initializer:
    """Orthogonal matrices times the scale; unitary ones for a complex dtype.

    The columns are along `column_axis`, the rows along all other axes together. Where the numbers of both differ, the
    vectors that there are fewer of are orthonormal. The initializer raises ValueError for fewer than two axes.

    A. Saxe, J. McClelland, S. Ganguli, ICLR 2014.

    >>> import lamina as la, lamina.numpy as lnp, lamina.nn as nn
    >>> q = nn.initializers.orthogonal()(la.random.key(0), (4, 4))
    >>> bool(lnp.allclose(q @ q.T, lnp.eye(4), atol=1e-5))
    True
    """

    def make(key: Any, shape: tuple[int, ...], dtype: np.dtype) -> Array:
        if len(shape) < 2:
            raise ValueError(f"nn.initializers.orthogonal: the weights are two-dimensional at least, not {shape}.")
        if 0 in shape:
            return lnp.zeros(shape, dtype)
        columns = shape[column_axis]
        rows = [n for i, n in enumerate(shape) if i != column_axis % len(shape)]
        matrix = orthogonal_matrix(key, math.prod(rows), (), dtype, columns)
        return lnp.asarray(scale, dtype) * lnp.moveaxis(lnp.reshape(matrix, (*rows, columns)), -1, column_axis)

    return _initializer(dtype, make)


def delta_orthogonal(scale: Any = 1.0, column_axis: int = -1, dtype: Any = None) -> Initializer:
    """For convolutions: `orthogonal` from inputs to outputs in the middle of the window, zero elsewhere.

    The initializer takes shapes of one to three axes of the window, then inputs and outputs, of which there are no
    fewer. It raises ValueError for others.

    L. Xiao, Y. Bahri, J. Sohl-Dickstein, S. Schoenholz, J. Pennington, ICML 2018.

    >>> import lamina as la, lamina.numpy as lnp, lamina.nn as nn
    >>> weights = nn.initializers.delta_orthogonal()(la.random.key(0), (3, 3, 4, 4))
    >>> weights.shape, int(lnp.count_nonzero(weights[0]))
    ((3, 3, 4, 4), 0)
    """

    def make(key: Any, shape: tuple[int, ...], dtype: np.dtype) -> Array:
        if len(shape) not in (3, 4, 5) or shape[-1] < shape[-2]:
            raise ValueError(
                "nn.initializers.delta_orthogonal: the shape has three to five axes, and no fewer outputs (the last) "
                f"than inputs; it is {shape}."
            )
        middle = tuple((n - 1) // 2 for n in shape[:-2])
        return lnp.zeros(shape, dtype).at[middle].set(orthogonal(scale, column_axis, dtype)(key, shape[-2:]))

    return _initializer(dtype, make)
