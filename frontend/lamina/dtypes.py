"""Dtypes and JAX's type promotion: what ``x + y`` has for a dtype, weak types, and the 32-bit default.

``x + y`` has the smallest dtype that both promote to (the table is in `_promotion.py`). Python's ``int``, ``float`` and
``complex``, and arrays made from only those, are *weak*: they give way, so that ``x + 1`` has the dtype of ``x``.

With the option ``enable_x64`` off (the default), 64-bit dtypes become their 32-bit counterparts.
"""

from __future__ import annotations

import contextlib
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import ml_dtypes
import numpy as np

from lamina._promotion import SMALL_FLOATS, SMALL_INTS, SUPPORTED_DTYPES, WEAK, least_upper_bound
from lamina.config import config
from lamina.errors import DTypeError, TypePromotionError, X64DisabledWarning, innermost_user_frame

__all__ = [
    "SCALAR_TYPES", "SUPPORTED_DTYPES", "DType", "ExtendedDType", "ScalarType", "TypePromotionError", "as_dtype",
    "bfloat16", "canonicalize_dtype", "check_supported", "check_user_dtype_supported", "dtype", "extended", "finfo",
    "float0", "from_short_name", "iinfo", "is_weakly_typed", "issubdtype", "itemsize_bits", "lattice_result_type",
    "prng_key", "promote_types", "result_type", "scalar_type_of", "short_name", "to_complex_dtype",
    "to_inexact_dtype", "to_real_dtype",
]  # fmt: skip

bfloat16 = ml_dtypes.bfloat16

float0: np.dtype = np.dtype([("float0", np.void, 0)])
"""The dtype of the derivative with respect to an integer or boolean: it holds nothing."""


class extended(np.generic):
    """Parent of the scalar types of element types that NumPy does not know; for `issubdtype`.

    >>> import lamina as la
    >>> from lamina import dtypes
    >>> dtypes.issubdtype(la.random.key(0).dtype, dtypes.extended)
    True
    """


class prng_key(extended):
    """Parent of the scalar types of random keys: ``issubdtype(key.dtype, prng_key)``.

    >>> import lamina as la
    >>> from lamina import dtypes
    >>> dtypes.issubdtype(la.random.key(0).dtype, dtypes.prng_key)
    True
    """


class ExtendedDType:
    """Base of the dtypes of such elements. A subclass sets `type` (below `extended`) and `name`."""

    type: type[extended]
    name: str


DType = np.dtype[Any] | ExtendedDType
_DTYPE_CLASSES = (np.dtype, ExtendedDType)

# --- dtypes of things ------------------------------------------------------------------------------------------------

_TO_32_BITS = {np.dtype(f"{kind}{size}"): np.dtype(f"{kind}{size // 2}")
               for kind, size in (("int", 64), ("uint", 64), ("float", 64), ("complex", 128))}  # fmt: skip
_SUPPORTED = frozenset(SUPPORTED_DTYPES)
_SCALAR_TYPE_OF_KIND = {np.bool_: bool, np.integer: int, np.floating: float, np.complexfloating: complex}
_PYTHON_SCALARS: dict[type, np.dtype] = {bool: np.dtype("bool"), **WEAK}


def canonicalize_dtype(dtype: Any) -> Any:
    """The dtype of an array that is asked to have `dtype`: with ``enable_x64`` off, 64-bit becomes 32-bit, silently.

    >>> canonicalize_dtype("float64"), canonicalize_dtype(int)
    (dtype('float32'), dtype('int32'))
    """
    found = dtype if isinstance(dtype, np.dtype) and dtype in _SUPPORTED else as_dtype(dtype)
    return found if config.enable_x64 else _TO_32_BITS.get(found, found)


def as_dtype(dtype: Any) -> Any:
    """`dtype` (a dtype, its name, a scalar type, ``lnp.float32``, ``float``) as an ``np.dtype``, unchanged in size.

    Raises: DTypeError for what is no dtype.
    """
    if isinstance(dtype, ExtendedDType):
        return dtype
    if dtype is not None:  # which NumPy takes for float64
        with contextlib.suppress(TypeError, ValueError):
            found = np.dtype(dtype)
            return found if found.isnative else found.newbyteorder("=")
    raise DTypeError(
        f"{dtype!r} is not a dtype.",
        cure='Write a dtype as lnp.float32, np.float32, "float32", float, or np.dtype("float32").',
    )


def dtype(x: Any) -> Any:
    """The dtype of an array, a number or a dtype-like, under ``enable_x64``.

    >>> dtype(1), dtype(np.float64(1)), dtype("int8")
    (dtype('int32'), dtype('float32'), dtype('int8'))
    """
    return _dtype_and_weak(x)[0]


def _dtype_and_weak(x: Any) -> tuple[Any, bool]:
    """The canonical dtype of a value or dtype-like, and whether it is weak."""
    found = _own_dtype(x)
    if found is None:
        return canonicalize_dtype(check_supported(x)), _is_python_type(x)
    return canonicalize_dtype(check_supported(found)), is_weakly_typed(x)


def _is_python_type(x: Any) -> bool:  # (np.dtype("int64") == int, so only types may be looked up)
    return isinstance(x, type) and x in WEAK


def _own_dtype(x: Any) -> Any:
    """The dtype `x` has as a value; None when `x` is itself a dtype-like."""
    if isinstance(x, (type, str, np.dtype, ExtendedDType)):  # (np.float32.dtype would be a descriptor)
        return None
    if isinstance(found := getattr(x, "dtype", None), _DTYPE_CLASSES):
        return found
    for python_type, default in _PYTHON_SCALARS.items():
        if isinstance(x, python_type):
            return default
    raise DTypeError(f"A {type(x).__name__} has no dtype: {x!r}.", cure="Make it an array with lnp.asarray.")


def is_weakly_typed(x: Any) -> bool:
    """Whether `x` gives way to the dtype of what it meets: a Python number, or an array made from only those."""
    return getattr(x, "weak_type", False) or (
        isinstance(x, (int, float, complex)) and not isinstance(x, (bool, np.generic))  # np.float64 is a float
    )


def scalar_type_of(x: Any) -> type:
    """The Python type of the elements of `x` (an array, number or dtype): bool, int, float or complex.

    >>> import lamina.numpy as lnp
    >>> from lamina import dtypes
    >>> dtypes.scalar_type_of(lnp.ones(2))
    <class 'float'>
    """
    found = _own_dtype(x)
    found = as_dtype(x) if found is None else found
    for parent, scalar_type in _SCALAR_TYPE_OF_KIND.items():
        if issubdtype(found, parent):
            return scalar_type
    raise DTypeError(f"The dtype {found} has no Python scalar type.")


# --- promotion -------------------------------------------------------------------------------------------------------

_results: dict[tuple[Any, ...], tuple[Any, bool]] = {}


def lattice_result_type(*args: Any) -> tuple[Any, bool]:
    """The dtype of combining `args` (arrays, numbers, dtypes), and whether it is weak.

    >>> lattice_result_type(np.int8(1), 1.5)
    (dtype('float32'), True)
    """
    key = (config.enable_x64, config.numpy_dtype_promotion, *[_fast_key(x) for x in args])
    result = _results.get(key)
    if result is None:
        result = _lattice_result_type(*args)
        if len(_results) > 10_000:
            _results.clear()
        _results[key] = result
    return result


def _fast_key(x: Any) -> Any:
    """Equal for two values only if promotion treats them alike."""
    kind = type(x)
    if kind in _PYTHON_SCALARS:
        return kind
    found = getattr(x, "dtype", None)
    if isinstance(found, _DTYPE_CLASSES) and not isinstance(x, type):
        return (found, True) if getattr(x, "weak_type", False) else found
    found = _own_dtype(x)
    return ("dtype-like", x) if found is None else (found, is_weakly_typed(x))


def _lattice_result_type(*args: Any) -> tuple[Any, bool]:
    if not args:
        raise ValueError("result_type needs at least one array, number or dtype.")
    pairs = [_dtype_and_weak(x) for x in args]
    mode, all_weak = config.numpy_dtype_promotion, all(weak for _, weak in pairs)
    if len({found for found, _ in pairs}) == 1:  # also the only way for dtypes that are not in the table
        return pairs[0][0], all_weak
    if all_weak and mode != "strict":
        return canonicalize_dtype(least_upper_bound(mode, frozenset(found for found, _ in pairs))), True
    nodes = frozenset(scalar_type_of(found) if weak else found for found, weak in pairs)
    node = least_upper_bound(mode, nodes)
    return canonicalize_dtype(WEAK.get(node, node)), node in WEAK


def result_type(*args: Any, return_weak_type_flag: bool = False) -> Any:
    """The dtype of combining arrays, numbers and dtypes by the promotion rules.

    >>> result_type(np.zeros(3, "float16"), 1.0, "int32")
    dtype('float16')

    Raises: TypePromotionError when there is none; DTypeError for what has no dtype.
    """
    result = lattice_result_type(*args)
    return result if return_weak_type_flag else result[0]


def promote_types(a: Any, b: Any) -> Any:
    """The dtype two dtypes promote to. As in JAX, a 64-bit dtype given here stays one, whatever ``enable_x64`` says.

    >>> promote_types("int8", "uint8"), promote_types("bfloat16", "float16"), promote_types("int32", "float64")
    (dtype('int16'), dtype('float32'), dtype('float64'))
    """
    nodes = frozenset(x if _is_python_type(x) else as_dtype(x) for x in (a, b))
    node = least_upper_bound(config.numpy_dtype_promotion, nodes) if len(nodes) > 1 else next(iter(nodes))
    wide = any(x in WEAK or x in _TO_32_BITS for x in nodes)
    return WEAK.get(node, node) if wide else canonicalize_dtype(node)


# --- dtypes from users -----------------------------------------------------------------------------------------------


def check_user_dtype_supported(dtype: Any, where: str = "") -> Any:
    """The canonical dtype for a ``dtype=`` that a user wrote.

    A 64-bit dtype asked for by name while ``enable_x64`` is off warns (X64DisabledWarning), once per line of the
    program; Python's ``int``, ``float``, ``complex`` just mean the default size.

    Raises: DTypeError for text, dates, objects and structured dtypes.
    """
    asked = check_supported(dtype, where)
    canonical = canonicalize_dtype(asked)
    if canonical != asked and not _is_python_type(dtype):
        _warn_truncated(asked, canonical, where)
    return canonical


_INSTEAD: dict[str | None, str] = {
    "S": "Encode text as integers first, for instance np.frombuffer(text.encode(), np.uint8).",
    "M": "Convert dates to numbers first: (dates - start) / np.timedelta64(1, 's').",
    "O": "Make a numeric array first: np.asarray(values, np.float32); keep a ragged list as a list of arrays.",
}


def check_supported(dtype: Any, where: str = "") -> Any:
    """`dtype` as an np.dtype that arrays can have; unlike `check_user_dtype_supported` for dtypes that nobody wrote.

    Raises: DTypeError for text, dates, objects and structured dtypes.
    """
    found = as_dtype(dtype)
    if isinstance(found, ExtendedDType) or found in _SUPPORTED or found == float0:
        return found
    kind = {"U": "S", "m": "M"}.get(found.kind, found.kind)
    where = f" (in {where})" if where else ""
    raise DTypeError(f"Arrays cannot have the dtype {found}{where}.", cure=_INSTEAD.get(kind))


def _warn_truncated(asked: np.dtype, canonical: np.dtype, where: str) -> None:
    text = (
        f"The dtype {asked} is not available{f' (in {where})' if where else ''}; {canonical} is used instead, because "
        '64-bit types are off. Turn them on with lamina.config.update("enable_x64", True) at the start of the program '
        f"or LAMINA_ENABLE_X64=1, or ask for {canonical}."
    )
    frame = innermost_user_frame() or sys._getframe()
    registry = frame.f_globals.setdefault("__warningregistry__", {})  # where Python's filter keeps "once per line"
    module = frame.f_globals.get("__name__", "<unknown>")
    warnings.warn_explicit(text, X64DisabledWarning, frame.f_code.co_filename, frame.f_lineno, module, registry)


# --- questions about dtypes ------------------------------------------------------------------------------------------

_ABSTRACT_PARENT = {
    **dict.fromkeys((np.dtype(name).type for name in ("bfloat16", *SMALL_FLOATS)), np.floating),
    **{np.dtype(name).type: np.unsignedinteger if name[0] == "u" else np.signedinteger for name in SMALL_INTS},
}  # NumPy files these under void


def issubdtype(arg1: Any, arg2: Any) -> bool:
    """As ``np.issubdtype``, also for bfloat16 and the small types, `extended` and `prng_key`.

    >>> issubdtype("bfloat16", np.floating), issubdtype("float32", np.integer)
    (True, False)
    """
    child = _scalar_type(arg1)
    parent = arg2 if isinstance(arg2, type) and issubclass(arg2, np.generic) else _scalar_type(arg2)
    return issubclass(child, parent) or issubclass(_ABSTRACT_PARENT.get(child, child), parent)


def _scalar_type(x: Any) -> type:
    if isinstance(x, type) and issubclass(x, np.generic):
        return x
    return as_dtype(x).type


def finfo(dtype: Any) -> Any:
    """Limits of a floating or complex dtype (or of an array's): ``eps``, ``max``, ``min``, ``tiny``, ``bits`` …

    >>> import lamina.numpy as lnp
    >>> float(lnp.finfo(lnp.float32).eps)
    1.1920928955078125e-07
    """
    return ml_dtypes.finfo(_inspected(dtype, np.inexact, "a floating-point"))


def iinfo(int_type: Any) -> Any:
    """Limits of an integer dtype (or of an array's): ``min``, ``max``, ``bits``.

    >>> import lamina.numpy as lnp
    >>> lnp.iinfo(lnp.int8).max
    127
    """
    return ml_dtypes.iinfo(_inspected(int_type, np.integer, "an integer"))


def _inspected(dtype: Any, kind: type, wanted: str) -> np.dtype:
    own = _own_dtype(dtype)
    found = as_dtype(dtype if own is None else own)
    if not issubdtype(found, kind):
        raise DTypeError(
            f"{found} is not {wanted} dtype.", cure="Use finfo for floating-point, iinfo for integer dtypes."
        )
    return found


def itemsize_bits(dtype: Any) -> int:
    """Bits of one element; the 4-bit types count 4, bool counts 8.

    >>> itemsize_bits("int4"), itemsize_bits("bfloat16"), itemsize_bits("bool")
    (4, 16, 8)
    """
    found = as_dtype(dtype)
    if found.name.startswith(("int", "uint")):
        return iinfo(found).bits
    return finfo(found).bits if found.type in _ABSTRACT_PARENT else found.itemsize * 8


def to_inexact_dtype(dtype: Any) -> np.dtype:
    """The dtype of ``sin(x)``, ``x / y``: floats and complex stay, 64-bit integers become float64, others float32."""
    found = as_dtype(dtype)
    if issubdtype(found, np.inexact):
        return found
    return canonicalize_dtype(np.float64 if found.itemsize == 8 else np.float32)


def to_complex_dtype(dtype: Any) -> np.dtype:
    """The complex dtype whose parts hold `dtype`: complex128 for float64 and complex128, else complex64."""
    found = as_dtype(dtype)
    return np.dtype("complex128" if found in (np.dtype("float64"), np.dtype("complex128")) else "complex64")


def to_real_dtype(dtype: Any) -> np.dtype:
    """The dtype of ``abs(z)``: that of a complex dtype's parts; others stay."""
    found = as_dtype(dtype)
    return {np.dtype("complex64"): np.dtype("float32"), np.dtype("complex128"): np.dtype("float64")}.get(found, found)


def _short(found: np.dtype) -> str:
    if found == np.dtype("bool"):
        return "bool"
    for long, short in (("bfloat", "bf"), ("float", "f"), ("uint", "u"), ("int", "i"), ("complex", "c")):
        if found.name.startswith(long):
            return short + found.name.removeprefix(long)
    return found.name


_SHORT_NAMES = {_short(found): found for found in SUPPORTED_DTYPES}


def short_name(dtype: Any) -> str:
    """``f32`` for float32, ``bf16``, ``i8``, ``u64``, ``c64``, ``bool``, ``f8_e5m2``."""
    found = as_dtype(dtype)
    return "float0" if found == float0 else found.name if isinstance(found, ExtendedDType) else _short(found)


def from_short_name(name: str) -> np.dtype:
    """The inverse of `short_name`. (Not NumPy's codes, in which ``i8`` has 8 bytes.)"""
    try:
        return _SHORT_NAMES[name]
    except KeyError:
        cure = f"The names are {', '.join(_SHORT_NAMES)}."
        raise DTypeError(f"{name!r} is no short dtype name.", cure=cure) from None


# --- lnp.float32 and the like ----------------------------------------------------------------------------------------


class ScalarType(type):
    """The class of ``lnp.float32`` …: a dtype wherever one is expected, and a function that makes arrays.

    ``lnp.float32 == np.dtype("float32")``, ``np.zeros(3, lnp.float32)``, ``lnp.float32(1)`` is an Array.
    """

    construct: ClassVar[Callable[..., Any]]  # the array module's `asarray`, set when that is imported
    dtype: np.dtype

    def __new__(cls, dtype: np.dtype) -> ScalarType:
        doc = (
            f"The dtype {dtype.name}; called with a value, it makes an Array of that dtype.\n\n"
            f">>> import lamina.numpy as lnp\n>>> lnp.{dtype.name}.dtype, lnp.dtype(lnp.{dtype.name}).itemsize\n"
            f"({dtype!r}, {dtype.itemsize})"
        )
        return super().__new__(cls, dtype.name, (), {"dtype": dtype, "__module__": "lamina.numpy", "__doc__": doc})

    def __init__(cls, dtype: np.dtype):
        super().__init__(cls.__name__, (), {})

    def __call__(cls, x: Any) -> Any:
        return ScalarType.construct(x, dtype=cls.dtype)

    def __eq__(cls, other: object) -> bool:
        return cls is other or cls.dtype.type is other or (isinstance(other, np.dtype) and cls.dtype == other)

    def __hash__(cls) -> int:
        return hash(cls.dtype.type)

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, cls.dtype.type)


def _scalar_types() -> Iterator[tuple[str, ScalarType]]:
    for found in SUPPORTED_DTYPES:
        yield found.name, ScalarType(found)


SCALAR_TYPES: dict[str, ScalarType] = dict(_scalar_types())
"""``lnp.float32`` and the other callable dtypes, by name."""
