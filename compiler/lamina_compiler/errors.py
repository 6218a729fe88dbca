"""What passes raise: an error that knows the source location of the operation it is about."""

from __future__ import annotations

from typing import ClassVar

from .mlir import ir


class PassError(Exception):
    """A pass cannot go on at an operation.

    Attributes:
        message: what is wrong, without the place.
        location: of the operation in the user's program or in the text of the IR.
    """

    def __init__(self, message: str, location: ir.Location) -> None:
        super().__init__(f"{message}, at {location}")
        self.message = message
        self.location = location


class MissingRule(PassError, NotImplementedError):
    """An operation has no rule for a transformation."""


class InvalidDeclaration(PassError, ValueError):
    """The `lamina.derive` attribute of a function, or its signature, is not what the transformation takes."""


class NoFloat64(PassError, TypeError):
    """The target has no 64-bit floats, and the program computes with them.

    Attributes:
        what: the operation or the argument, such as "the result of `sin`".
        argument: number of the argument of the function, if it is one.
        dtype: "float64" or "complex128".
    """

    def __init__(self, what: str, dtype: str, location: ir.Location, argument: int | None = None) -> None:
        super().__init__(f"{what} is {dtype}, which the target does not have", location)
        self.what = what
        self.argument = argument
        self.dtype = dtype


class IllegalOperation(PassError, AssertionError):
    """A stage left an operation that must not exist after it: a bug in a pass, not in the user's program."""


class Refused(PassError):
    """A transformation meets an operation that does not have it.

    Attributes:
        what: the operation in the user's terms, "a while loop".
    """

    problem: ClassVar[str]

    def __init__(self, what: str, location: ir.Location, reason: str = "") -> None:
        super().__init__(self.problem.format(what) + (f": {reason}" if reason else ""), location)
        self.what = what
        self.reason = reason


class NotTransposable(Refused, ValueError):
    """Reverse mode meets an operation that has only forward mode."""

    problem = "there is no reverse-mode derivative of {}"


class NotForward(Refused, TypeError):
    """Forward mode meets an operation that has only reverse mode."""

    problem = "there is no forward-mode derivative of {}"


class NoDerivative(Refused, ValueError):
    """A derivative is asked of something that has none, such as a callback."""

    problem = "there is no derivative of {}"


class NoDerivativeRule(Refused, NotImplementedError):
    """A derivative is asked for that nobody has written down; `reason` says why."""

    problem = "there is no derivative of {}"


class NoBatching(Refused, ValueError):
    """vmap meets something that cannot be mapped."""

    problem = "{} cannot be mapped"


class NotLinear(Refused, ValueError):
    """A function is transposed, but is not linear."""

    problem = "{} is not linear in what it is transposed in"


class ClosedOver(PassError, TypeError):
    """A derivative goes through an array that a function with a custom rule closes over.

    Attributes:
        kind: "custom_jvp" or "custom_vjp".
    """

    def __init__(self, kind: str, location: ir.Location) -> None:
        super().__init__(f"a {kind} function closes over an array that is differentiated", location)
        self.kind = kind
