"""Checks in compiled programs: a checked function gives, beside its result, an error that says what went wrong first.

    error, result = checkify(f, errors=float_checks)(x)
    error.throw()

Checks of the user's are made with `check`; others are added to every operation: nan, division by zero, indices out of
bounds. They go through all transformations: a pass on the traced, derived program (lamina-checkify) carries an error
code through loops and branches. What has custom derivatives keeps them; checks in its derivative rules are not part of
the error. Without `checkify` a failing `check` raises as soon as it runs, also in a compiled program.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from lamina import errors as _errors
from lamina import tree_util
from lamina._callbacks import call_python
from lamina._frames import api_boundary
from lamina._transform import flatten_arguments, in_trace, like, trace_call
from lamina.array import Array
from lamina.tracer import as_array
from lamina.tracing import Trace, current_trace
from lamina_compiler import op_checks
from lamina_compiler.host_calls import callback as _callback_named
from lamina_compiler.passes.checkify import checked as _checked

__all__ = [
    "DivisionByZeroError", "Error", "ErrorCategory", "FailedCheckError", "JaxRuntimeError", "NaNError", "OOBError",
    "all_checks", "automatic_checks", "check", "check_error", "checkify", "debug_check", "div_checks", "float_checks",
    "index_checks", "init_error", "nan_checks", "user_checks",
]  # fmt: skip


class JaxRuntimeError(_errors.JaxRuntimeError, ValueError):
    """A check failed.

    >>> import lamina as la
    >>> from lamina.experimental import checkify
    >>> error, _ = checkify.checkify(lambda x: checkify.check(x > 0, "x must be positive"))(-1.0)
    >>> try:
    ...     error.throw()
    ... except checkify.JaxRuntimeError as failed:
    ...     print(failed)
    x must be positive ...
    """


class CheckError(Exception):
    """Base of the kinds of failures; `checkify` takes sets of them."""

    category: str


class FailedCheckError(CheckError):
    """A `check` of the user's."""

    category = "user"


class NaNError(CheckError):
    """An operation made a nan."""

    category = "nan"


class DivisionByZeroError(CheckError):
    """A division by zero."""

    category = "div"


class OOBError(CheckError):
    """An index out of bounds."""

    category = "index"


ErrorCategory = type[CheckError]

user_checks: frozenset[ErrorCategory] = frozenset({FailedCheckError})
nan_checks: frozenset[ErrorCategory] = frozenset({NaNError})
div_checks: frozenset[ErrorCategory] = frozenset({DivisionByZeroError})
index_checks: frozenset[ErrorCategory] = frozenset({OOBError})
float_checks: frozenset[ErrorCategory] = nan_checks | div_checks
automatic_checks: frozenset[ErrorCategory] = float_checks | index_checks
all_checks: frozenset[ErrorCategory] = automatic_checks | user_checks


class _Kind(NamedTuple):
    """What an error code stands for: the kind of failure, and its message for the payload."""

    error: ErrorCategory
    message: Callable[..., str]
    payload: int  # how many arrays it has


@tree_util.register_pytree_node_class
class Error:
    """What went wrong first in a call of a checked function. A container: functions may take and return it.

    >>> from lamina.experimental.checkify import Error
    >>> Error().get() is None
    True
    """

    def __init__(self, code: Any = 0, payload: Any = (), kinds: tuple[_Kind, ...] = ()) -> None:
        self._code, self._payload, self._kinds = code, tuple(payload), kinds

    def tree_flatten(self) -> tuple[Any, Any]:
        return (self._code, self._payload), self._kinds

    @classmethod
    def tree_unflatten(cls, kinds: Any, leaves: Any) -> Error:
        code, payload = leaves
        return cls(code, payload, kinds)

    def get(self) -> str | None:
        """The message, or None if nothing went wrong. For a batch of errors a line for each example with one."""
        code = np.asarray(self._code)
        if not code.any():
            return None
        if code.ndim == 0:
            return _message(self._kinds, int(code), [np.asarray(x) for x in self._payload])
        lines = []
        for index in map(tuple, np.argwhere(code)):
            payload = [np.asarray(x)[index] for x in self._payload]
            where = ", ".join(map(str, index))
            lines.append(f"at mapped index {where}: {_message(self._kinds, int(code[index]), payload)}")
        return "\n".join(lines)

    def get_exception(self) -> CheckError | None:
        """The failure as an exception of its kind, or None. (Of a batch the first.)"""
        code, message = np.asarray(self._code), self.get()
        first = int(code.flat[np.flatnonzero(code)[0]]) if message is not None else 0
        return self._kinds[first - 1].error(message) if first else None

    def throw(self) -> None:
        """Raise JaxRuntimeError if something went wrong."""
        check_error(self)

    def __repr__(self) -> str:
        code = self._code
        shown = "traced" if isinstance(code, Array) and not hasattr(code, "host") else self.get()
        return f"Error({shown})"


def _message(kinds: tuple[_Kind, ...], code: int, payload: list[np.ndarray]) -> str:
    first = sum(kind.payload for kind in kinds[: code - 1])
    kind = kinds[code - 1]
    return kind.message(*payload[first : first + kind.payload])


init_error = Error()


@api_boundary
def checkify(f: Callable[..., Any], errors: frozenset[ErrorCategory] = user_checks) -> Callable[..., tuple[Error, Any]]:
    """``f`` as a function that returns ``(error, result)``.

    Args:
        errors: what to look for; `user_checks`, `nan_checks`, `div_checks`, `index_checks`, or a union of them:
            `float_checks`, `automatic_checks`, `all_checks`.

    The result is what `f` would give also where a check fails. ``error.get()`` is the message of the first failure,
    or None; ``error.throw()`` raises it. Works under `jit`, `vmap` and derivatives, and checks what they make of `f`.

    >>> import lamina.numpy as lnp
    >>> from lamina.experimental import checkify
    >>> error, result = checkify.checkify(lnp.log, errors=checkify.nan_checks)(-1.0)
    >>> error.get()
    'nan generated by primitive: log. (at ...)'
    """
    categories = {error.category for error in errors}

    @like(f)
    @api_boundary
    def checked(*args: Any, **kwargs: Any) -> tuple[Error, Any]:
        def body(trace: Trace) -> Any:
            arguments = flatten_arguments(f, args, kwargs)
            traced, tree = trace_call(f, arguments, transform="checkify", look=False)
            found = _checked(trace.module, traced.function, categories)
            count = len(traced.types)
            weak = [*traced.weak_types, *[False] * len(found.error_types if found.checks else ())]
            out = trace.call(found.function, [*arguments.arrays, *traced.captures], weak)
            kinds = tuple(_kind(check) for check in found.checks)
            error = Error(out[count], out[count + 1 :], kinds) if found.checks else Error()
            return error, tree_util.tree_unflatten(tree, out[:count])

        return in_trace("checkify", body)

    return checked


def _kind(check: op_checks.Check) -> _Kind:
    place = _errors.source_text(check.location)
    where = f" (at {place})" if place else ""
    match check.category:
        case "nan":
            return _Kind(NaNError, lambda: f"nan generated by primitive: {check.what}.{where}", 0)
        case "div":
            return _Kind(DivisionByZeroError, lambda: f"division by zero{where}", 0)
        case "index":

            def outside(details: np.ndarray) -> str:
                index, axis, size = details.tolist()
                return (
                    f"out-of-bounds indexing for array of shape {check.shape}: index {index} is out of bounds for axis "
                    f"{axis} with size {size}.{where}"
                )

            return _Kind(OOBError, outside, 1)
    described: Callable[..., str] = _callback_named(check.what).function.message  # type: ignore[attr-defined]
    return _Kind(FailedCheckError, described, len(check.payload))


@api_boundary
def check(pred: Any, msg: str, *fmt_args: Any, debug: bool = False, **fmt_kwargs: Any) -> None:
    """Say that something must be true: if it is not, the error of the `checkify` around has this message.

    Args:
        pred: one boolean.
        msg: may have places for the other arguments, ``"x = {x}"``.
        fmt_args, fmt_kwargs: arrays or containers of them, shown in the message.
        debug: without a `checkify` around, do nothing.

    Without `checkify` a failure raises JaxRuntimeError at once, and a compiled program raises an error with its text.
    Raises TypeError for a predicate that is no boolean scalar, and for arguments that are no arrays.

    >>> import lamina as la
    >>> from lamina.experimental import checkify
    >>> def f(x):
    ...     checkify.check(x > 0, "x is {x}, not positive", x=x)
    ...     return 1 / x
    >>> error, result = la.jit(checkify.checkify(f))(-2.0)
    >>> error.get()
    'x is -2.0, not positive (`check` failed)'
    """
    if not isinstance(msg, str):
        raise TypeError(f"check: the message is a text, not {msg!r}")
    predicate = _predicate(pred)
    leaves, tree = tree_util.tree_flatten((fmt_args, fmt_kwargs))
    for leaf in leaves:
        if not isinstance(leaf, (Array, np.ndarray, np.generic, bool, int, float, complex)):
            raise TypeError(f"check: what a message shows has to be arrays, not {leaf!r} of type {type(leaf).__name__}")

    def message(*payload: np.ndarray) -> str:
        args, kwargs = tree_util.tree_unflatten(tree, [x[()] if x.ndim == 0 else x for x in payload])
        return f"{msg.format(*args, **kwargs)} (`check` failed)"

    _emit(predicate, message, leaves, debug)


def _predicate(pred: Any) -> Array:
    try:
        found = as_array(pred)
    except (TypeError, ValueError):
        raise TypeError(f"check takes a boolean scalar first, not {pred!r}") from None
    if found.shape != () or found.dtype != np.bool_:
        raise TypeError(f"check takes a boolean scalar first, not {found.type}: reduce it with lnp.all or lnp.any")
    return found


def _emit(predicate: Array, message: Callable[..., str], payload: list[Any], debug: bool) -> None:
    """A call of a function that raises, or what `checkify` makes of it."""
    if debug and current_trace() is None:
        return

    def demand(holds: np.ndarray, *payload: np.ndarray) -> None:
        if debug or holds.all():
            return
        first = np.unravel_index(np.argmin(holds), holds.shape)  # of a batch
        raise JaxRuntimeError(message(*(np.asarray(x[first]) for x in payload)))

    demand.message = message  # type: ignore[attr-defined]
    demand.__name__ = "check"
    call_python(demand, None, (predicate, *payload), {}, effect="check", batching="broadcast_all")


@api_boundary
def debug_check(pred: Any, msg: str, *fmt_args: Any, **fmt_kwargs: Any) -> None:
    """Like `check`, but nothing happens without a `checkify` around.

    >>> from lamina.experimental import checkify
    >>> checkify.debug_check(False, "not looked at")
    """
    check(pred, msg, *fmt_args, debug=True, **fmt_kwargs)


@api_boundary
def check_error(error: Error) -> None:
    """Raise JaxRuntimeError if an error has occurred; in a traced function, pass it on to the `checkify` around.

    >>> from lamina.experimental import checkify
    >>> checkify.check_error(checkify.init_error)
    """
    if not isinstance(error, Error):
        raise TypeError(f"check_error takes the error of a checked function, not {error!r}")
    code = as_array(error._code)
    if current_trace() is None:
        message = error.get()
        if message is not None:
            raise JaxRuntimeError(message)
        return
    from lamina import numpy as lnp

    def message_of(*leaves: np.ndarray) -> str:
        return Error(leaves[0], leaves[1:], error._kinds).get() or ""

    _emit(lnp.all(code == 0), message_of, [code, *error._payload], debug=False)
