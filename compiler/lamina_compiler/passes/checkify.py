"""lamina-checkify: functions that also say which check failed first: an i32 code, 0 if none, and what is known of it.

Runs on derived, inlined functions, so that the checks are those of derivatives and batches too. Loops carry the code,
branches return it; what has a rule of its own keeps it, and what it computes is checked beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from .. import functions
from ..builder import Builder
from ..higher_order import Call, call_of
from ..mlir import ir
from ..op_checks import CATEGORIES, Check, Failure, checks_after, checks_before, user_failure
from ..opdef import is_lamina
from ..types import BY_SHORT_NAME, TensorType, from_ir, to_ir
from . import derive

CODE = TensorType((), BY_SHORT_NAME["i32"])


class Checked(NamedTuple):
    """A function ``(*inputs) -> (*results, code, *payloads)``; code k is for ``checks[k - 1]``. Without checks as it
    was."""

    function: ir.Operation
    checks: list[Check]

    @property
    def error_types(self) -> list[ir.Type]:
        """The code, and the payloads of all checks."""
        return [to_ir(t) for t in (CODE, *(t for check in self.checks for t in check.payload))]


def checked(module: ir.Module, function: ir.Operation, categories: Collection[str]) -> Checked:
    """A function with its checks. What it calls is derived and inlined first."""
    derive.flatten(module, function)
    recorder: list[_Recorder] = []

    def body(b: Builder, values: list[ir.Value]) -> list[ir.Value]:
        recorder.append(_Recorder(b, module, categories))
        results = recorder[0].run(function, values)
        return [*results, *recorder[0].error()] if recorder[0].checks else results

    name = f"{functions.symbol(function)}.checked"
    made = functions.adapted(module, name, functions.signature(function)[0], function.location, body)
    return Checked(made, recorder[0].checks)


class _Recorder:
    """Writes a function again, with checks; keeps the first that failed."""

    def __init__(self, b: Builder, module: ir.Module, categories: Collection[str]):
        self.b, self.module, self.categories = b, module, categories
        self.checks: list[Check] = []
        self._code: ir.Value | None = None
        self._payload: list[ir.Value] = []

    def error(self) -> list[ir.Value]:
        return [self.b.zeros(CODE) if self._code is None else self._code, *self._payload]

    def run(self, function: ir.Operation, values: Sequence[ir.Value]) -> list[ir.Value]:
        """The results of a function on these values."""
        env = dict(zip(functions.arguments(function), values, strict=True))
        *ops, terminator = functions.operations(function)
        for op in ops:
            self.b.loc = op.location
            operands = [env[x] for x in op.operands]
            if is_lamina(op):
                self._record(checks_before(self.b, op, operands))
                functions.clone(op, env, self.b.ip)
                self._record(checks_after(self.b, op, [env[x] for x in op.results]))
                continue
            call = call_of(self.module, op)
            assert call is not None, op.name
            rule = _RULES.get(call.record.name, _beside if call.record.inlined else _again)
            env.update(zip(op.results, rule(self, call, operands), strict=True))
        return [env[x] for x in terminator.operands]

    def _record(self, failures: Iterable[Failure]) -> None:
        for failure in failures:
            self.add(failure)

    def add(self, failure: Failure) -> None:
        """A check, unless nobody asked for its category."""
        if failure.check.category in self.categories:
            self.checks.append(failure.check)
            code = self.b.select(failure.failed, self.b.full(CODE, len(self.checks)), self.b.zeros(CODE))
            self._merge(code, failure.payload)

    def add_all(self, checks: Sequence[Check], error: Sequence[ir.Value]) -> None:
        """The checks of an applied function, and the code and payloads that it gave."""
        code, *payload = error
        if self.checks:
            code = self.b.select(self.b.eq(code, 0), code, self.b.add(code, len(self.checks)))
        self.checks += checks
        self._merge(code, payload)

    def _merge(self, code: ir.Value, payload: Sequence[ir.Value]) -> None:
        self._code = code if self._code is None else self.b.select(self.b.eq(self._code, 0), code, self._code)
        self._payload += payload

    def apply(self, function: ir.Operation) -> Checked:
        return checked(self.module, function, self.categories)


def _again(recorder: _Recorder, call: Call, operands: list[ir.Value]) -> list[ir.Value]:
    return call.again(recorder.b, operands)


def _beside(recorder: _Recorder, call: Call, operands: list[ir.Value]) -> list[ir.Value]:
    """A call with a rule of its own stays as it is, but for checks of the user's, which are made in a copy of what it
    computes; equal operations of both become one in the end."""
    assert call.record.inlined is not None
    base = call.function(call.record.inlined)
    found = recorder.apply(base)
    if not found.checks:
        return call.again(recorder.b, operands)
    silent = functions.symbol(checked(recorder.module, base, ()).function)
    results = call.emit(recorder.b, operands, **{call.record.inlined: silent})
    out = functions.call(recorder.b, found.function, operands)
    recorder.add_all(found.checks, out[len(results) :])
    return results


def _callback(recorder: _Recorder, call: Call, operands: list[ir.Value]) -> list[ir.Value]:
    if call.details["effect"] != "check":
        return call.again(recorder.b, operands)
    recorder.add(user_failure(recorder.b, call.details["callback"], operands, call.location))
    return []


def _zeros(b: Builder, found: Checked) -> list[ir.Value]:
    return [b.zeros(from_ir(t)) for t in found.error_types]


def _kept(b: Builder, old: Sequence[ir.Value], new: Sequence[ir.Value]) -> list[ir.Value]:
    """The old error if there is one, else the new."""
    none = b.eq(old[0], 0)
    return [b.select(_spread(b, none, b.shape(x)), x, y) for x, y in zip(new, old, strict=True)]


def _spread(b: Builder, flag: ir.Value, shape: tuple[int, ...]) -> ir.Value:
    return b.broadcast_in_dim(flag, shape=shape, dimensions=()) if shape else flag


def _scan(recorder: _Recorder, call: Call, operands: list[ir.Value]) -> list[ir.Value]:
    b, found = recorder.b, recorder.apply(call.function("body"))
    if not found.checks:
        return call.emit(b, operands, body=functions.symbol(found.function))
    consts, carry = call.details["consts"], call.details["carry"]
    types = found.error_types
    inputs, first = functions.signature(found.function)[0], consts + carry

    def step(inner: Builder, values: list[ir.Value]) -> list[ir.Value]:
        error, xs = values[first : first + len(types)], values[first + len(types) :]
        out = functions.call(inner, found.function, [*values[:first], *xs])
        state, rest, new = out[:carry], out[carry : -len(types)], out[-len(types) :]
        return [*state, *_kept(inner, error, new), *rest]

    name = functions.symbol(found.function)
    body = functions.adapted(recorder.module, name, [*inputs[:first], *types, *inputs[first:]], b.loc, step)
    derive.flatten(recorder.module, body)
    out = call.emit(
        b, [*operands[:first], *_zeros(b, found), *operands[first:]], body=functions.symbol(body),
        carry=carry + len(types),
    )  # fmt: skip
    recorder.add_all(found.checks, out[carry : carry + len(types)])
    return [*out[:carry], *out[carry + len(types) :]]


def _while(recorder: _Recorder, call: Call, operands: list[ir.Value]) -> list[ir.Value]:
    """The condition is checked before the first iteration, and after each."""
    b, module = recorder.b, recorder.module
    condition, body = recorder.apply(call.function("condition")), recorder.apply(call.function("body"))
    conds, consts = call.details["condition_consts"], call.details["body_consts"]
    fixed, carry = operands[: conds + consts], operands[conds + consts :]
    if not condition.checks and not body.checks:
        changes = {"condition": functions.symbol(condition.function), "body": functions.symbol(body.function)}
        return call.emit(b, operands, **changes)
    if condition.checks:
        out = functions.call(b, condition.function, [*fixed[:conds], *carry])
        recorder.add_all(condition.checks, out[1:])
    found = Checked(body.function, [*body.checks, *condition.checks])
    types, count = found.error_types, len(carry)
    own = functions.signature(body.function)[0]
    outer = functions.signature(condition.function)[0][:conds]

    def step(inner: Builder, values: list[ir.Value]) -> list[ir.Value]:
        first = conds + consts
        state, error = values[first : first + count], values[first + count :]
        writer = _Recorder(inner, module, recorder.categories)
        state_and_error = functions.call(inner, body.function, [*values[conds:first], *state])
        state = state_and_error[:count]
        if body.checks:
            writer.add_all(body.checks, state_and_error[count:])
        if condition.checks:
            writer.add_all(condition.checks, functions.call(inner, condition.function, [*values[:conds], *state])[1:])
        return [*state, *_kept(inner, error, writer.error())]

    def go_on(inner: Builder, values: list[ir.Value]) -> list[ir.Value]:
        return functions.call(inner, condition.function, values[: conds + count])[:1]

    made = functions.adapted(module, functions.symbol(body.function), [*outer, *own, *types], b.loc, step)
    asked = functions.adapted(
        module, functions.symbol(condition.function), [*outer, *own[consts:], *types], b.loc, go_on
    )
    for function in (made, asked):
        derive.flatten(module, function)
    out = call.emit(
        b, [*fixed[:conds], *fixed, *carry, *_zeros(b, found)], condition=functions.symbol(asked),
        body=functions.symbol(made), body_consts=conds + consts,
    )  # fmt: skip
    recorder.add_all(found.checks, out[count:])
    return out[:count]


def _cond(recorder: _Recorder, call: Call, operands: list[ir.Value]) -> list[ir.Value]:
    """Every branch gives the payloads of all."""
    b, module = recorder.b, recorder.module
    found = [recorder.apply(branch) for branch in call.applied]
    every = [check for branch in found for check in branch.checks]
    count, branches = len(call.result_types), []
    for i, branch in enumerate(found):

        def padded(inner: Builder, values: list[ir.Value], i: int = i, branch: Checked = branch) -> list[ir.Value]:
            out = functions.call(inner, branch.function, values)
            writer = _Recorder(inner, module, recorder.categories)
            for j, other in enumerate(found):
                if other.checks:
                    writer.add_all(other.checks, out[count:] if i == j else _zeros(inner, other))
            return [*out[:count], *(writer.error() if every else [])]

        inputs = functions.signature(branch.function)[0]
        made = functions.adapted(module, functions.symbol(branch.function), inputs, b.loc, padded)
        derive.flatten(module, made)
        branches.append(functions.symbol(made))
    out = call.emit(b, operands, branches=tuple(branches))
    if every:
        recorder.add_all(every, out[count:])
    return out[:count]


_RULES = {"callback": _callback, "scan": _scan, "while": _while, "cond": _cond}


def run(module: ir.Module) -> None:
    """Every public function also gives the code of its first failed check, of any category."""
    for function in list(functions.functions(module)):
        if not functions.has_body(function) or "sym_visibility" in function.attributes:
            continue
        name = functions.symbol(function)
        found = checked(module, function, CATEGORIES)
        function.erase()
        found.function.attributes["sym_name"] = ir.StringAttr.get(name)
        del found.function.attributes["sym_visibility"]
        derive.flatten(module, found.function)
