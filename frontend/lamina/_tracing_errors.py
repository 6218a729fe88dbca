"""Errors about traced values: used where Python or NumPy needs a number, or after their trace has ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from lamina._error_base import JAXIndexError, JAXTypeError
from lamina._frames import SourceLocation


def _quoted(names: Sequence[str]) -> str:
    """`a`, `b` and `c`"""
    quoted = [f"`{name}`" for name in names]
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)


class TracedValue(NamedTuple):
    """What an error says about a traced value.

    type: as printed, ``f32[3]``; transform: the tracing transformation, ``jit``; function: the function it traces;
    arguments: names of the arguments the value depends on; made: the line that computed it.
    """

    type: str
    transform: str = "jit"
    function: str = ""
    arguments: tuple[str, ...] = ()
    made: SourceLocation | None = None

    def __str__(self) -> str:
        tracing = f"while {self.transform} traces" + (f" `{self.function}`" if self.function else "")
        text = f"This {self.type} has no value yet: {tracing}, arrays stand for all their possible values."
        if self.made:
            text += f"\nIt was computed at {self.made}."
        if self.arguments:
            text += f"\nIt depends on the argument{'s'[: len(self.arguments) > 1]} {_quoted(self.arguments)}."
        return text


class ConcretizationTypeError(JAXTypeError):
    """A concrete number is needed where the program has a traced array.

    Cause:
        Inside ``jit`` (or ``vmap``, ``scan``, …) the function runs once, with arrays that stand for all possible
        values. Python's ``float``, ``complex`` or a size such as ``arange``'s need the value itself.

    Example:
        >>> import lamina
        >>> lamina.jit(lambda x: float(x) + 1)(2.0)
        Traceback (most recent call last):
        lamina.errors.ConcretizationTypeError: `float()` needs the value of a traced array.
        ...
    """

    cure = (
        "Stay with array operations (`x.astype(float)` for `float(x)`), or, when the value may be a part of the "
        "program, pass the argument as static: jit(..., static_argnames=...)."
    )

    def __init__(self, value: TracedValue, needed_by: str = "this operation", *, cure: str | None = None):
        super().__init__(f"{needed_by} needs the value of a traced array.", str(value), cure=cure)
        self.value, self.needed_by = value, needed_by


class TracerBoolConversionError(ConcretizationTypeError):
    """A Python condition depends on a traced array.

    Cause:
        ``if``, ``while``, ``and``, ``or``, ``not``, ``assert`` and ``bool()`` need to know now which way to go, but
        while a function is traced the array has no value yet.

    Example:
        >>> import lamina
        >>> lamina.jit(lambda x: x if x > 0 else -x)(1.0)
        Traceback (most recent call last):
        lamina.errors.TracerBoolConversionError: A Python condition needs the truth value of a traced array.
        ...
    """

    cure = (
        "Choose between values with lnp.where(condition, x, y), between computations with lax.cond, loop with "
        "lax.while_loop or lax.fori_loop; or, when the condition may be a part of the program, pass the argument it "
        "depends on as static: jit(..., static_argnames=...)."
    )

    def __init__(self, value: TracedValue):
        JAXTypeError.__init__(self, "A Python condition needs the truth value of a traced array.", str(value))
        self.value = value


class TracerIntegerConversionError(JAXTypeError):
    """A Python integer is needed where the program has a traced array.

    Cause:
        Indexing a Python list, ``range(n)``, shapes and ``int()`` need the number now.

    Example:
        >>> import lamina
        >>> lamina.jit(lambda i: [10, 20, 30][i])(1)
        Traceback (most recent call last):
        lamina.errors.TracerIntegerConversionError: A Python integer is needed, but this is a traced array.
        ...
    """

    cure = (
        "Index an array instead of a list (`lnp.array(items)[i]`), use lax.fori_loop instead of `range`, "
        "lax.dynamic_slice instead of `x[i:j]`, or pass the argument it depends on as static: "
        "jit(..., static_argnames=...)."
    )

    def __init__(self, value: TracedValue):
        super().__init__("A Python integer is needed, but this is a traced array.", str(value))
        self.value = value


class TracerArrayConversionError(JAXTypeError):
    """A NumPy array is needed where the program has a traced array.

    Cause:
        A NumPy function (``np.sin(x)``, ``np.asarray(x)``) was called on an array that is being traced. NumPy
        computes at once; a traced array has no numbers to compute with.

    Example:
        >>> import lamina, numpy as np
        >>> lamina.jit(lambda x: np.sin(x))(1.0)
        Traceback (most recent call last):
        lamina.errors.TracerArrayConversionError: NumPy needs the numbers in a traced array.
        ...
    """

    cure = "Use the function of that name in lamina.numpy, or call NumPy when the program runs: lamina.pure_callback."

    def __init__(self, value: TracedValue):
        super().__init__("NumPy needs the numbers in a traced array.", str(value))
        self.value = value


class NonConcreteBooleanIndexError(JAXIndexError):
    """A traced boolean array is used as an index.

    Cause:
        ``x[mask]`` has as many elements as the mask has True values, but a traced program needs every array's size.

    Example:
        >>> import lamina
        >>> import lamina.numpy as lnp
        >>> lamina.jit(lambda x: x[x > 0].sum())(lnp.ones(3))
        Traceback (most recent call last):
        lamina.errors.NonConcreteBooleanIndexError: The size of `x[mask]` is unknown for a traced mask.
        ...
    """

    cure = (
        "Keep the size: lnp.where(mask, x, 0), x.at[mask].set(value), reductions' `where=` argument, or "
        "lnp.nonzero(mask, size=...)."
    )

    def __init__(self, mask: TracedValue):
        super().__init__("The size of `x[mask]` is unknown for a traced mask.", str(mask))
        self.value = mask


class UnexpectedTracerError(JAXTypeError):
    """A traced array is used outside the trace that made it.

    Cause:
        A traced function stored an intermediate array somewhere outside (a global, an attribute, a closure) and the
        array was used after tracing had ended. It never had a value: it only stood for one.

    Example:
        >>> import lamina
        >>> kept = []
        >>> def f(x):
        ...     kept.append(x * 2)
        ...     return x
        >>> _ = lamina.jit(f)(1.0)
        >>> kept[0] + 1
        Traceback (most recent call last):
        lamina.errors.UnexpectedTracerError: A traced array escaped from the function it was made in.
        ...
    """

    cure = (
        "Return the array from the function, or use lamina.debug.print or lamina.debug.callback to look at it. "
        "LAMINA_CHECK_TRACER_LEAKS=1 reports the leak where it happens."
    )

    def __init__(self, value: TracedValue, used: SourceLocation | None = None):
        of = f" of `{value.function}`" if value.function else ""
        super().__init__(
            "A traced array escaped from the function it was made in.",
            f"This {value.type} is an intermediate value{of}, which {value.transform} traced"
            + (f"; it was made at {value.made}." if value.made else "."),
            f"It was used after that, at {used}." if used else "",
        )
        self.value, self.used = value, used
