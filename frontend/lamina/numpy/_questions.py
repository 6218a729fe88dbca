"""Questions about dtypes, objects, and complex numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina import dtypes, errors
from lamina.array import Array
from lamina.numpy import _elementwise as e

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


def iscomplexobj(x: Any) -> bool:
    """Whether the dtype is complex. Anything may be asked about: text is not.

    >>> import lamina.numpy as lnp
    >>> lnp.iscomplexobj(lnp.array([1 + 0j]))
    True
    """
    return dtypes.issubdtype(getattr(x, "dtype", None) or np.asarray(x).dtype, np.complexfloating)


def isrealobj(x: Any) -> bool:
    """Whether the dtype is not complex.

    >>> import lamina.numpy as lnp
    >>> lnp.isrealobj(lnp.array([1 + 0j]))
    False
    """
    return not iscomplexobj(x)


def iscomplex(x: Any) -> Array:
    """Whether the imaginary part is not 0. Elementwise.

    >>> import lamina.numpy as lnp
    >>> lnp.iscomplex(lnp.array([1 + 0j, 2j]))
    Array([False,  True], dtype=bool)
    """
    return e.not_equal(e.imag(x), 0)


def isreal(x: Any) -> Array:
    """Whether the imaginary part is 0. Elementwise.

    >>> import lamina.numpy as lnp
    >>> lnp.isreal(lnp.array([1 + 0j, 2j]))
    Array([ True, False], dtype=bool)
    """
    return e.equal(e.imag(x), 0)
