"""Arrays of dtype float0, the tangents of integers. They hold nothing, so to a traced function they are structure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from lamina import dtypes, tree_util


def zeros_float0(shape: tuple[int, ...]) -> Any:
    """The tangent or gradient of integers: an array that holds nothing."""
    return np.zeros(shape, dtypes.float0)


def is_float0(x: Any) -> bool:
    return isinstance(x, np.ndarray) and x.dtype == dtypes.float0


class _NoTangent:
    """A node without children that stands for a float0 array in a structure."""

    def __init__(self, shape: tuple[int, ...]):
        self.shape = shape


tree_util.register_pytree_node(_NoTangent, lambda x: ((), x.shape), lambda shape, _: zeros_float0(shape))


def as_structure(tree: Any) -> Any:
    """The container with its float0 arrays as nodes: the leaves of the result are other arrays."""
    leaves, structure = tree_util.tree_flatten(tree)
    if not any(map(is_float0, leaves)):
        return tree
    return structure.unflatten([_NoTangent(leaf.shape) if is_float0(leaf) else leaf for leaf in leaves])


def map_float0(shape: Callable[[tuple[int, ...]], tuple[int, ...]], tree: Any) -> Any:
    """The container with other shapes of its float0 arrays; `shape` is called for all leaves in turn."""
    leaves, structure = tree_util.tree_flatten(tree)
    if not any(map(is_float0, leaves)):
        return tree
    shapes = [shape(leaf.shape) for leaf in leaves]
    return structure.unflatten(
        [zeros_float0(new) if is_float0(leaf) else leaf for leaf, new in zip(leaves, shapes, strict=True)]
    )


def beside(structure: Any, leaves: Iterable[Any]) -> Iterator[Any]:
    """Those of `leaves` whose places in a structure made by `as_structure` are not of float0 arrays."""
    template = structure.unflatten(range(structure.num_leaves))
    return (leaf for leaf, x in zip(leaves, tree_util.tree_leaves(template), strict=True) if not is_float0(x))


def plain(structure: Any) -> Any:
    """The structure with a leaf for every float0 array."""
    return tree_util.tree_structure(structure.unflatten(range(structure.num_leaves)))
