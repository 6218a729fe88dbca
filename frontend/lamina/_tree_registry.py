"""Which types are pytree containers: registration with optree, in Lamina's namespace."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, TypeVar, cast

import optree

from lamina._tree_keys import GetAttrKey, KeyEntry, NamedEntry

T = TypeVar("T")
C = TypeVar("C", bound=type)
Flattened = tuple[Iterable[Any], Hashable]

NAMESPACE = "lamina"
# type → (flatten function, whether it returns (key, child) pairs), to find out which one returned something wrong
flatten_functions: dict[type, tuple[Callable[[Any], Flattened], bool]] = {}


def is_flattened(result: Any, keyed: bool) -> bool:
    """Whether `result` is what a flatten function should return."""
    if not isinstance(result, tuple) or len(result) != 2 or not isinstance(result[0], Iterable):
        return False
    return not keyed or all(isinstance(pair, tuple) and len(pair) == 2 for pair in result[0])


def register_pytree_node(
    nodetype: type[T],
    flatten_func: Callable[[T], Flattened],
    unflatten_func: Callable[[Any, Any], T],
    flatten_with_keys_func: Callable[[T], tuple[Iterable[tuple[KeyEntry, Any]], Hashable]] | None = None,
) -> None:
    """Makes `nodetype` (exactly; not its subclasses) a container.

    flatten_func(value): (children, metadata); metadata can be hashed and compared.
    unflatten_func(metadata, children): the value.
    flatten_with_keys_func(value): ((key, child) pairs, metadata), used instead of flatten_func when it is given.

    Raises: ValueError for a type that already is a container.

    >>> from lamina import tree
    >>> class Pair:
    ...     def __init__(self, a, b):
    ...         self.a, self.b = a, b
    >>> register_pytree_node(Pair, lambda pair: ((pair.a, pair.b), None), lambda _, children: Pair(*children))
    >>> tree.map(lambda x: 10 * x, Pair(1, 2)).b
    20
    """
    register: Any = optree.register_pytree_node  # (its annotations want subclasses of Collection)
    if flatten_with_keys_func is None:
        register(nodetype, flatten_func, unflatten_func, path_entry_type=optree.FlattenedEntry, namespace=NAMESPACE)
        flatten_functions[nodetype] = flatten_func, False
        return

    def flatten(value: T) -> tuple[tuple[Any, ...], Hashable, tuple[KeyEntry, ...]]:
        pairs, metadata = flatten_with_keys_func(value)
        pairs = tuple(pairs)
        return tuple(child for _, child in pairs), metadata, tuple(key for key, _ in pairs)

    register(nodetype, flatten, unflatten_func, path_entry_type=NamedEntry, namespace=NAMESPACE)
    flatten_functions[nodetype] = flatten_with_keys_func, True


def register_pytree_node_class(cls: C) -> C:
    """Decorates a class with ``tree_flatten(self)`` and a class method ``tree_unflatten(cls, metadata, children)``.

    >>> from lamina import tree
    >>> @register_pytree_node_class
    ... class Scaled:
    ...     def __init__(self, x, unit):
    ...         self.x, self.unit = x, unit
    ...     def tree_flatten(self):
    ...         return (self.x,), self.unit
    ...     @classmethod
    ...     def tree_unflatten(cls, unit, children):
    ...         return cls(*children, unit)
    >>> tree.map(lambda x: 10 * x, Scaled(2, "m")).x
    20
    """
    register_pytree_node(cls, cls.tree_flatten, cls.tree_unflatten)
    return cls


def register_pytree_with_keys(
    nodetype: type[T],
    flatten_with_keys: Callable[[T], tuple[Iterable[tuple[KeyEntry, Any]], Hashable]],
    unflatten_func: Callable[[Any, Any], T],
    flatten_func: Callable[[T], Flattened] | None = None,
) -> None:
    """As `register_pytree_node`, for a container that names its children.

    flatten_func is accepted as in JAX and not needed: structures keep the keys.

    >>> from lamina import tree_util
    >>> class Point:
    ...     def __init__(self, x, y):
    ...         self.x, self.y = x, y
    >>> def flatten(point):
    ...     return [(tree_util.GetAttrKey("x"), point.x), (tree_util.GetAttrKey("y"), point.y)], None
    >>> register_pytree_with_keys(Point, flatten, lambda _, children: Point(*children))
    >>> [(tree_util.keystr(path), leaf) for path, leaf in tree_util.tree_leaves_with_path(Point(1, 2))]
    [('.x', 1), ('.y', 2)]
    """
    register_pytree_node(nodetype, flatten_func or flatten_with_keys, unflatten_func, flatten_with_keys)


def register_pytree_with_keys_class(cls: C) -> C:
    """Decorates a class with the methods ``tree_flatten_with_keys`` and (class method) ``tree_unflatten``.

    >>> from lamina import tree_util
    >>> @register_pytree_with_keys_class
    ... class Box:
    ...     def __init__(self, content):
    ...         self.content = content
    ...     def tree_flatten_with_keys(self):
    ...         return [(tree_util.GetAttrKey("content"), self.content)], None
    ...     @classmethod
    ...     def tree_unflatten(cls, metadata, children):
    ...         return cls(*children)
    >>> tree_util.tree_map_with_path(lambda path, x: tree_util.keystr(path), Box(1)).content
    '.content'
    """
    register_pytree_with_keys(cls, cls.tree_flatten_with_keys, cls.tree_unflatten)
    return cls


def register_static(cls: C) -> C:
    """Decorates a class whose values are part of the structure: no leaves, compared with ``==``, hashable.

    >>> import dataclasses
    >>> from lamina import tree
    >>> @register_static
    ... @dataclasses.dataclass(frozen=True)
    ... class Options:
    ...     verbose: bool
    >>> tree.leaves({"options": Options(True), "x": 1})
    [1]
    """
    register_pytree_node(cls, lambda value: ((), value), lambda value, children: value)
    return cls


def register_dataclass(
    nodetype: C,
    data_fields: Sequence[str] | None = None,
    meta_fields: Sequence[str] | None = None,
    drop_fields: Sequence[str] = (),
) -> C:
    """Makes a dataclass a container: its data fields are children, its meta fields metadata.

    Without field lists, fields made by ``lamina.tree.static()`` (``metadata={"static": True}``) are meta fields and all
    others data fields. Values are rebuilt by calling ``nodetype(**fields)``.

    >>> from lamina import tree
    >>> @register_dataclass
    ... @dataclasses.dataclass
    ... class Layer:
    ...     weight: float
    ...     name: str = dataclasses.field(default="layer", metadata={"static": True})
    >>> tree.map(lambda x: x * 2, Layer(1.5))
    Layer(weight=3.0, name='layer')

    Raises: ValueError when the lists do not name each field once; TypeError without lists for what is no dataclass.
    """
    init_fields = None
    if dataclasses.is_dataclass(cast(type, nodetype)):
        init_fields = {field.name: field for field in dataclasses.fields(cast(Any, nodetype)) if field.init}
    if data_fields is None or meta_fields is None:
        if data_fields is not None or meta_fields is not None:
            raise TypeError("register_dataclass takes both data_fields and meta_fields, or neither.")
        if init_fields is None:
            raise TypeError(f"{nodetype.__name__} is no dataclass; name its data_fields and meta_fields.")
        meta_fields = [name for name, f in init_fields.items() if f.metadata.get("static")]
        data_fields = [name for name in init_fields if name not in {*meta_fields, *drop_fields}]
    if init_fields is not None:
        given = [*data_fields, *meta_fields, *drop_fields]
        wrong = sorted({name for name in {*given, *init_fields} if given.count(name) != 1 or name not in init_fields})
        if wrong:
            raise ValueError(
                f"data_fields, meta_fields and drop_fields of {nodetype.__name__} must together name each of its "
                f"fields ({', '.join(init_fields)}) once; check {', '.join(wrong)}."
            )
    data, meta = tuple(data_fields), tuple(meta_fields)
    keys = tuple(map(GetAttrKey, data))

    def flatten_with_keys(value: Any) -> tuple[Iterable[tuple[GetAttrKey, Any]], Hashable]:
        children = zip(keys, [getattr(value, name) for name in data], strict=True)
        return children, tuple([getattr(value, name) for name in meta])

    def unflatten(metadata: Iterable[Any], children: Iterable[Any]) -> Any:
        return nodetype(**dict(zip(data, children, strict=True)), **dict(zip(meta, metadata, strict=True)))

    register_pytree_with_keys(nodetype, flatten_with_keys, unflatten)
    return nodetype


class Partial(functools.partial):
    """A ``functools.partial`` that is a container: the bound arguments are its children, the function is metadata.

    >>> from lamina import tree
    >>> add_one = Partial(lambda x, y: x + y, 1)
    >>> add_one(2), tree.leaves(add_one)
    (3, [1])
    """

    def __new__(cls, func: Callable[..., Any], *args: Any, **keywords: Any) -> Partial:
        if isinstance(func, functools.partial):  # functools would merge it into this one: its arguments became children
            func = _Opaque(func)
        return super().__new__(cls, func, *args, **keywords)


@dataclasses.dataclass(frozen=True)
class _Opaque:
    function: Callable[..., Any]

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        return self.function(*args, **keywords)

    def __repr__(self) -> str:
        return repr(self.function)


register_pytree_with_keys(
    Partial,
    lambda partial: (((GetAttrKey("args"), partial.args), (GetAttrKey("keywords"), partial.keywords)), partial.func),
    lambda func, children: Partial(func, *children[0], **children[1]),
)
