"""Where in the user's program we are, and tracebacks that show only the user's program."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import NamedTuple, ParamSpec, TypeVar

from lamina_compiler.errors import PassError

P = ParamSpec("P")
R = TypeVar("R")

# Packages whose frames are never the user's: ours, and those that only pass calls through.
_INTERNAL_PACKAGES = frozenset(
    ("lamina", "lamina_compiler", "lamina_runtime", "lamina_tools", "optree", "functools", "contextlib")
)
_is_internal: dict[str, bool] = {}  # module name → bool
_internal_scopes: set[int] = set()  # ids of the globals of imported ones among them, which live for ever
HIDDEN_FRAMES_NOTE = "(Frames inside Lamina are hidden; set LAMINA_TRACEBACK_FILTERING=0 to see them.)"


class SourceLocation(NamedTuple):
    """A line of the user's program; prints as ``file:line in function``."""

    file: str
    line: int
    function: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} in {self.function}"


def _internal(frame: FrameType) -> bool:
    module = frame.f_globals.get("__name__", "")
    known = _is_internal.get(module)
    if known is None:
        known = _is_internal[module] = module.partition(".")[0] in _INTERNAL_PACKAGES
    return known


def innermost_user_frame() -> FrameType | None:
    """The innermost Python frame outside Lamina, or None when there is none."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        scope = frame.f_globals
        if id(scope) not in _internal_scopes:
            if not _internal(frame):
                break
            if scope is getattr(sys.modules.get(scope["__name__"]), "__dict__", None):
                _internal_scopes.add(id(scope))
        frame = frame.f_back
    return frame


def user_frame() -> SourceLocation:
    """File, line and function of the innermost Python frame outside Lamina.

    Called from user code itself, that is the calling line.
    """
    frame = innermost_user_frame()
    if frame is None:
        return SourceLocation("<unknown>", 0, "<unknown>")
    return SourceLocation(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_qualname)


def _without_internal_frames(traceback: TracebackType | None) -> TracebackType | None:
    kept = []
    while traceback is not None:
        if not _internal(traceback.tb_frame):
            kept.append(traceback)
        traceback = traceback.tb_next
    filtered = None
    for entry in reversed(kept):
        filtered = TracebackType(filtered, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return filtered


def _hide_internal_frames(error: BaseException) -> None:
    """Filters the tracebacks of `error` and of every exception chained to it."""
    pending, seen = [error], set[int]()
    while pending:
        current = pending.pop()
        if id(current) not in seen:
            seen.add(id(current))
            current.__traceback__ = _without_internal_frames(current.__traceback__)
            pending += [chained for chained in (current.__cause__, current.__context__) if chained is not None]


def api_boundary(function: Callable[P, R]) -> Callable[P, R]:
    """Decorates a public function: errors that leave it show the user's frames only.

    With the option ``traceback_filtering`` off (``LAMINA_TRACEBACK_FILTERING=0``) all frames show. An exception that is
    not one of Lamina's own gets a note saying that frames were hidden.
    """

    @functools.wraps(function)
    def boundary(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except PassError as error:
            from lamina.errors import of_pass

            raise of_pass(error) from None
        except Exception as error:
            show_user_frames(error)
            raise  # a bare raise adds no entry for this frame

    return boundary


def show_user_frames(error: Exception) -> None:
    """What `api_boundary` does to an error that leaves a public function."""
    from lamina.config import config  # config's own errors live below this module
    from lamina.errors import LaminaError

    if config.traceback_filtering:
        _hide_internal_frames(error)
        if not isinstance(error, LaminaError) and HIDDEN_FRAMES_NOTE not in getattr(error, "__notes__", ()):
            error.add_note(HIDDEN_FRAMES_NOTE)
