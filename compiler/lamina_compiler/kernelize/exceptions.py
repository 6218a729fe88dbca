"""Why writing a kernel stops: for good, or so that something else is tried.

What has no form in a kernel is `Unsupported`, in which all ends unless there is another choice: another dimension in
lanes, or the node in memory, after `Uneven`. The other two only steer: `Again` starts the next attempt, `TooDear`
ends a trial.
"""


class Unsupported(Exception):
    """The operations have something that is not written as a kernel."""


class Uneven(Unsupported):
    """An expression that cannot be split into the indices of several dimensions."""

    def __init__(self) -> None:
        super().__init__("an index that is not known to be in one of several dimensions")


class Again(Exception):
    """A decision was taken, or taken back; the program must be written again."""


class TooDear(Exception):
    """A trial costs more than another one did."""
