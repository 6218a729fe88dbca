"""Static arguments of jit: Python values that are part of the program, not arrays it computes with."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from lamina import errors
from lamina._transform import function_name


class _Static:
    """A static argument: part of the structure of the arguments, compared by value and type."""

    __slots__ = ("value",)

    def __init__(self, value: Any):
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Static) and type(self.value) is type(other.value) and self.value == other.value

    def __hash__(self) -> int:
        return hash((type(self.value), self.value))


def names_of_static(
    fun: Callable[..., Any],
    argnums: int | Sequence[int] | None,
    argnames: str | Sequence[str] | None,
    kind: str = "static",
) -> tuple[frozenset[int], frozenset[str]]:
    """Positions and names of the static arguments, each completed from the other by the function's signature.

    Raises StaticArgumentError for one that the function does not have, as an argument of this `kind`.
    """
    numbers = () if argnums is None else (argnums,) if isinstance(argnums, int) else tuple(argnums)
    names = () if argnames is None else (argnames,) if isinstance(argnames, str) else tuple(argnames)
    try:
        parameters = list(inspect.signature(fun).parameters.values())
    except (TypeError, ValueError):
        return frozenset(numbers), frozenset(names)
    by_position = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    unknown = [n for n in names if n not in {p.name for p in parameters}]
    if unknown and not any(p.kind is p.VAR_KEYWORD for p in parameters):
        raise errors.StaticArgumentError(
            function_name(fun),
            f"{kind}_argnames names `{unknown[0]}`, but `{function_name(fun)}` has no such argument.",
        )
    beyond = [n for n in numbers if not -len(by_position) <= n < len(by_position)]
    if beyond and not any(p.kind is p.VAR_POSITIONAL for p in parameters):
        raise errors.StaticArgumentError(
            function_name(fun),
            f"{kind}_argnums names the argument {beyond[0]}, but `{function_name(fun)}` has {len(by_position)} "
            "positional arguments.",
        )
    positions = {n % len(by_position) if n < 0 and by_position else n for n in numbers}
    positions |= {by_position.index(n) for n in names if n in by_position}
    return frozenset(positions), frozenset(names) | {by_position[p] for p in positions if p < len(by_position)}


class Specialized:
    """A function with its static arguments put in; equal to another with equal static arguments."""

    def __init__(self, fun: Callable[..., Any], count: int, static: dict[Any, Any]):
        self.func, self.count = fun, count
        self.static = {which: _Static(value) for which, value in static.items()}
        self._key = (count, tuple(sorted(self.static.items(), key=lambda item: str(item[0]))))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Specialized) and self.func is other.func and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def __signature__(self) -> inspect.Signature:
        """The signature of the arguments that are left."""
        parameters = list(inspect.signature(self.func).parameters.values())
        return inspect.Signature(
            [p for i, p in enumerate(parameters) if i not in self.static and p.name not in self.static]
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        rest = iter(args)
        full = [self.static[i].value if i in self.static else next(rest) for i in range(self.count)]
        named = {name: static.value for name, static in self.static.items() if isinstance(name, str)}
        return self.func(*full, **kwargs, **named)
