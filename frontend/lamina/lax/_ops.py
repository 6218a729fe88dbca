"""Functions made from the op records, and those whose JAX signature differs from the record's attributes."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import lamina_compiler.ops  # noqa: F401  (fills the registry)
from lamina import dtypes, errors
from lamina.array import Array
from lamina.tracing import as_array, bind
from lamina_compiler.opdef import REGISTRY, OpDef

__all__: list[str] = []


def _export(function: Callable[..., Any]) -> Callable[..., Any]:
    __all__.append(function.__name__)
    return function


def same_dtype(op: str, *operands: Any) -> list[Array]:
    """Operands of one dtype: weak ones (Python numbers) take the dtype of the others.

    Raises DTypeError where strong dtypes differ: lax does not promote.
    """
    dtype, weak = dtypes.lattice_result_type(*operands)
    strong = {x.dtype for x in operands if hasattr(x, "dtype") and not getattr(x, "weak_type", False)}
    if len({dtypes.canonicalize_dtype(d) for d in strong}) > 1:
        names = " and ".join(sorted(d.name for d in strong))
        raise errors.DTypeError(
            f"`lax.{op}` takes operands of one dtype, not {names}.", cure="Convert with x.astype(dtype)."
        )
    return [as_dtype(x, dtype, weak) for x in operands]


def as_dtype(x: Any, dtype: np.dtype, weak_type: bool = False) -> Array:
    """An array of the given dtype."""
    if not isinstance(x, Array):
        x = as_array(x, dtype) if isinstance(x, (bool, int, float, builtins.complex)) else as_array(x)
    if x.dtype == dtype and x.weak_type == weak_type:
        return x
    return (
        bind(REGISTRY["convert"], x, weak_type=weak_type, dtype=dtype) if x.dtype != dtype else _reweighed(x, weak_type)
    )


def _reweighed(x: Array, weak_type: bool) -> Array:
    """The same array with another weakness."""
    from lamina.array import ConcreteArray
    from lamina.tracing import Tracer

    if isinstance(x, Tracer):
        return Tracer(x.trace, x.value, x.type, weak_type, x.made)
    assert isinstance(x, ConcreteArray)
    return ConcreteArray(x._value, x.type, weak_type, x._device, x._view)


def _elementwise(op: OpDef, name: str) -> Callable[..., Array]:
    """The function of an elementwise op."""
    mixed = op.name == "select"

    def apply(*operands: Any) -> Array:
        if len(operands) != len(op.operands):
            raise TypeError(
                f"lax.{name} takes {len(op.operands)} operands ({', '.join(op.operands)}), not {len(operands)}"
            )
        if mixed:
            arrays = [as_array(operands[0]), *same_dtype(name, *operands[1:])]
        else:
            arrays = same_dtype(name, *operands)
        shape = next((x.shape for x in arrays if x.shape), ())
        arrays = [broadcast_scalar(x, shape) for x in arrays]
        return bind(op, *arrays, weak_type=all(x.weak_type for x in arrays[mixed:]))

    apply.__name__ = apply.__qualname__ = name
    apply.__doc__ = f"{op.doc}\n\nElementwise; operands: {', '.join(op.operands)}, of one shape (or scalars) and dtype."
    return apply


def broadcast_scalar(x: Array, shape: Sequence[int]) -> Array:
    if x.shape == () and shape:
        return bind(REGISTRY["broadcast_in_dim"], x, weak_type=x.weak_type, shape=tuple(shape), dimensions=())
    return x


_RENAMED = {"and": "bitwise_and", "or": "bitwise_or", "xor": "bitwise_xor", "not": "bitwise_not"}
_OWN_SIGNATURE = {"integer_pow", "pow", "int_pow", "round_nearest_even", "round_nearest_afz"}

for _op in list(REGISTRY.values()):
    if _op.scalar is not None and _op.name not in _OWN_SIGNATURE:
        _name = _RENAMED.get(_op.name, _op.name)
        globals()[_name] = _export(_elementwise(_op, _name))


@_export
def pow(x: Any, y: Any) -> Array:
    """x to the power y: both floats or complex, both integers, or an inexact x and an integer y."""
    if isinstance(y, int) or (hasattr(y, "dtype") and y.dtype.kind in "iu" and as_array(x).dtype.kind not in "iub"):
        return integer_pow(x, y) if isinstance(y, int) else pow(x, as_dtype(y, as_array(x).dtype))
    x, y = same_dtype("pow", x, y)
    shape = x.shape or y.shape
    op = REGISTRY["int_pow" if x.dtype.kind in "iu" else "pow"]
    return bind(op, broadcast_scalar(x, shape), broadcast_scalar(y, shape), weak_type=x.weak_type and y.weak_type)


@_export
def integer_pow(x: Any, y: int) -> Array:
    """x to a constant integer power, by repeated squaring."""
    x = as_array(x)
    return bind(REGISTRY["integer_pow"], x, weak_type=x.weak_type, exponent=int(y))


@_export
def round(x: Any, rounding_method: int = 0) -> Array:
    """Nearest integer; ties away from zero (0) or to even (1)."""
    x = as_array(x)
    return bind(REGISTRY["round_nearest_even" if rounding_method else "round_nearest_afz"], x, weak_type=x.weak_type)


@_export
def convert_element_type(operand: Any, new_dtype: Any) -> Array:
    """The array as another dtype."""
    weak = new_dtype in (int, float, builtins.complex) if isinstance(new_dtype, type) else False
    return as_dtype(as_array(operand), dtypes.check_user_dtype_supported(new_dtype), weak)


@_export
def bitcast_convert_type(operand: Any, new_dtype: Any) -> Array:
    """The bits of the elements as another dtype of the same width."""
    return bind(REGISTRY["bitcast_convert"], as_array(operand), dtype=dtypes.check_user_dtype_supported(new_dtype))


@_export
def broadcast_in_dim(operand: Any, shape: Sequence[int], broadcast_dimensions: Sequence[int]) -> Array:
    """Repeat the operand: its dimension i becomes dimension broadcast_dimensions[i] of the result."""
    x = as_array(operand)
    dimensions = tuple(int(d) for d in broadcast_dimensions)
    return bind(REGISTRY["broadcast_in_dim"], x, weak_type=x.weak_type, shape=_ints(shape), dimensions=dimensions)


@_export
def broadcast(operand: Any, sizes: Sequence[int]) -> Array:
    """New leading dimensions of the given sizes."""
    x = as_array(operand)
    return broadcast_in_dim(x, (*sizes, *x.shape), range(len(sizes), len(sizes) + x.ndim))


@_export
def reshape(operand: Any, new_sizes: Sequence[int], dimensions: Sequence[int] | None = None) -> Array:
    """The same elements in row-major order with another shape; `dimensions` transposes first."""
    x = as_array(operand)
    if dimensions is not None:
        x = transpose(x, dimensions)
    shape = _ints(new_sizes)
    return x if shape == x.shape else bind(REGISTRY["reshape"], x, weak_type=x.weak_type, shape=shape)


@_export
def transpose(operand: Any, permutation: Sequence[int]) -> Array:
    """Dimensions in another order."""
    x, permutation = as_array(operand), _ints(permutation)
    if permutation == tuple(range(x.ndim)):
        return x
    return bind(REGISTRY["transpose"], x, weak_type=x.weak_type, permutation=permutation)


@_export
def rev(operand: Any, dimensions: Sequence[int]) -> Array:
    """Elements in reverse order along the dimensions."""
    x = as_array(operand)
    return bind(REGISTRY["rev"], x, weak_type=x.weak_type, dimensions=_ints(dimensions)) if len(dimensions) else x


@_export
def slice(
    operand: Any, start_indices: Sequence[int], limit_indices: Sequence[int], strides: Sequence[int] | None = None
) -> Array:
    """Elements start, start + stride, … below limit, in every dimension."""
    x = as_array(operand)
    strides = (1,) * x.ndim if strides is None else _ints(strides)
    return bind(
        REGISTRY["slice"],
        x,
        weak_type=x.weak_type,
        start=_ints(start_indices),
        limit=_ints(limit_indices),
        strides=strides,
    )


@_export
def slice_in_dim(
    operand: Any, start_index: int | None, limit_index: int | None, stride: int = 1, axis: int = 0
) -> Array:
    """`slice` along one axis; None means from the start or to the end, negative counts from the end."""
    x = as_array(operand)
    axis %= x.ndim
    size = x.shape[axis]
    first, last, _ = builtins.slice(start_index, limit_index).indices(size)
    start, limit, strides = [0] * x.ndim, list(x.shape), [1] * x.ndim
    start[axis], limit[axis], strides[axis] = first, max(first, last), int(stride)
    return slice(x, start, limit, strides)


@_export
def dynamic_slice(operand: Any, start_indices: Any, slice_sizes: Sequence[int]) -> Array:
    """The window of the given sizes at run-time indices (scalars, or one vector), moved inside where it sticks out."""
    x = as_array(operand)
    start = _start_vector(start_indices, x.ndim)
    return bind(
        REGISTRY["dynamic_slice"], x, start, weak_type=x.weak_type, sizes=_ints(slice_sizes), batch_dimensions=0
    )


@_export
def dynamic_slice_in_dim(operand: Any, start_index: Any, slice_size: int, axis: int = 0) -> Array:
    """`dynamic_slice` along one axis."""
    x = as_array(operand)
    axis %= x.ndim
    start: list[Any] = [0] * x.ndim
    sizes = list(x.shape)
    start[axis], sizes[axis] = start_index, int(slice_size)
    return dynamic_slice(x, start, sizes)


@_export
def dynamic_update_slice(operand: Any, update: Any, start_indices: Any) -> Array:
    """The operand with the window at run-time indices replaced by `update`."""
    x, update = same_dtype("dynamic_update_slice", operand, update)
    start = _start_vector(start_indices, x.ndim)
    return bind(REGISTRY["dynamic_update_slice"], x, update, start, weak_type=x.weak_type, batch_dimensions=0)


@_export
def dynamic_update_slice_in_dim(operand: Any, update: Any, start_index: Any, axis: int) -> Array:
    """`dynamic_update_slice` along one axis."""
    x = as_array(operand)
    start: list[Any] = [0] * x.ndim
    start[axis % x.ndim] = start_index
    return dynamic_update_slice(x, update, start)


@_export
def dynamic_index_in_dim(operand: Any, index: Any, axis: int = 0, keepdims: bool = True) -> Array:
    """The slice of size 1 at a run-time index along one axis."""
    x = dynamic_slice_in_dim(operand, index, 1, axis)
    return x if keepdims else reshape(x, [n for i, n in enumerate(x.shape) if i != axis % x.ndim])


def _start_vector(start_indices: Any, rank: int) -> Array:
    """Start indices as one integer vector; negative ones are not wrapped here."""
    if isinstance(start_indices, (Array, np.ndarray)):
        return as_array(start_indices)
    if all(isinstance(i, (int, np.integer)) for i in start_indices):
        return as_array(np.asarray(list(start_indices), np.int32))
    dtype = dtypes.lattice_result_type(*start_indices)[0]
    parts = [reshape(as_dtype(i, dtype), (1,)) for i in start_indices]
    return concatenate(parts, 0)


@_export
def pad(operand: Any, padding_value: Any, padding_config: Sequence[tuple[int, int, int]]) -> Array:
    """Pad by (low, high, interior) in every dimension; negative low and high cut off."""
    x, value = same_dtype("pad", operand, padding_value)
    low, high, interior = (tuple(int(c[i]) for c in padding_config) for i in range(3))
    return bind(
        REGISTRY["pad"], x, value, weak_type=x.weak_type and value.weak_type, low=low, high=high, interior=interior
    )


@_export
def concatenate(operands: Sequence[Any], dimension: int) -> Array:
    """Arrays joined along a dimension, pairwise in a balanced tree (lowered to one operation)."""
    arrays = same_dtype("concatenate", *operands)
    while len(arrays) > 1:
        arrays = [_joined(arrays[i : i + 2], dimension) for i in range(0, len(arrays), 2)]
    return arrays[0]


def _joined(pair: Sequence[Array], dimension: int) -> Array:
    if len(pair) == 1:
        return pair[0]
    return bind(REGISTRY["concatenate"], *pair, weak_type=all(x.weak_type for x in pair), dimension=int(dimension))


@_export
def iota(dtype: Any, size: int) -> Array:
    """0, 1, …, size − 1."""
    return broadcasted_iota(dtype, (size,), 0)


@_export
def broadcasted_iota(dtype: Any, shape: Sequence[int], dimension: int) -> Array:
    """0, 1, 2, … along a dimension, the same along the others."""
    dtype = dtypes.check_user_dtype_supported(dtype)
    return bind(REGISTRY["iota"], shape=_ints(shape), dimension=int(dimension), dtype=dtype)


@_export
def full(shape: Sequence[int], fill_value: Any, dtype: Any = None) -> Array:
    """An array filled with one value."""
    weak = dtype is None and dtypes.is_weakly_typed(fill_value)
    dtype = dtypes.dtype(fill_value) if dtype is None else dtypes.check_user_dtype_supported(dtype)
    return (
        _reweighed(broadcast(as_dtype(fill_value, dtype), _ints(shape)), weak)
        if len(shape)
        else as_dtype(fill_value, dtype, weak)
    )


def _reduction(name: str) -> Callable[..., Array]:
    op = REGISTRY[name]

    def reduce(operand: Any, axes: Sequence[int]) -> Array:
        x = as_array(operand)
        axes = tuple(sorted(int(a) % x.ndim if x.ndim else int(a) for a in axes))
        return bind(op, x, weak_type=x.weak_type, axes=axes) if axes else x

    reduce.__name__ = reduce.__qualname__ = name
    reduce.__doc__ = op.doc
    return reduce


for _op in list(REGISTRY.values()):
    if _op.name.startswith("reduce_") and tuple(_op.attributes) == ("axes",):
        globals()[_op.name] = _export(_reduction(_op.name))


@_export
def argmax(operand: Any, axis: int, index_dtype: Any = np.int32) -> Array:
    """Position of the first largest element along the axis."""
    return bind(REGISTRY["argmax"], as_array(operand), axis=int(axis), dtype=dtypes.canonicalize_dtype(index_dtype))


@_export
def argmin(operand: Any, axis: int, index_dtype: Any = np.int32) -> Array:
    """Position of the first smallest element along the axis."""
    return bind(REGISTRY["argmin"], as_array(operand), axis=int(axis), dtype=dtypes.canonicalize_dtype(index_dtype))


@_export
def dot_general(
    lhs: Any,
    rhs: Any,
    dimension_numbers: tuple[tuple[Sequence[int], Sequence[int]], tuple[Sequence[int], Sequence[int]]],
    precision: Any = None,
    preferred_element_type: Any = None,
) -> Array:
    """Σ lhs·rhs over contracting dimensions: ((lhs contracting, rhs contracting), (lhs batch, rhs batch))."""
    x, y = same_dtype("dot_general", lhs, rhs)
    (lhs_contracting, rhs_contracting), (lhs_batch, rhs_batch) = dimension_numbers
    dtype = x.dtype if preferred_element_type is None else dtypes.canonicalize_dtype(preferred_element_type)
    return bind(
        REGISTRY["dot_general"],
        x,
        y,
        weak_type=x.weak_type and y.weak_type and preferred_element_type is None,
        lhs_contracting=_ints(lhs_contracting),
        rhs_contracting=_ints(rhs_contracting),
        lhs_batch=_ints(lhs_batch),
        rhs_batch=_ints(rhs_batch),
        dtype=dtype,
    )


@_export
def stop_gradient(x: Any) -> Any:
    """The value, taken as a constant by derivatives."""
    from lamina import tree_util

    return tree_util.tree_map(lambda leaf: bind(REGISTRY["stop_gradient"], as_array(leaf)), x)


def _ints(values: Sequence[Any]) -> tuple[int, ...]:
    return tuple(int(v) for v in values)
