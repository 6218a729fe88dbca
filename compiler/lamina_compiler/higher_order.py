"""Higher-order operations: calls that apply other functions of the module (loops, branches, custom derivatives, …).

MLIR's Python dialects have no ops with variadic operands of differing types, so such an operation is a `func.call` of a
private declaration, whose `lamina.higher_order` attribute names the kind and the functions it applies::

    func.func private @step.scan(tensor<f32>, tensor<9xf32>) -> (tensor<f32>, tensor<9xf32>)
      attributes {lamina.higher_order = {kind = "scan", body = @step, consts = 0, carry = 1, length = 9, …}}
    %1:2 = call @step.scan(%init, %xs) : …

Bodies are ordinary functions without captures, so every pass that works on functions works on them. A `HigherOrder` is
the record of one kind with all its rules (in `control/`), as an `OpDef` is that of an op:

* ``infer(call, types) -> types`` of the results; raises `OpError`.
* ``execute(call, prepare) -> (arrays -> arrays)``: for the interpreter; `prepare(function)` makes a body executable.
* ``dependent(call, flags) -> flags``: which results depend on the marked operands.
* ``jvp(b, call, operands, tangents) -> (results, tangents)``; a None tangent is a symbolic zero.
* ``partition(b, call, operands, linear) -> (results, linear)``: the call as a part that needs no linear operand and one
  that is linear in them; operands and results are values of one function, in which `b` writes.
* ``transpose(b, call, operands, cotangents) -> cotangents`` of the operands; ``operands[i] is None`` marks linear ones.
* ``batch(b, call, operands, batched, batch) -> (results, batched)``.
* ``lower(lw, call, operands, apply) -> values``; `apply(function, values)` writes the body of a function.
* ``inlined``: the attribute that names the function to call instead once all derivatives are made (custom rules).
* ``impossible``: the error where a call is left after that, of something that exists only to be transposed.
* ``deferred``: attributes that name functions which are of no interest before a rule calls them: they may be recursive.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from . import functions
from .attributes import SYMBOL, SYMBOLS, AttributeKind
from .builder import Builder
from .errors import InvalidDeclaration
from .mlir import ir
from .opdef import OpError, Rule
from .types import TensorType, from_ir, to_ir

ATTRIBUTE = "lamina.higher_order"


@dataclass(frozen=True)
class HigherOrder:
    name: str
    doc: str
    attributes: Mapping[str, AttributeKind]
    infer: Rule
    execute: Rule
    dependent: Rule
    jvp: Rule
    partition: Rule
    transpose: Rule
    batch: Rule
    lower: Rule | None = None  # None: `inlined` says what is called in the end
    inlined: str | None = None
    impossible: Callable[[ir.Location], Exception] | None = None
    deferred: frozenset[str] = frozenset()
    simplify: Rule | None = None  # (b, call) -> results or None: a simpler form of the call
    canonical: Rule | None = None  # (b, call, operands) -> results or None: an equal call that has better derivatives
    effects: Callable[[Any], bool] = field(default=lambda call: False)  # beyond those of the functions it applies


KINDS: dict[str, HigherOrder] = {}


def register(record: HigherOrder) -> HigherOrder:
    """Add a kind; the name must be new."""
    if record.name in KINDS:
        raise ValueError(f"a higher-order operation named {record.name!r} is registered already")
    KINDS[record.name] = record
    return record


class Batch(NamedTuple):
    """A batch dimension that a function is mapped over."""

    size: int
    name: str = ""  # axis_name of vmap, which collectives refer to


@dataclass(frozen=True)
class Call:
    """One call of a higher-order operation, as its rules see it."""

    module: ir.Module
    declaration: ir.Operation
    record: HigherOrder
    details: Mapping[str, Any]  # decoded attributes
    location: ir.Location

    def function(self, name: str) -> ir.Operation:
        """The function that an attribute names."""
        return functions.find(self.module, self.details[name])

    @property
    def applied(self) -> list[ir.Operation]:
        """The functions that the operation applies, without deferred ones."""
        found: list[ir.Operation] = []
        for name, kind in self.record.attributes.items():
            if name in self.record.deferred:
                continue
            if kind is SYMBOL:
                found.append(self.function(name))
            elif kind is SYMBOLS:
                found += [functions.find(self.module, symbol) for symbol in self.details[name]]
        return found

    @property
    def types(self) -> list[TensorType]:
        """Types of the operands."""
        return [from_ir(type) for type in functions.signature(self.declaration)[0]]

    @property
    def result_types(self) -> list[TensorType]:
        return [from_ir(type) for type in functions.signature(self.declaration)[1]]

    def emit(self, b: Builder, operands: Sequence[ir.Value], kind: str | None = None, **changes: Any) -> list[ir.Value]:
        """Append a call like this one, on other operands and with other details."""
        record = KINDS[kind] if kind else self.record
        details = changes if kind else {**self.details, **changes}
        return emit(self.module, b, record, operands, details)

    def again(self, b: Builder, operands: Sequence[ir.Value]) -> list[ir.Value]:
        """Append the same call on other operands of the same types."""
        return functions.call(b, self.declaration, operands)


def declare(
    module: ir.Module,
    record: HigherOrder,
    types: Sequence[TensorType],
    details: Mapping[str, Any],
    location: ir.Location,
) -> ir.Operation:
    """The declaration that calls of an operation name. Raises OpError where operands do not fit."""
    applied = [details[name] for name, kind in record.attributes.items() if kind in (SYMBOL, SYMBOLS)]
    base = "" if not applied else f"{applied[0]}." if isinstance(applied[0], str) else f"{applied[0][0]}."
    name = functions.unique_name(module, f"{base}{record.name}")
    inputs = [to_ir(type) for type in types]
    declaration = functions.create(module, name, inputs, [], body=False, location=location)
    encoded = {key: kind.encode(details[key]) for key, kind in record.attributes.items()}
    declaration.attributes[ATTRIBUTE] = ir.DictAttr.get({"kind": ir.StringAttr.get(record.name), **encoded})
    try:
        results = record.infer(Call(module, declaration, record, details, location), list(types))
    except BaseException:
        functions.erase(module, declaration)
        raise
    functions.set_signature(declaration, inputs, [to_ir(type) for type in results])
    return declaration


def emit(
    module: ir.Module, b: Builder, record: HigherOrder, operands: Sequence[ir.Value], details: Mapping[str, Any]
) -> list[ir.Value]:
    """Append a call of a new declaration."""
    declaration = declare(module, record, [from_ir(x.type) for x in operands], details, b.loc)
    return functions.call(b, declaration, operands)


def is_declaration(function: ir.Operation) -> bool:
    return ATTRIBUTE in function.attributes


def call_of(module: ir.Module, op: ir.Operation) -> Call | None:
    """The view of an operation if it is a higher-order call, else None."""
    if op.name != "func.call":
        return None
    callee = functions.find(module, op.attributes["callee"].value)  # type: ignore[attr-defined]
    return view(module, callee, op.location) if is_declaration(callee) else None


def view(module: ir.Module, declaration: ir.Operation, location: ir.Location | None = None) -> Call:
    """The view of a call of a declaration. Raises OpError where its attribute is not of the right form."""
    attribute: Any = declaration.attributes[ATTRIBUTE]
    kind = attribute["kind"].value if isinstance(attribute, ir.DictAttr) and "kind" in attribute else None
    if kind not in KINDS:
        raise OpError(f'{ATTRIBUTE} has no kind; it takes the form {{kind = "scan", ...}}, kinds: {", ".join(KINDS)}')
    record = KINDS[kind]
    for name, form in record.attributes.items():
        if name not in attribute or not form.accepts(attribute[name]):
            raise OpError(f"{ATTRIBUTE} of the kind {kind} requires {name} = {form.form}")
    details = {name: form.decode(attribute[name]) for name, form in record.attributes.items()}
    return Call(module, declaration, record, details, location or declaration.location)


def check(module: ir.Module) -> None:
    """Raises InvalidDeclaration for a declaration that is not of the right form, or whose functions do not fit."""
    for function in functions.functions(module):
        if not is_declaration(function):
            continue
        name = functions.symbol(function)
        try:
            call = view(module, function)
            types = call.record.infer(call, call.types)
        except (OpError, TypeError) as problem:
            raise InvalidDeclaration(f"'{name}': {problem}", function.location) from None
        except KeyError as missing:
            raise InvalidDeclaration(f"'{name}' applies {missing}, which is no function", function.location) from None
        if types != call.result_types:
            raise InvalidDeclaration(
                f"'{name}' gives {types}, but is declared to give {call.result_types}", function.location
            )


def has_effects(module: ir.Module, function: ir.Operation) -> bool:
    """Whether a function, or what it calls, does more than compute results (prints, callbacks)."""
    if not functions.has_body(function):
        if not is_declaration(function):
            derived: Any = function.attributes.get("lamina.derive", None)
            return derived is not None and has_effects(module, functions.find(module, derived["of"].value))
        call = view(module, function)
        return call.record.effects(call) or any(has_effects(module, applied) for applied in call.applied)
    return any(
        has_effects(module, functions.find(module, op.attributes["callee"].value))  # type: ignore[attr-defined]
        for op in functions.operations(function)
        if op.name == "func.call"
    )
