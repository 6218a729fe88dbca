"""Looking at values inside of compiled programs."""

from __future__ import annotations

import builtins
import logging
import string
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from lamina._callbacks import call_python
from lamina._frames import api_boundary, innermost_user_frame
from lamina.array import Array
from lamina.unavailable import unavailable

__all__ = ["breakpoint", "callback", "log", "print"]


@api_boundary
def callback(
    callback: Callable[..., Any], *args: Any, ordered: bool = False, partitioned: bool = False, **kwargs: Any
) -> None:
    """Call a Python function on values, for its side effects, each time the program comes by.

    Derivatives ignore it; `vmap` calls it for every example. Calls happen in the order of the program.

    >>> import lamina as la
    >>> seen = []
    >>> la.jit(lambda x: la.debug.callback(lambda v: seen.append(int(v)), x))(3)
    >>> seen
    [3]
    """
    del partitioned
    batching = "ordered" if ordered else "sequential"

    def quiet(*given: Any, **named: Any) -> None:
        callback(*given, **named)

    quiet.__name__ = getattr(callback, "__name__", "callback")
    call_python(quiet, None, args, kwargs, effect="debug", batching=batching)


class _Formatter(string.Formatter):
    def check_unused_args(self, used_args: Any, args: Any, kwargs: Any) -> None:
        unused = [str(i) for i in range(len(args)) if i not in used_args] + [k for k in kwargs if k not in used_args]
        if unused:
            raise ValueError(f"debug.print: the format string has no place for the arguments {', '.join(unused)}")


_formatter = _Formatter()


@api_boundary
def print(fmt: str, *args: Any, ordered: bool = False, partitioned: bool = False, **kwargs: Any) -> None:
    """Print values, ``debug.print("x = {}", x)``, each time the program comes by.

    Args:
        fmt: a format string as for `str.format`.
        args, kwargs: arrays, and other values that are formatted as they are.
        ordered: accepted for JAX's programs; prints are in the order of the program in any case.

    Raises ValueError for arguments that the format string has no place for.

    >>> import lamina as la
    >>> la.jit(lambda x: la.debug.print("x = {x}, twice {}", 2 * x, x=x))(3)
    x = 3, twice 6
    """
    if not isinstance(fmt, str):
        raise TypeError(f"debug.print takes a format string first, not a {type(fmt).__name__}: debug.print('{{}}', x)")
    _emit(fmt, args, kwargs, builtins.print, ordered)


@api_boundary
def log(fmt: str, *args: Any, ordered: bool = False, **kwargs: Any) -> None:
    """Like `print`, to the logger "lamina" (level info).

    >>> import lamina as la
    >>> import logging
    >>> logging.getLogger("lamina").setLevel("WARNING")
    >>> la.debug.log("x = {}", 3)
    """
    _emit(fmt, args, kwargs, logging.getLogger("lamina").info, ordered)


def _emit(fmt: str, args: Any, kwargs: Any, write: Callable[[str], Any], ordered: bool) -> None:
    static = {i: x for i, x in enumerate(args) if not _is_array(x)}
    static_named = {k: x for k, x in kwargs.items() if not _is_array(x)}
    _formatter.format(fmt, *map(_Anything, args), **{k: _Anything(v) for k, v in kwargs.items()})
    moving = [x for i, x in enumerate(args) if i not in static]
    moving_named = {k: x for k, x in kwargs.items() if k not in static_named}

    def show(*given: Any, **named: Any) -> None:
        rest = iter(given)
        every = [static[i] if i in static else _plain(next(rest)) for i in range(len(args))]
        write(_formatter.format(fmt, *every, **static_named, **{k: _plain(v) for k, v in named.items()}))

    callback(show, *moving, ordered=ordered, **moving_named)


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
    *, backend: str | None = None, num_frames: int | None = None, ordered: bool = False, **kwargs: Any
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
    del backend, num_frames
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
    callback(lambda values: stop(**values), named, ordered=ordered)


globals().update(unavailable("lamina.debug"))
