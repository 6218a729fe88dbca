"""From IREE's diagnostics to one exception in the user's terms, with a reproducer on disk."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import linecache
import os
import re
import shlex
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from . import worker
from .cache import cache_root
from .errors import CompileError, CompilerCrash, CompileTimeout, SourceLocation
from .service import Reply, WorkerDied
from .targets import Target

_REPRODUCERS_KEPT = 20
_MESSAGE_LENGTH = 400
_LOCATION = re.compile(r"^(?P<file>[^\n]+?):(?P<line>\d+):(?P<column>\d+): ", re.MULTILINE)
# Where IREE's messages go on to print IR: the operation, or the target with all its features.
_PRINTED_IR = re.compile(r"\n\n|: (%[\w:, %]+ = )?\"[\w.]+\"\(| for (backend|target backend) | \(check above")
_UNDEFINED_SYMBOL = re.compile(r"undefined symbol: .*")

_Error = TypeVar("_Error", bound=CompileError)


@dataclass(frozen=True)
class Attempt:
    """A compile that may fail, and the exceptions for the ways in which it can."""

    name: str
    target: Target
    flags: tuple[str, ...]
    module: bytes

    def failed(self, reply: Reply) -> CompileError:
        """IREE reported errors."""
        errors = [text for severity, text in reply.diagnostics if severity == worker.ERROR] or ["IREE gave no reason"]
        return self._error(CompileError, self._explanation(errors, reply.log), errors, reply.log)

    def crashed(self, death: WorkerDied) -> CompilerCrash:
        """The compiling process died."""
        cause = f"IREE's compiler {death.reason}{_last_words(death.log)}. Only the compiling process was lost."
        return self._error(CompilerCrash, cause, [], death.log)

    def timed_out(self, seconds: float) -> CompileTimeout:
        """The compile was stopped."""
        cause = f"it took longer than the {seconds:g} seconds that LAMINA_COMPILE_TIMEOUT allows."
        return self._error(CompileTimeout, cause, [], "")

    def _explanation(self, errors: list[str], log: str) -> str:
        if not self.target.has_f64 and any(re.search(r"f64\b", text) for text in errors):
            return "this target has no float64. Compute in float32, or compile for a CPU."
        symbol = _UNDEFINED_SYMBOL.search(log)
        return _summary(errors[0]) + (f" ({symbol[0]})" if symbol else "")

    def _error(self, kind: type[_Error], cause: str, errors: list[str], log: str) -> _Error:
        location = user_location(errors)
        reproducer = self._save("\n\n".join([*errors, log]))
        lines = [f"Could not compile {self.name} for target `{self.target.name}`: {cause}"]
        if location:
            lines.append(f"  at {location}")
            if code := linecache.getline(location.file, location.line).strip():
                lines.append(f"      {code}")
        if reproducer:
            lines.append(f"  reproducer, to attach to a report: {reproducer}")
        return kind("\n".join(lines), location=location, reproducer=reproducer, diagnostics=tuple(errors))

    def _save(self, messages: str) -> Path | None:
        module = "module.mlirbc" if worker.is_bytecode(self.module) else worker.MODULE_NAME
        command = shlex.join(["iree-compile", module, *self.flags, "-o", "module.vmfb"])
        digest = hashlib.sha256(command.encode() + self.module).hexdigest()[:16]
        try:
            directory = _reproducer_directory(digest)
            (directory / module).write_bytes(self.module)
            (directory / "command.txt").write_text(command + "\n")
            (directory / "messages.txt").write_text(messages)
        except OSError:  # a full disk must not hide the error itself
            return None
        return directory


def user_location(errors: list[str]) -> SourceLocation | None:
    """The first place in IREE's messages that lies in a Python file of the user's, not of Lamina's."""
    for text in errors:
        for found in _LOCATION.finditer(text):
            file = found["file"]
            if (file.endswith(".py") or file.startswith("<")) and not file.startswith(_own_directories()):
                return SourceLocation(file, int(found["line"]), int(found["column"]))
    return None


@functools.cache
def _own_directories() -> tuple[str, ...]:
    names = ("lamina", "lamina_compiler", "lamina_runtime", "lamina_tools")
    found = [importlib.util.find_spec(name) for name in names]
    return tuple(f"{path}{os.sep}" for spec in found if spec for path in spec.submodule_search_locations or [])


def _summary(error: str) -> str:
    """The message without the IR printed behind it, and without its location unless it points into the module."""
    located = _LOCATION.match(error)
    if located and located["file"] != worker.MODULE_NAME:
        error = error[located.end() :]
    message = " ".join(_PRINTED_IR.split(error, maxsplit=1)[0].split())
    return message if len(message) <= _MESSAGE_LENGTH else message[:_MESSAGE_LENGTH] + " …"


def _last_words(log: str) -> str:
    """What an assertion or LLVM's fatal-error handler said before the stack trace."""
    said = re.search(r"^.*(Assertion .* failed|LLVM ERROR: .*|Error: .*)", log, re.MULTILINE)
    return f": {said[0].strip()[:_MESSAGE_LENGTH]}" if said else ""


def _reproducer_directory(digest: str) -> Path:
    root = cache_root()
    if root is None:
        return Path(tempfile.mkdtemp(prefix="lamina-reproducer-"))
    directory = root / "reproducers" / digest
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory.touch()
    others = sorted(directory.parent.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in others[_REPRODUCERS_KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
    return directory
