"""Operators and methods of arrays, installed from one table of the functions in `lamina.numpy`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lamina import dtypes, errors
from lamina.array import Array
from lamina.numpy import _contraction, _creation, _elementwise, _indexing, _manipulation, _reductions, _scans
from lamina.tracing import bind
from lamina_compiler.opdef import REGISTRY

_OPERANDS = (Array, np.ndarray, np.generic, int, float, complex)
_SEQUENCES = (list, tuple)  # refused with an explanation, where NotImplemented would make == quietly False

_BINARY = {
    "add": _elementwise.add,
    "sub": _elementwise.subtract,
    "mul": _elementwise.multiply,
    "truediv": _elementwise.true_divide,
    "floordiv": _elementwise.floor_divide,
    "mod": _elementwise.remainder,
    "divmod": _elementwise.divmod,
    "pow": _elementwise.power,
    "matmul": _contraction.matmul,
    "and": _elementwise.bitwise_and,
    "or": _elementwise.bitwise_or,
    "xor": _elementwise.bitwise_xor,
    "lshift": _elementwise.left_shift,
    "rshift": _elementwise.right_shift,
}
_COMPARISONS = {
    "eq": _elementwise.equal,
    "ne": _elementwise.not_equal,
    "lt": _elementwise.less,
    "le": _elementwise.less_equal,
    "gt": _elementwise.greater,
    "ge": _elementwise.greater_equal,
}
_UNARY = {
    "neg": _elementwise.negative,
    "pos": _elementwise.positive,
    "abs": _elementwise.absolute,
    "invert": _elementwise.invert,
}
_METHODS = [
    _reductions.all, _reductions.any, _reductions.argmax, _reductions.argmin, _reductions.max, _reductions.mean,
    _reductions.min, _reductions.prod, _reductions.ptp, _reductions.std, _reductions.sum, _reductions.var,
    _scans.cumprod, _scans.cumsum,
    _elementwise.clip, _elementwise.conj, _elementwise.round,
    _creation.copy, _creation.diagonal, _creation.trace,
    _contraction.dot, _indexing.take,
    _manipulation.ravel, _manipulation.repeat, _manipulation.squeeze, _manipulation.swapaxes,
]  # fmt: skip


def _operator(function: Callable[..., Any], reflected: bool) -> Callable[[Any, Any], Any]:
    """The operator of a function; other classes get a chance with theirs."""

    def operator(self: Array, other: Any) -> Any:
        if isinstance(other, (*_OPERANDS, *_SEQUENCES)) or hasattr(other, "__jax_array__"):
            return function(other, self) if reflected else function(self, other)
        return NotImplemented

    return operator


def reshape(self: Array, *shape: Any, order: str = "C", copy: bool | None = None) -> Array:
    """`lnp.reshape`, with the sizes as one argument or as several."""
    return _manipulation.reshape(self, _variadic(shape), order)


def transpose(self: Array, *axes: Any) -> Array:
    """`lnp.transpose`, with the axes as one argument or as several."""
    return _manipulation.transpose(self, _variadic(axes) if axes else None)


def _variadic(arguments: tuple[Any, ...]) -> Any:
    return arguments[0] if len(arguments) == 1 else arguments


def flatten(self: Array, order: str = "C") -> Array:
    """All elements as a vector."""
    return _manipulation.ravel(self, order)


def astype(self: Array, dtype: Any, copy: bool = False, device: Any = None) -> Array:
    """The array with another dtype."""
    return _creation.astype(self, dtype)


def view(self: Array, dtype: Any = None) -> Array:
    """The bits of the elements as another dtype of the same width."""
    if dtype is None:
        return self
    return bind(REGISTRY["bitcast_convert"], self, dtype=dtypes.check_user_dtype_supported(dtype, "view"))


def matrix_transpose(self: Array) -> Array:
    """The last two axes swapped."""
    return _manipulation.matrix_transpose(self)


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
    for function in [*_METHODS, reshape, transpose, flatten, astype, view]:
        setattr(Array, function.__name__, function)
    for name, function in {
        "__round__": lambda self, ndigits=None: _elementwise.round(self, ndigits or 0),
        "__getitem__": _indexing.getitem,
        "__setitem__": refuse_assignment,
        "conjugate": _elementwise.conj,
        "T": property(lambda self: _manipulation.transpose(self), doc="The axes in reverse order."),
        "mT": property(matrix_transpose),
        "real": property(_elementwise.real),
        "imag": property(_elementwise.imag),
        "at": property(_indexing.IndexUpdateHelper, doc="``x.at[index].set(y)`` and the like give updated copies."),
    }.items():
        setattr(Array, name, function)


install()
