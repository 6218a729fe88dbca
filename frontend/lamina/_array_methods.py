"""Operators and methods of arrays, installed from one table of the functions in `lamina.numpy`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import lamina.numpy as lnp
from lamina import dtypes, errors
from lamina._shapes import struct_of
from lamina.array import Array
from lamina.devices import device_put
from lamina.lax._bits import viewed
from lamina.numpy import _elementwise as e
from lamina.numpy._indexing import getitem
from lamina.numpy._updates import IndexUpdateHelper

_OPERANDS = (Array, np.ndarray, np.generic, int, float, complex)
_SEQUENCES = (list, tuple)  # refused with an explanation, where NotImplemented would make == quietly False

_BINARY = {
    "add": e.add,
    "sub": e.subtract,
    "mul": e.multiply,
    "truediv": lnp.true_divide,
    "floordiv": lnp.floor_divide,
    "mod": lnp.remainder,
    "divmod": lnp.divmod,
    "pow": lnp.power,
    "matmul": lnp.matmul,
    "and": e.bitwise_and,
    "or": e.bitwise_or,
    "xor": e.bitwise_xor,
    "lshift": lnp.left_shift,
    "rshift": lnp.right_shift,
}
_COMPARISONS = {
    "eq": lnp.equal,
    "ne": lnp.not_equal,
    "lt": lnp.less,
    "le": lnp.less_equal,
    "gt": lnp.greater,
    "ge": lnp.greater_equal,
}
_UNARY = {
    "neg": e.negative,
    "pos": lnp.positive,
    "abs": lnp.absolute,
    "invert": lnp.invert,
}
_METHODS = [
    lnp.all, lnp.any, lnp.argmax, lnp.argmin, lnp.max, lnp.mean,
    lnp.min, lnp.prod, lnp.ptp, lnp.std, lnp.sum, lnp.var,
    lnp.cumprod, lnp.cumsum,
    lnp.clip, lnp.conj, lnp.round,
    lnp.copy, lnp.diagonal, lnp.trace,
    lnp.argpartition, lnp.argsort, lnp.partition, lnp.searchsorted, lnp.sort,
    lnp.choose, lnp.dot, lnp.nonzero, lnp.take,
    lnp.ravel, lnp.repeat, lnp.squeeze, lnp.swapaxes,
]  # fmt: skip


def _operator(function: Callable[..., Any], reflected: bool) -> Callable[[Any, Any], Any]:
    """The operator of a function; other classes get a chance with theirs."""
    accepted = (*_OPERANDS, *_SEQUENCES)

    def operator(self: Array, other: Any) -> Any:
        if isinstance(other, accepted) or hasattr(other, "__jax_array__"):
            return function(other, self) if reflected else function(self, other)
        return NotImplemented

    return operator


def reshape(self: Array, *args: Any, order: str = "C", copy: bool | None = None, out_sharding: Any = None) -> Array:
    """`lnp.reshape`, with the sizes as one argument or as several."""
    return lnp.reshape(self, _variadic(args), order, copy=copy, out_sharding=out_sharding)


def transpose(self: Array, *args: Any) -> Array:
    """`lnp.transpose`, with the axes as one argument or as several."""
    return lnp.transpose(self, _variadic(args) if args else None)


def _variadic(arguments: tuple[Any, ...]) -> Any:
    return arguments[0] if len(arguments) == 1 else arguments


def flatten(self: Array, order: str = "C", *, out_sharding: Any = None) -> Array:
    """All elements as a vector."""
    return lnp.ravel(self, order, out_sharding=out_sharding)


def compress(
    self: Array, condition: Any, axis: int | None = None, *, out: None = None, size: int | None = None,
    fill_value: Any = 0,
) -> Array:  # fmt: skip
    """`lnp.compress` with the array first."""
    return lnp.compress(condition, self, axis, size=size, fill_value=fill_value, out=out)


def contains(self: Array, value: Any) -> bool:
    """Whether an element equals the value, or one of those that it broadcasts to."""
    return bool(lnp.any(lnp.equal(self, value)))


def astype(self: Array, dtype: Any, copy: bool = False, device: Any = None) -> Array:
    """The array with another dtype."""
    return lnp.astype(self, dtype, copy=copy, device=device)


def view(self: Array, dtype: Any = None, type: None = None) -> Array:
    """The bits of the elements as another dtype; the last axis gets longer or shorter where the widths differ."""
    if type is not None:
        raise NotImplementedError("Array.view: type= is not supported, only dtype=")
    return self if dtype is None else viewed(self, dtypes.check_user_dtype_supported(dtype, "view"))


def to_device(self: Array, device: Any, *, stream: Any = None) -> Array:
    """The array on a device (see `lamina.device_put`)."""
    return device_put(self, device)


def array_namespace(self: Array, *, api_version: str | None = None) -> Any:
    """The module of functions on arrays, by the array API standard."""
    if api_version not in (None, *_API_VERSIONS):
        raise ValueError(f"the array API standard's version {api_version!r} is not among {', '.join(_API_VERSIONS)}")
    return lnp


_API_VERSIONS = ("2021.12", "2022.12", "2023.12", "2024.12")


def rounded(self: Array, ndigits: int | None = None) -> Array:
    """Without digits: the nearest integers, as integers."""
    return lnp.round(self, ndigits) if ndigits is not None else lnp.round(lnp.real(self)).astype(int)


def matrix_transpose(self: Array) -> Array:
    """The last two axes swapped."""
    return lnp.matrix_transpose(self)


def refuse_assignment(self: Array, index: Any, value: Any) -> None:
    """Arrays are immutable."""
    raise errors.JAXTypeError(
        "Arrays are immutable, so an element cannot be assigned.",
        cure="Make an updated copy: x = x.at[index].set(value).",
    )


def install() -> None:
    """Give the class its operators and methods."""
    for name, function in {**_BINARY, **_COMPARISONS}.items():
        setattr(Array, f"__{name}__", _operator(function, False))
        if name in _BINARY:
            setattr(Array, f"__r{name}__", _operator(function, True))
    for name, function in _UNARY.items():
        setattr(Array, f"__{name}__", lambda self, function=function: function(self))
    for function in [*_METHODS, reshape, transpose, flatten, astype, compress, view, to_device]:
        setattr(Array, function.__name__, function)
    for name, function in {
        "__round__": rounded,
        "__array_namespace__": array_namespace,
        "__contains__": contains,
        "__getitem__": getitem,
        "__setitem__": refuse_assignment,
        "conjugate": lnp.conj,
        "T": property(lambda self: lnp.transpose(self), doc="The axes in reverse order."),
        "mT": property(matrix_transpose),
        "aval": property(struct_of, doc="Shape, dtype and weak type: a `ShapeDtypeStruct`."),
        "real": property(lnp.real),
        "imag": property(lnp.imag),
        "at": property(IndexUpdateHelper, doc="``x.at[index].set(y)`` and the like give updated copies."),
    }.items():
        setattr(Array, name, function)


install()
