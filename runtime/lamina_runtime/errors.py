"""Errors of the runtime, and how a message of IREE becomes one a user can read."""

from __future__ import annotations

import re


class DeviceError(RuntimeError):
    """No such device here. The message lists the devices there are."""


class ExecutionError(RuntimeError):
    """A compiled program could not be loaded, or failed while it ran."""


class DeviceMemoryError(ExecutionError, MemoryError):
    """The device has not enough memory for a program's arguments, results or intermediates."""


class ArtifactError(ValueError):
    """A `.lamina` file cannot be used. The message names the file, what is wrong with it and what to do."""


class ArgumentError(TypeError):
    """An argument does not fit the function's signature. The message names the argument, the expected and the given."""


_STATUS = re.compile(r"(?:[\w ]+: )?\S*\.(?:c|cc|h):\d+: ([A-Z_]+)(?:; )?")
_TRACE = re.compile(r"; while (?:invoking|calling)\b.*", re.DOTALL)


def execution_error(action: str, error: Exception) -> ExecutionError:
    """`error` (raised by IREE during `action`) without source positions and VM stack, as the class that fits."""
    text = _TRACE.sub("", str(error)).strip()
    status = _STATUS.match(text)
    if status is not None:
        text = f"{text[status.end() :] or 'no details'} [{status[1]}]"
    kind = DeviceMemoryError if status is not None and status[1] == "RESOURCE_EXHAUSTED" else ExecutionError
    return kind(f"{action}: {text}")
