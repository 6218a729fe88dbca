"""Reductions over dimensions: by the ops of the dialect, and by any associative function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lamina import dtypes, errors, tree_util
from lamina._record_examples import with_example
from lamina.array import Array
from lamina.binding import bind
from lamina.devices import refuse_sharding
from lamina.lax._operands import as_operand, axis_in, same_dtype
from lamina.lax._shapes import broadcast, concatenate, reshape, transpose
from lamina.lax._slicing import slice_in_dim
from lamina_compiler.opdef import REGISTRY

__all__ = ["argmax", "argmin", "reduce"]


def _reduction(name: str) -> Callable[..., Array]:
    op = REGISTRY[name]

    def apply(operand: Any, axes: Sequence[int], *, out_sharding: Any = None) -> Array:
        refuse_sharding(f"lax.{name}", out_sharding)
        x = as_operand(name, operand)
        axes = tuple(sorted(axis_in(name, axis, x.ndim) for axis in axes))
        return bind(op, x, weak_type=x.weak_type, axes=axes) if axes else x

    apply.__name__ = apply.__qualname__ = name
    apply.__doc__ = with_example(op.doc, name, "lax", name)
    return apply


for _op in list(REGISTRY.values()):
    if _op.name.startswith("reduce_") and tuple(_op.attributes) == ("axes",):
        globals()[_op.name] = _reduction(_op.name)
        __all__.append(_op.name)


def argmax(operand: Any, axis: int, index_dtype: Any) -> Array:
    """Position of the first largest element along the axis.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.argmax(lnp.array([[3, 9], [8, 2]]), 1, lnp.int32)
    Array([1, 0], dtype=int32)
    """
    return _position("argmax", operand, axis, index_dtype)


def argmin(operand: Any, axis: int, index_dtype: Any) -> Array:
    """Position of the first smallest element along the axis.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.argmin(lnp.array([[3, 9], [8, 2]]), 1, lnp.int32)
    Array([0, 1], dtype=int32)
    """
    return _position("argmin", operand, axis, index_dtype)


def _position(function: str, operand: Any, axis: int, index_dtype: Any) -> Array:
    x, dtype = as_operand(function, operand), dtypes.check_user_dtype_supported(index_dtype, function)
    return bind(REGISTRY[function], x, axis=axis_in(function, axis, x.ndim), dtype=dtype)


# ---- by any function ------------------------------------------------------------------------------------------------

_MONOIDS = {
    "lamina.add": "reduce_sum", "lamina.mul": "reduce_prod", "lamina.max": "reduce_max", "lamina.min": "reduce_min",
    "lamina.and": "reduce_and", "lamina.or": "reduce_or", "lamina.xor": "reduce_xor",
}  # fmt: skip


def reduce(
    operands: Any,
    init_values: Any,
    computation: Callable[[Any, Any], Any],
    dimensions: Sequence[int],
    out_sharding: Any = None,
) -> Any:
    """Combine elements over dimensions by an associative function of two scalars.

    Args:
        operands: an array, or a container of arrays of one shape, whose elements are combined together.
        init_values: for each of them the scalar that `computation` leaves others unchanged with.
        computation: (container of scalars, container of scalars) → container of scalars.

    A function that is one of +, ·, max, min, and, or, xor is that reduction; any other is applied to halves of the
    elements, log₂ n times.

    >>> from lamina import lax
    >>> import lamina.numpy as lnp
    >>> lax.reduce(lnp.array([1.0, -5.0, 3.0]), 0.0, lambda x, y: lnp.maximum(abs(x), abs(y)), (0,))
    Array(5., dtype=float32)
    """
    refuse_sharding("lax.reduce", out_sharding)
    arrays, initial, tree = reduction_operands("reduce", operands, init_values)
    axes = tuple(sorted({axis_in("reduce", d, arrays[0].ndim) for d in dimensions}))
    op = monoid(computation, initial[0]) if tree_util.treedef_is_leaf(tree) else None
    if op is not None:
        (x,), (start,) = arrays, initial
        total = bind(REGISTRY[_MONOIDS[op]], x, weak_type=x.weak_type, axes=axes) if axes else x
        return bind(
            REGISTRY[op.removeprefix("lamina.")], total, broadcast(start, total.shape), weak_type=total.weak_type
        )
    return tree_util.tree_unflatten(tree, by_halves(arrays, initial, axes, computation, tree))


def reduction_operands(function: str, operands: Any, init_values: Any) -> tuple[list[Array], list[Array], Any]:
    """The arrays to reduce, for each of them the initial value, and the container they are in."""
    leaves, tree = tree_util.tree_flatten(operands)
    starts, start_tree = tree_util.tree_flatten(init_values)
    if start_tree != tree:
        raise errors.TreeStructureError(
            f"lax.{function}", "", ("the operands", str(tree)), ("the initial values", str(start_tree))
        )
    if not leaves:
        raise ValueError(f"lax.{function} needs an operand at least")
    pairs = [same_dtype(function, x, s, names=("operands", "init_values")) for x, s in zip(leaves, starts, strict=True)]
    for x, start in pairs:
        if x.shape != pairs[0][0].shape or start.shape:
            raise errors.ShapeError(
                f"lax.{function}", "the operands must have one shape, the initial values are scalars",
                operand=x.shape, init_value=start.shape,
            )  # fmt: skip
    return [x for x, _ in pairs], [s for _, s in pairs], tree


def monoid(computation: Callable[[Any, Any], Any], like: Array) -> str | None:
    """The op a function of two scalars consists of, if that is all."""
    from lamina._transform import flatten_arguments, in_trace, trace_call
    from lamina.tracing import Trace
    from lamina_compiler import functions

    def op_of(trace: Trace) -> str | None:
        arguments = flatten_arguments(computation, (like, like), {})
        traced, _ = trace_call(computation, arguments, transform="lax.reduce", look=False)
        block = functions.block(traced.function)
        operations = [op.operation for op in block.operations]
        name, whole = operations[0].name, len(operations) == 2 and not traced.captures
        alone = whole and name in _MONOIDS and set(operations[0].operands) == set(block.arguments)
        functions.erase(trace.module, traced.function)
        return name if alone else None

    return in_trace("lax.reduce", op_of)


def by_halves(
    arrays: Sequence[Array], initial: Sequence[Array], axes: tuple[int, ...], computation: Any, tree: Any
) -> list[Array]:
    shape = arrays[0].shape
    rest = tuple(d for d in range(len(shape)) if d not in axes)
    kept = tuple(shape[d] for d in rest)
    count = int(np.prod([shape[d] for d in axes], dtype=np.int64))
    lines = [reshape(transpose(x, (*axes, *rest)), (count, *kept)) for x in arrays]
    while count > 1:
        half = count // 2
        low, high, odd = (
            [slice_in_dim(x, *bounds) for x in lines] for bounds in ((0, half), (half, 2 * half), (2 * half, count))
        )
        combined = _on_scalars(computation, tree, low, high)
        lines = [concatenate([x, y], 0) if count % 2 else x for x, y in zip(combined, odd, strict=True)]
        count = half + count % 2
    start = [broadcast(s, kept) for s in initial]
    return _on_scalars(computation, tree, start, [reshape(x, kept) for x in lines]) if count else start


def _on_scalars(computation: Any, tree: Any, left: Sequence[Array], right: Sequence[Array]) -> list[Array]:
    """The function of scalars on all elements."""
    from lamina.vectorization import vmap

    if not left[0].size:
        return list(left)
    arguments = [tree_util.tree_unflatten(tree, [reshape(x, (x.size,)) for x in side]) for side in (left, right)]
    results = tree_util.tree_leaves(vmap(computation)(*arguments))
    return [reshape(r, x.shape) for r, x in zip(results, left, strict=True)]
