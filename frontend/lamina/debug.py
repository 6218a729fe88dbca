"""Looking at values inside of compiled programs."""

from __future__ import annotations

import builtins
import functools
import logging
import string
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from lamina import tree_util
from lamina._callbacks import call_python
from lamina._frames import api_boundary, innermost_user_frame
from lamina.array import Array
from lamina.unavailable import unavailable

__all__ = ["breakpoint", "callback", "log", "print"]


@api_boundary
def callback(
    callback: Callable[..., Any] | None = None,
    *args: Any,
    ordered: bool = False,
    partitioned: bool = False,
    **kwargs: Any,
) -> Any:
    """Call a Python function on values, for its side effects, each time the program comes by.

    Its arguments are arrays and containers of them; other values it gets as they are. Derivatives ignore it; `vmap`
    calls it for every example. Calls happen in the order of the program. Without a function it gives one that takes it
    and its arguments: ``debug.callback(ordered=True)(f, x)``.

    >>> import lamina as la
    >>> seen = []
    >>> la.jit(lambda x: la.debug.callback(lambda v: seen.append(int(v)), x))(3)
    >>> seen
    [3]
    """
    del partitioned
    if callback is None:
        return _later("callback", functools.partial(_call, ordered), args, kwargs)
    return _call(ordered, callback, *args, **kwargs)


def _later(name: str, function: Callable[..., Any], args: Any, kwargs: Any) -> Callable[..., Any]:
    """The two-call form, whose first call has options only."""
    if args or kwargs:
        raise TypeError(f"debug.{name}: arguments without what takes them: {', '.join([*map(repr, args), *kwargs])}")
    return api_boundary(function)


def _call(ordered: bool, callback: Callable[..., Any], /, *args: Any, **kwargs: Any) -> None:
    leaves, tree = tree_util.tree_flatten((args, kwargs))
    moving = [_is_array(x) for x in leaves]
    static = [None if flag else x for x, flag in zip(leaves, moving, strict=True)]

    def quiet(*given: Any) -> None:
        rest = iter(given)
        every = [next(rest) if flag else x for x, flag in zip(static, moving, strict=True)]
        args, kwargs = tree_util.tree_unflatten(tree, every)
        callback(*args, **kwargs)

    quiet.__name__ = getattr(callback, "__name__", "callback")
    arrays = [x for x, flag in zip(leaves, moving, strict=True) if flag]
    call_python(quiet, None, arrays, {}, effect="debug", batching="ordered" if ordered else "sequential")


class _Formatter(string.Formatter):
    def check_unused_args(self, used_args: Any, args: Any, kwargs: Any) -> None:
        unused = [str(i) for i in range(len(args)) if i not in used_args] + [k for k in kwargs if k not in used_args]
        if unused:
            raise ValueError(f"debug.print: the format string has no place for the arguments {', '.join(unused)}")


_formatter = _Formatter()


@api_boundary
def print(
    fmt: str | None = None,
    *args: Any,
    ordered: bool = False,
    partitioned: bool = False,
    skip_format_check: bool = False,
    **kwargs: Any,
) -> Any:
    """Print values, ``debug.print("x = {}", x)``, each time the program comes by.

    Args:
        fmt: a format string as for `str.format`.
        args, kwargs: arrays and containers of them, and other values that are formatted as they are.
        ordered: accepted for JAX's programs; prints are in the order of the program in any case.
        skip_format_check: do not check the format string before there are values.

    Without a format string it gives a function that takes it and the values: ``debug.print(ordered=True)("{}", x)``.

    Raises ValueError for arguments that the format string has no place for.

    >>> import lamina as la
    >>> la.jit(lambda x: la.debug.print("x = {x}, twice {}", 2 * x, x=x))(3)
    x = 3, twice 6
    """
    del partitioned
    write = functools.partial(_emit, "print", builtins.print, ordered, not skip_format_check)
    return _later("print", write, args, kwargs) if fmt is None else write(fmt, *args, **kwargs)


@api_boundary
def log(
    fmt: str | None = None,
    *args: Any,
    ordered: bool = False,
    partitioned: bool = False,
    skip_format_check: bool = False,
    **kwargs: Any,
) -> Any:
    """Like `print`, to the logger "lamina" (level info).

    >>> import lamina as la
    >>> import logging
    >>> logging.getLogger("lamina").setLevel("WARNING")
    >>> la.debug.log("x = {}", 3)
    """
    del partitioned
    write = functools.partial(_emit, "log", logging.getLogger("lamina").info, ordered, not skip_format_check)
    return _later("log", write, args, kwargs) if fmt is None else write(fmt, *args, **kwargs)


def _emit(
    name: str, write: Callable[[str], Any], ordered: bool, check: bool, fmt: str, /, *args: Any, **kwargs: Any
) -> None:
    if not isinstance(fmt, str):
        raise TypeError(
            f"debug.{name} takes a format string first, not a {type(fmt).__name__}: debug.{name}('{{}}', x)"
        )
    if check:
        _formatter.format(fmt, *map(_Anything, args), **{k: _Anything(v) for k, v in kwargs.items()})

    def show(*given: Any, **named: Any) -> None:
        given, named = tree_util.tree_map(_plain, (given, named))
        write(_formatter.format(fmt, *given, **named))

    _call(ordered, show, *args, **kwargs)


class _Anything:
    """Stands for a value while a format string is checked: any format specification will do."""

    def __init__(self, value: Any):
        del value

    def __format__(self, spec: str) -> str:
        return ""

    def __getattr__(self, name: str) -> _Anything:
        return self

    def __getitem__(self, key: Any) -> _Anything:
        return self


def _is_array(x: Any) -> bool:
    return isinstance(x, (Array, np.ndarray, np.generic, int, float, complex))


def _plain(x: Any) -> Any:
    """A NumPy scalar for a single number, so that format specifications work."""
    return x[()] if isinstance(x, np.ndarray) and x.ndim == 0 else x


@api_boundary
def breakpoint(
    *,
    backend: str | None = None,
    filter_frames: bool = True,
    num_frames: int | None = None,
    ordered: bool = False,
    **kwargs: Any,
) -> None:
    """Stop here when the program comes by, in a Python console where the arrays of the calling function have values.

    Does nothing but say so where standard input is no terminal. `kwargs`: further values under their names.

    >>> import lamina as la, lamina.numpy as lnp
    >>> @la.jit
    ... def loss(x):
    ...     y = lnp.log(x)
    ...     la.debug.breakpoint()  # a console in which x and y have values
    ...     return y
    >>> loss(lnp.array(1.0))  # doctest: +SKIP
    """
    del backend, filter_frames, num_frames
    frame = innermost_user_frame()
    assert frame is not None
    where = f"{frame.f_code.co_filename}:{frame.f_lineno}"
    visible = {name: x for name, x in {**frame.f_locals, **kwargs}.items() if isinstance(x, Array)}
    others = {name: x for name, x in {**frame.f_globals, **frame.f_locals}.items() if name not in visible}

    def stop(**values: Any) -> None:
        if not sys.stdin.isatty():
            builtins.print(f"(breakpoint at {where}: standard input is no terminal)")
            return
        import code

        code.interact(
            banner=f"lamina breakpoint at {where}; arrays: {', '.join(values)}. End with Ctrl-D.",
            local={**others, **values},
            exitmsg="",
        )

    named: dict[str, Any] = dict(visible)
    _call(ordered, lambda values: stop(**values), named)


globals().update(unavailable("lamina.debug"))
