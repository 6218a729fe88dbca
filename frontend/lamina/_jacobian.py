"""Jacobians from vmap over the unit vectors of the arguments (forward) or of the results (reverse)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lamina import dtypes, errors, tree_util
from lamina._frames import api_boundary
from lamina._transform import Arguments, Partial, flatten_arguments, function_name, in_trace, like
from lamina.array import Array, from_numpy
from lamina.binding import bind
from lamina.differentiation import check_real, check_reverse_arguments, resolve_argnums
from lamina.linear_maps import jvp, vjp
from lamina.vectorization import vmap

Function = Callable[..., Any]


def forward_jacobian(fun: Function, argnums: int | Sequence[int], has_aux: bool, holomorphic: bool) -> Function:
    @like(fun)
    @api_boundary
    def jacobian(*args: Any, **kwargs: Any) -> Any:
        positions = resolve_argnums(argnums, len(args), fun)
        partial = Partial(fun, args, kwargs, positions)
        arguments = flatten_arguments(partial, tuple(args[p] for p in positions), {})

        def body(trace: Any) -> Any:
            leaves, tree = arguments.arrays, tree_util.tree_structure(tuple(args[p] for p in positions))
            chosen = tree_util.tree_unflatten(tree, leaves)
            _check_forward_arguments(fun, arguments, holomorphic)

            def push(*directions: Any) -> Any:
                out = jvp(partial, chosen, tree_util.tree_unflatten(tree, directions), has_aux)
                return out[1:] if has_aux else (out[1],)

            columns = vmap(push, in_axes=0, out_axes=(-1, None) if has_aux else (-1,))(*_basis(leaves))
            per_result = tree_util.tree_map(lambda column: _split_columns(column, leaves, tree, argnums), columns[0])
            return (per_result, columns[1]) if has_aux else per_result

        return in_trace("jacfwd", body)

    return jacobian


def reverse_jacobian(
    fun: Function, argnums: int | Sequence[int], has_aux: bool, holomorphic: bool, allow_int: bool
) -> Function:
    @like(fun)
    @api_boundary
    def jacobian(*args: Any, **kwargs: Any) -> Any:
        positions = resolve_argnums(argnums, len(args), fun)
        partial, chosen = Partial(fun, args, kwargs, positions), tuple(args[p] for p in positions)
        arguments = flatten_arguments(partial, chosen, {})

        def body(trace: Any) -> Any:
            check_reverse_arguments(fun, arguments, holomorphic, allow_int, "jacrev")
            result, pullback, *aux = vjp(partial, *chosen, has_aux=has_aux)
            leaves, tree = tree_util.tree_flatten(result)
            for x in leaves:
                check_real(fun, "a result", x.type, holomorphic)

            def pull(*cotangents: Any) -> Any:
                return tree_util.tree_map(_without_float0, pullback(tree_util.tree_unflatten(tree, cotangents)))

            rows = vmap(pull)(*_basis(leaves))
            rows = rows[0] if isinstance(argnums, int) else rows
            pieces = [tree_util.tree_map(lambda row, i=i: _row_piece(row, leaves, i), rows) for i in range(len(leaves))]
            jacobians = tree_util.tree_unflatten(tree, pieces)
            return (jacobians, aux[0]) if has_aux else jacobians

        return in_trace("jacrev", body)

    return jacobian


def _check_forward_arguments(fun: Function, arguments: Arguments, holomorphic: bool) -> None:
    """The demands of forward mode on the arguments: real, and complex with `holomorphic`."""
    for x, name in zip(arguments.arrays, arguments.names, strict=True):
        what = f"the argument `{name}`"
        if not x.type.differentiable and not holomorphic:
            raise errors.IntegerGradError(function_name(fun), what, x.dtype.name, "jacfwd")
        check_real(fun, what, x.type, holomorphic)


def _without_float0(gradient: Any) -> Any:
    """The gradient of an integer as zeros, which can be mapped."""
    return np.zeros(gradient.shape, np.int32) if gradient.dtype == dtypes.float0 else gradient


def _basis(leaves: Sequence[Array]) -> list[Array]:
    """All unit vectors of a list of arrays: one array ``[total size, *shape]`` for each."""
    sizes = [x.size for x in leaves]
    total, start, basis = sum(sizes), 0, []
    for x, size in zip(leaves, sizes, strict=True):
        block = np.zeros((total, size), x.dtype)
        block[np.arange(start, start + size), np.arange(size)] = 1
        start += size
        basis.append(_weak(from_numpy(block.reshape(total, *x.shape)), x.weak_type))
    return basis


def _weak(x: Any, weak_type: bool) -> Any:
    x.weak_type = weak_type
    return x


def _part(x: Array, axis: int, leaves: Sequence[Array], index: int) -> Array:
    """The entries along `axis` that belong to one leaf."""
    from lamina_compiler.opdef import REGISTRY

    first = sum(leaf.size for leaf in leaves[:index])
    start, limit = [0] * x.ndim, list(x.shape)
    start[axis], limit[axis] = first, first + leaves[index].size
    return bind(
        REGISTRY["slice"], x, weak_type=x.weak_type, start=tuple(start), limit=tuple(limit), strides=(1,) * x.ndim
    )


def _reshaped(x: Array, shape: tuple[int, ...]) -> Array:
    from lamina_compiler.opdef import REGISTRY

    return bind(REGISTRY["reshape"], x, weak_type=x.weak_type, shape=shape)


def _split_columns(column: Array, leaves: Sequence[Array], tree: Any, argnums: int | Sequence[int]) -> Any:
    """``[*result, total]`` to the structure of the arguments, each leaf ``[*result, *argument]``."""
    shape = column.shape[:-1]
    parts = [_reshaped(_part(column, column.ndim - 1, leaves, i), (*shape, *x.shape)) for i, x in enumerate(leaves)]
    rebuilt = tree_util.tree_unflatten(tree, parts)
    return rebuilt[0] if isinstance(argnums, int) else rebuilt


def _row_piece(row: Array, leaves: Sequence[Array], index: int) -> Array:
    """``[total, *argument]`` to ``[*result, *argument]`` for one result."""
    return _reshaped(_part(row, 0, leaves, index), (*leaves[index].shape, *row.shape[1:]))
