"""func.func in modules: making, finding, copying them; what every pass does with functions."""

from __future__ import annotations

import functools
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any, TypeVar

from .builder import Builder
from .mlir import enter, ir
from .types import from_ir

Env = dict[ir.Value, ir.Value]
_Pass = TypeVar("_Pass", bound=Callable[..., Any])


def new_module() -> ir.Module:
    enter()
    return ir.Module.create(ir.Location.unknown())


def functions(module: ir.Module) -> Iterator[ir.Operation]:
    """The func.func operations of a module, in order."""
    for op in module.body.operations:
        if op.operation.name == "func.func":
            yield op.operation


def find(module: ir.Module, name: str) -> ir.Operation:
    """The function of that name; KeyError if there is none."""
    table = _index_of(module).table
    if name not in table:
        raise KeyError(name)
    return table[name].operation


def called(call: ir.Operation, name: str | None = None) -> ir.Operation:
    """The function that a func.call is of, or another one that it may call."""
    return _index_around(call).table[name or call.attributes["callee"].value].operation  # type: ignore[attr-defined]


def _index_around(op: ir.Operation) -> _Index:
    while op.parent is not None:
        op = op.parent.operation
    return _indices.of.get(op) or _Index(op)


def length(block: ir.Block) -> int:
    """Operations of a block, with those of the functions that it calls: of one that calls `sin`, about 100."""
    return sum(_length_of_call(op.operation) if op.operation.name == "func.call" else 1 for op in block.operations)


def _length_of_call(call: ir.Operation) -> int:
    lengths, name = _index_around(call).lengths, call.attributes["callee"].value  # type: ignore[attr-defined]
    if name not in lengths:
        lengths[name] = sum(map(length, called(call).regions[0].blocks))
    return lengths[name]


def unique_name(module: ir.Module, wanted: str) -> str:
    """`wanted`, or with a number appended if the module has a function of that name."""
    index = _index_of(module)
    if wanted not in index.table:
        return wanted
    names = ((i, f"{wanted}_{i}") for i in count(index.numbers[wanted] + 1))
    index.numbers[wanted], name = next((i, name) for i, name in names if name not in index.table)
    return name


class _Index:
    """The functions of a module by name, the numbers that `unique_name` gave last, and the lengths that are known."""

    def __init__(self, module: ir.Operation):
        self.table = ir.SymbolTable(module)
        self.numbers: dict[str, int] = defaultdict(int)
        self.lengths: dict[str, int] = {}


class _Indices(threading.local):
    """Of the modules that passes work on in this thread."""

    def __init__(self) -> None:
        self.of: dict[ir.Operation, _Index] = {}


_indices = _Indices()


def _index_of(module: ir.Module) -> _Index:
    """Made anew where no pass keeps one: it would name functions that have been erased since."""
    return _indices.of.get(module.operation) or _Index(module.operation)


def indexed(run: _Pass) -> _Pass:
    """Lets a pass, which gets a module first, find functions at once however many there are.

    Meanwhile functions of the module are made and erased only by what is in this file.
    """

    @functools.wraps(run)
    def with_index(module: ir.Module, *args: Any, **kwargs: Any) -> Any:
        key = module.operation
        if key in _indices.of:
            return run(module, *args, **kwargs)
        _indices.of[key] = _Index(key)
        try:
            return run(module, *args, **kwargs)
        finally:
            del _indices.of[key]

    return with_index  # pyright: ignore[reportReturnType]


def erase(module: ir.Module, function: ir.Operation) -> None:
    """Remove a function that nothing uses."""
    index = _indices.of.get(module.operation)
    function.erase() if index is None else index.table.erase(function)


def _note(module: ir.Module, function: ir.Operation) -> ir.Operation:
    """Have a new function found by passes that are at work."""
    index = _indices.of.get(module.operation)
    if index is not None:
        index.table.insert(function)
    return function


def symbol(function: ir.Operation) -> str:
    return function.attributes["sym_name"].value  # type: ignore[attr-defined]


def signature(function: ir.Operation) -> tuple[list[ir.Type], list[ir.Type]]:
    """Input and result types."""
    type = function.attributes["function_type"].value  # type: ignore[attr-defined]
    return list(type.inputs), list(type.results)


def set_signature(function: ir.Operation, inputs: Sequence[ir.Type], results: Sequence[ir.Type]) -> None:
    function.attributes["function_type"] = ir.TypeAttr.get(ir.FunctionType.get(list(inputs), list(results)))


def block(function: ir.Operation) -> ir.Block:
    return function.regions[0].blocks[0]


def has_body(function: ir.Operation) -> bool:
    return len(function.regions[0].blocks) > 0


def arguments(function: ir.Operation) -> list[ir.Value]:
    return list(block(function).arguments)


def operations(function: ir.Operation) -> list[ir.Operation]:
    """The operations of the body, the func.return last."""
    return [op.operation for op in block(function).operations]


def create(
    module: ir.Module,
    name: str,
    inputs: Sequence[ir.Type],
    results: Sequence[ir.Type],
    *,
    public: bool = False,
    body: bool = True,
    location: ir.Location | None = None,
) -> ir.Operation:
    """Append a function with an empty entry block, or a declaration (`body=False`)."""
    enter()
    attributes: dict[str, ir.Attribute] = {
        "sym_name": ir.StringAttr.get(name),
        "function_type": ir.TypeAttr.get(ir.FunctionType.get(list(inputs), list(results))),
    }
    if not public:
        attributes["sym_visibility"] = ir.StringAttr.get("private")
    location = location or ir.Location.unknown()
    ip = ir.InsertionPoint(module.body)
    function = ir.Operation.create("func.func", [], [], attributes, regions=1, ip=ip, loc=location)
    if body:
        add_block(function, inputs)
    return _note(module, function)


def copied(module: ir.Module, original: ir.Operation) -> ir.Operation:
    """Append a copy of a function of another module, under a name of its own."""
    name = unique_name(module, symbol(original))
    copy = original.clone(ip=ir.InsertionPoint(module.body)).operation
    copy.attributes["sym_name"] = ir.StringAttr.get(name)
    return _note(module, copy)


def add_block(function: ir.Operation, inputs: Sequence[ir.Type]) -> ir.Block:
    return function.regions[0].blocks.append(*inputs, arg_locs=[function.location] * len(inputs))


def append_return(function: ir.Operation, values: Sequence[ir.Value]) -> None:
    """End the body, and make the signature what the body says."""
    body = block(function)
    location = function.location
    ir.Operation.create("func.return", [], list(values), ip=ir.InsertionPoint(body), loc=location)
    set_signature(function, [a.type for a in body.arguments], [v.type for v in values])


def fill(function: ir.Operation, body: Callable[[Builder, list[ir.Value]], Sequence[ir.Value]]) -> ir.Operation:
    """Give a declaration its body: `body(builder, arguments)` appends operations and says what is returned.

    Where that fails it returns zeros, so that the module stays valid: the user may go on after the error.
    """
    inputs, types = signature(function)
    entry = add_block(function, inputs)
    builder = Builder(ir.InsertionPoint(entry), function.location)
    try:
        results = body(builder, list(entry.arguments))
    except BaseException:
        append_return(function, [builder.zeros(from_ir(type)) for type in types])
        raise
    append_return(function, results)
    return function


def undo(module: ir.Module, function: ir.Operation) -> ir.Operation:
    """Make a function a declaration again; gives the new one."""
    types, location, name = signature(function), function.location, symbol(function)
    erase(module, function)
    return create(module, name, *types, body=False, location=location)


def clone(op: ir.Operation, env: Env, ip: ir.InsertionPoint) -> None:
    """Copy an operation; its operands are looked up in `env`, which gets its results."""
    copy = op.clone(ip=ip).operation
    operands = copy.operands
    for i, value in enumerate(op.operands):
        operands[i] = env[value]
    for old, new in zip(op.results, copy.results, strict=True):
        env[old] = new


def replace(op: ir.Operation, values: Sequence[ir.Value]) -> None:
    """Erase an operation, whose results others are used for from now on."""
    for old, new in zip(op.results, values, strict=True):
        old.replace_all_uses_with(new)
    op.erase()


def outline(
    module: ir.Module,
    name: str,
    inputs: Sequence[ir.Value],
    ops: Sequence[ir.Operation],
    results: Sequence[ir.Value],
    location: ir.Location,
) -> ir.Operation:
    """A private function of copies of `ops`, which compute the values `results` from the values `inputs`."""
    types = [value.type for value in inputs], [value.type for value in results]
    function = create(module, unique_name(module, name), *types, body=False, location=location)

    def body(b: Builder, values: list[ir.Value]) -> list[ir.Value]:
        env = dict(zip(inputs, values, strict=True))
        for op in ops:
            clone(op, env, b.ip)
        return [env[value] for value in results]

    return fill(function, body)


def live(ops: Sequence[ir.Operation], outputs: Sequence[ir.Value]) -> list[ir.Operation]:
    """Those of `ops` that `outputs` depend on."""
    needed, kept = set(outputs), []
    for op in reversed(ops):
        if any(result in needed for result in op.results):
            kept.append(op)
            needed.update(op.operands)
    return kept[::-1]


def adapted(
    module: ir.Module,
    name: str,
    inputs: Sequence[ir.Type],
    location: ir.Location,
    body: Callable[[Builder, list[ir.Value]], Sequence[ir.Value]],
) -> ir.Operation:
    """A private function whose body may be calls of others, to give them another order of inputs and results."""
    function = create(module, unique_name(module, name), inputs, [], body=False, location=location)
    return fill(function, body)


def inlined(function: ir.Operation, operands: Sequence[ir.Value], ip: ir.InsertionPoint) -> list[ir.Value]:
    """Copy the operations of a body; gives its results on these operands."""
    env = dict(zip(arguments(function), operands, strict=True))
    *body, terminator = operations(function)
    for op in body:
        clone(op, env, ip)
    return [env[value] for value in terminator.operands]


def constant(value: ir.Value) -> float | int | None:
    """The number that a constant of one element holds, or None."""
    owner = value.owner
    if isinstance(owner, ir.Block) or owner.operation.name != "lamina.constant":
        return None
    attribute = owner.operation.attributes["value"]
    return attribute.get_splat_value().value if attribute.is_splat else None  # type: ignore[attr-defined]


def call(builder: Builder, function: ir.Operation, operands: Sequence[ir.Value]) -> list[ir.Value]:
    """func.call of a function."""
    callee = {"callee": ir.FlatSymbolRefAttr.get(symbol(function))}
    results = signature(function)[1]
    return list(
        ir.Operation.create("func.call", results, list(operands), callee, ip=builder.ip, loc=builder.loc).results
    )
