"""Types for annotations of programs that use Lamina."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

if TYPE_CHECKING:
    from lamina.array import Array


@runtime_checkable
class SupportsDType(Protocol):
    """What has a dtype."""

    @property
    def dtype(self) -> np.dtype[Any]: ...


DTypeLike = str | type[Any] | np.dtype[Any] | SupportsDType
"""What a ``dtype=`` argument takes: ``lnp.float32``, ``np.float32``, ``"float32"``, ``float`` …"""

if TYPE_CHECKING:
    ArrayLike = Array | np.ndarray | np.bool_ | np.number | bool | int | float | complex
else:
    ArrayLike = np.ndarray | np.bool_ | np.number | bool | int | float | complex
"""What array operations take as an operand (at run time the name lacks `Array`, so that importing it stays cheap)."""
