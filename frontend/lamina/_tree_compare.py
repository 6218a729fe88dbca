"""Comparing the structures of pytrees: prefixes, equality, and where two trees first differ."""

from __future__ import annotations

import collections
from itertools import accumulate
from typing import Any

import optree

from lamina._tree_keys import KeyPath, child_keys, keystr
from lamina.errors import TreeStructureError

# These match each other when they have the same keys, as in optree.
_MAPPINGS = (dict, collections.OrderedDict, collections.defaultdict)


def check_same_structure(
    where: str, expected: optree.PyTreeSpec, got: optree.PyTreeSpec, names: tuple[str, str] = ("tree 1", "tree 2")
) -> None:
    """Raises TreeStructureError, naming the first path at which two structures differ.

    where: starts the message, e.g. "lax.scan"; names: what the message calls the two trees, e.g. "the carry".
    """
    if expected != got:
        match_prefix(where, expected, got, names, exact=True)


def match_prefix(
    where: str, prefix: optree.PyTreeSpec, full: optree.PyTreeSpec, names: tuple[str, str], exact: bool = False
) -> list[int]:
    """For each leaf of `full`, in order, the index of the leaf of `prefix` at or above it.

    exact: leaves of `prefix` only match leaves.
    Raises: TreeStructureError where `prefix` is no prefix of `full`.
    """
    sources: list[int] = []
    pending: list[tuple[KeyPath, optree.PyTreeSpec, optree.PyTreeSpec, int]] = [((), prefix, full, 0)]
    while pending:  # not recursive: trees may be deeper than Python's stack
        path, above, below, first = pending.pop()
        if above.is_leaf() and (below.is_leaf() or not exact):
            sources += [first] * below.num_leaves
            continue
        if difference := _difference(above, below, exact):
            here, there, detail = difference
            raise TreeStructureError(where, keystr(path), (names[0], here), (names[1], there), detail)
        children = above.children()
        starts = accumulate((child.num_leaves for child in children), initial=first)
        matching = list(zip(children, starts, strict=False))
        if above.type in _MAPPINGS:
            by_key = dict(zip(above.entries(), matching, strict=True))
            matching = [by_key[key] for key in below.entries()]
        steps = zip(child_keys(below), matching, below.children(), strict=True)
        pending += [((*path, key), child, under, start) for key, (child, start), under in steps][::-1]
    return sources


def _difference(a: optree.PyTreeSpec, b: optree.PyTreeSpec, exact: bool) -> tuple[str, str, str] | None:
    """How the root nodes of two structures differ: both in words, and a further detail; None if they match."""
    if a.type is b.type and a.one_level() == b.one_level():
        return None
    if a.type not in _MAPPINGS or b.type not in _MAPPINGS:
        return _described(a), _described(b), ""
    missing = [key for key in a.entries() if key not in b.entries()]
    extra = [key for key in b.entries() if key not in a.entries()]
    if not missing and not extra and not exact:
        return None
    notes = [f"{label} {_listed(keys)}" for label, keys in (("missing", missing), ("extra", extra)) if keys]
    return _described(a), _described(b), f"    The keys differ: {'; '.join(notes)}." if notes else ""


def _described(node: optree.PyTreeSpec) -> str:
    """The root node of a structure in words."""
    kind = node.type
    if kind is None:
        return "a leaf"
    if kind is type(None):
        return "None"
    article = "an" if kind.__name__[0] in "aeiouAEIOU" else "a"
    if kind in _MAPPINGS:
        keys = node.entries()
        return f"{article} {kind.__name__} with the keys {_listed(keys)}" if keys else f"an empty {kind.__name__}"
    if kind in (list, tuple, collections.deque):
        return f"a {kind.__name__} of {node.num_children}"
    if optree.is_namedtuple_class(kind):
        return f"{article} {kind.__name__}({', '.join(optree.namedtuple_fields(kind))})"
    metadata = _shortened(repr(node_metadata(node)))
    return f"{article} {kind.__name__} of {node.num_children} with the metadata {metadata}"


def node_metadata(node: optree.PyTreeSpec) -> Any:
    """The metadata of the root node of a structure."""
    one_level = node.one_level()
    assert one_level is not None
    return one_level.walk(range(node.num_children), lambda kind, metadata, children: metadata)


def _listed(keys: list[Any]) -> str:
    return _shortened(", ".join(map(repr, keys)))


def _shortened(text: str, length: int = 100) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
