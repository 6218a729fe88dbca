"""Collectives: what the examples of a `vmap` with an `axis_name` compute together."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

from lamina import errors, tree_util
from lamina._frames import api_boundary
from lamina.array import Array
from lamina.binding import bind
from lamina.lax._operands import as_dtype
from lamina.tracer import as_array
from lamina.tracing import axis_sizes
from lamina_compiler.opdef import REGISTRY

AxisName = Any  # a name, or a tuple of names


def _names(axis_name: AxisName) -> list[Any]:
    return list(axis_name) if isinstance(axis_name, (tuple, list)) else [axis_name]


def _size(name: Any) -> int:
    sizes = axis_sizes()
    if name not in sizes:
        raise errors.UnboundAxisError(name, list(sizes))
    return sizes[name]


@api_boundary
def axis_size(axis_name: AxisName) -> int:
    """Number of examples along a named axis (the product for several names).

    >>> import lamina as la, lamina.lax as lax, lamina.numpy as lnp
    >>> la.vmap(lambda x: x / lax.axis_size("i"), axis_name="i")(lnp.ones(4))
    Array([0.25, 0.25, 0.25, 0.25], dtype=float32)
    """
    return math.prod(_size(name) for name in _names(axis_name))


@api_boundary
def axis_index(axis_name: AxisName) -> Array:
    """The number of the example along a named axis.

    >>> import lamina as la, lamina.numpy as lnp
    >>> la.vmap(lambda x: x + la.lax.axis_index("i"), axis_name="i")(lnp.zeros(3, int))
    Array([0, 1, 2], dtype=int32)
    """
    index: Any = 0
    for name in _names(axis_name):
        index = index * _size(name) + bind(REGISTRY["axis_index"], axis_name=str(name))
    return index


def _reduced(op: str, x: Any, axis_name: AxisName, groups: Any) -> Any:
    _refuse_groups(op, groups)
    names = _names(axis_name)
    for name in names:
        _size(name)

    def reduce(leaf: Any) -> Any:
        array = as_array(leaf)
        if op == "psum" and array.dtype.kind == "b":
            array = as_dtype(array, as_array(0).dtype)
        for name in names:
            array = bind(REGISTRY[op], array, weak_type=array.weak_type, axis_name=str(name))
        return array

    return tree_util.tree_map(reduce, x)


@api_boundary
def psum(x: Any, axis_name: AxisName, *, axis_index_groups: Any = None) -> Any:
    """Sum over the examples of a named axis, which all of them get. A Python number: times the number of examples.

    >>> import lamina as la, lamina.numpy as lnp
    >>> la.vmap(lambda x: x / la.lax.psum(x, "i"), axis_name="i")(lnp.array([1.0, 3.0]))
    Array([0.25, 0.75], dtype=float32)
    """
    if isinstance(x, (int, float, complex)) and axis_index_groups is None:
        return x * axis_size(axis_name)
    return _reduced("psum", x, axis_name, axis_index_groups)


@api_boundary
def pmean(x: Any, axis_name: AxisName, *, axis_index_groups: Any = None) -> Any:
    """Mean over the examples of a named axis.

    >>> import lamina as la, lamina.lax as lax, lamina.numpy as lnp
    >>> la.vmap(lambda x: x - lax.pmean(x, "i"), axis_name="i")(lnp.array([1.0, 2.0, 6.0]))
    Array([-2., -1.,  3.], dtype=float32)
    """
    size = axis_size(axis_name)
    return tree_util.tree_map(lambda leaf: leaf / size, psum(x, axis_name, axis_index_groups=axis_index_groups))


@api_boundary
def pmax(x: Any, axis_name: AxisName, *, axis_index_groups: Any = None) -> Any:
    """Maximum over the examples of a named axis.

    >>> import lamina as la, lamina.lax as lax, lamina.numpy as lnp
    >>> la.vmap(lambda x: x - lax.pmax(x, "i"), axis_name="i")(lnp.array([1, 2, 3]))
    Array([-2, -1,  0], dtype=int32)
    """
    return _reduced("pmax", x, axis_name, axis_index_groups)


@api_boundary
def pmin(x: Any, axis_name: AxisName, *, axis_index_groups: Any = None) -> Any:
    """Minimum over the examples of a named axis.

    >>> import lamina as la, lamina.lax as lax, lamina.numpy as lnp
    >>> la.vmap(lambda x: x - lax.pmin(x, "i"), axis_name="i")(lnp.array([1, 2, 3]))
    Array([0, 1, 2], dtype=int32)
    """
    return _reduced("pmin", x, axis_name, axis_index_groups)


def _mapped(f: Callable[[Array], Array], x: Any) -> Any:
    return tree_util.tree_map(lambda leaf: f(as_array(leaf)), x)


def _refuse_groups(operation: str, groups: Any) -> None:
    if groups is not None:
        raise NotImplementedError(
            f"lax.{operation}: axis_index_groups are for devices; reshape the mapped axis instead"
        )


def _one_name(operation: str, axis_name: AxisName, groups: Any = None) -> Any:
    _refuse_groups(operation, groups)
    names = _names(axis_name)
    if len(names) != 1:
        raise NotImplementedError(f"lax.{operation} takes one axis name, not {axis_name!r}")
    return names[0]


@api_boundary
def all_gather(
    x: Any,
    axis_name: AxisName,
    *,
    axis_index_groups: Any = None,
    axis: int = 0,
    tiled: bool = False,
    to: str = "varying",
) -> Any:
    """The arrays of all examples, stacked along a new axis; with `tiled` concatenated along an existing one.

    `to` ("varying", "reduced" or "invarying") is accepted for JAX's programs: it says nothing about a batch.

    >>> import lamina as la, lamina.numpy as lnp
    >>> la.vmap(lambda x: la.lax.all_gather(x, "i"), axis_name="i")(lnp.array([1.0, 3.0]))
    Array([[1., 3.],
           [1., 3.]], dtype=float32)
    """
    name = _one_name("all_gather", axis_name, axis_index_groups)
    size = _size(name)

    def gather(array: Array) -> Array:
        place = _axis("all_gather", axis, array.ndim + (not tiled))
        out = bind(REGISTRY["all_gather"], array, axis_name=str(name), axis=place, count=size)
        return _joined(out, place) if tiled else out

    return _mapped(gather, x)


def _axis(operation: str, axis: int, rank: int) -> int:
    axis = operator.index(axis)
    if not -rank <= axis < rank:
        raise errors.AxisError(f"lax.{operation}", axis, rank, cure="Axes count from 0.")
    return axis % rank


def _joined(x: Array, axis: int) -> Array:
    """Merge an axis with the one after it."""
    shape = (*x.shape[:axis], x.shape[axis] * x.shape[axis + 1], *x.shape[axis + 2 :])
    return bind(REGISTRY["reshape"], x, shape=shape)


def _divided(operation: str, x: Array, axis: int, size: int) -> Array:
    """Split an axis in two, of which the first has `size`."""
    if x.shape[axis] % size:
        raise errors.ShapeError(operation, f"axis {axis} of {x.type} cannot be divided among {size} examples")
    shape = (*x.shape[:axis], size, x.shape[axis] // size, *x.shape[axis + 1 :])
    return bind(REGISTRY["reshape"], x, shape=shape)


@api_boundary
def psum_scatter(
    x: Any, axis_name: AxisName, *, scatter_dimension: int = 0, axis_index_groups: Any = None, tiled: bool = False
) -> Any:
    """Like `psum`, but each example gets its own place of the sum along `scatter_dimension`.

    >>> import lamina as la, lamina.lax as lax, lamina.numpy as lnp
    >>> la.vmap(lambda row: lax.psum_scatter(row, "i"), axis_name="i")(lnp.array([[1, 2], [30, 40]]))
    Array([31, 42], dtype=int32)
    """
    name = _one_name("psum_scatter", axis_name, axis_index_groups)
    size = _size(name)

    def scatter(array: Array) -> Array:
        axis = _axis("psum_scatter", scatter_dimension, array.ndim)
        array = _divided("psum_scatter", array, axis, size) if tiled else array
        return bind(REGISTRY["psum_scatter"], array, axis_name=str(name), axis=axis, count=size)

    return _mapped(scatter, x)


@api_boundary
def all_to_all(
    x: Any,
    axis_name: AxisName,
    split_axis: int,
    concat_axis: int,
    *,
    axis_index_groups: Any = None,
    tiled: bool = False,
) -> Any:
    """Exchange the mapped axis with one of the arrays: example j gets place j along `split_axis` of all examples.

    >>> import lamina as la, lamina.lax as lax, lamina.numpy as lnp
    >>> x = lnp.array([[1, 2], [3, 4]])
    >>> la.vmap(lambda row: lax.all_to_all(row, "i", 0, 0), axis_name="i")(x)
    Array([[1, 3],
           [2, 4]], dtype=int32)
    """
    name = _one_name("all_to_all", axis_name, axis_index_groups)
    size = _size(name)

    def exchange(array: Array) -> Array:
        split, concat = (_axis("all_to_all", axis, array.ndim) for axis in (split_axis, concat_axis))
        if tiled:
            array = _divided("all_to_all", array, split, size)
        out = bind(REGISTRY["all_to_all"], array, axis_name=str(name), split=split, concat=concat, count=size)
        return _joined(out, concat) if tiled else out

    return _mapped(exchange, x)


@api_boundary
def ppermute(x: Any, axis_name: AxisName, perm: Sequence[tuple[int, int]]) -> Any:
    """Send arrays from example to example: ``perm`` has pairs (source, destination); zeros where nothing arrives.

    >>> import lamina as la, lamina.numpy as lnp
    >>> la.vmap(lambda x: la.lax.ppermute(x, "i", [(0, 1), (1, 2)]), axis_name="i")(lnp.array([5, 6, 7]))
    Array([0, 5, 6], dtype=int32)
    """
    name = _one_name("ppermute", axis_name)
    size = _size(name)
    sources, destinations = zip(*perm, strict=True) if perm else ((), ())
    for side in (sources, destinations):
        if len(set(side)) != len(side) or any(not 0 <= i < size for i in side):
            raise errors.LoopOperandError(
                "lax.ppermute",
                f"perm is {list(perm)}, but there are {size} examples",
                "Sources and destinations are numbers of examples, each at most once.",
            )
    return _mapped(
        lambda array: bind(
            REGISTRY["ppermute"], array, axis_name=str(name), sources=tuple(sources), destinations=tuple(destinations)
        ),
        x,
    )


@api_boundary
def pshuffle(x: Any, axis_name: AxisName, perm: Sequence[int]) -> Any:
    """Example i gets the array of example ``perm[i]``.

    >>> import lamina as la, lamina.lax as lax, lamina.numpy as lnp
    >>> la.vmap(lambda x: lax.pshuffle(x, "i", [2, 0, 1]), axis_name="i")(lnp.array([1, 2, 3]))
    Array([3, 1, 2], dtype=int32)
    """
    return ppermute(x, axis_name, [(source, i) for i, source in enumerate(perm)])


@api_boundary
def pswapaxes(x: Any, axis_name: AxisName, axis: int, *, axis_index_groups: Any = None) -> Any:
    """Exchange the mapped axis with an axis of the arrays.

    >>> import lamina as la, lamina.lax as lax, lamina.numpy as lnp
    >>> la.vmap(lambda row: lax.pswapaxes(row, "i", 0), axis_name="i")(lnp.array([[1, 2], [3, 4]]))
    Array([[1, 3],
           [2, 4]], dtype=int32)
    """
    return all_to_all(x, axis_name, axis, axis, axis_index_groups=axis_index_groups)


@api_boundary
def pbroadcast(x: Any, axis_name: AxisName, source: int) -> Any:
    """The array of one example, for all of them.

    >>> import lamina as la, lamina.lax as lax, lamina.numpy as lnp
    >>> la.vmap(lambda x: lax.pbroadcast(x, "i", 1), axis_name="i")(lnp.array([1, 2, 3]))
    Array([2, 2, 2], dtype=int32)
    """
    from lamina import numpy as lnp

    mine = axis_index(axis_name) == source
    return psum(tree_util.tree_map(lambda leaf: lnp.where(mine, leaf, lnp.zeros_like(leaf)), x), axis_name)
