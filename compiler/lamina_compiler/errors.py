"""What passes raise: an error that knows the source location of the operation it is about."""

from __future__ import annotations

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


class NotTransposable(PassError, ValueError):
    """Reverse mode meets an operation that has only forward mode.

    Attributes:
        what: the operation in the user's terms, "a while loop".
    """

    def __init__(self, what: str, location: ir.Location) -> None:
        super().__init__(f"there is no reverse-mode derivative of {what}", location)
        self.what = what


class NoDerivativeRule(PassError, NotImplementedError):
    """A derivative is asked for that nobody has written down.

    Attributes:
        what: the operation, "schur".
        reason: why there is none.
    """

    def __init__(self, what: str, reason: str, location: ir.Location) -> None:
        super().__init__(f"there is no derivative of {what}: {reason}", location)
        self.what = what
        self.reason = reason


class NotForward(PassError, TypeError):
    """Forward mode meets an operation that has only reverse mode.

    Attributes:
        what: the operation in the user's terms, "a custom_vjp function".
    """

    def __init__(self, what: str, location: ir.Location) -> None:
        super().__init__(f"there is no forward-mode derivative of {what}", location)
        self.what = what


class NoDerivative(PassError, ValueError):
    """A derivative is asked of something that has none.

    Attributes:
        what: the operation in the user's terms, "pure_callback".
    """

    def __init__(self, what: str, location: ir.Location) -> None:
        super().__init__(f"there is no derivative of {what}", location)
        self.what = what


class NoBatching(PassError, ValueError):
    """vmap meets something that cannot be mapped.

    Attributes:
        what: the operation in the user's terms, "pure_callback without vmap_method".
    """

    def __init__(self, what: str, location: ir.Location) -> None:
        super().__init__(f"{what} cannot be mapped", location)
        self.what = what


class ClosedOver(PassError, TypeError):
    """A derivative goes through an array that a function with a custom rule closes over.

    Attributes:
        kind: "custom_jvp" or "custom_vjp".
    """

    def __init__(self, kind: str, location: ir.Location) -> None:
        super().__init__(f"a {kind} function closes over an array that is differentiated", location)
        self.kind = kind
