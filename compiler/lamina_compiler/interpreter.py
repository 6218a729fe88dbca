"""Runs lamina IR with the NumPy references of its ops: eager transformations, the oracle of tests, folding.

Evaluation is on demand: values are computed when asked for and kept in an environment, so a function can be evaluated
while it is still being traced.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import numpy as np

from . import functions
from .higher_order import is_declaration, view
from .mlir import ir
from .opdef import is_lamina, lookup

Environment = dict[ir.Value, np.ndarray]
Executable = Callable[[Sequence[np.ndarray]], Sequence[np.ndarray]]
Watch = Callable[[ir.Operation, Sequence[np.ndarray], Sequence[np.ndarray]], None]  # (op, operands, results)


class _Watched(threading.local):
    watch: Watch | None = None


_watched = _Watched()


@contextmanager
def watching(watch: Watch) -> Iterator[None]:
    """While active, `watch` is told of every lamina op that runs in this thread."""
    outer, _watched.watch = _watched.watch, watch
    try:
        yield
    finally:
        _watched.watch = outer


class UnknownValue(LookupError):
    """A value depends on a block argument whose value the environment does not hold."""


def evaluate(
    values: Sequence[ir.Value],
    env: Environment,
    module: ir.Module,
    argument: Callable[[ir.Value], np.ndarray] | None = None,
) -> list[np.ndarray]:
    """The arrays of `values`, computed from what `env` holds; everything computed on the way is added to it.

    Block arguments that `env` lacks are asked of `argument`. Raises UnknownValue where there is no answer.
    """
    stack = list(values)
    while stack:
        value = stack[-1]
        if value in env:
            stack.pop()
            continue
        owner = value.owner
        if isinstance(owner, ir.Block):
            if argument is None:
                raise UnknownValue(value)
            env[value] = argument(value)
            continue
        op = owner.operation
        missing = [operand for operand in op.operands if operand not in env]
        if missing:
            stack.extend(missing)
            continue
        stack.pop()
        execute_into(op, env, module)
    return [env[value] for value in values]


def execute_into(op: ir.Operation, env: Environment, module: ir.Module) -> None:
    """Run one operation whose operands `env` holds; adds its results."""
    results = _executable(op, module)([env[operand] for operand in op.operands])
    env.update(zip(op.results, results, strict=True))


def run(function: ir.Operation, inputs: Sequence[np.ndarray], module: ir.Module) -> Sequence[np.ndarray]:
    """Results of a function on arrays. Declarations of derived functions get their bodies first."""
    return prepare(function, module)(inputs)


def run_named(module: ir.Module, name: str, inputs: Sequence[np.ndarray]) -> Sequence[np.ndarray]:
    return run(functions.find(module, name), inputs, module)


def prepare(function: ir.Operation, module: ir.Module) -> Executable:
    """A function that can be run many times: its operations are looked at only once."""
    if not functions.has_body(function):
        if is_declaration(function):
            call = view(module, function)
            return call.record.execute(call, lambda applied: prepare(applied, module))
        from .passes.derive import materialize  # the passes fold with the interpreter

        materialize(module, function)
    slots = {value: i for i, value in enumerate(functions.arguments(function))}
    steps: list[tuple[Executable, list[int]]] = []
    *body, terminator = functions.operations(function)
    for op in body:
        steps.append((_executable(op, module), [slots[operand] for operand in op.operands]))
        for result in op.results:
            slots[result] = len(slots)
    outputs = [slots[value] for value in terminator.operands]

    def execute(inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
        values = list(inputs)
        for step, operands in steps:
            values.extend(step([values[i] for i in operands]))
        return [values[i] for i in outputs]

    return execute


def _executable(op: ir.Operation, module: ir.Module) -> Executable:
    """What one operation does with arrays."""
    if is_lamina(op):
        record = lookup(op.name)
        execute = partial(record.evaluate, attributes=record.decode_attributes(op))
        return execute if _watched.watch is None else _watched_by(_watched.watch, op, execute)
    if op.name != "func.call":
        raise NotImplementedError(f"the interpreter does not know '{op.name}'")
    return _Deferred(functions.find(module, op.attributes["callee"].value), module)  # type: ignore[attr-defined]


def _watched_by(watch: Watch, op: ir.Operation, execute: Executable) -> Executable:
    def watched(operands: Sequence[np.ndarray]) -> Sequence[np.ndarray]:
        results = execute(operands)
        watch(op, operands, results)
        return results

    return watched


class _Deferred:
    """A called function that is prepared when it is called first: a branch that is never taken costs nothing."""

    def __init__(self, function: ir.Operation, module: ir.Module):
        self._function, self._module = function, module
        self._execute: Executable | None = None

    def __call__(self, inputs: Sequence[np.ndarray]) -> Sequence[np.ndarray]:
        if self._execute is None:
            self._execute = prepare(self._function, self._module)
        return self._execute(inputs)
