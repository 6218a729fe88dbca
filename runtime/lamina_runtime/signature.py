"""The signature of a function in an artifact: check a call's arguments, rebuild its results, JSON and text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .errors import ArgumentError
from .tree import Leaf, Sizes, Tree, flatten, leaves, rebuild


@dataclass(frozen=True)
class Signature:
    """`name(argument: tree, …) -> tree`. A call's arguments are the leaves of all trees, in order.

    >>> str(Signature("f", {"x": Leaf(("n", 3), "f32")}, Leaf((), "f32")))
    'f(x: f32[n,3]) -> f32[]'
    """

    name: str
    arguments: Mapping[str, Tree]
    result: Tree

    def __str__(self) -> str:
        return f"{self.name}({', '.join(f'{n}: {tree}' for n, tree in self.arguments.items())}) -> {self.result}"

    def flatten(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[Any]:
        """The checked leaves of a call's arguments. Raises `ArgumentError`."""
        sizes: Sizes = {}
        values = self._bind(args, kwargs) if kwargs or len(args) != len(self.arguments) else args
        return [
            leaf
            for (path, tree), value in zip(self._paths, values, strict=True)
            for leaf in flatten(tree, value, path, sizes)
        ]

    def result_leaves(self) -> list[Leaf]:
        return list(leaves(self.result))

    def rebuild(self, values: Sequence[Any]) -> Any:
        """The result tree with `values` as its leaves."""
        return rebuild(self.result, iter(values))

    @cached_property
    def _paths(self) -> list[tuple[str, Tree]]:
        return [(f"{self.name}: argument {name}", tree) for name, tree in self.arguments.items()]

    def _bind(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[Any]:
        names = list(self.arguments)
        if len(args) > len(names):
            raise ArgumentError(f"{self.name}: takes {len(names)} arguments, got {len(args)}; it is {self}")
        bound = dict(zip(names, args, strict=False))
        for name, value in kwargs.items():
            if name in bound or name not in self.arguments:
                wrong = "given twice" if name in bound else "unknown"
                raise ArgumentError(f"{self.name}: argument {name} is {wrong}; it is {self}")
            bound[name] = value
        missing = [name for name in names if name not in bound]
        if missing:
            raise ArgumentError(f"{self.name}: missing argument {', '.join(missing)}; it is {self}")
        return [bound[name] for name in names]
