"""vmap: a function of one example becomes a function of a batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from lamina import errors, tree_util
from lamina._float0 import as_structure, beside, is_float0, map_float0, plain, zeros_float0
from lamina._frames import api_boundary
from lamina._transform import (
    ARRAY_LIKE,
    Arguments,
    Partial,
    flatten_arguments,
    function_name,
    in_trace,
    like,
    trace_call,
)
from lamina.array import Array
from lamina.binding import bind
from lamina.tracing import Trace
from lamina_compiler.higher_order import Batch
from lamina_compiler.opdef import REGISTRY
from lamina_compiler.passes import derive
from lamina_compiler.passes.vectorize import mapped_results
from lamina_compiler.types import TensorType

Axes = Any  # int, None, or a container of them


def vmap(
    fun: Callable[..., Any],
    in_axes: Axes = 0,
    out_axes: Axes = 0,
    axis_name: Any = None,
    axis_size: int | None = None,
    spmd_axis_name: Any = None,
    sum_match: bool = False,
) -> Callable[..., Any]:
    """Map a function over an axis of its arguments, as one batched computation instead of a loop.

    Args:
        fun: works on single examples.
        in_axes: which axis of each argument is the batch: an int for all, or a tuple with an entry per positional
            argument (an int, None for "the same for all examples", or a container that is a prefix of the argument's).
            Keyword arguments are mapped over axis 0.
        out_axes: where the batch axis goes in the results; None for a result that does not depend on the batch.
        axis_name: what collectives (`lax.psum` …) in `fun` call the batch.
        axis_size: size of the batch, needed only when nothing is mapped.
        spmd_axis_name: accepted for JAX's programs; there are no sharded arrays here.
        sum_match: sum results over the batch where `out_axes` is None, instead of an error.

    Raises MappedAxisError if sizes differ, an axis does not exist, or nothing is mapped.

    >>> import lamina as la
    >>> import lamina.numpy as lnp
    >>> la.vmap(lambda x, y: x @ y, in_axes=(0, None))(lnp.ones((3, 2)), lnp.ones(2))
    Array([2., 2., 2.], dtype=float32)
    """

    @like(fun)
    @api_boundary
    def mapped(*args: Any, **kwargs: Any) -> Any:
        inner, inner_axes, given = _without_opaque(fun, in_axes, args)
        given, named, inner_axes, known_size = _examples_of_float0(inner, inner_axes, given, kwargs)

        def body(trace: Trace) -> Any:
            arguments = flatten_arguments(inner, given, named)
            axes = _argument_axes(inner, inner_axes, given, named, arguments)
            size = _batch_size(inner, arguments, axes, known_size if axis_size is None else axis_size)
            batched = [axis is not None for axis in axes]
            arrays = [
                x if axis is None else move_axis(x, axis, 0) for x, axis in zip(arguments.arrays, axes, strict=True)
            ]
            types = [
                TensorType(x.shape[1:], x.dtype) if flag else x.type for x, flag in zip(arrays, batched, strict=True)
            ]
            traced, tree = trace_call(
                inner,
                arguments._replace(arrays=arrays),
                transform="vmap",
                types=types,
                look=False,
                axes={} if axis_name is None else {axis_name: size},
            )
            derive.flatten(trace.module, traced.function)  # only then it shows which results depend on the batch
            flags = [*batched, *[False] * len(traced.captures)]
            batch = Batch(size, "" if axis_name is None else str(axis_name))
            derived = derive.declare_vmap(trace.module, traced.function, flags, batch)
            results = trace.call(derived, [*arrays, *traced.captures], traced.weak_types)
            dependent = mapped_results(trace.module, traced.function, flags, batch)
            every: list[Array] = list(results)
            if sum_match:
                every, dependent = _summed(fun, tree, out_axes, every, dependent)
            return _place_results(fun, tree, out_axes, every, dependent, size)

        return in_trace("vmap", body)

    return mapped


def _without_opaque(
    fun: Callable[..., Any], in_axes: Axes, args: tuple[Any, ...]
) -> tuple[Callable[..., Any], Axes, tuple[Any, ...]]:
    """Function, axes and arguments without those arguments that are not mapped and hold something else than arrays."""
    entries = [None] * len(args) if in_axes is None else in_axes
    if not isinstance(entries, (tuple, list)) or len(entries) != len(args):
        return fun, in_axes, args
    kept = [
        i
        for i, (arg, axes) in enumerate(zip(args, entries, strict=True))
        if axes is not None or all(isinstance(leaf, ARRAY_LIKE) for leaf in tree_util.tree_leaves(arg))
    ]
    if len(kept) == len(args):
        return fun, in_axes, args
    axes = None if in_axes is None else tuple(entries[i] for i in kept)
    return Partial(fun, args, {}, kept), axes, tuple(args[i] for i in kept)


def _examples_of_float0(
    fun: Callable[..., Any], in_axes: Axes, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any], Axes, int | None]:
    """Arguments and axes with float0 arrays of one example, whose shapes are structure, and the size of their batch."""
    leaves, structure = tree_util.tree_flatten((args, kwargs))
    if not any(map(is_float0, leaves)):
        return args, kwargs, in_axes, None
    where = f"vmap of `{function_name(fun)}`: in_axes"
    axes = tree_util.flatten_axes(where, tree_util.tree_structure(args), in_axes)
    axes += [0] * (len(leaves) - len(axes))
    sizes = {x.shape[a] for x, a in zip(leaves, axes, strict=True) if is_float0(x) and a is not None}
    examples = [
        zeros_float0(x.shape[:a] + x.shape[a:][1:]) if is_float0(x) and a is not None else x
        for x, a in zip(leaves, axes, strict=True)
    ]
    args, kwargs = cast(tuple[tuple[Any, ...], dict[str, Any]], structure.unflatten(examples))
    marks = structure.unflatten([x if is_float0(x) else a for x, a in zip(examples, axes, strict=True)])
    return args, kwargs, as_structure(marks)[0], max(sizes, default=None)


def _argument_axes(
    fun: Callable[..., Any], in_axes: Axes, args: tuple[Any, ...], kwargs: dict[str, Any], arguments: Arguments
) -> list[int | None]:
    """The batch axis of every flat argument, non-negative."""
    name = function_name(fun)
    if isinstance(in_axes, list):
        in_axes = tuple(in_axes)
    if isinstance(in_axes, tuple) and len(in_axes) != len(args):
        raise errors.MappedAxisError(
            name, f"in_axes has {len(in_axes)} entries, but there are {len(args)} positional arguments"
        )
    args, kwargs = as_structure((args, kwargs))
    positional = tree_util.flatten_axes(f"vmap of `{name}`: in_axes", tree_util.tree_structure(args), in_axes)
    axes = [*positional, *[0] * len(tree_util.tree_leaves(kwargs))]
    return [
        _valid_axis(name, arguments.names[i], axis, x.type)
        for i, (x, axis) in enumerate(zip(arguments.arrays, axes, strict=True))
    ]


def _valid_axis(name: str, argument: str, axis: Any, type: TensorType) -> int | None:
    if axis is None:
        return None
    if not isinstance(axis, int):
        raise errors.MappedAxisError(name, f"in_axes holds {axis!r} for `{argument}`: an axis is an int or None")
    if not -type.rank <= axis < type.rank:
        raise errors.MappedAxisError(name, f"`{argument}` is {type}: it has no axis {axis} to map over")
    return axis % type.rank


def _batch_size(fun: Callable[..., Any], arguments: Arguments, axes: list[int | None], axis_size: int | None) -> int:
    sizes = {
        arguments.names[i]: x.shape[axis]
        for i, (x, axis) in enumerate(zip(arguments.arrays, axes, strict=True))
        if axis is not None
    }
    name = function_name(fun)
    if axis_size is not None:
        sizes["axis_size"] = axis_size
    if not sizes:
        raise errors.MappedAxisError(name, "nothing is mapped: every entry of in_axes is None (or give axis_size)")
    if len(set(sizes.values())) > 1:
        listed = ", ".join(f"{argument}: {size}" for argument, size in sizes.items())
        raise errors.MappedAxisError(name, f"the mapped axes have different sizes: {listed}")
    return next(iter(sizes.values()))


def _summed(
    fun: Callable[..., Any], tree: Any, out_axes: Axes, results: list[Array], dependent: list[bool]
) -> tuple[list[Array], list[bool]]:
    """The sums over the batch of results that have one where out_axes wants none; which results are left with one."""
    axes = beside(tree, tree_util.flatten_axes(f"vmap of `{function_name(fun)}`: out_axes", plain(tree), out_axes))
    unwanted = [flag and axis is None for flag, axis in zip(dependent, axes, strict=True)]
    summed = [
        bind(REGISTRY["reduce_sum"], x, weak_type=x.weak_type, axes=(0,)) if flag else x
        for x, flag in zip(results, unwanted, strict=True)
    ]
    return summed, [a and not b for a, b in zip(dependent, unwanted, strict=True)]


def _place_results(
    fun: Callable[..., Any], tree: Any, out_axes: Axes, results: list[Array], dependent: list[bool], size: int
) -> Any:
    """Move the batch axis of every result to where out_axes wants it."""
    name = function_name(fun)
    axes = tree_util.flatten_axes(f"vmap of `{name}`: out_axes", plain(tree), out_axes)
    placed = []
    for x, axis, flag in zip(results, beside(tree, axes), dependent, strict=True):
        if axis is None:
            if flag:
                raise errors.MappedAxisError(name, "out_axes is None for a result that depends on the batch")
            placed.append(x)
            continue
        rank = len(x.shape) + (not flag)
        if not -rank <= axis < rank:
            raise errors.MappedAxisError(name, f"a result has rank {rank} with its batch: it has no axis {axis}")
        weak = x.weak_type
        if not flag:
            shape, dims = (size, *x.shape), tuple(range(1, rank))
            x = bind(REGISTRY["broadcast_in_dim"], x, weak_type=weak, shape=shape, dimensions=dims)
        placed.append(move_axis(x, 0, axis % rank))
    remaining = iter(axes)
    return map_float0(lambda shape: _inserted(shape, next(remaining), size), tree_util.tree_unflatten(tree, placed))


def _inserted(shape: tuple[int, ...], axis: int | None, size: int) -> tuple[int, ...]:
    place = 0 if axis is None else axis % (len(shape) + 1)
    return shape if axis is None else (*shape[:place], size, *shape[place:])


def move_axis(x: Array, source: int, destination: int) -> Array:
    """Transpose that moves one axis."""
    if source == destination:
        return x
    order = [i for i in range(x.ndim) if i != source]
    order.insert(destination, source)
    return bind(REGISTRY["transpose"], x, weak_type=x.weak_type, permutation=tuple(order))
