"""Questions about dtypes and objects."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina import dtypes, errors
from lamina.array import Array

iterable = np.iterable


def can_cast(from_: Any, to: Any, casting: str = "safe") -> bool:
    """Whether values of one dtype can become another's by the rule `casting`, as NumPy's `can_cast`.

    >>> import lamina.numpy as lnp
    >>> lnp.can_cast(lnp.int32, lnp.float64), lnp.can_cast(lnp.float32, lnp.int32)
    (True, False)
    """
    return bool(np.can_cast(dtypes.as_dtype(getattr(from_, "dtype", from_)), dtypes.as_dtype(to), casting))  # type: ignore[arg-type]


_KINDS: dict[str, tuple[type, ...]] = {
    "bool": (np.bool_,),
    "signed integer": (np.signedinteger,),
    "unsigned integer": (np.unsignedinteger,),
    "integral": (np.integer,),
    "real floating": (np.floating,),
    "complex floating": (np.complexfloating,),
    "numeric": (np.integer, np.floating, np.complexfloating),
}


def isdtype(dtype: Any, kind: Any) -> bool:
    """Whether a dtype is of a kind: a name of the array API standard ("integral", "real floating" …), a dtype, or any
    of a tuple of these.

    >>> import lamina.numpy as lnp
    >>> lnp.isdtype(lnp.float32, "real floating"), lnp.isdtype(lnp.int8, ("bool", lnp.int16))
    (True, False)
    """
    found = dtypes.as_dtype(dtype)
    for each in kind if isinstance(kind, tuple) else (kind,):
        if isinstance(each, type) and each.__module__ == "numpy" and np.dtype(each).type is not each:
            raise errors.DTypeError(f"`lnp.isdtype`: {each.__name__} is not a dtype, but a family of them.")
        parents = _KINDS.get(each) if isinstance(each, str) else None
        if found == dtypes.as_dtype(each) if parents is None else any(dtypes.issubdtype(found, p) for p in parents):
            return True
    return False


def isscalar(element: Any) -> bool:
    """Whether something is a number or an array without axes.

    >>> import lamina.numpy as lnp
    >>> lnp.isscalar(1.5), lnp.isscalar(lnp.array(1.5)), lnp.isscalar([1.5])
    (True, True, False)
    """
    if isinstance(element, (Array, np.ndarray)) or hasattr(element, "__jax_array__"):
        return getattr(element, "ndim", 0) == 0
    return bool(np.isscalar(element))
