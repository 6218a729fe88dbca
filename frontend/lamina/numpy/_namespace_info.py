"""What the array API standard's inspection asks: ``lnp.__array_namespace_info__()``."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina import dtypes
from lamina.devices import default_backend, devices
from lamina.numpy._questions import isdtype
from lamina_runtime import Device

_NAMES = (
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64",
    "complex64", "complex128",
)  # fmt: skip


class NamespaceInfo:
    """Devices, dtypes and capabilities of `lamina.numpy`.

    >>> import lamina.numpy as lnp
    >>> info = lnp.__array_namespace_info__()
    >>> info.default_dtypes()["real floating"], sorted(info.dtypes(kind="complex floating"))
    (dtype('float32'), ['complex64'])
    """

    def capabilities(self) -> dict[str, Any]:
        """What arrays can do."""
        return {"boolean indexing": True, "data-dependent shapes": False, "max dimensions": 64}

    def default_device(self) -> Device:
        """Where new arrays are made."""
        return devices(default_backend())[0]

    def devices(self) -> list[Device]:
        """All devices."""
        return devices()

    def default_dtypes(self, *, device: Any = None) -> dict[str, np.dtype]:
        """The dtypes of arrays for which none is asked."""
        wanted = {"real floating": float, "complex floating": complex, "integral": int, "indexing": int}
        return {name: dtypes.canonicalize_dtype(dtype) for name, dtype in wanted.items()}

    def dtypes(self, *, device: Any = None, kind: Any = None) -> dict[str, np.dtype]:
        """The dtypes there are, of a kind (see `isdtype`) or of any; 64-bit ones only if they are on."""
        found = {name: np.dtype(name) for name in _NAMES if dtypes.canonicalize_dtype(name) == np.dtype(name)}
        return {name: dtype for name, dtype in found.items() if kind is None or isdtype(dtype, kind)}
