"""Functions that apply functions: to scalars, to lines, piece by piece."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Collection, Sequence
from typing import Any

from lamina import errors
from lamina._transform import like
from lamina.array import Array
from lamina.numpy import _elementwise as e
from lamina.numpy._creation import asarray
from lamina.numpy._manipulation import expand_dims, moveaxis
from lamina.numpy._operands import (
    Shape,
    as_shape,
    broadcast,
    broadcast_shape,
    converted,
    normal_axes,
    normal_axis,
    operand,
)
from lamina.numpy._ranges import arange
from lamina.numpy._steps import reshaped

CoreDims = tuple[str, ...]


def vectorize(
    pyfunc: Callable[..., Any], *, excluded: Collection[int | str] = frozenset(), signature: str | None = None
) -> Callable[..., Any]:
    """A function of scalars (or of small arrays) as a function of arrays, which broadcast in their leading axes.

    Args:
        excluded: positions or names of arguments that are passed as they are.
        signature: dimensions of one call, as in ``"(n,m),(m)->(n)"``; default: scalars in and out.

    Raises: ValueError for a wrong signature, ShapeError where arguments do not fit it.

    >>> import lamina.numpy as lnp
    >>> norm = lnp.vectorize(lambda v: lnp.sqrt(v @ v), signature="(n)->()")
    >>> norm(lnp.array([[3.0, 4.0], [6.0, 8.0]]))
    Array([ 5., 10.], dtype=float32)
    """
    for which in excluded:
        if not isinstance(which, (int, str)):
            raise TypeError(f"lnp.vectorize: excluded holds positions and names, not {which!r}")
        if isinstance(which, int) and which < 0:
            raise ValueError(f"lnp.vectorize: the excluded position {which} is negative")
    parsed = None if signature is None else _parsed(signature)

    @like(pyfunc)
    def vectorized(*args: Any, **kwargs: Any) -> Any:
        return _Vectorized(pyfunc, excluded, parsed, args, kwargs).result()

    return vectorized


_DIMENSIONS = r"\(\s*(?:\w+(?:\s*,\s*\w+)*)?\s*\)"
_LIST = rf"{_DIMENSIONS}(?:\s*,\s*{_DIMENSIONS})*"


@functools.lru_cache(maxsize=256)
def _parsed(signature: str) -> tuple[list[CoreDims], list[CoreDims]]:
    """The core dimensions of arguments and of results."""
    if not re.fullmatch(rf"\s*{_LIST}\s*->\s*{_LIST}\s*", signature):
        raise ValueError(f"lnp.vectorize: {signature!r} is no signature such as '(n,m),(m)->(n)'")
    left, right = (
        [tuple(re.findall(r"\w+", group)) for group in re.findall(_DIMENSIONS, side)] for side in signature.split("->")
    )
    return left, right


class _Vectorized:
    """One call of a vectorized function."""

    def __init__(
        self, function: Callable[..., Any], excluded: Collection[int | str],
        signature: tuple[list[CoreDims], list[CoreDims]] | None, args: Sequence[Any], kwargs: dict[str, Any],
    ):  # fmt: skip
        self.name = getattr(function, "__name__", "function")
        named = {k: v for k, v in kwargs.items() if k not in excluded}
        self.names = [f"args[{i}]" for i in range(len(args)) if i not in excluded] + list(named)
        values = [a for i, a in enumerate(args) if i not in excluded] + list(named.values())
        self.arrays = [asarray(v) for v in values]
        self.inputs, self.outputs = signature or ([()] * len(self.arrays), None)
        if len(self.inputs) != len(self.arrays):
            problem = f"{len(self.arrays)} arguments for a signature of {len(self.inputs)}"
            raise TypeError(f"lnp.vectorize: `{self.name}` got {problem}")

        def call(*arrays: Any) -> Any:
            given = iter(arrays)
            positional = [a if i in excluded else next(given) for i, a in enumerate(args)]
            return function(*positional, **{k: v if k in excluded else next(given) for k, v in kwargs.items()})

        self.call = call
        self.sizes: dict[str, int] = {}

    def result(self) -> Any:
        loops = [self._loop(x, core, name) for x, core, name in zip(self.arrays, self.inputs, self.names, strict=True)]
        loop = broadcast_shape("vectorize", loops, self.names)
        function = self._checked
        for d in reversed(range(len(loop))):
            axes = tuple(0 if self._has(shape, d, len(loop)) else None for shape in loops)
            if any(axis == 0 for axis in axes):
                from lamina.vectorization import vmap

                function = vmap(function, in_axes=axes)
        thin = [
            reshaped(x, (*(n for n in shape if n != 1), *x.shape[len(shape) :]))
            for x, shape in zip(self.arrays, loops, strict=True)
        ]
        results = function(*thin)
        kept = sum(n != 1 for n in loop)
        whole = [reshaped(r, (*loop, *r.shape[kept:])) for r in (results if isinstance(results, tuple) else (results,))]
        return tuple(whole) if isinstance(results, tuple) else whole[0]

    def _loop(self, x: Array, core: CoreDims, name: str) -> Shape:
        """The leading axes, over which the function is mapped."""
        if x.ndim < len(core):
            problem = f"the signature gives {name} the dimensions {core}"
            raise errors.ShapeError(f"lnp.vectorize({self.name})", problem, argument=x.shape)
        self._bind(core, x.shape[x.ndim - len(core) :], name)
        return x.shape[: x.ndim - len(core)]

    def _bind(self, core: CoreDims, shape: Shape, name: str) -> None:
        for label, size in zip(core, shape, strict=True):
            known = self.sizes.setdefault(label, size)
            if known != size:
                problem = f"the dimension {label} is {known}, but {size} in {name}"
                raise errors.ShapeError(f"lnp.vectorize({self.name})", problem)

    @staticmethod
    def _has(shape: Shape, d: int, rank: int) -> bool:
        place = d - (rank - len(shape))
        return place >= 0 and shape[place] != 1

    def _checked(self, *arrays: Array) -> Any:
        """One call, whose results are as the signature says."""
        results = self.call(*arrays)
        if self.outputs is None:
            cores: list[CoreDims] = [()] * (len(results) if isinstance(results, tuple) else 1)
        else:
            cores = self.outputs
        if (len(cores) > 1) != isinstance(results, tuple) or (len(cores) > 1 and len(results) != len(cores)):
            got = len(results) if isinstance(results, tuple) else 1
            raise TypeError(f"lnp.vectorize: `{self.name}` gave {got} results for a signature of {len(cores)}")
        given = [operand("vectorize", v) for v in (results if isinstance(results, tuple) else (results,))]
        for i, (x, core) in enumerate(zip(given, cores, strict=True)):
            if x.ndim != len(core):
                problem = f"result {i} must have the dimensions {core}"
                raise errors.ShapeError(f"lnp.vectorize({self.name})", problem, result=x.shape)
            self._bind(core, x.shape, f"result {i}")
        return tuple(given) if isinstance(results, tuple) else given[0]


def apply_along_axis(func1d: Callable[..., Any], axis: int, arr: Any, *args: Any, **kwargs: Any) -> Array:
    """``func1d(line, *args, **kwargs)`` of every line along an axis, whose results take the place of that axis.

    >>> import lamina.numpy as lnp
    >>> lnp.apply_along_axis(lambda line: line[::-1], 1, lnp.array([[1, 2], [3, 4]]))
    Array([[2, 1],
           [4, 3]], dtype=int32)
    """
    from lamina.vectorization import vmap

    arr = operand("apply_along_axis", arr, "arr")
    axis = normal_axis("apply_along_axis", axis, arr.ndim)

    def function(line: Array) -> Any:
        return func1d(line, *args, **kwargs)

    for _ in range(arr.ndim - 1):
        function = vmap(function)
    result = function(moveaxis(arr, axis, -1))
    inner = range(arr.ndim - 1, result.ndim)
    return moveaxis(result, tuple(inner), tuple(range(axis, axis + len(inner))))


def apply_over_axes(func: Callable[[Array, int], Array], a: Any, axes: Any) -> Array:
    """``func(a, axis)`` for one axis after the other; an axis that it takes away stays with size 1.

    >>> import lamina.numpy as lnp
    >>> lnp.apply_over_axes(lnp.sum, lnp.ones((2, 3, 4)), [0, 2])
    Array([[[8.],
            [8.],
            [8.]]], dtype=float32)
    """
    a = operand("apply_over_axes", a, "a")
    for axis in normal_axes("apply_over_axes", axes, a.ndim):
        result = func(a, axis)
        if result.ndim == a.ndim - 1:
            result = expand_dims(result, axis)
        if result.ndim != a.ndim:
            raise errors.ShapeError(
                "lnp.apply_over_axes", "the function must keep the rank, or take away its axis",
                a=a.shape, result=result.shape,
            )  # fmt: skip
        a = result
    return a


def piecewise(x: Any, condlist: Any, funclist: Sequence[Any], *args: Any, **kw: Any) -> Array:
    """The function (or number) of the last condition that holds, elementwise; a further one, last, where none does (0).

    >>> import lamina.numpy as lnp
    >>> x = lnp.array([-2.0, 3.0])
    >>> lnp.piecewise(x, [x < 0, x >= 0], [lambda x: -x, lambda x: 10 * x])
    Array([ 2., 30.], dtype=float32)
    """
    x = operand("piecewise", x)
    conditions = list(condlist) if isinstance(condlist, (list, tuple)) or operand("piecewise", condlist).ndim else []
    if len(funclist) not in (len(conditions), len(conditions) + 1):
        raise ValueError(f"lnp.piecewise: {len(funclist)} functions for {len(conditions)} conditions")
    *functions, default = funclist if len(funclist) > len(conditions) else [*funclist, 0]

    def value(piece: Any) -> Array:
        result = vectorize(lambda v: piece(v, *args, **kw))(x) if callable(piece) else operand("piecewise", piece)
        return converted(result, x.dtype)

    result = value(default)
    for condition, piece in zip(conditions, functions, strict=True):
        result = e.where(condition, value(piece), result)
    return broadcast("piecewise", (result, x))[0]


def fromfunction(function: Callable[..., Any], shape: Any, *, dtype: Any = float, **kwargs: Any) -> Any:
    """The function of the indices of every element of an array of the shape, each a scalar.

    >>> import lamina.numpy as lnp
    >>> lnp.fromfunction(lambda i, j: 10 * i + j, (2, 2), dtype=int)
    Array([[ 0,  1],
           [10, 11]], dtype=int32)
    """
    from lamina.vectorization import vmap

    sizes = as_shape("fromfunction", shape)
    call = functools.partial(function, **kwargs)
    for d in reversed(range(len(sizes))):
        call = vmap(call, in_axes=tuple(0 if i == d else None for i in range(len(sizes))))
    return call(*(arange(n, dtype=dtype) for n in sizes))
