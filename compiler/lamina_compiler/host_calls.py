"""Host calls: functions of the Python process that compiled code calls, for what has no code of its own.

A lowered program declares every such function, and calls it like any other; IREE passes the tensors as buffers::

    func.func private @host.sort_0(tensor<9xi32>) -> tensor<9xi32>
      attributes {lamina.host = {op = "sort", attributes = {…}, type = (tensor<9xui32>) -> tensor<9xui32>}}

The attribute says what the function is, so that a program from the disk cache finds it again: the reference of an op,
or a `Callback` under its name. `type` is that of the lamina dialect, which knows signedness.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from . import functions
from .linalg_builder import LinalgBuilder
from .mlir import ir
from .opdef import REGISTRY, OpDef
from .types import TensorType, from_ir, signless, to_ir

ATTRIBUTE = "lamina.host"
MODULE = "host"  # name of the module that the functions are linked from


class Callback:
    """A Python function on arrays that programs may call, under a name that is its own as long as it lives.

    `function` takes arrays and returns one array, a sequence of them if there are several results, or None if there
    are none. Whoever traces or runs a program with calls of it keeps the object.
    """

    def __init__(self, function: Callable[..., Any], wanted: str) -> None:
        self.function = function
        self.name = next(name for name in _numbered(wanted) if name not in _callbacks)
        _callbacks[self.name] = self

    def __call__(self, *arrays: Any) -> Any:
        return self.function(*arrays)


_callbacks: weakref.WeakValueDictionary[str, Callback] = weakref.WeakValueDictionary()


def callback(name: str) -> Callback:
    """The callback of that name. Raises KeyError if it does not live any more."""
    return _callbacks[name]


class HostFunction(NamedTuple):
    """A function that a lowered program calls; `what` is the op or callback in the user's terms."""

    name: str
    what: str
    inputs: Sequence[TensorType]
    results: Sequence[TensorType]
    function: Callable[..., Any]
    location: ir.Location

    @property
    def signature(self) -> str:
        """Types of arguments and results: ``f32[3,3], i32[] -> f32[3]``."""
        return f"{', '.join(map(str, self.inputs))} -> {', '.join(map(str, self.results))}"


# ---- lowering -------------------------------------------------------------------------------------------------------


def call_reference(
    lw: LinalgBuilder,
    op: OpDef,
    operands: Sequence[ir.Value],
    types: Sequence[TensorType],
    results: Sequence[TensorType],
    attributes: Mapping[str, Any],
) -> list[ir.Value]:
    """Append a call of an op's reference."""
    encoded = ir.DictAttr.get(op.encode_attributes(attributes))
    details = {"op": ir.StringAttr.get(op.name), "attributes": encoded}
    return _call(lw, op.name, details, operands, types, results)


def call_callback(
    lw: LinalgBuilder,
    name: str,
    operands: Sequence[ir.Value],
    types: Sequence[TensorType],
    results: Sequence[TensorType],
) -> list[ir.Value]:
    """Append a call of the callback of that name."""
    return _call(lw, "callback", {"callback": ir.StringAttr.get(name)}, operands, types, results)


def _call(
    lw: LinalgBuilder,
    wanted: str,
    details: dict[str, ir.Attribute],
    operands: Sequence[ir.Value],
    types: Sequence[TensorType],
    results: Sequence[TensorType],
) -> list[ir.Value]:
    type = ir.FunctionType.get([to_ir(t) for t in types], [to_ir(t) for t in results])
    attribute = ir.DictAttr.get({**details, "type": ir.TypeAttr.get(type)})
    name = _declared(lw, wanted, attribute, [signless(t) for t in types], [signless(t) for t in results])
    callee = {"callee": ir.FlatSymbolRefAttr.get(name)}
    return list(lw.op("func.call", [signless(t) for t in results], operands, callee).results)


def _declared(
    lw: LinalgBuilder, wanted: str, attribute: ir.Attribute, inputs: Sequence[ir.Type], results: Sequence[ir.Type]
) -> str:
    """Name of the declaration with this attribute, which is made if there is none."""
    module = lw.scalars.module
    names: set[str] = set()
    for declaration in _declarations(module):
        if declaration.attributes[ATTRIBUTE] == attribute:
            return functions.symbol(declaration)
        names.add(functions.symbol(declaration))
    name = next(name for name in _numbered(f"{MODULE}.{wanted}") if name not in names)
    declaration = functions.create(module, name, inputs, results, body=False, location=lw.loc)
    declaration.attributes[ATTRIBUTE] = attribute
    return name


def _numbered(name: str) -> Iterator[str]:
    number = 0
    while True:
        yield f"{name}_{number}"
        number += 1


# ---- linking --------------------------------------------------------------------------------------------------------


def is_declaration(function: ir.Operation) -> bool:
    """Whether a function of a lowered program is one of the host."""
    return ATTRIBUTE in function.attributes


def _declarations(module: ir.Module) -> Iterator[ir.Operation]:
    return filter(is_declaration, functions.functions(module))


def exports(module: ir.Module) -> dict[str, tuple[str, Callable[..., Any]]]:
    """Signature and function by name, as a `HostModule` of the runtime takes them."""
    return {f.name: (f.signature, f.function) for f in host_functions(module)}


def host_functions(module: ir.Module) -> list[HostFunction]:
    """What a lowered program needs of the host. Raises KeyError for a callback that does not live any more."""
    return [_host_function(declaration) for declaration in _declarations(module)]


def _host_function(declaration: ir.Operation) -> HostFunction:
    details: Any = declaration.attributes[ATTRIBUTE]
    if "op" in details:
        op = REGISTRY[details["op"].value]
        what, function = op.name, partial(op.reference, **op.decode(details["attributes"]))
    else:
        what = details["callback"].value
        function = callback(what)
    type = details["type"].value
    inputs, results = ([from_ir(t) for t in part] for part in (type.inputs, type.results))
    name = functions.symbol(declaration).removeprefix(f"{MODULE}.")
    return HostFunction(name, what, inputs, results, function, declaration.location)
