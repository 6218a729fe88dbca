"""Descriptions of argument and result trees: build one, flatten values by it, rebuild values from it, print it."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from iree.runtime import HalBufferView

from .dtypes import DTYPES, ELEMENT_TYPES, dtype_of, element_name, same_element, short_name
from .errors import ArgumentError

Sizes = dict[str, int]
"""The sizes of symbolic dimensions that the arguments of a call have fixed so far."""


@dataclass(frozen=True)
class Leaf:
    """An array. A dimension is a size, or the name of a symbolic one ("batch") that each call chooses."""

    shape: tuple[int | str, ...]
    dtype: str

    @cached_property
    def numpy_dtype(self) -> np.dtype:
        return dtype_of(self.dtype)

    def __str__(self) -> str:
        return f"{self.dtype}[{','.join(map(str, self.shape))}]"


@dataclass(frozen=True)
class Node:
    """A container of `kind` "tuple", "list", "dict", "namedtuple" (of class `name`) or "none".

    `children` by key, field name or index, in flatten order.
    """

    kind: str
    children: Mapping[Any, Tree] = field(default_factory=dict)
    name: str = ""

    def __str__(self) -> str:
        named = ", ".join(f"{key}: {child}" for key, child in self.children.items())
        items = ", ".join(map(str, self.children.values()))
        match self.kind:
            case "none":
                return "None"
            case "list":
                return f"[{items}]"
            case "tuple":
                return f"({items},)" if len(self.children) == 1 else f"({items})"
            case "dict":
                return f"{{{named}}}"
            case _:
                return f"{self.name}({named})"


Tree = Leaf | Node


def describe(value: Any) -> Tree:
    """The description of a tree of arrays (anything with `shape` and `dtype`); dicts flatten in sorted key order.

    >>> str(describe({"w": np.zeros((2, 3), "f4"), "b": np.zeros(3)}))
    '{b: f64[3], w: f32[2,3]}'

    Raises `TypeError` for other leaves and for dict keys that are not strings.
    """
    if value is None:
        return Node("none")
    if isinstance(value, (Leaf, Node)):
        return value
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise TypeError(f"keys of dicts in a signature have to be strings, got {list(value)!r}")
        return Node("dict", {key: describe(value[key]) for key in sorted(value)})
    if (fields := _fields(value)) is not None:
        parts = zip(fields, map(describe, value), strict=True)
        return Node("namedtuple", dict(parts), type(value).__name__)
    if isinstance(value, (tuple, list)):
        return Node("tuple" if isinstance(value, tuple) else "list", dict(enumerate(map(describe, value))))
    name = short_name(np.dtype(value.dtype)) if hasattr(value, "dtype") and hasattr(value, "shape") else None
    if name not in DTYPES:
        raise TypeError(f"a leaf of a signature has to be an array of a supported dtype, got {value!r:.80}")
    return Leaf(tuple(value.shape), name)


def leaves(tree: Tree) -> Iterator[Leaf]:
    """The leaves in flatten order, which is the order of a compiled function's arguments and results."""
    if isinstance(tree, Leaf):
        yield tree
    else:
        for child in tree.children.values():
            yield from leaves(child)


def rebuild(tree: Tree, values: Iterator[Any]) -> Any:
    """The tree with `values` as its leaves."""
    if isinstance(tree, Leaf):
        return next(values)
    children = [rebuild(child, values) for child in tree.children.values()]
    match tree.kind:
        case "none":
            return None
        case "list":
            return children
        case "tuple":
            return tuple(children)
        case "dict":
            return dict(zip(tree.children, children, strict=True))
        case _:
            return namedtuple_class(tree.name, tuple(tree.children))(*children)


@lru_cache(None)
def namedtuple_class(name: str, fields: tuple[str, ...]) -> Any:
    """One class per name and fields, so that results of different functions have equal types."""
    return namedtuple(name, fields)


def flatten(tree: Tree, value: Any, path: str, sizes: Sizes) -> Iterator[Any]:
    """The leaves of `value`, checked against `tree` and cast to its dtypes: arrays and `HalBufferView`s.

    `path` names the value in errors; `sizes` collects the symbolic dimensions. Raises `ArgumentError`.
    """
    if isinstance(tree, Leaf):
        yield _check_leaf(tree, value, path, sizes)
    else:
        parts = _children(tree, value, path)
        for (key, child), part in zip(tree.children.items(), parts, strict=True):
            part_path = f"{path}.{key}" if tree.kind == "namedtuple" else f"{path}[{key!r}]"
            yield from flatten(child, part, part_path, sizes)


def _children(tree: Node, value: Any, path: str) -> list[Any]:
    """The children of a container in the order of `tree`, after checking that it has the same structure."""
    keys = list(tree.children)
    match tree.kind:
        case "none":
            fits = value is None
        case "dict":
            fits = isinstance(value, Mapping) and value.keys() == tree.children.keys()
        case "namedtuple":
            fits = _fields(value) == tuple(keys)
        case kind:
            fits = isinstance(value, tuple if kind == "tuple" else list) and len(value) == len(keys)
    if not fits:
        raise ArgumentError(f"{path}: expected {tree}, got {_structure(value)}")
    return [] if value is None else [value[key] for key in keys] if tree.kind == "dict" else list(value)


def _fields(value: Any) -> tuple[str, ...] | None:
    return getattr(value, "_fields", None) if isinstance(value, tuple) else None


def _check_leaf(leaf: Leaf, value: Any, path: str, sizes: Sizes) -> np.ndarray | HalBufferView:
    if isinstance(value, HalBufferView):
        array = value if same_element(value.element_type, leaf.numpy_dtype) else None
    else:
        array = _cast(value, leaf.numpy_dtype)
    if array is None or not _same_shape(leaf.shape, tuple(array.shape), sizes):
        known = [f"{dim} = {sizes[dim]}" for dim in leaf.shape if isinstance(dim, str) and dim in sizes]
        where = f" with {', '.join(known)}" if known else ""
        raise ArgumentError(f"{path}: expected {leaf}{where}, got {_structure(value)}")
    return array


def _same_shape(dims: tuple[int | str, ...], shape: tuple[int, ...], sizes: Sizes) -> bool:
    if dims == shape:
        return True
    return len(dims) == len(shape) and all(
        size == (sizes.setdefault(dim, size) if isinstance(dim, str) else dim)
        for dim, size in zip(dims, shape, strict=True)
    )


def _cast(value: Any, dtype: np.dtype) -> np.ndarray | None:
    """`value` as an array of `dtype`, or None if that is not safe.

    Arrays have to have the dtype already (a silent conversion would hide a mistake and cost a copy); scalars are
    cast safely; Python numbers and lists of them have no precision of their own: only range and kind matter.
    """
    if isinstance(value, np.ndarray) and value.dtype == dtype:
        return value
    try:
        array = np.asarray(value)
    except (ValueError, TypeError):  # e.g. a ragged list
        return None
    array = array.astype(array.dtype.newbyteorder("="), copy=False)
    if array.dtype == dtype:
        return array
    if not isinstance(value, (bool, int, float, complex, list, tuple)):
        safe = array.ndim == 0 and array.dtype in ELEMENT_TYPES and np.can_cast(array.dtype, dtype, "safe")
        return array.astype(dtype) if safe else None
    if array.dtype.kind not in "biufc" or (array.size and _rank(array.dtype) > _rank(dtype)):
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        cast = array.astype(dtype)
    exact = array.dtype.kind in "iub" and dtype.kind in "iub"
    lost = cast != array if exact else np.isfinite(array) & ~np.isfinite(cast)
    return None if lost.any() else cast


def _rank(dtype: np.dtype) -> int:
    """bool < integers < floats < complex numbers; bf16 has kind V and counts as a float."""
    return {"b": 0, "i": 1, "u": 1, "c": 3}.get(dtype.kind, 2)


def _structure(value: Any) -> str:
    """What `value` is, in the notation of signatures; Python numbers by value."""
    if value is None or isinstance(value, (bool, int, float, complex)):
        return repr(value)
    if isinstance(value, HalBufferView):
        return f"a device buffer {element_name(value.element_type)}[{','.join(map(str, value.shape))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {_structure(v)}' for key, v in value.items())}}}"
    if (fields := _fields(value)) is not None:
        parts = zip(fields, value, strict=True)
        return f"{type(value).__name__}({', '.join(f'{key}: {_structure(v)}' for key, v in parts)})"
    if isinstance(value, (list, tuple)):
        shown = [*map(_structure, value[:8]), *(["…"] if len(value) > 8 else [])]
        return f"[{', '.join(shown)}]" if isinstance(value, list) else f"({', '.join(shown)}{',' * (len(shown) == 1)})"
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        return f"{short_name(np.dtype(value.dtype))}[{','.join(map(str, value.shape))}]"
    return f"{value!r:.60} of type {type(value).__name__}"
