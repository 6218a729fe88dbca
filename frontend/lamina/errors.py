"""The errors Lamina raises. Each class says its cause, shows an example and ends, like its message, in the cure.

All derive from :class:`LaminaError` and from the built-in exception that Python or NumPy programs expect in that place.
Names that JAX has keep JAX's name. The examples run in the tests.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

from lamina._array_errors import (
    AxisError,
    DTypeError,
    IndexOutOfBoundsError,
    NonArrayArgumentError,
    NonArrayResultError,
    ShapeError,
    TypePromotionError,
)
from lamina._control_errors import (
    BranchTypeError,
    CallbackBatchError,
    CallbackDerivativeError,
    CallbackResultError,
    CarryTypeError,
    ClosureDerivativeError,
    CustomRuleError,
    ForwardModeError,
    LoopOperandError,
    NonFiniteError,
    NotLinearError,
    ReverseModeError,
    TracerLeakError,
    WhileReverseError,
)
from lamina._error_base import JAXIndexError, JAXTypeError, LaminaError
from lamina._frames import SourceLocation, api_boundary, innermost_user_frame, user_frame
from lamina._tracing_errors import (
    ConcretizationTypeError,
    NonConcreteBooleanIndexError,
    TracedValue,
    TracerArrayConversionError,
    TracerBoolConversionError,
    TracerIntegerConversionError,
    UnexpectedTracerError,
)
from lamina._transform_errors import (
    ArgnumsError,
    AuxResultError,
    CotangentError,
    DeviceDTypeError,
    DeviceMismatchError,
    HolomorphicError,
    HostCallError,
    MappedAxisError,
    NoDerivativeError,
    StaticArgumentError,
    TangentError,
    UnboundAxisError,
)
from lamina_compiler.errors import (
    ClosedOver,
    NoBatching,
    NoDerivative,
    NoDerivativeRule,
    NotForward,
    NotLinear,
    NotTransposable,
    PassError,
)
from lamina_compiler.mlir import ir

__all__ = [
    "ArgnumsError",
    "AuxResultError",
    "AxisError",
    "BranchTypeError",
    "CallbackBatchError",
    "CallbackDerivativeError",
    "CallbackResultError",
    "CarryTypeError",
    "ClosureDerivativeError",
    "ConcretizationTypeError",
    "CotangentError",
    "CustomRuleError",
    "DTypeError",
    "DeviceDTypeError",
    "DeviceMismatchError",
    "ForwardModeError",
    "HolomorphicError",
    "HostCallError",
    "InconclusiveDimensionOperation",
    "IndexOutOfBoundsError",
    "IntegerGradError",
    "JAXIndexError",
    "JAXTypeError",
    "JaxRuntimeError",
    "JaxprTypeError",
    "KeyReuseError",
    "LaminaError",
    "LoopOperandError",
    "MappedAxisError",
    "NoDerivativeError",
    "NonArrayArgumentError",
    "NonArrayResultError",
    "NonConcreteBooleanIndexError",
    "NonFiniteError",
    "NonScalarGradError",
    "NotLinearError",
    "OptionValueError",
    "ReverseModeError",
    "ShapeError",
    "SourceLocation",
    "StaticArgumentError",
    "TangentError",
    "TracedValue",
    "TracerArrayConversionError",
    "TracerBoolConversionError",
    "TracerIntegerConversionError",
    "TracerLeakError",
    "TreeFlattenError",
    "TreeStructureError",
    "TypePromotionError",
    "UnboundAxisError",
    "UnexpectedTracerError",
    "UnknownOptionError",
    "WhileReverseError",
    "X64DisabledWarning",
    "api_boundary",
    "innermost_user_frame",
    "user_frame",
]  # fmt: skip


class JaxRuntimeError(LaminaError, RuntimeError):
    """A compiled program failed while it ran, or a device could not be used.

    >>> import lamina as la
    >>> issubclass(la.errors.JaxRuntimeError, RuntimeError)
    True
    """


class JaxprTypeError(LaminaError, TypeError):
    """A traced program is not well-typed: a fault in a custom rule, or in Lamina.

    >>> import lamina as la
    >>> issubclass(la.errors.JaxprTypeError, TypeError)
    True
    """


class InconclusiveDimensionOperation(LaminaError):
    """A comparison of symbolic dimensions has no answer that holds for all their values.

    >>> import lamina as la
    >>> issubclass(la.errors.InconclusiveDimensionOperation, la.errors.LaminaError)
    True
    """


def of_pass(error: PassError) -> Exception:
    """What the user is told when a pass cannot go on: the error in the user's terms, or the pass's own."""
    place = source_text(error.location)
    match error:
        case NotTransposable(what="a while loop"):
            return WhileReverseError(place)
        case NotTransposable():
            return ReverseModeError(error.what, place)
        case NoDerivative():
            return CallbackDerivativeError(error.what, place)
        case NoBatching():
            return CallbackBatchError(error.what, place)
        case NoDerivativeRule():
            return NoDerivativeError(error.what, error.reason, place)
        case NotForward():
            return ForwardModeError(error.what, place)
        case NotLinear():
            return NotLinearError(error.what, place)
        case ClosedOver():
            return ClosureDerivativeError(error.kind, place)
    return error


def source_text(location: Any) -> str:
    """``file:line`` of a location in the IR, or nothing if it has none."""
    if isinstance(location, ir.NameLoc):
        location = location.child_loc
    line = getattr(location, "start_line", None)
    return f"{location.filename}:{line}" if line is not None else ""


# --- options ---------------------------------------------------------------------------------------------------------


class UnknownOptionError(LaminaError, AttributeError):
    """An option of that name does not exist.

    Cause:
        A misspelt name in ``config.update`` or ``config.<name>``.

    Example:
        >>> from lamina.config import config
        >>> config.update("enable_x46", True)
        Traceback (most recent call last):
        lamina.errors.UnknownOptionError: There is no option `enable_x46`. Did you mean `enable_x64`?
        ...
    """

    cure = "Use one of the names that `lamina.config.options` lists."

    def __init__(self, option: str, known: Sequence[str]):
        close = difflib.get_close_matches(option.removeprefix("jax_"), known, n=1, cutoff=0.5)
        guess = f" Did you mean `{close[0]}`?" if close else ""
        super().__init__(
            f"There is no option `{option}`.{guess}", cure=f"Use one of the options: {', '.join(sorted(known))}."
        )
        self.option = option


class OptionValueError(LaminaError, ValueError):
    """An option was given a value it does not take.

    Cause:
        ``config.update``, a ``with option(value):`` or an environment variable ``LAMINA_<NAME>`` has a value of the
        wrong type, or none of the choices.

    Example:
        >>> from lamina.config import config
        >>> config.update("numpy_dtype_promotion", "loose")
        Traceback (most recent call last):
        lamina.errors.OptionValueError: The option `numpy_dtype_promotion` cannot be 'loose'.
        ...
    """

    cure = "Give the option a value it takes."

    def __init__(self, option: str, value: object, expected: str):
        super().__init__(
            f"The option `{option}` cannot be {value!r}.",
            cure=f"Give it {expected} (in code, or in the environment variable LAMINA_{option.upper()}).",
        )
        self.option, self.value, self.expected = option, value, expected


# --- arguments -------------------------------------------------------------------------------------------------------


class NonScalarGradError(LaminaError, TypeError):
    """`grad` was taken of a function whose result is not one number.

    Cause:
        A gradient is the derivative of a scalar. For an array or a container of results there is a Jacobian, or one
        gradient for each choice of weights.

    Example:
        >>> import lamina
        >>> import lamina.numpy as lnp
        >>> lamina.grad(lambda x: x * 2)(lnp.ones(3))
        Traceback (most recent call last):
        lamina.errors.NonScalarGradError: ...
    """

    cure = (
        "Reduce the result to a scalar (sum, mean), return further results with has_aux=True, or use lamina.jacrev, "
        "lamina.jacfwd or lamina.vjp."
    )

    def __init__(self, function: str, result: str):
        super().__init__(f"grad needs a scalar, but `{function}` returns {result}.")
        self.function, self.result = function, result


class IntegerGradError(LaminaError, TypeError):
    """A derivative was asked with respect to, or of, numbers that are not continuous.

    Cause:
        The differentiated argument (or the result) is an integer or a boolean.

    Example:
        >>> import lamina
        >>> lamina.grad(lambda x: x * 2.0)(3)
        Traceback (most recent call last):
        lamina.errors.IntegerGradError: ...
    """

    cure = "Pass a float (3.0, x.astype(float)), choose other arguments with argnums=..., or set allow_int=True."

    def __init__(self, function: str, what: str, dtype: str, transform: str = "grad"):
        super().__init__(f"{transform} of `{function}` needs floating-point numbers, but {what} is {dtype}.")
        self.function, self.what, self.dtype = function, what, dtype


class KeyReuseError(JAXTypeError):
    """A random key was used twice.

    Cause:
        The same key gives the same numbers; two draws from one key are not independent.

    Example:
        >>> raise KeyReuseError("key")
        Traceback (most recent call last):
        lamina.errors.KeyReuseError: The random key `key` was already used.
        ...
    """

    cure = "Make fresh keys for each use: `key, subkey = lamina.random.split(key)`."

    def __init__(self, key: str, first: SourceLocation | None = None, second: SourceLocation | None = None):
        super().__init__(
            f"The random key `{key}` was already used.",
            f"First use: {first}." if first else "",
            f"Second use: {second}." if second else "",
        )
        self.key, self.first, self.second = key, first, second


# --- pytrees ---------------------------------------------------------------------------------------------------------


class TreeStructureError(LaminaError, ValueError, TypeError):
    """Two containers (pytrees) that must have the same structure differ.

    Cause:
        A different nesting, type, length, or set of keys at the path the message names.

    Example:
        >>> from lamina import tree
        >>> tree.map(max, {"w": [1, 2]}, {"w": [1, 2, 3]})
        Traceback (most recent call last):
        lamina.errors.TreeStructureError: tree.map: the trees differ in structure at ['w'].
            tree 1 has a list of 2 there,
            tree 2 has a list of 3.
        ...
    """

    cure = "Give both the same nesting of containers, with the same types, lengths and keys."

    def __init__(self, where: str, path: str, expected: tuple[str, str], got: tuple[str, str], detail: str = ""):
        super().__init__(
            f"{where}: the trees differ in structure at {path or 'their root'}.",
            f"    {expected[0]} has {expected[1]} there,",
            f"    {got[0]} has {got[1]}.",
            detail,
        )
        self.path, self.expected, self.got = path, expected, got

    @property
    def difference(self) -> str:
        """The difference as a part of a sentence."""
        place = f"at {self.path} " if self.path else ""
        return f"{place}{self.expected[0]} has {self.expected[1]}, {self.got[0]} has {self.got[1]}"


class TreeFlattenError(LaminaError, TypeError):
    """A registered container type's flatten function returned something else than (children, metadata).

    Cause:
        The function given to ``register_pytree_node`` (or the method ``tree_flatten``) returns a wrong value.

    Example:
        >>> from lamina import tree, tree_util
        >>> class Pair: ...
        >>> tree_util.register_pytree_node(Pair, lambda pair: 5, lambda metadata, children: Pair())
        >>> tree.leaves([1, Pair()])
        Traceback (most recent call last):
        lamina.errors.TreeFlattenError: Flattening the Pair at [1] failed: its flatten function returned 5.
        ...
    """

    cure = "Return a pair: an iterable of children, and metadata that can be hashed and compared."

    def __init__(self, container: str, path: str, problem: str, *, cure: str | None = None):
        super().__init__(f"Flattening the {container} at {path or 'the root'} failed: {problem}.", cure=cure)
        self.path = path


class X64DisabledWarning(UserWarning):
    """A 64-bit dtype was asked for by name while 64-bit types are off; the 32-bit one is used."""
