"""Making arrays: from values, filled, counting, and matrices of a pattern."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina import dtypes, errors
from lamina.array import Array, from_numpy, to_concrete
from lamina.binding import bind
from lamina.devices import placed, refuse_sharding
from lamina.numpy._operands import as_shape, broadcast, converted, expanded, filled, operand, promoted
from lamina.tracing import Tracer, as_array, current_trace, known_value, reweighed
from lamina_compiler.opdef import REGISTRY

# ---- from values ----------------------------------------------------------------------------------------------------


def array(
    object: Any,
    dtype: Any = None,
    *,
    copy: bool = True,
    order: str | None = "K",
    ndmin: int = 0,
    device: Any = None,
    out_sharding: Any = None,
) -> Array:
    """An array of a number, a NumPy array, or nested lists and tuples of numbers and arrays.

    Args:
        dtype: its dtype; default: that of the values. Python numbers become the default int, float or complex.
        ndmin: dimensions of size 1 are put in front until there are so many.
        device: where it lives; default: the first device.

    Raises: DTypeError for text, dates and objects; ShapeError for nested lists of unequal lengths.

    >>> import lamina.numpy as lnp
    >>> lnp.array([[1, 2], [3, 4]], dtype=lnp.float32)
    Array([[1., 2.],
           [3., 4.]], dtype=float32)
    """
    refuse_sharding("lnp.array", out_sharding)
    if order not in (None, "K", "C", "A", "F"):
        raise ValueError(f"lnp.array: order is 'C' or 'F', not {order!r}")
    if dtype is not None:
        dtype = dtypes.check_user_dtype_supported(dtype, "array")
    result = _made(object, dtype)
    if ndmin > result.ndim:
        shape = (1,) * (ndmin - result.ndim) + result.shape
        result = bind(REGISTRY["reshape"], result, weak_type=result.weak_type, shape=shape)
    return placed(result, device)


def asarray(
    a: Any,
    dtype: Any = None,
    order: str | None = None,
    *,
    copy: bool | None = None,
    device: Any = None,
    out_sharding: Any = None,
) -> Array:
    """`array`, but an Array of the dtype is returned as it is.

    >>> import lamina.numpy as lnp
    >>> lnp.asarray([1.0, 2.0])
    Array([1., 2.], dtype=float32)
    """
    return array(a, dtype, order=order, device=device, out_sharding=out_sharding)


def _made(x: Any, dtype: Any) -> Array:
    if isinstance(x, Array):
        return x if dtype is None else converted(x, dtype)
    if hasattr(x, "__jax_array__"):
        return _made(x.__jax_array__(), dtype)
    if isinstance(x, (list, tuple)):
        return _from_sequence(x, dtype)
    if x is None:
        raise errors.NonArrayArgumentError("lnp.array", "object", x)
    if dtype is not None and type(x) in (float, complex):
        return from_numpy(_cast(np.asarray(x), dtype))
    result = to_concrete(x) if dtype is None or not isinstance(x, int) else to_concrete(x, dtype)
    return result if dtype is None else converted(result, dtype)


def _from_sequence(x: Sequence[Any], dtype: Any) -> Array:
    """Nested lists: by NumPy, unless there are traced arrays among the leaves."""
    leaves = list(_leaves(x))
    if dtype is None:
        known = {type(leaf) for leaf in leaves} <= {int, float, bool}
        dtype = dtypes.result_type(*(_one_of_each(leaves) if known else leaves)) if leaves else dtypes.dtype(float)
    if any(isinstance(leaf, Tracer) for leaf in leaves):
        return _stacked(x, dtype)
    try:
        value = np.array(_hosted(x) if any(isinstance(leaf, Array) for leaf in leaves) else x)
    except ValueError:
        raise errors.ShapeError("lnp.array", "the nested lists have unequal lengths, so they are no array") from None
    if value.dtype == object or value.dtype.kind in "iu":
        return (
            to_concrete(x if value.dtype == object else value, dtype)
            if dtype.kind not in "iu"
            else _integers(value, dtype)
        )
    return from_numpy(_cast(value, dtype))


def _integers(value: np.ndarray, dtype: np.dtype) -> Array:
    """Python ints must fit into the dtype: nothing wraps unseen."""
    info = np.iinfo(dtype)
    if value.size and not (info.min <= value.min() and value.max() <= info.max):
        raise OverflowError(f"lnp.array: an integer does not fit into {dtype.name}; with 64-bit types on it may")
    return from_numpy(value.astype(dtype))


def _cast(value: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Python numbers as a dtype that can hold them. Raises: DTypeError, ValueError where one cannot."""
    if value.dtype.kind == "c" and dtype.kind in "biuf":
        raise errors.DTypeError(f"Complex numbers are no {dtype}.", cure="Take the real part of each first.")
    if value.dtype.kind == "f" and dtype.kind in "iu" and not np.isfinite(value).all():
        raise ValueError(f"lnp.array: nan and the infinities are no {dtype}")
    with np.errstate(all="ignore"):
        return value.astype(dtype)


def _leaves(x: Any) -> Any:
    for element in x:
        if isinstance(element, (list, tuple)):
            yield from _leaves(element)
        elif element is None or isinstance(element, (str, bytes)):
            raise errors.NonArrayArgumentError("lnp.array", "object", element)
        else:
            yield element


def _one_of_each(leaves: Sequence[Any]) -> list[Any]:
    """One Python number of every type there is: all that promotion looks at."""
    return list({type(leaf): leaf for leaf in leaves}.values())


def _hosted(x: Any) -> Any:
    return [_hosted(e) for e in x] if isinstance(x, (list, tuple)) else np.asarray(x)


def _stacked(x: Any, dtype: np.dtype) -> Array:
    """Lists with traced arrays: each level is stacked."""
    from lamina.numpy._joining import stack

    if not isinstance(x, (list, tuple)):
        return converted(operand("array", x, "object"), dtype)
    return stack([_stacked(element, dtype) for element in x])


def copy(a: Any, order: str | None = None) -> Array:
    """A copy: arrays are immutable, so an Array is its own copy.

    >>> import lamina.numpy as lnp
    >>> lnp.copy(lnp.array([1, 2]))
    Array([1, 2], dtype=int32)
    """
    return operand("copy", a, "a")


def astype(x: Any, dtype: Any, /, *, copy: bool = False, device: Any = None) -> Array:
    """The array with another dtype. Floats become integers by cutting, and saturate; the imaginary part is lost.

    >>> import lamina.numpy as lnp
    >>> lnp.astype(lnp.array([1.7, -1.7]), int)
    Array([ 1, -1], dtype=int32)
    """
    x = operand("astype", x)
    return placed(converted(x, dtypes.check_user_dtype_supported(float if dtype is None else dtype, "astype")), device)


# ---- filled ---------------------------------------------------------------------------------------------------------


def full(shape: Any, fill_value: Any, dtype: Any = None, *, device: Any = None, out_sharding: Any = None) -> Array:
    """An array of the shape (an int or a sequence), filled with a value (which may be an array that broadcasts to it).

    >>> import lamina.numpy as lnp
    >>> lnp.full((2, 2), 7)
    Array([[7, 7],
           [7, 7]], dtype=int32, weak_type=True)
    """
    refuse_sharding("lnp.full", out_sharding)
    value = operand("full", fill_value, "fill_value")
    if dtype is not None:
        value = converted(value, dtypes.check_user_dtype_supported(dtype, "full"))
    return placed(expanded(value, as_shape("full", shape)), device)


def zeros(shape: Any, dtype: Any = None, *, device: Any = None, out_sharding: Any = None) -> Array:
    """Zeros of the shape; of dtype float32 unless another is asked for.

    >>> import lamina.numpy as lnp
    >>> lnp.zeros((1, 2))
    Array([[0., 0.]], dtype=float32)
    """
    return _constant("zeros", shape, 0, dtype, device, out_sharding)


def ones(shape: Any, dtype: Any = None, *, device: Any = None, out_sharding: Any = None) -> Array:
    """Ones of the shape; of dtype float32 unless another is asked for.

    >>> import lamina.numpy as lnp
    >>> lnp.ones((2, 2))
    Array([[1., 1.],
           [1., 1.]], dtype=float32)
    """
    return _constant("ones", shape, 1, dtype, device, out_sharding)


def empty(shape: Any, dtype: Any = None, *, device: Any = None, out_sharding: Any = None) -> Array:
    """Zeros: there are no uninitialized arrays.

    >>> import lamina.numpy as lnp
    >>> lnp.empty((2, 3))
    Array([[0., 0., 0.],
           [0., 0., 0.]], dtype=float32)
    """
    return _constant("empty", shape, 0, dtype, device, out_sharding)


def _constant(function: str, shape: Any, value: int, dtype: Any, device: Any, out_sharding: Any) -> Array:
    refuse_sharding(f"lnp.{function}", out_sharding)
    return placed(filled(as_shape(function, shape), value, _dtype(function, dtype)), device)


def _dtype(function: str, dtype: Any, default: Any = float) -> np.dtype:
    return dtypes.check_user_dtype_supported(default if dtype is None else dtype, function)


def full_like(
    a: Any, fill_value: Any, dtype: Any = None, shape: Any = None, *, device: Any = None, out_sharding: Any = None
) -> Array:
    """An array filled with a value, of the shape and dtype of `a` unless others are given.

    >>> import lamina.numpy as lnp
    >>> lnp.full_like(lnp.array([1, 2]), 7)
    Array([7, 7], dtype=int32)
    """
    refuse_sharding("lnp.full_like", out_sharding)
    like_shape, like_dtype, weak = _like("full_like", a)
    value = operand("full_like", fill_value, "fill_value")
    target = like_dtype if dtype is None else _dtype("full_like", dtype)
    value = converted(value, target, weak and dtype is None and value.ndim == 0)
    return placed(expanded(value, like_shape if shape is None else as_shape("full_like", shape)), device)


def zeros_like(a: Any, dtype: Any = None, shape: Any = None, *, device: Any = None, out_sharding: Any = None) -> Array:
    """Zeros of the shape and dtype of `a`, unless others are given.

    >>> import lamina.numpy as lnp
    >>> lnp.zeros_like(lnp.array([1, 2]))
    Array([0, 0], dtype=int32)
    """
    return full_like(a, 0, dtype, shape, device=device, out_sharding=out_sharding)


def ones_like(a: Any, dtype: Any = None, shape: Any = None, *, device: Any = None, out_sharding: Any = None) -> Array:
    """Ones of the shape and dtype of `a`, unless others are given.

    >>> import lamina.numpy as lnp
    >>> lnp.ones_like(lnp.array([5, 6]))
    Array([1, 1], dtype=int32)
    """
    return full_like(a, 1, dtype, shape, device=device, out_sharding=out_sharding)


def empty_like(prototype: Any, dtype: Any = None, shape: Any = None, *, device: Any = None) -> Array:
    """Zeros: there are no uninitialized arrays.

    >>> import lamina.numpy as lnp
    >>> lnp.empty_like(lnp.array([1, 2]))
    Array([0, 0], dtype=int32)
    """
    return full_like(prototype, 0, dtype, shape, device=device)


def _like(function: str, a: Any) -> tuple[tuple[int, ...], np.dtype, bool]:
    """Shape, dtype and weakness of an array, or of a description of one (with `shape` and `dtype`)."""
    if not isinstance(a, Array) and hasattr(a, "shape") and hasattr(a, "dtype"):
        return tuple(a.shape), dtypes.canonicalize_dtype(a.dtype), False
    a = operand(function, a, "a")
    return a.shape, a.dtype, a.weak_type


# ---- counting -------------------------------------------------------------------------------------------------------


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
    dtype = _dtype("arange", dtype) if dtype is not None else dtypes.result_type(*given)
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
    asked = None if dtype is None else _dtype("linspace", dtype)
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
    return result if dtype is None else converted(result, _dtype("logspace", dtype))


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
    return result if dtype is None else converted(result, _dtype("geomspace", dtype))


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
    grids = meshgrid(*(arange(n, dtype=_dtype("indices", dtype, int)) for n in sizes), sparse=sparse, indexing="ij")
    return tuple(grids) if sparse else stack(grids) if grids else zeros((0,), _dtype("indices", dtype, int))
