"""Making arrays: from values, and filled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina import dtypes, errors
from lamina.array import Array, from_numpy, to_concrete
from lamina.binding import bind
from lamina.devices import placed, refuse_sharding
from lamina.numpy._operands import as_shape, converted, expanded, filled, operand
from lamina.tracer import Tracer
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
    return placed(filled(as_shape(function, shape), value, chosen_dtype(function, dtype)), device)


def chosen_dtype(function: str, dtype: Any, default: Any = float) -> np.dtype:
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
    target = like_dtype if dtype is None else chosen_dtype("full_like", dtype)
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
