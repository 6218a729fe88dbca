"""`lnp.ufunc`: functions of scalars applied elementwise, with NumPy's methods reduce, accumulate, outer and at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lamina import dtypes, errors
from lamina.array import Array
from lamina.lax._loops import scan
from lamina.numpy import _elementwise as e
from lamina.numpy import _reductions as r
from lamina.numpy import _scans
from lamina.numpy._arithmetic import logaddexp as _logaddexp
from lamina.numpy._arithmetic import logaddexp2 as _logaddexp2
from lamina.numpy._creation import full
from lamina.numpy._joining import concatenate
from lamina.numpy._makers import as_bool
from lamina.numpy._manipulation import moveaxis, ravel
from lamina.numpy._operands import converted, expanded, normal_axes, normal_axis, operand
from lamina.numpy._steps import joined, reshaped, sliced


class ufunc:
    """A function of `nin` scalars giving `nout`, applied elementwise to arrays that broadcast.

    >>> import lamina.numpy as lnp
    >>> lnp.maximum.reduce(lnp.array([[1, 5], [4, 2]]))
    Array([4, 5], dtype=int32)
    >>> lnp.multiply.outer(lnp.arange(3), lnp.array([1, 10]))
    Array([[ 0,  0],
           [ 1, 10],
           [ 2, 20]], dtype=int32)
    """

    def __init__(
        self,
        func: Callable[..., Any],
        /,
        nin: int,
        nout: int,
        *,
        name: str | None = None,
        identity: Any = None,
        reduce: Callable[..., Array] | None = None,
        accumulate: Callable[..., Array] | None = None,
        at: str | None = None,
    ):
        """`reduce`, `accumulate`: what does that at once, else it goes stepwise; `at`: the method of ``x.at[i]``."""
        self.nin, self.nout, self.nargs, self.identity = nin, nout, nin + nout, identity
        self.__name__ = self.__qualname__ = name or getattr(func, "__name__", "ufunc")
        self.__doc__ = func.__doc__
        self.__wrapped__ = func
        self._reduce, self._accumulate, self._at = reduce, accumulate, at

    def __repr__(self) -> str:
        return f"<lnp.ufunc '{self.__name__}'>"

    def __call__(self, *args: Any, out: None = None, where: None = None) -> Any:
        if out is not None or where is not None:
            raise NotImplementedError(
                f"lnp.{self.__name__}: there is no out= or where=, because arrays are immutable. Use lnp.where."
            )
        return self.__wrapped__(*args)

    def reduce(
        self, a: Any, axis: Any = 0, dtype: Any = None, out: None = None, keepdims: bool = False, initial: Any = None,
        where: Any = None,
    ) -> Array:  # fmt: skip
        """Combine the elements along an axis (None: all), from the first to the last."""
        self._require_binary("reduce", out)
        a = operand(f"{self.__name__}.reduce", a, "a")
        if where is not None:
            if self.identity is None and initial is None:
                problem = "it has no identity, so with where= the argument initial= must be given"
                raise ValueError(f"lnp.{self.__name__}.reduce: {problem}")
            if operand("reduce", where, "where").dtype != np.bool_:
                raise ValueError(f"lnp.{self.__name__}.reduce: where must be boolean, not {dtypes.dtype(where)}")
        reduce = self._reduce or self._stepwise
        return reduce(a, axis=axis, dtype=dtype, keepdims=keepdims, initial=initial, where=where)

    def _stepwise(self, a: Array, axis: Any, dtype: Any, keepdims: bool, initial: Any, where: Any) -> Array:
        if isinstance(axis, tuple):
            raise NotImplementedError(f"lnp.{self.__name__}.reduce: only along one axis, or all (None)")
        place = None if axis is None else normal_axis("reduce", axis, a.ndim)
        final = tuple(
            1 if place in (None, d) else n for d, n in enumerate(a.shape) if keepdims or place not in (None, d)
        )
        given = [a] if where is None else [a, expanded(operand("reduce", where), a.shape)]
        a, *mask = (ravel(v) if place is None else moveaxis(v, place, 0) for v in given)
        dtype = self._result_dtype(a) if dtype is None else dtypes.check_user_dtype_supported(dtype, "reduce")
        start = self.identity if initial is None else initial
        if start is None and a.shape[0] == 0:
            raise ValueError(f"lnp.{self.__name__}.reduce of no elements does not exist: it has no identity")
        a = converted(a, dtype)
        first = full(a.shape[1:], start, dtype) if start is not None else a[0]

        def step(total: Array, element: tuple[Array, ...]) -> tuple[Array, None]:
            combined = converted(self(total, element[0]), dtype)
            return (e.where(element[1], combined, total) if len(element) > 1 else combined), None

        rest = [v if start is not None else v[1:] for v in (a, *mask)]
        result, _ = scan(step, first, tuple(rest))
        return reshaped(result, final)

    def accumulate(self, a: Any, axis: int = 0, dtype: Any = None, out: None = None) -> Array:
        """The results of combining the first 1, 2, … elements along an axis."""
        self._require_binary("accumulate", out)
        a = operand(f"{self.__name__}.accumulate", a, "a")
        if self._accumulate is not None:
            return self._accumulate(a, axis=axis, dtype=dtype)
        if axis is None or isinstance(axis, tuple):
            raise ValueError(f"lnp.{self.__name__}.accumulate takes one axis, not {axis}")
        axis = normal_axis("accumulate", axis, a.ndim)
        dtype = self._result_dtype(a) if dtype is None else dtypes.check_user_dtype_supported(dtype, "accumulate")
        a = moveaxis(converted(a, dtype), axis, 0)
        if not a.size:
            return moveaxis(a, 0, axis)

        def step(total: Array, element: Array) -> tuple[Array, Array]:
            total = converted(self(total, element), dtype)
            return total, total

        _, rest = scan(step, a[0], a[1:])
        return moveaxis(concatenate([a[:1], rest]), 0, axis)

    def outer(self, A: Any, B: Any, /) -> Any:
        """The function of all pairs of an element of A and one of B."""
        if self.nin != 2:
            raise ValueError(f"lnp.{self.__name__}.outer: only functions of two arguments have it")
        A, B = operand(f"{self.__name__}.outer", A, "A"), operand(f"{self.__name__}.outer", B, "B")
        return self(reshaped(A, (*A.shape, *(1,) * B.ndim)), B)

    def at(self, a: Any, indices: Any, b: Any = None, /, *, inplace: bool = True) -> Array:
        """A copy with the function applied to the elements at `indices` (and `b`): pass ``inplace=False``."""
        if inplace:
            raise NotImplementedError(f"lnp.{self.__name__}.at: arrays are immutable. Pass inplace=False for a copy.")
        a = operand(f"{self.__name__}.at", a, "a")
        if self.nin == 1:
            return a.at[indices].apply(self.__wrapped__)
        if self._at is not None:
            return getattr(a.at[indices], self._at)(b)
        if self.nin != 2:
            raise ValueError(f"lnp.{self.__name__}.at: only functions of one or two arguments have it")
        return _applied_in_turn(self, a, indices, operand(f"{self.__name__}.at", b, "b"))

    def reduceat(self, a: Any, indices: Any, axis: int = 0, dtype: Any = None, out: None = None) -> Array:
        """`reduce` of the parts of an axis that begin at known indices and end before the next."""
        self._require_binary("reduceat", out)
        a = operand(f"{self.__name__}.reduceat", a, "a")
        axis = normal_axis("reduceat", axis, a.ndim)
        starts = np.atleast_1d(np.asarray(indices)).tolist()
        ends = [*starts[1:], a.shape[axis]]
        parts = []
        for start, end in zip(starts, ends, strict=True):
            part = sliced(a, axis, start, max(end, start + 1))
            parts.append(self.reduce(part, axis, dtype, keepdims=True))
        return joined(parts, axis)

    def _require_binary(self, method: str, out: Any) -> None:
        if self.nin != 2 or self.nout != 1:
            raise ValueError(f"lnp.{self.__name__}.{method}: only functions of two arguments and one result have it")
        if out is not None:
            raise NotImplementedError(f"lnp.{self.__name__}.{method}: there is no out=, because arrays are immutable.")

    def _result_dtype(self, a: Array) -> Any:
        one = full((), 1, a.dtype)
        return self(one, one).dtype


def _applied_in_turn(function: ufunc, a: Array, indices: Any, b: Array) -> Array:
    """Where positions repeat, one after the other."""
    selected = a.at[indices].get()
    if a.shape == selected.shape or selected.ndim == 0 or isinstance(indices, slice):
        return a.at[indices].set(function(selected, b))
    positions = np.asarray(indices)
    rows = expanded(b, selected.shape)
    for i in range(positions.shape[0]):
        a = a.at[int(positions[i])].set(function(a[int(positions[i])], rows[i]))
    return a


def frompyfunc(func: Callable[..., Any], /, nin: int, nout: int, *, identity: Any = None) -> ufunc:
    """A ufunc of a function of `nin` scalars that gives `nout`.

    >>> import lamina.numpy as lnp
    >>> lnp.frompyfunc(lambda x, y: 2 * x + y, 2, 1).accumulate(lnp.array([1, 0, 1]))
    Array([1, 2, 5], dtype=int32)
    """
    from lamina.numpy._functional import vectorize

    return ufunc(vectorize(func), nin, nout, name=getattr(func, "__name__", None), identity=identity)


# ---- the functions that are ufuncs ----------------------------------------------------------------------------------


def _typed(reduce: Callable[..., Array]) -> Callable[..., Array]:
    """A reduction without dtype= as one with it."""

    def apply(a: Any, *, dtype: Any, **options: Any) -> Array:
        result = reduce(a, **options)
        return result if dtype is None else converted(result, dtypes.check_user_dtype_supported(dtype, "reduce"))

    return apply


def _folded(record: str, combine: Callable[..., Array], identity: Any, prepare: Callable[[Array], Array]) -> Any:
    """A reduction by an op of the dialect."""

    def apply(a: Any, *, axis: Any, dtype: Any, keepdims: bool, initial: Any, where: Any) -> Array:
        a = prepare(a) if dtype is None else converted(prepare(a), dtypes.check_user_dtype_supported(dtype, "reduce"))
        a = r.only_where("reduce", a, where, identity)
        result = r.reduced(record, a, normal_axes("reduce", axis, a.ndim), keepdims)
        return result if initial is None else combine(result, converted(operand("reduce", initial), a.dtype))

    return apply


def _log_sum(base: float) -> Any:
    """The reduction of logaddexp."""

    def apply(a: Any, *, axis: Any, dtype: Any, keepdims: bool, initial: Any, where: Any) -> Array:
        from lamina.nn import logsumexp

        scale = np.log(base)
        result = logsumexp(e.multiply(a, scale), axis=axis, keepdims=keepdims, where=where)
        result = result if initial is None else logaddexp(result, e.multiply(initial, scale))
        return e.true_divide(result, scale)

    return apply


def _bits(x: Array) -> Array:
    if x.dtype.kind not in "biu":
        raise errors.DTypeError(f"Bits are those of integers and booleans, not of {x.dtype}.")
    return x


add = ufunc(e.add, 2, 1, identity=0, reduce=r.sum, accumulate=_scans.cumsum, at="add")
subtract = ufunc(e.subtract, 2, 1, at="subtract")
multiply = ufunc(e.multiply, 2, 1, identity=1, reduce=r.prod, accumulate=_scans.cumprod, at="multiply")
negative = ufunc(e.negative, 1, 1)
maximum = ufunc(e.maximum, 2, 1, reduce=_typed(r.max), at="max")
minimum = ufunc(e.minimum, 2, 1, reduce=_typed(r.min), at="min")
logaddexp = ufunc(_logaddexp, 2, 1, identity=-np.inf, reduce=_log_sum(np.e))
logaddexp2 = ufunc(_logaddexp2, 2, 1, identity=-np.inf, reduce=_log_sum(2))
bitwise_and = ufunc(e.bitwise_and, 2, 1, identity=-1, reduce=_folded("reduce_and", e.bitwise_and, -1, _bits))
bitwise_or = ufunc(e.bitwise_or, 2, 1, identity=0, reduce=_folded("reduce_or", e.bitwise_or, 0, _bits))
bitwise_xor = ufunc(e.bitwise_xor, 2, 1, identity=0, reduce=_folded("reduce_xor", e.bitwise_xor, 0, _bits))
logical_and = ufunc(e.logical_and, 2, 1, identity=True, reduce=_folded("reduce_and", e.logical_and, True, as_bool))
logical_or = ufunc(e.logical_or, 2, 1, identity=False, reduce=_folded("reduce_or", e.logical_or, False, as_bool))
logical_xor = ufunc(e.logical_xor, 2, 1, identity=False, reduce=_folded("reduce_xor", e.logical_xor, False, as_bool))
