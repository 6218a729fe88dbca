"""Arrays from buffers, files and other libraries, and to files."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina import dtypes
from lamina.array import Array, from_numpy
from lamina.devices import placed
from lamina.numpy._creation import asarray

save, savez = np.save, np.savez


def load(file: Any, *args: Any, **kwargs: Any) -> Any:
    """What `save` or `savez` wrote: an array, or NumPy's archive of arrays.

    >>> import io, lamina.numpy as lnp
    >>> file = io.BytesIO()
    >>> lnp.save(file, lnp.arange(2)); _ = file.seek(0)
    >>> lnp.load(file)
    Array([0, 1], dtype=int32)
    """
    found = np.load(file, *args, **kwargs)
    if not isinstance(found, np.ndarray):
        return found
    return asarray(found.view(dtypes.bfloat16) if found.dtype == np.dtype("V2") else found)  # NumPy forgets that dtype


def frombuffer(buffer: Any, dtype: Any = float, count: int = -1, offset: int = 0) -> Array:
    """The numbers in a bytes-like object, as a vector.

    >>> import lamina.numpy as lnp
    >>> lnp.frombuffer(bytes([1, 2]), dtype=lnp.uint8)
    Array([1, 2], dtype=uint8)
    """
    return asarray(np.frombuffer(buffer, dtypes.as_dtype(dtype), count, offset))


def fromstring(string: str, dtype: Any = float, count: int = -1, *, sep: str) -> Array:
    """The numbers written in a text, as a vector.

    >>> import lamina.numpy as lnp
    >>> lnp.fromstring("1 2 3", dtype=int, sep=" ")
    Array([1, 2, 3], dtype=int32)
    """
    return asarray(np.fromstring(string, dtypes.as_dtype(dtype), count, sep=sep))


def from_dlpack(x: Any, /, *, device: Any = None, copy: bool | None = None) -> Array:
    """An array of another library (one with ``__dlpack__``): copied, since it may be changed there.

    >>> import lamina.numpy as lnp, numpy as np
    >>> lnp.from_dlpack(np.arange(3, dtype=np.int32))
    Array([0, 1, 2], dtype=int32)
    """
    if isinstance(x, Array):
        return placed(x, device)
    if copy is False:
        raise ValueError("lnp.from_dlpack: copy=False is impossible, because the other library may change the memory")
    return placed(from_numpy(np.array(np.from_dlpack(x))), device)
