"""Numbers in regular steps, and grids of them."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina import dtypes, errors
from lamina.array import Array, from_numpy
from lamina.binding import bind
from lamina.devices import placed, refuse_sharding
from lamina.numpy._creation import chosen_dtype, zeros
from lamina.numpy._operands import as_shape, broadcast, converted, expanded, operand, promoted
from lamina.tracer import as_array, known_value, reweighed
from lamina.tracing import current_trace
from lamina_compiler.opdef import REGISTRY


def arange(
    start: Any, stop: Any = None, step: Any = None, dtype: Any = None, *, device: Any = None, out_sharding: Any = None
) -> Array:
    """``start, start + step, …`` below `stop`: a vector. `arange(n)` counts 0 … n − 1. The arguments are known numbers.

    >>> import lamina.numpy as lnp
    >>> lnp.arange(1, 10, 3)
    Array([1, 4, 7], dtype=int32)
    """
    refuse_sharding("lnp.arange", out_sharding)
    if start is None:
        raise errors.NonArrayArgumentError("lnp.arange", "start", start)
    given = [v for v in (start, stop, step) if v is not None]
    for v in given:
        operand("arange", v, "start")
    dtype = chosen_dtype("arange", dtype) if dtype is not None else dtypes.result_type(*given)
    numbers = [_known_number("arange", v) for v in given]
    if dtype.kind == "b" or any(isinstance(v, complex) for v in numbers):
        raise errors.DTypeError(f"`lnp.arange` counts in integers and floats, not in {dtype}.")
    if stop is None:
        numbers = [0, *numbers[:1], *numbers[1:]]
    if numbers[2:] == [0]:
        raise ValueError("lnp.arange: the step must not be 0")
    count = max(0, math.ceil((numbers[1] - numbers[0]) / (numbers[2] if len(numbers) > 2 else 1)))
    if current_trace() is not None and numbers[0] == 0 and len(numbers) == 2:
        return bind(REGISTRY["iota"], shape=(count,), dimension=0, dtype=dtype)
    integral = {"dtype": dtype} if dtype.kind in "iu" else {}  # floats are computed in float64
    return placed(from_numpy(np.arange(*numbers, **integral).astype(dtype)), device)


def _known_number(function: str, x: Any) -> Any:
    """A Python number; an array must have its value."""
    if isinstance(x, (int, float, complex)) and not isinstance(x, np.generic):
        return x
    if np.ndim(x):
        raise errors.ShapeError(f"lnp.{function}", "the arguments must be scalars", argument=np.shape(x))
    return known_value(as_array(x), f"`lnp.{function}`").item()


def linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
    *,
    device: Any = None,
) -> Any:
    """`num` evenly spaced numbers from `start` to `stop` (included if `endpoint`), along a new axis.

    With `retstep` also their distance. `start` and `stop` may be arrays, which broadcast.

    >>> import lamina.numpy as lnp
    >>> lnp.linspace(0, 1, 5)
    Array([0.  , 0.25, 0.5 , 0.75, 1.  ], dtype=float32)
    """
    from lamina.numpy import _elementwise as e
    from lamina.numpy._joining import concatenate
    from lamina.numpy._manipulation import moveaxis

    num = operator.index(num)
    if num < 0:
        raise ValueError(f"lnp.linspace: num is {num}, but a number of samples is not negative")
    asked = None if dtype is None else chosen_dtype("linspace", dtype)
    start, stop = promoted("linspace", start, stop, names=("start", "stop"), inexact=True)
    start, stop = (reweighed(v, False) for v in broadcast("linspace", (start, stop), ("start", "stop")))
    intervals = num - 1 if endpoint else num
    step = (
        e.true_divide(e.subtract(stop, start), intervals)
        if intervals > 0
        else e.multiply(e.subtract(stop, start), math.nan)
    )
    line = reshape_column(arange(max(intervals if endpoint else num, 0), dtype=start.dtype), start.ndim)
    # between the ends as a weighted mean, which hits both of them
    weight = e.true_divide(line, max(intervals, 1))
    result = e.add(e.multiply(start, e.subtract(1, weight)), e.multiply(stop, weight))
    if endpoint and num == 1:
        result = expanded(start, (1, *start.shape))
    elif endpoint and num > 1:
        result = concatenate([result, bind(REGISTRY["reshape"], stop, shape=(1, *stop.shape))], 0)
    result = moveaxis(result, 0, axis) if axis else result
    if asked is not None and asked.kind in "iu":
        result = e.floor(result)
    result = placed(result if asked is None else converted(result, asked), device)
    return (result, step) if retstep else result


def reshape_column(x: Array, trailing: int) -> Array:
    """A vector with trailing dimensions of size 1."""
    return bind(REGISTRY["reshape"], x, weak_type=x.weak_type, shape=(*x.shape, *(1,) * trailing)) if trailing else x


def logspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: Any = 10.0, dtype: Any = None, axis: int = 0
) -> Array:
    """`base` to the power of `linspace(start, stop, num)`.

    >>> import lamina.numpy as lnp
    >>> lnp.logspace(0, 2, 3)
    Array([  1.,  10., 100.], dtype=float32)
    """
    from lamina.numpy._arithmetic import power

    result = power(base, linspace(start, stop, num, endpoint, axis=axis))
    return result if dtype is None else converted(result, chosen_dtype("logspace", dtype))


def geomspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0) -> Array:
    """`num` numbers from `start` to `stop` of a constant ratio, along a new axis; both have one sign.

    >>> import lamina.numpy as lnp
    >>> lnp.geomspace(1, 8, 4)
    Array([1.       , 2.       , 4.0000005, 8.       ], dtype=float32)
    """
    from lamina.numpy import _arithmetic as a
    from lamina.numpy import _elementwise as e

    start, stop = promoted("geomspace", start, stop, names=("start", "stop"), inexact=True)
    signs = e.sign(start)  # the direction from 0, which is taken out of both
    first, last = (a.log10(e.multiply(end, e.conj(signs))) for end in (start, stop))
    logs = linspace(first, last, num, endpoint, axis=axis)
    result = e.multiply(signs, a.power(10.0, logs))
    return result if dtype is None else converted(result, chosen_dtype("geomspace", dtype))


def meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> list[Array]:
    """Coordinate arrays of a grid, one for each vector; ``indexing="ij"`` keeps their order, "xy" swaps the first two.

    >>> import lamina.numpy as lnp
    >>> lnp.meshgrid(lnp.arange(2), lnp.arange(3), indexing="ij")[1]
    Array([[0, 1, 2],
           [0, 1, 2]], dtype=int32)
    """
    vectors = [operand("meshgrid", x, f"xi[{i}]") for i, x in enumerate(xi)]
    if any(v.ndim > 1 for v in vectors):
        shapes: dict[str, Any] = {f"x{i}": v.shape for i, v in enumerate(vectors)}
        raise errors.ShapeError("lnp.meshgrid", "the arguments must be vectors", **shapes)
    if indexing not in ("xy", "ij"):
        raise ValueError(f"lnp.meshgrid: indexing is 'xy' or 'ij', not {indexing!r}")
    place = list(range(len(vectors)))
    if indexing == "xy" and len(place) > 1:
        place[:2] = 1, 0
    sizes = [0] * len(vectors)
    for vector, axis in zip(vectors, place, strict=True):
        sizes[axis] = vector.size
    shape = tuple(sizes)
    grids = []
    for vector, axis in zip(vectors, place, strict=True):
        thin = tuple(vector.size if d == axis else 1 for d in range(len(shape)))
        grid = bind(REGISTRY["reshape"], vector, weak_type=vector.weak_type, shape=thin)
        grids.append(grid if sparse else expanded(grid, shape))
    return grids


def indices(dimensions: Sequence[int], dtype: Any = None, sparse: bool = False) -> Any:
    """For every dimension the index along it, as arrays of the shape `dimensions` (stacked unless `sparse`).

    >>> import lamina.numpy as lnp
    >>> rows, columns = lnp.indices((2, 2))
    >>> rows
    Array([[0, 0],
           [1, 1]], dtype=int32)
    """
    from lamina.numpy._joining import stack

    sizes = as_shape("indices", dimensions)
    grids = meshgrid(
        *(arange(n, dtype=chosen_dtype("indices", dtype, int)) for n in sizes), sparse=sparse, indexing="ij"
    )
    return tuple(grids) if sparse else stack(grids) if grids else zeros((0,), chosen_dtype("indices", dtype, int))
