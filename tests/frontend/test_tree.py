import collections
import dataclasses
import doctest
import functools
import importlib
import pickle
from typing import Any, NamedTuple

import pytest

from lamina import tree, tree_util
from lamina.errors import TreeFlattenError, TreeStructureError
from lamina.tree_util import DictKey, FlattenedIndexKey, GetAttrKey, Partial, SequenceKey, keystr


class Point(NamedTuple):
    x: Any
    y: Any


@tree_util.register_dataclass
@dataclasses.dataclass
class Layer:
    weight: Any
    bias: Any
    name: str = tree.static(default="layer")


@tree_util.register_pytree_node_class
class Box:
    def __init__(self, *items):
        self.items = items

    def tree_flatten(self):
        return self.items, "box"

    @classmethod
    def tree_unflatten(cls, metadata, children):
        assert metadata == "box"
        return cls(*children)


@tree_util.register_pytree_with_keys_class
class Named:
    def __init__(self, **items):
        self.items = items

    def tree_flatten_with_keys(self):
        return [(GetAttrKey(k), v) for k, v in self.items.items()], tuple(self.items)

    @classmethod
    def tree_unflatten(cls, keys, children):
        return cls(**dict(zip(keys, children, strict=True)))


@tree_util.register_static
@dataclasses.dataclass(frozen=True)
class Mode:
    name: str


TREES = [
    (5, [5], [""]),
    (None, [], []),
    ([], [], []),
    ({}, [], []),
    ((), [], []),
    ([None, (), {"a": []}], [], []),
    ({"b": 1, "a": (2, None)}, [2, 1], ["['a'][0]", "['b']"]),
    ({3: "c", 1: "a"}, ["a", "c"], ["[1]", "[3]"]),
    (collections.OrderedDict([("b", 1), ("a", 2)]), [1, 2], ["['b']", "['a']"]),
    (collections.defaultdict(list, b=1, a=2), [2, 1], ["['a']", "['b']"]),
    (Point(1, [2]), [1, 2], [".x", ".y[0]"]),
    (collections.deque([1, 2]), [1, 2], ["[0]", "[1]"]),
    (Layer(1, {"k": 2}, "first"), [1, 2], [".weight", ".bias['k']"]),
    ({"w": [Layer(1, 2), Point(3, None)]}, [1, 2, 3], ["['w'][0].weight", "['w'][0].bias", "['w'][1].x"]),
]


@pytest.mark.parametrize(("value", "leaves", "paths"), TREES, ids=lambda x: str(x)[:30])
def test_flatten_unflatten_and_paths(value, leaves, paths):
    flat, treedef = tree.flatten(value)
    assert flat == tree.leaves(value) == leaves
    assert tree.unflatten(treedef, iter(flat)) == value
    assert type(tree.unflatten(treedef, flat)) is type(value)
    with_paths, same = tree.flatten_with_path(value)
    assert [(keystr(path), leaf) for path, leaf in with_paths] == list(zip(paths, leaves, strict=True))
    assert same == treedef == tree.structure(value) and hash(same) == hash(treedef)
    assert with_paths == tree.leaves_with_path(value)
    assert tree.map(lambda x: x, value) == value


def test_custom_nodes():
    value = {"box": Box(1, Box()), "named": Named(p=2, q=[3])}
    leaves, treedef = tree.flatten(value)
    assert leaves == [1, 2, 3]
    rebuilt = tree.unflatten(treedef, [10, 20, 30])
    assert rebuilt["box"].items[0] == 10 and rebuilt["named"].items == {"p": 20, "q": [30]}
    assert [path for path, _ in tree.leaves_with_path(value)] == [
        (DictKey("box"), FlattenedIndexKey(0)),
        (DictKey("named"), GetAttrKey("p")),
        (DictKey("named"), GetAttrKey("q"), SequenceKey(0)),
    ]
    assert keystr(tree.leaves_with_path(value)[0][0]) == "['box'][<flat index 0>]"
    assert tree.structure(Named()) != tree.structure(Named(p=1))


def test_static_nodes_are_structure():
    assert tree.leaves([Mode("fast"), 1]) == [1]
    assert tree.map(lambda x: x + 1, [Mode("fast"), 1]) == [Mode("fast"), 2]
    assert tree.structure(Mode("fast")) == tree.structure(Mode("fast")) != tree.structure(Mode("slow"))


def test_is_leaf_stops_the_descent():
    value = {"a": [1, 2], "b": None, "c": (3, [4])}
    assert tree.leaves(value, is_leaf=lambda x: isinstance(x, list)) == [[1, 2], 3, [4]]
    assert tree.leaves(value, is_leaf=lambda x: x is None) == [1, 2, None, 3, 4]
    assert tree.map(lambda x: 0, value, is_leaf=lambda x: x is None) == {"a": [0, 0], "b": 0, "c": (0, [0])}


def test_is_leaf_may_take_the_path():
    value = {"a": [1, None], "b": ([2], [3])}
    leaves = tree.leaves_with_path(
        value, lambda path, node: keystr(path) in ("['b'][0]", "['a'][1]"), is_leaf_takes_path=True
    )
    assert [(keystr(path), leaf) for path, leaf in leaves] == [
        ("['a'][0]", 1), ("['a'][1]", None), ("['b'][0]", [2]), ("['b'][1][0]", 3)
    ]  # fmt: skip
    doubled = tree.map_with_path(
        lambda path, x: (keystr(path), x), value, is_leaf=lambda path, _: len(path) == 1, is_leaf_takes_path=True
    )
    assert doubled == {"a": ("['a']", [1, None]), "b": ("['b']", ([2], [3]))}


def test_keystr():
    path = (DictKey("w"), SequenceKey(0), GetAttrKey("b"), FlattenedIndexKey(2), "own")
    assert keystr(path) == "['w'][0].b[<flat index 2>]own"
    assert keystr(path, simple=True, separator="/") == "w/0/b/2/own"
    assert keystr(()) == ""
    assert repr(path[:4]) == "(DictKey(key='w'), SequenceKey(idx=0), GetAttrKey(name='b'), FlattenedIndexKey(key=2))"


def nested(depth):
    value = 1
    for _ in range(depth):
        value = [value]
    return value


def test_deep_trees():
    value = nested(1000)
    leaves, treedef = tree.flatten(value)
    assert leaves == [1] and treedef.num_nodes == 1001
    assert tree.leaves(tree.map(lambda x: x + 1, value)) == [2]
    assert len(tree.leaves_with_path(value)[0][0]) == 1000
    assert tree_util.broadcast_prefix(7, value) == [7]
    with pytest.raises(TreeStructureError, match=r"tree 1 has a leaf there,\n    tree 2 has a list of 1\."):
        tree_util.check_same_structure("f", tree.structure(nested(900)), tree.structure(nested(901)))


def test_too_deep_trees_and_cycles_are_errors_not_crashes():
    cycle = []
    cycle.append(cycle)
    for value in (nested(50_000), cycle):
        with pytest.raises(RecursionError) as caught:
            tree.leaves(value)
        assert caught.value.__notes__ == ["Pytrees may be nested 1000 levels deep; does a container contain itself?"]
    value = nested(50_000)
    while isinstance(value, list):  # taken apart by hand: freeing it at once is a deep recursion, too
        value = value.pop()


def test_map_over_several_trees():
    assert tree.map(lambda *xs: sum(xs), {"a": 1, "b": [2]}, {"b": [20], "a": 10}, {"a": 100, "b": [200]}) == {
        "a": 111,
        "b": [222],
    }
    assert tree.map(lambda x, y: (x, y), {"a": 1}, {"a": [5, None]}) == {"a": (1, [5, None])}
    assert tree.map(lambda x, y: x + y, {"a": 1, "b": 2}, collections.OrderedDict(b=20, a=10)) == {"a": 11, "b": 22}
    assert tree.map_with_path(lambda p, x, y: (keystr(p), x + y), [1, (2,)], [10, (20,)]) == [
        ("[0]", 11),
        (("[1][0]", 22),),
    ]
    with pytest.raises(ValueError, match=r"^mine$"):
        tree.map(lambda x, y: (_ for _ in ()).throw(ValueError("mine")), [1], [2])


ENDING = "Give both the same nesting of containers, with the same types, lengths and keys."


@pytest.mark.parametrize(
    ("one", "two", "path", "first", "second"),
    [
        ({"w": [1, 2]}, {"w": [1, 2, 3]}, "['w']", "a list of 2", "a list of 3"),
        ((1, 2), [1, 2], "their root", "a tuple of 2", "a list of 2"),
        ([{"a": 1}], [{"B": 1, "c": 2}], "[0]", "a dict with the keys 'a'",
         "a dict with the keys 'B', 'c'.\n    The keys differ: missing 'a'; extra 'B', 'c'"),
        ([None], [5], "[0]", "None", "a leaf"),
        (Layer(1, [2]), Layer(1, 2), ".bias", "a list of 1", "a leaf"),
        (Layer(1, 2, "p"), Layer(1, 2, "q"), "their root", "a Layer of 2 with the metadata ('p',)",
         "a Layer of 2 with the metadata ('q',)"),
        (Point(1, 2), (1, 2), "their root", "a Point(x, y)", "a tuple of 2"),
        ({"a": {}}, {"a": {"b": 1}}, "['a']", "an empty dict",
         "a dict with the keys 'b'.\n    The keys differ: extra 'b'"),
        (collections.OrderedDict(a=[1]), {"a": (1,)}, "['a']", "a list of 1", "a tuple of 1"),
        (Named(p=1), Box(1), "their root", "a Named of 1 with the metadata ('p',)",
         "a Box of 1 with the metadata 'box'"),
    ],
)  # fmt: skip
def test_mismatches_are_named(one, two, path, first, second):
    with pytest.raises(TreeStructureError) as caught:
        tree.map(max, one, two)
    assert str(caught.value) == (
        f"tree.map: the trees differ in structure at {path}.\n    tree 1 has {first} there,\n"
        f"    tree 2 has {second}.\n{ENDING}"
    )
    assert caught.value.__context__ is None


def test_the_third_tree_is_named():
    with pytest.raises(TreeStructureError, match="    tree 3 has a leaf"):
        tree.map(max, [[1]], [[1]], [1])


def test_check_same_structure():
    old, new = tree.structure((0, {"a": 0})), tree.structure((0, {"a": [0]}))
    tree_util.check_same_structure("lax.scan", old, tree.structure((1, {"a": 2})))
    with pytest.raises(TreeStructureError) as caught:
        tree_util.check_same_structure("lax.scan", old, new, ("the carry that goes in", "the carry that comes out"))
    assert str(caught.value) == (
        "lax.scan: the trees differ in structure at [1]['a'].\n    the carry that goes in has a leaf there,\n"
        f"    the carry that comes out has a list of 1.\n{ENDING}"
    )
    for other in (collections.OrderedDict(a=0), collections.defaultdict(int, a=0)):  # mappings are equal only in a map
        with pytest.raises(TreeStructureError):
            tree_util.check_same_structure("f", tree.structure({"a": 0}), tree.structure(other))


def test_axes_are_a_prefix_in_which_none_is_a_leaf():
    args = tree.structure(({"b": 1, "a": (2, 3)}, 4, None))

    def flat(axes):
        return tree_util.flatten_axes("vmap in_axes", args, axes)

    assert flat(0) == [0, 0, 0, 0]
    assert flat((None, 0, None)) == [None, None, None, 0]
    assert flat(({"a": (0, None), "b": 1}, 0, 0)) == [0, None, 1, 0]
    assert flat((collections.OrderedDict(b=1, a=0), 0, 0)) == [0, 0, 1, 0]
    with pytest.raises(TreeStructureError) as caught:
        flat(({"a": [0, 1], "b": 1}, 0, 0))
    assert str(caught.value) == (
        "vmap in_axes: the trees differ in structure at [0]['a'].\n    the specification has a list of 2 there,\n"
        f"    the value has a tuple of 2.\n{ENDING}"
    )


def test_broadcast():
    assert tree.broadcast([1, 2], [10, (20, 30)]) == [1, (2, 2)]
    assert tree.broadcast(1, {"a": [1, None]}) == {"a": [1, None]}
    assert tree.broadcast([(1, 2), 3], [0, {"k": 0}], is_leaf=lambda x: isinstance(x, tuple)) == [(1, 2), {"k": 3}]
    with pytest.raises(
        TreeStructureError, match="the prefix has a list of 2 there,\n    the full tree has a list of 3"
    ):
        tree.broadcast([1, 2], [1, 2, 3])


def test_transpose():
    assert tree.transpose(
        tree.structure([0, 0]), tree.structure({"a": 0, "b": 0}), [{"a": 1, "b": 2}, {"a": 3, "b": 4}]
    ) == {
        "a": [1, 3],
        "b": [2, 4],
    }
    assert tree.transpose(tree.structure((0, 0)), None, ([1], [2])) == [(1, 2)]
    assert tree.transpose(tree.structure([]), tree.structure({"a": 0}), []) == {"a": []}
    with pytest.raises(TreeStructureError, match=r"at \[1\]\."):
        tree.transpose(tree.structure([0, 0]), tree.structure({"a": 0}), [{"a": 1}, {"b": 2}])


def test_reductions():
    assert tree.reduce(lambda a, b: a + b, {"a": 1, "b": [2, 3]}) == 6
    assert tree.reduce(lambda a, b: a + b, [], 7) == 7
    assert tree.reduce(lambda a, b: (a, b), [1], None) == (None, 1)
    assert tree.reduce_associative(lambda a, b: f"({a}{b})", list("abcde")) == "(((ab)(cd))e)"
    assert tree.reduce_associative(max, [], identity=0) == 0
    with pytest.raises(TypeError, match="needs an `identity`"):
        tree.reduce_associative(max, [])
    assert tree.all([]) and tree.all([1, [True]]) and not tree.all({"a": 0})


def test_structures():
    treedef = tree.structure([1, {"a": 2}])
    assert tree_util.treedef_children(treedef) == [tree.structure(0), tree.structure({"a": 0})]
    assert tree_util.treedef_tuple([treedef, treedef]) == tree.structure(([1, {"a": 2}], [1, {"a": 2}]))
    assert [tree_util.treedef_is_leaf(tree.structure(x)) for x in (1, None, (), [1])] == [True, True, True, False]
    assert tree_util.all_leaves([1, "a"]) and not tree_util.all_leaves([1, [2]])
    assert [tree_util.is_tree_node(t) for t in (list, dict, Box, Layer, Point, int, str)] == [True] * 5 + [False] * 2
    assert tree_util.flatten_one_level(Layer(1, [2], "n")) == ((1, [2]), ("n",))
    assert tree_util.flatten_one_level_with_keys([1, [2]])[0] == ((SequenceKey(0), 1), (SequenceKey(1), [2]))
    with pytest.raises(ValueError, match="Cannot flatten leaf"):
        tree_util.flatten_one_level(1)
    with pytest.raises(ValueError, match="Too few leaves"):
        tree.unflatten(treedef, [1])


def test_dicts_rebuild_in_their_own_order_or_sorted():
    first, second = ({"b": 1, "a": {"d": 2, "c": 3}}, {"a": {"c": 3, "d": 2}, "b": 1})
    one, two = (
        tree.structure((first, Layer(1, collections.defaultdict(list, z=1, y=2)))),
        tree.structure((second, Layer(1, collections.defaultdict(list, y=2, z=1)))),
    )
    assert one == two and hash(one) == hash(two)
    assert list(tree.map(lambda x: x, first)) == ["b", "a"]
    for treedef in (one, two):
        same = tree_util.sorted_keys(treedef)
        assert same == treedef
        rebuilt, layer = tree.unflatten(same, range(6))
        assert (list(rebuilt), list(rebuilt["a"]), list(layer.bias)) == (["a", "b"], ["c", "d"], ["y", "z"])
        assert rebuilt == {"a": {"c": 0, "d": 1}, "b": 2} and layer.bias.default_factory is list


def test_structures_pickle():
    treedef = tree.structure({"a": [Layer(1, 2), Point(3, None)]})
    assert pickle.loads(pickle.dumps(treedef)) == treedef


def test_partial():
    def power(x, y, scale=1):
        return scale * x**y

    square = Partial(power, y=2)
    assert square(3) == 9
    leaves, treedef = tree.flatten(Partial(power, 5, y=2))
    assert leaves == [5, 2] and treedef.unflatten([3, 3])() == 27
    assert treedef == tree.structure(Partial(power, 0, y=0)) != tree.structure(Partial(max, 0, y=0))
    assert [keystr(path) for path, _ in tree.leaves_with_path(Partial(power, 5, y=2))] == [".args[0]", ".keywords['y']"]
    inner = functools.partial(power, 2)
    assert tree.leaves(Partial(inner, 3)) == [3] and Partial(inner, 3)() == 8
    assert tree.structure(Partial(inner, 3)) == tree.structure(Partial(inner, 4))


def bad_class(flatten, with_keys=False):
    class Bad:
        pass

    if with_keys:
        tree_util.register_pytree_with_keys(Bad, flatten, lambda metadata, children: Bad())
    else:
        tree_util.register_pytree_node(Bad, flatten, lambda metadata, children: Bad())
    return Bad()


@pytest.mark.parametrize(
    ("result", "with_keys", "cure"),
    [
        (5, False, "Return a pair: an iterable of children, and metadata that can be hashed and compared."),
        ((5, None), False, "Return a pair: an iterable of children, and metadata that can be hashed and compared."),
        ((), False, "Return a pair: an iterable of children, and metadata that can be hashed and compared."),
        (([1, 2], None), True, "Return a pair: (key, child) pairs, and metadata that can be hashed."),
    ],
)
def test_bad_flatten_functions_are_named(result, with_keys, cure):
    bad = bad_class(lambda value: result, with_keys)
    with pytest.raises(TreeFlattenError) as caught:
        tree.leaves({"a": [1, bad]})
    assert (
        str(caught.value) == f"Flattening the Bad at ['a'][1] failed: its flatten function returned {result!r}.\n{cure}"
    )
    with pytest.raises(TypeError, match="Flattening the Bad at the root failed"):
        tree.map(max, bad)
    with pytest.raises(TreeFlattenError):
        tree.map(max, [[1]], [bad])


def test_errors_in_flatten_functions_pass_with_a_note():
    def fails(value):
        raise AttributeError("no such thing")

    with pytest.raises(AttributeError, match="no such thing") as caught:
        tree.leaves([1, bad_class(fails)])
    assert caught.value.__notes__ == ["This happened while flattening the Bad at [1]."]


def test_errors_in_is_leaf_pass():
    with pytest.raises(ZeroDivisionError):
        tree.leaves([1, 2], is_leaf=lambda x: 1 / 0)


def test_registration_errors():
    with pytest.raises(ValueError, match="already registered"):
        tree_util.register_pytree_node(Box, lambda x: ((), None), lambda m, c: Box())
    assert tree.leaves(Box(1)) == [1]
    with pytest.raises(ValueError, match="built-in"):
        tree_util.register_pytree_node(dict, lambda x: ((), None), lambda m, c: {})


def test_dataclass_fields():
    @dataclasses.dataclass
    class Model:
        a: Any
        b: Any
        c: Any = None
        d: int = dataclasses.field(default=0, init=False)

    with pytest.raises(ValueError) as caught:
        tree_util.register_dataclass(Model, data_fields=["a", "a"], meta_fields=["z"], drop_fields=["c"])
    assert str(caught.value) == (
        "data_fields, meta_fields and drop_fields of Model must together name each of its fields (a, b, c) once; "
        "check a, b, z."
    )
    with pytest.raises(TypeError, match="both data_fields and meta_fields"):
        tree_util.register_dataclass(Model, data_fields=["a"])
    with pytest.raises(TypeError, match="int is no dataclass"):
        tree_util.register_dataclass(int)
    tree_util.register_dataclass(Model, data_fields=["b", "a"], meta_fields=[], drop_fields=["c"])
    assert tree.leaves(Model(1, 2, 3)) == [2, 1]
    assert tree.map(lambda x: x, Model(1, 2, 3)) == Model(1, 2, None)


def test_static_field_keeps_its_own_metadata():
    @dataclasses.dataclass
    class Spec:
        name: str = tree.static(default="x", metadata={"unit": "m"})

    assert dict(dataclasses.fields(Spec)[0].metadata) == {"unit": "m", "static": True}


@pytest.mark.parametrize("module", ["tree_util", "_tree_keys", "_tree_registry"])
def test_examples_run(module):
    results = doctest.testmod(importlib.import_module(f"lamina.{module}"))
    assert results.attempted > 0 and results.failed == 0
