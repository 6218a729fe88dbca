"""The libraries that are compared, under the names that workloads use."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy

NAMES = ("lamina", "jax", "numpy")


class Library:
    """What a workload is written against: ``lib.np``, ``lib.lax``, ``lib.jit`` … of one library."""

    def __init__(self, name: str):
        self.name = name
        if name == "numpy":
            self.np: Any = numpy
            return
        root = importlib.import_module(name)
        self.np = importlib.import_module(f"{name}.numpy")
        self.lax: Any = importlib.import_module(f"{name}.lax")
        self.nn: Any = importlib.import_module(f"{name}.nn")
        self.random: Any = importlib.import_module(f"{name}.random")
        for function in ("grad", "value_and_grad", "vmap", "jvp", "vjp", "jacfwd", "hessian"):
            setattr(self, function, getattr(root, function))
        self.tree_map: Any = root.tree_util.tree_map
        self.tree_leaves: Any = root.tree_util.tree_leaves
        self._jit, self._wait = root.jit, root.block_until_ready

    def compiled(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function as this library runs it best, returning when its results are there."""
        return function if self.name == "numpy" else self.eager(self._jit(function))

    def eager(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function as it is, returning when its results are there."""
        if self.name == "numpy":
            return function
        wait = self._wait
        return lambda *args: wait(function(*args))

    def arrays(self, values: Any) -> Any:
        """NumPy arrays in a container as this library's."""
        return values if self.name == "numpy" else self.tree_map(self.np.asarray, values)

    def results(self, values: Any) -> list[numpy.ndarray]:
        """The arrays of a result, for comparison."""
        leaves = _leaves(values) if self.name == "numpy" else self.tree_leaves(values)
        return [numpy.asarray(x) for x in leaves]


def _leaves(values: Any) -> list[Any]:
    return [x for part in values for x in _leaves(part)] if isinstance(values, (tuple, list)) else [values]
