"""`manifest.json` of an artifact: what it says, as objects; parsing with a check of every field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from keyword import iskeyword
from typing import Any

from .dtypes import dtype_of
from .signature import Signature
from .tree import Leaf, Node, Tree

FORMAT_VERSION = 1
_KINDS = ("leaf", "tuple", "list", "dict", "namedtuple", "none")


@dataclass(frozen=True)
class Member:
    """Size in bytes and SHA-256 (hex) of a member of the zip file."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """`targets` are in order of preference, named `<platform>` or `<platform>-<variant>`; `large`: see `Executable`."""

    functions: Mapping[str, Signature]
    targets: tuple[str, ...]
    versions: Mapping[str, str]
    large: bool
    members: Mapping[str, Member]

    def to_json(self) -> bytes:
        document = {
            "format_version": FORMAT_VERSION,
            "functions": {
                name: {
                    "arguments": {argument: tree_to_json(tree) for argument, tree in signature.arguments.items()},
                    "result": tree_to_json(signature.result),
                }
                for name, signature in self.functions.items()
            },
            "targets": list(self.targets),
            "versions": dict(self.versions),
            "large": self.large,
            "members": {name: vars(member) for name, member in self.members.items()},
        }
        return json.dumps(document, indent=1).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Manifest:
        """Raises `ValueError` that says which field is wrong."""
        try:
            document = json.loads(text)
        except (UnicodeDecodeError, RecursionError, ValueError) as error:
            raise ValueError(f"manifest.json is not JSON ({error})") from None
        version = _get(document, "format_version", int, "manifest.json")
        if version != FORMAT_VERSION:
            raise ValueError(
                f"it has format version {version}, this lamina_runtime reads version {FORMAT_VERSION}: "
                + ("update lamina" if version > FORMAT_VERSION else "write the artifact again with this lamina")
            )
        functions = _get(document, "functions", dict, "manifest.json")
        targets = _get(document, "targets", list, "manifest.json")
        versions = _get(document, "versions", dict, "manifest.json")
        members = _get(document, "members", dict, "manifest.json")
        large = _get(document, "large", bool, "manifest.json")
        _only(document, "format_version functions targets versions large members", "manifest.json")
        for value in (*targets, *versions.values()):
            _expect(value, str, "targets and versions")
        return cls(
            {name: _signature(name, function) for name, function in functions.items()},
            tuple(targets),
            versions,
            large,
            {name: _member(member, f"members.{name}") for name, member in members.items()},
        )


def tree_to_json(tree: Tree) -> dict[str, Any]:
    if isinstance(tree, Leaf):
        return {"kind": "leaf", "shape": list(tree.shape), "dtype": tree.dtype}
    children = {key: tree_to_json(child) for key, child in tree.children.items()}
    match tree.kind:
        case "none":
            return {"kind": "none"}
        case "namedtuple":
            return {"kind": "namedtuple", "name": tree.name, "fields": children}
        case "dict":
            return {"kind": "dict", "items": children}
        case kind:
            return {"kind": kind, "items": list(children.values())}


def tree_from_json(document: Any, where: str) -> Tree:
    """Raises `ValueError` that says which field, below `where`, is wrong."""
    match _get(document, "kind", str, where):
        case "leaf":
            _only(document, "kind shape dtype", where)
            return _leaf(document, where)
        case "none":
            _only(document, "kind", where)
            return Node("none")
        case "namedtuple":
            _only(document, "kind name fields", where)
            name, fields = _get(document, "name", str, where), _get(document, "fields", dict, where)
            for word in (name, *fields):
                if not word.isidentifier() or iskeyword(word) or (word.startswith("_") and word != name):
                    raise ValueError(f"{where}: {word!r} cannot be a name in a namedtuple")
            return Node("namedtuple", {k: tree_from_json(v, f"{where}.fields.{k}") for k, v in fields.items()}, name)
        case "dict":
            _only(document, "kind items", where)
            items = _get(document, "items", dict, where)
            return Node("dict", {k: tree_from_json(v, f"{where}.items.{k}") for k, v in items.items()})
        case ("tuple" | "list") as kind:
            _only(document, "kind items", where)
            items = _get(document, "items", list, where)
            return Node(kind, {i: tree_from_json(v, f"{where}.items[{i}]") for i, v in enumerate(items)})
        case kind:
            raise ValueError(f"{where}: unknown kind {kind!r}; known are {', '.join(_KINDS)}")


def _leaf(document: dict[str, Any], where: str) -> Leaf:
    shape, dtype = _get(document, "shape", list, where), _get(document, "dtype", str, where)
    for dim in shape:
        fits = dim.isidentifier() if isinstance(dim, str) else type(dim) is int and dim >= 0
        if not fits:
            raise ValueError(f"{where}.shape: {dim!r} is not a size or a name")
    try:
        dtype_of(dtype)
    except KeyError as error:
        raise ValueError(f"{where}.dtype: {error.args[0]}") from None
    return Leaf(tuple(shape), dtype)


def _signature(name: str, document: Any) -> Signature:
    where = f"functions.{name}"
    arguments = _get(document, "arguments", dict, where)
    result = tree_from_json(_get(document, "result", dict, where), f"{where}.result")
    _only(document, "arguments result", where)
    trees = {a: tree_from_json(tree, f"{where}.arguments.{a}") for a, tree in arguments.items()}
    return Signature(name, trees, result)


def _member(document: Any, where: str) -> Member:
    member = Member(_get(document, "size", int, where), _get(document, "sha256", str, where))
    _only(document, "size sha256", where)
    return member


def _get(document: Any, key: str, kind: type, where: str) -> Any:
    if not isinstance(document, dict) or key not in document:
        raise ValueError(f"{where}: {key!r} is missing")
    return _expect(document[key], kind, f"{where}.{key}")


def _expect(value: Any, kind: type, where: str) -> Any:
    if type(value) is not kind:  # not isinstance: True is no size
        raise ValueError(f"{where}: expected {kind.__name__}, got {value!r:.60}")
    return value


def _only(document: dict[str, Any], keys: str, where: str) -> None:
    extra = sorted(document.keys() - set(keys.split()))
    if extra:
        raise ValueError(f"{where}: unknown {', '.join(map(repr, extra))}")
