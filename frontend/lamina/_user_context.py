"""Values of the user's that compiled programs depend on."""

from __future__ import annotations

from typing import Any

from lamina.config import Config, Option, add_to_trace_key


class UserContext(Option):
    """What `make_user_context` returns. ``with context(value):`` sets it in this thread; ``context.value`` reads it."""

    def __init__(self, default: Any):
        self.name, self.default = f"_user_context_{len(Config.user_contexts)}", self.parse(default)
        setattr(Config, self.name, default)
        Config.user_contexts.append(self.name)
        add_to_trace_key()

    def parse(self, value: Any) -> Any:
        """The value itself, which must be hashable."""
        hash(value)
        return value


def make_user_context(default_value: Any = None) -> UserContext:
    """A value that traced functions may read and that their compiled programs depend on: another one compiles anew.

    >>> import lamina as la
    >>> scale = la.make_user_context(1.0)
    >>> f = la.jit(lambda x: x * scale.value)
    >>> with scale(3.0):
    ...     f(2.0)
    Array(6., dtype=float32, weak_type=True)
    """
    return UserContext(default_value)
