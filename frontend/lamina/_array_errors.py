"""Errors about what is no array, and about shapes, axes, dtypes and indices."""

from __future__ import annotations

from collections.abc import Sequence

from lamina._error_base import JAXIndexError, LaminaError


class NonArrayArgumentError(LaminaError, TypeError, ValueError):
    """An argument is no array, and nothing an array can be made from.

    Cause:
        Transformed functions and array operations take arrays, numbers and containers (pytrees) of them.

    Example:
        >>> import lamina
        >>> lamina.jit(lambda x, mode: x)(1.0, "fast")
        Traceback (most recent call last):
        lamina.errors.NonArrayArgumentError: ... argument `mode` ... str: 'fast'.
        ...
    """

    cure = (
        "Pass numbers or arrays; mark arguments that configure the function as static (static_argnames=...); register "
        "your own container types with lamina.tree_util.register_dataclass."
    )

    def __init__(self, function: str, argument: str, value: object, path: str = ""):
        shown = repr(value)
        shown = shown if len(shown) <= 80 else shown[:77] + "..."
        super().__init__(
            f"`{function}` takes arrays, but the argument `{argument}{path}` is a {type(value).__name__}: {shown}."
        )
        self.function, self.argument, self.path = function, argument, path


class NonArrayResultError(LaminaError, TypeError):
    """A transformed function returned something that is no array.

    Cause:
        The results of transformed functions are arrays, numbers and containers (pytrees) of them.

    Example:
        >>> import lamina
        >>> lamina.jit(lambda x: {"loss": x, "name": "mse"})(1.0)
        Traceback (most recent call last):
        lamina.errors.NonArrayResultError: ... result['name'] is a str: 'mse'.
        ...
    """

    cure = "Return arrays, numbers, or containers of them (None is fine: it holds nothing)."

    def __init__(self, function: str, transform: str, value: object, path: str = ""):
        shown = repr(value)
        shown = shown if len(shown) <= 80 else shown[:77] + "..."
        super().__init__(
            f"`{function}`, which {transform} traced, must return arrays, "
            f"but result{path} is a {type(value).__name__}: {shown}."
        )
        self.function, self.path = function, path


class ShapeError(LaminaError, TypeError, ValueError):
    """The shapes of the operands do not fit the operation.

    Cause:
        For instance dimensions to be broadcast that are neither equal nor 1, or unequal contracted dimensions.

    Example:
        >>> import lamina.numpy as lnp
        >>> lnp.zeros(2) + lnp.zeros(3)
        Traceback (most recent call last):
        lamina.errors.ShapeError: ...
    """

    cure = "Reshape, transpose or slice an operand so that the shapes fit; print them with `x.shape`."

    def __init__(self, operation: str, problem: str, *, cure: str | None = None, **operands: tuple[int | str, ...]):
        shapes = ", ".join(f"{name} has the shape {tuple(shape)}" for name, shape in operands.items())
        super().__init__(f"`{operation}`: {problem}" + (f": {shapes}." if shapes else "."), cure=cure)
        self.operation, self.operands = operation, operands


class AxisError(ShapeError, IndexError):
    """An array has no such axis.

    Cause:
        The axes of an array of rank n are 0 to n − 1, or, counted from the end, −1 to −n.

    Example:
        >>> import lamina.numpy as lnp
        >>> lnp.sum(lnp.zeros(3), axis=1)
        Traceback (most recent call last):
        lamina.errors.AxisError: `lnp.sum`: there is no axis 1 in an array of rank 1.
        Use an axis between -rank and rank - 1.
    """

    cure = "Use an axis between -rank and rank - 1."

    def __init__(self, operation: str, axis: int, rank: int, *, cure: str | None = None):
        super().__init__(operation, f"there is no axis {axis} in an array of rank {rank}", cure=cure)


class DTypeError(LaminaError, TypeError, ValueError):
    """A dtype does not exist here, or an operation does not take it.

    Cause:
        Arrays hold booleans, integers, real or complex numbers. Text, dates and Python objects have no place on a
        device; and some operations need, say, a floating-point dtype.

    Example:
        >>> from lamina import dtypes
        >>> dtypes.check_user_dtype_supported("datetime64[s]")
        Traceback (most recent call last):
        lamina.errors.DTypeError: Arrays cannot have the dtype datetime64[s].
        ...
    """

    cure = "Convert the values to a numeric dtype first."

    def __init__(self, *sentences: str, cure: str | None = None):
        super().__init__(*sentences, cure=cure)


class TypePromotionError(DTypeError):
    """Operands of different dtypes have no common dtype that one may choose silently.

    Cause:
        8-bit and smaller floats and 4-bit and smaller integers are never converted implicitly; with the option
        ``numpy_dtype_promotion="strict"`` no array is.

    Example:
        >>> from lamina import dtypes
        >>> from lamina.config import numpy_dtype_promotion
        >>> with numpy_dtype_promotion("strict"):
        ...     dtypes.promote_types("int8", "float32")
        Traceback (most recent call last):
        lamina.errors.TypePromotionError: The dtypes float32 and int8 have no implicit common dtype.
        ...
    """

    cure = "Convert explicitly, for instance with x.astype(dtype)."

    def __init__(self, dtypes: Sequence[str], reason: str = "", *, cure: str | None = None):
        listed = " and ".join([", ".join(dtypes[:-1]), dtypes[-1]])
        super().__init__(f"The dtypes {listed} have no implicit common dtype.", reason, cure=cure)
        self.dtypes = tuple(dtypes)


class IndexOutOfBoundsError(JAXIndexError):
    """An index that is known when the program is traced lies outside the array.

    Cause:
        A Python integer index is ``>= size`` or ``< -size``. (An index that is only known when the program runs is
        clamped in reads and dropped in updates, unless `mode=` says otherwise.)

    Example:
        >>> import lamina.numpy as lnp
        >>> lnp.zeros(3)[5]
        Traceback (most recent call last):
        lamina.errors.IndexOutOfBoundsError: The index 5 is out of bounds for axis 0 of size 3.
        ...
    """

    cure = 'Use an index in the array, or `x.at[i].get(mode="clip")` (or "fill") for a defined result outside it.'

    def __init__(self, index: int, axis: int, size: int):
        super().__init__(f"The index {index} is out of bounds for axis {axis} of size {size}.")
        self.index, self.axis, self.size = index, axis, size


# --- differentiation and random keys ---------------------------------------------------------------------------------
