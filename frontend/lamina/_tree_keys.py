"""Paths into a pytree: the key of each step, and how paths print (``['w'][0].b``)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import optree


@dataclass(frozen=True, slots=True)
class SequenceKey:
    """A step into a list or tuple.

    >>> from lamina import tree_util
    >>> tree_util.keystr((tree_util.SequenceKey(1),))
    '[1]'
    """

    idx: int

    def __str__(self) -> str:
        return f"[{self.idx}]"


@dataclass(frozen=True, slots=True)
class DictKey:
    """A step into a dict.

    >>> from lamina import tree_util
    >>> tree_util.keystr((tree_util.DictKey("a"),))
    "['a']"
    """

    key: Any

    def __str__(self) -> str:
        return f"[{self.key!r}]"


@dataclass(frozen=True, slots=True)
class GetAttrKey:
    """A step into an attribute, of a namedtuple or a dataclass for instance.

    >>> from lamina import tree_util
    >>> tree_util.keystr((tree_util.GetAttrKey("weights"),))
    '.weights'
    """

    name: str

    def __str__(self) -> str:
        return f".{self.name}"


@dataclass(frozen=True, slots=True)
class FlattenedIndexKey:
    """A step into a registered container that does not name its children.

    >>> from lamina import tree_util
    >>> tree_util.keystr((tree_util.FlattenedIndexKey(0),))
    '[<flat index 0>]'
    """

    key: int

    def __str__(self) -> str:
        return f"[<flat index {self.key}>]"


KeyEntry = Any
"""One of the key classes here, or whatever hashable key a registered container gives its children."""
KeyPath = tuple[KeyEntry, ...]


def keystr(keys: KeyPath, *, simple: bool = False, separator: str = "") -> str:
    """A path as text.

    >>> keystr((DictKey("w"), SequenceKey(0), GetAttrKey("b")))
    "['w'][0].b"
    >>> keystr((DictKey("w"), SequenceKey(0), GetAttrKey("b")), simple=True, separator="/")
    'w/0/b'
    """
    return separator.join(_simple(key) if simple else str(key) for key in keys)


def _simple(key: KeyEntry) -> str:
    match key:
        case SequenceKey(inner) | DictKey(inner) | GetAttrKey(inner) | FlattenedIndexKey(inner):
            return str(inner)
    return str(key)


class NamedEntry(optree.PyTreeEntry):
    """optree's entry for containers that name their children; it carries the container's own key."""


_KEY_OF_ENTRY: dict[type, Callable[[Any], KeyEntry]] = {
    optree.SequenceEntry: lambda entry: SequenceKey(entry.index),
    optree.MappingEntry: lambda entry: DictKey(entry.key),
    optree.NamedTupleEntry: lambda entry: GetAttrKey(entry.field),
    optree.StructSequenceEntry: lambda entry: GetAttrKey(entry.field),
    optree.FlattenedEntry: lambda entry: FlattenedIndexKey(entry.entry),
    NamedEntry: lambda entry: entry.entry,
}


def leaf_paths(treedef: optree.PyTreeSpec) -> list[KeyPath]:
    """The path of each leaf of `treedef`, in order."""
    return [tuple(_KEY_OF_ENTRY[type(entry)](entry) for entry in accessor) for accessor in treedef.accessors()]


def child_keys(treedef: optree.PyTreeSpec) -> KeyPath:
    """The keys of the children of the root of `treedef`."""
    one_level = treedef.one_level()
    return tuple(path[0] for path in leaf_paths(one_level)) if one_level is not None else ()
