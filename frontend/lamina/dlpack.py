"""Exchange of arrays with other libraries by the DLPack protocol."""

from __future__ import annotations

from typing import Any

from lamina import dtypes
from lamina.array import Array
from lamina.numpy import from_dlpack as _taken

__all__ = ["from_dlpack", "is_supported_dtype"]

_KINDS = "biufc"


def from_dlpack(external_array: Any, device: Any = None, copy: bool | None = None) -> Array:
    """An array of another library (one with ``__dlpack__``): copied, since it may be changed there.

    >>> import lamina as la, numpy as np
    >>> la.dlpack.from_dlpack(np.arange(3, dtype=np.int32))
    Array([0, 1, 2], dtype=int32)
    """
    return _taken(external_array, device=device, copy=copy)


def is_supported_dtype(dtype: Any) -> bool:
    """Whether arrays of a dtype can be exchanged.

    >>> is_supported_dtype("float32"), is_supported_dtype("bfloat16")
    (True, False)
    """
    found = dtypes.as_dtype(dtype)
    return found.kind in _KINDS and found in dtypes.SUPPORTED_DTYPES and found.isbuiltin == 1
