"""ShapeDtypeStruct: shape and dtype of an array, for tracing a function without having its arguments."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from operator import index
from typing import Any

from lamina import dtypes, tree_util
from lamina._key_dtype import EXTENDED
from lamina.array import Array
from lamina_compiler.types import TensorType


class ShapeDtypeStruct:
    """Shape and dtype of an array. Equal and hashable by value.

    >>> ShapeDtypeStruct((32, 64), "float32")
    ShapeDtypeStruct(shape=(32, 64), dtype=float32)

    Args:
        shape: sizes of the dimensions.
        dtype: anything that names a dtype; a 64-bit one counts as 32-bit when it is used while ``enable_x64`` is off.
        sharding: kept for JAX's programs.
        weak_type: whether the dtype gives way to others in promotion, as a Python number's does.
    """

    __slots__ = ("dtype", "shape", "sharding", "weak_type")

    def __init__(self, shape: Sequence[int], dtype: Any, *, sharding: Any = None, weak_type: bool = False) -> None:
        if dtype is None:
            raise ValueError("ShapeDtypeStruct: dtype must be specified.")
        self.shape = tuple(map(index, shape))
        self.dtype = dtypes.check_supported(dtype, "ShapeDtypeStruct")
        self.sharding = sharding
        self.weak_type = weak_type

    @property
    def size(self) -> int:
        return prod(self.shape)

    @property
    def ndim(self) -> int:
        return len(self.shape)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of unsized object")
        return self.shape[0]

    def update(self, **changes: Any) -> ShapeDtypeStruct:
        """A copy with other values of the given constructor arguments."""
        return ShapeDtypeStruct(**{name: getattr(self, name) for name in self.__slots__} | changes)

    def _key(self) -> tuple[Any, ...]:
        return self.shape, self.dtype, self.sharding, self.weak_type

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ShapeDtypeStruct) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        sharding = "" if self.sharding is None else f", sharding={self.sharding}"
        weak = ", weak_type=True" if self.weak_type else ""
        return f"ShapeDtypeStruct(shape={self.shape}, dtype={self.dtype}{sharding}{weak})"


class Placeholder(Array):
    """An array without a value, in place of an argument of a function to be traced."""

    __slots__ = ()

    def __init__(self, type: TensorType, weak_type: bool) -> None:
        self.type = type
        self.weak_type = weak_type


def with_placeholders(tree: Any) -> Any:
    """The tree with a placeholder for every ShapeDtypeStruct, so that `flatten_arguments` takes it."""

    def replaced(leaf: Any) -> Any:
        if not isinstance(leaf, ShapeDtypeStruct):
            return leaf
        return Placeholder(TensorType(leaf.shape, dtypes.canonicalize_dtype(leaf.dtype)), leaf.weak_type)

    return tree_util.tree_map(replaced, tree)


def struct_of(x: Any) -> ShapeDtypeStruct:
    """What is known of an array (or anything with `type` and `weak_type`) before it has a value."""
    dtype = x.type.dtype
    return ShapeDtypeStruct(x.type.shape, EXTENDED.get(dtype, dtype), weak_type=x.weak_type)
