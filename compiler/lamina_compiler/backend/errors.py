"""What can go wrong between a legal module and an artifact, and what the user is told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class SourceLocation:
    """A place in a user's program; `column` counts from 1 as MLIR's locations do."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class CompileError(RuntimeError):
    """IREE could not compile a module.

    Attributes:
        location: the user's source line the failure belongs to, when IREE knew it.
        reproducer: directory with the module, the command line and IREE's full output, when it could be saved.
        diagnostics: IREE's own messages, complete.
    """

    def __init__(
        self,
        message: str,
        *,
        location: SourceLocation | None = None,
        reproducer: Path | None = None,
        diagnostics: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.location = location
        self.reproducer = reproducer
        self.diagnostics = diagnostics


class CompilerCrash(CompileError):
    """The compiling process died; the user's process and the next compile are unaffected."""


class CompileTimeout(CompileError):
    """A compile took longer than `LAMINA_COMPILE_TIMEOUT` seconds and was stopped."""


class UnknownTarget(ValueError):
    """No target has this name."""


class FlagRefused(ValueError):
    """An IREE flag that is not on the allow-list of `options.py`, or a value it does not take."""


class CacheWarning(UserWarning):
    """The disk cache could not be used, or an entry of it was damaged; compiling goes on without."""
