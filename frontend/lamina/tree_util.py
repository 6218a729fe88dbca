"""Pytrees: nested containers whose leaves are arrays, numbers or anything else.

Containers are tuples, lists, dicts (children in the order of their sorted keys), namedtuples, OrderedDicts,
defaultdicts, deques, ``None`` (no children) and the types registered here. Structures are optree's `PyTreeSpec`.

A dict rebuilt from a structure has its keys in the order of the dict the structure came from; structures that differ in
this order only are equal. `sorted_keys` gives the same one of them to all who must not depend on the order.
"""

from __future__ import annotations

import collections
import functools
import types
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, TypeVar

import optree
from optree import PyTreeSpec as PyTreeDef

from lamina._tree_compare import check_same_structure, match_prefix, node_metadata
from lamina._tree_keys import (
    DictKey,
    FlattenedIndexKey,
    GetAttrKey,
    KeyEntry,
    KeyPath,
    SequenceKey,
    child_keys,
    keystr,
    leaf_paths,
)
from lamina._tree_registry import (
    NAMESPACE,
    Partial,
    flatten_functions,
    is_flattened,
    register_dataclass,
    register_pytree_node,
    register_pytree_node_class,
    register_pytree_with_keys,
    register_pytree_with_keys_class,
    register_static,
)
from lamina.errors import TreeFlattenError

__all__ = [
    "DictKey", "FlattenedIndexKey", "GetAttrKey", "KeyEntry", "KeyPath", "Partial", "PyTreeDef", "SequenceKey",
    "all_leaves", "broadcast_prefix", "check_same_structure", "default_registry", "flatten_axes", "flatten_one_level",
    "flatten_one_level_with_keys", "is_tree_node", "keystr", "register_dataclass", "register_pytree_node",
    "register_pytree_node_class", "register_pytree_with_keys", "register_pytree_with_keys_class", "register_static",
    "sorted_keys", "tree_all", "tree_broadcast", "tree_flatten", "tree_flatten_with_path", "tree_leaves",
    "tree_leaves_with_path", "tree_map", "tree_map_with_path", "tree_reduce", "tree_reduce_associative",
    "tree_structure", "tree_transpose", "tree_unflatten", "treedef_children", "treedef_is_leaf", "treedef_tuple",
]  # fmt: skip

T = TypeVar("T")
IsLeaf = Callable[[Any], bool] | None
_unset: Any = object()

# --- flatten and unflatten -------------------------------------------------------------------------------------------


def tree_flatten(tree: Any, is_leaf: IsLeaf = None) -> tuple[list[Any], PyTreeDef]:
    """The leaves of `tree` from left to right, and its structure. `is_leaf(node)` may stop the descent.

    >>> tree_flatten({"b": [1, None], "a": 2})
    ([2, 1], PyTreeSpec({'a': *, 'b': [*, None]}))
    """
    try:
        return optree.tree_flatten(tree, is_leaf, namespace=NAMESPACE)
    except Exception as error:
        _explain_failed_flatten(tree, is_leaf, error)
        raise


def tree_unflatten(treedef: PyTreeDef, leaves: Iterable[Any]) -> Any:
    """The inverse of `tree_flatten`.

    >>> from lamina import tree_util
    >>> leaves, treedef = tree_util.tree_flatten({"a": [1, 2]})
    >>> tree_util.tree_unflatten(treedef, [10 * x for x in leaves])
    {'a': [10, 20]}
    """
    return treedef.unflatten(leaves)


def tree_leaves(tree: Any, is_leaf: IsLeaf = None) -> list[Any]:
    """The leaves of `tree`.

    >>> tree_leaves({"b": [1, None], "a": 2})
    [2, 1]
    """
    return tree_flatten(tree, is_leaf)[0]


def tree_structure(tree: Any, is_leaf: IsLeaf = None) -> PyTreeDef:
    """The structure of `tree`: its containers, without the leaves.

    >>> from lamina import tree_util
    >>> tree_util.tree_structure({"a": [1, 2]}).num_leaves
    2
    """
    return tree_flatten(tree, is_leaf)[1]


def tree_flatten_with_path(
    tree: Any, is_leaf: Callable[..., bool] | None = None, is_leaf_takes_path: bool = False
) -> tuple[list[tuple[KeyPath, Any]], PyTreeDef]:
    """As `tree_flatten`, with a pair (path, leaf) for each leaf; `is_leaf_takes_path`: call ``is_leaf(path, node)``.

    >>> [(keystr(path), leaf) for path, leaf in tree_flatten_with_path({"b": [1, 2], "a": 3})[0]]
    [("['a']", 3), ("['b'][0]", 1), ("['b'][1]", 2)]
    """
    if is_leaf is not None and is_leaf_takes_path:
        is_leaf = _without_path(is_leaf, tree)
    leaves, treedef = tree_flatten(tree, is_leaf)
    return list(zip(leaf_paths(treedef), leaves, strict=True)), treedef


def _without_path(is_leaf: Callable[[KeyPath, Any], bool], tree: Any) -> Callable[[Any], bool]:
    """A predicate that answers as `is_leaf(path, node)` does when called for the nodes of `tree` in their order."""
    answers: list[bool] = []
    pending: list[tuple[KeyPath, Any]] = [((), tree)]
    while pending:
        path, node = pending.pop()
        answers.append(bool(is_leaf(path, node)))
        if not answers[-1]:
            pending += [((*path, key), child) for key, child in _keyed_children(node)][::-1]
    replay = iter(answers)
    return lambda node: next(replay, True)


def _one_level(node: Any) -> tuple[list[Any], PyTreeDef]:
    return optree.tree_flatten(node, lambda inner: inner is not node, namespace=NAMESPACE)


def _keyed_children(node: Any) -> list[tuple[KeyEntry, Any]]:
    """The children of `node` with their keys; none for a leaf."""
    children, treedef = _one_level(node)
    return list(zip(child_keys(treedef), children, strict=False))


def tree_leaves_with_path(
    tree: Any, is_leaf: Callable[..., bool] | None = None, is_leaf_takes_path: bool = False
) -> list[tuple[KeyPath, Any]]:
    """A pair (path, leaf) for each leaf of `tree`.

    >>> from lamina import tree_util
    >>> [(tree_util.keystr(path), leaf) for path, leaf in tree_util.tree_leaves_with_path({"a": [1, 2]})]
    [("['a'][0]", 1), ("['a'][1]", 2)]
    """
    return tree_flatten_with_path(tree, is_leaf, is_leaf_takes_path)[0]


def _explain_failed_flatten(tree: Any, is_leaf: IsLeaf, error: Exception) -> None:
    """Finds the container whose flatten function is at fault: raises TreeFlattenError, or notes the path on `error`."""
    if isinstance(error, RecursionError):
        error.add_note(
            f"Pytrees may be nested {optree.MAX_RECURSION_DEPTH} levels deep; does a container contain itself?"
        )
        return
    pending: list[tuple[KeyPath, Any]] = [((), tree)]
    while pending:
        path, node = pending.pop()
        if is_leaf is not None and is_leaf(node):
            continue
        if type(node) in flatten_functions:
            flatten, keyed = flatten_functions[type(node)]
            name, shown = type(node).__name__, keystr(path)
            try:
                result = flatten(node)
            except Exception:
                error.add_note(f"This happened while flattening the {name} at {shown or 'the root'}.")
                return
            if not is_flattened(result, keyed):
                cure = "Return a pair: (key, child) pairs, and metadata that can be hashed." if keyed else None
                raise TreeFlattenError(name, shown, f"its flatten function returned {result!r}", cure=cure) from None
        pending += [((*path, key), child) for key, child in _keyed_children(node)][::-1]


# --- map and reduce --------------------------------------------------------------------------------------------------


def tree_map(f: Callable[..., Any], tree: Any, *rest: Any, is_leaf: IsLeaf = None) -> Any:
    """`tree` with ``f(leaf, *leaves_of_rest)`` for its leaves.

    The trees in `rest` have the structure of `tree`; where `tree` has a leaf they may have a subtree.

    >>> tree_map(lambda x, y: x + y, {"a": 1, "b": (2, None)}, {"a": 10, "b": (20, None)})
    {'a': 11, 'b': (22, None)}

    Raises: TreeStructureError where a tree in `rest` differs.
    """
    leaves, treedef = tree_flatten(tree, is_leaf)
    return treedef.unflatten(map(f, leaves, *_flattened_like(treedef, rest, "tree.map")))


def tree_map_with_path(
    f: Callable[..., Any],
    tree: Any,
    *rest: Any,
    is_leaf: Callable[..., bool] | None = None,
    is_leaf_takes_path: bool = False,
) -> Any:
    """As `tree_map`, calling ``f(path, leaf, *leaves_of_rest)``.

    >>> tree_map_with_path(lambda path, x: keystr(path), {"a": [5]})
    {'a': ["['a'][0]"]}
    """
    with_paths, treedef = tree_flatten_with_path(tree, is_leaf, is_leaf_takes_path)
    others = zip(*_flattened_like(treedef, rest, "tree.map_with_path"), strict=True) if rest else [()] * len(with_paths)
    return treedef.unflatten(f(*pair, *other) for pair, other in zip(with_paths, others, strict=True))


def _flattened_like(treedef: PyTreeDef, trees: Sequence[Any], where: str) -> list[list[Any]]:
    columns = []
    for number, tree in enumerate(trees, start=2):
        try:
            columns.append(treedef.flatten_up_to(tree))
            continue
        except (TypeError, ValueError) as error:
            failure = error
        match_prefix(where, treedef, tree_structure(tree), ("tree 1", f"tree {number}"))  # raises the better error
        raise failure
    return columns


def tree_reduce(
    function: Callable[[Any, Any], Any], tree: Any, initializer: Any = _unset, is_leaf: IsLeaf = None
) -> Any:
    """``functools.reduce`` over the leaves.

    >>> tree_reduce(lambda total, x: total + x, {"a": 1, "b": [2, 3]})
    6
    """
    start = () if initializer is _unset else (initializer,)
    return functools.reduce(function, tree_leaves(tree, is_leaf), *start)


def tree_reduce_associative(
    operation: Callable[[T, T], T], tree: Any, *, identity: T = _unset, is_leaf: IsLeaf = None
) -> T:
    """Combines the leaves pairwise, in log2(n) rounds, with an associative `operation`; `identity` for no leaves.

    >>> tree_reduce_associative(lambda x, y: f"({x}+{y})", ["a", "b", "c"])
    '((a+b)+c)'
    """
    values = tree_leaves(tree, is_leaf)
    if not values:
        if identity is _unset:
            raise TypeError("tree.reduce_associative of a tree without leaves needs an `identity`.")
        return identity
    while len(values) > 1:
        pairs = [operation(a, b) for a, b in zip(values[::2], values[1::2], strict=False)]
        values = pairs + values[len(pairs) * 2 :]
    return values[0]


def tree_all(tree: Any, *, is_leaf: IsLeaf = None) -> bool:
    """Whether all leaves are true.

    >>> from lamina import tree_util
    >>> tree_util.tree_all({"a": True, "b": [False]})
    False
    """
    return all(tree_leaves(tree, is_leaf))


def all_leaves(iterable: Iterable[Any], is_leaf: IsLeaf = None) -> bool:
    """Whether no element is a container.

    >>> from lamina import tree_util
    >>> tree_util.all_leaves([1, 2]), tree_util.all_leaves([1, [2]])
    (True, False)
    """
    return optree.all_leaves(iterable, is_leaf, namespace=NAMESPACE)


# --- structures and prefixes -----------------------------------------------------------------------------------------


def tree_transpose(outer_treedef: PyTreeDef, inner_treedef: PyTreeDef | None, pytree_to_transpose: Any) -> Any:
    """Exchanges the outer and the inner structure of a tree.

    >>> tree_transpose(tree_structure([0, 0]), None, [{"a": 1}, {"a": 2}])
    {'a': [1, 2]}

    Raises: TreeStructureError when the tree is not `outer_treedef` of `inner_treedef`.
    """
    leaves, treedef = tree_flatten(pytree_to_transpose)
    if inner_treedef is None:
        inners = _flattened_like(outer_treedef, [pytree_to_transpose], "tree.transpose")[0]
        inner_treedef = tree_structure(inners[0] if inners else None)
    assert inner_treedef is not None
    names = ("the outer structure of inner structures", "the tree")
    check_same_structure("tree.transpose", outer_treedef.compose(inner_treedef), treedef, names)
    width = inner_treedef.num_leaves
    return inner_treedef.unflatten([outer_treedef.unflatten(leaves[i::width]) for i in range(width)])


def broadcast_prefix(prefix_tree: Any, full_tree: Any, is_leaf: IsLeaf = None) -> list[Any]:
    """For each leaf of `full_tree`, the leaf of `prefix_tree` at or above it.

    >>> broadcast_prefix([1, 2], [10, (20, 30)])
    [1, 2, 2]
    """
    leaves, prefix = tree_flatten(prefix_tree, is_leaf)
    sources = match_prefix("tree.broadcast", prefix, tree_structure(full_tree), ("the prefix", "the full tree"))
    return [leaves[i] for i in sources]


def tree_broadcast(prefix_tree: Any, full_tree: Any, is_leaf: IsLeaf = None) -> Any:
    """`full_tree` with the leaves of `prefix_tree`, which is a prefix of it.

    >>> tree_broadcast([1, 2], [10, (20, 30)])
    [1, (2, 2)]

    Raises: TreeStructureError where it is none.
    """
    return tree_structure(full_tree).unflatten(broadcast_prefix(prefix_tree, full_tree, is_leaf))


def flatten_axes(where: str, treedef: PyTreeDef, axes: Any) -> list[Any]:
    """`axes` (such as vmap's ``in_axes``) for each leaf of `treedef`: a prefix of it, in which None is a leaf like 0.

    where: what messages call it, e.g. "vmap in_axes".

    >>> flatten_axes("vmap in_axes", tree_structure(({"a": 1, "b": 2}, 3)), (None, 0))
    [None, None, 0]

    Raises: TreeStructureError naming the path at which `axes` does not fit.
    """
    leaves, prefix = tree_flatten(axes, lambda node: node is None)
    sources = match_prefix(where, prefix, treedef, ("the specification", "the value"))
    return [leaves[i] for i in sources]


def sorted_keys(treedef: PyTreeDef) -> PyTreeDef:
    """The structure equal to `treedef` whose dicts rebuild with their keys in sorted order.

    What a traced function does may depend on the order of ``dict.items()``; equal structures must give equal programs.
    """
    leaf = optree.treespec_leaf()

    def node_with_sorted_keys(node: PyTreeDef) -> PyTreeDef:
        if node.type is dict:
            return optree.treespec_dict(dict.fromkeys(node.entries(), leaf), namespace=NAMESPACE)
        if node.type is collections.defaultdict:
            factory = node_metadata(node)[0]
            return optree.treespec_defaultdict(factory, dict.fromkeys(node.entries(), leaf), namespace=NAMESPACE)
        return node

    return treedef.transform(node_with_sorted_keys)


def treedef_children(treedef: PyTreeDef) -> list[PyTreeDef]:
    """The structures of the children.

    >>> from lamina import tree_util
    >>> len(tree_util.treedef_children(tree_util.tree_structure([1, (2, 3)])))
    2
    """
    return treedef.children()


def treedef_is_leaf(treedef: PyTreeDef) -> bool:
    """Whether the structure is a single node: a leaf, or a container without children.

    >>> from lamina import tree_util
    >>> tree_util.treedef_is_leaf(tree_util.tree_structure(1)), tree_util.treedef_is_leaf(tree_util.tree_structure([1]))
    (True, False)
    """
    return treedef.num_nodes == 1


def treedef_tuple(treedefs: Iterable[PyTreeDef]) -> PyTreeDef:
    """The structure of a tuple of trees.

    >>> from lamina import tree_util
    >>> leaf = tree_util.tree_structure(0)
    >>> tree_util.treedef_tuple([leaf, leaf]) == tree_util.tree_structure((1, 2))
    True
    """
    return optree.treespec_tuple(treedefs, namespace=NAMESPACE)


def is_tree_node(typ: type) -> bool:
    """Whether values of type `typ` are containers.

    >>> from lamina import tree_util
    >>> tree_util.is_tree_node(dict), tree_util.is_tree_node(int)
    (True, False)
    """
    return optree.register_pytree_node.get(typ, namespace=NAMESPACE) is not None


def flatten_one_level(tree: Any) -> tuple[tuple[Any, ...], Hashable]:
    """The children and the metadata of a container. Raises: ValueError for a leaf.

    >>> flatten_one_level({"b": 1, "a": [2]})
    (([2], 1), ['a', 'b'])
    """
    flat = optree.tree_flatten_one_level(tree, namespace=NAMESPACE)
    return tuple(flat.children), flat.metadata


def flatten_one_level_with_keys(tree: Any) -> tuple[tuple[tuple[KeyEntry, Any], ...], Hashable]:
    """As `flatten_one_level`, with a pair (key, child) for each child.

    >>> from lamina import tree_util
    >>> children, _ = tree_util.flatten_one_level_with_keys({"a": [1, 2]})
    >>> list(children)
    [(DictKey(key='a'), [1, 2])]
    """
    return tuple(_keyed_children(tree)), flatten_one_level(tree)[1]


default_registry = types.SimpleNamespace(
    flatten=tree_flatten,
    flatten_one_level=flatten_one_level,
    flatten_one_level_with_keys=flatten_one_level_with_keys,
    register_node=register_pytree_node,
)
"""The operations of the registry as an object, where JAX programs look for them."""
