"""Types of what ops give, and whether there is memory for it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from lamina import errors
from lamina_compiler.opdef import OpDef, OpDTypeError, OpError
from lamina_compiler.types import TensorType


def infer(op: OpDef, types: Sequence[TensorType], attributes: dict[str, Any]) -> tuple[TensorType, ...]:
    """Types of the results; the op's complaint in the user's terms."""
    try:
        results = op.result_types(types, attributes)
    except OpDTypeError as problem:
        raise errors.DTypeError(f"`{op.name}`: {problem}.") from None
    except OpError as problem:
        raise errors.ShapeError(op.name, str(problem)) from None
    for type in results:
        if type.nbytes >= 2**62:
            raise MemoryError(f"`{op.name}` would make an array {type}, which no computer can hold")
    return results


def check_memory(name: str, type: TensorType) -> None:
    """MemoryError for an array that this machine has not the memory for, before any of it is touched."""
    if type.nbytes > _MAXIMUM_BYTES:
        gib = type.nbytes / 2**30
        raise MemoryError(f"`{name}` would make an array {type} of {gib:.0f} GiB, more than this machine has")


def _physical_memory() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return 2**40


_MAXIMUM_BYTES = _physical_memory()
