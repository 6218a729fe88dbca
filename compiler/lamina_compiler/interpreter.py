"""Runs lamina IR with the NumPy references of its ops: eager transformations, the oracle of tests, folding.

Evaluation is on demand: values are computed when asked for and kept in an environment, so a function can be evaluated
while it is still being traced.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from . import functions
from .mlir import ir
from .opdef import lookup

Environment = dict[ir.Value, np.ndarray]


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
        _execute_into(op, env, module)
    return [env[value] for value in values]


def run(function: ir.Operation, inputs: Sequence[np.ndarray], module: ir.Module) -> list[np.ndarray]:
    """Results of a function on arrays. Declarations of derived functions get their bodies first."""
    if not functions.has_body(function):
        from .passes.derive import materialize  # the passes fold with the interpreter

        materialize(module, function)
    env: Environment = dict(zip(functions.arguments(function), inputs, strict=True))
    *body, terminator = functions.operations(function)
    for op in body:
        _execute_into(op, env, module)
    return [env[value] for value in terminator.operands]


def run_named(module: ir.Module, name: str, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
    return run(functions.find(module, name), inputs, module)


def _execute_into(op: ir.Operation, env: Environment, module: ir.Module) -> None:
    results = execute(op, [env[operand] for operand in op.operands], module)
    for result, array in zip(op.results, results, strict=True):
        env[result] = array


def execute(op: ir.Operation, operands: Sequence[np.ndarray], module: ir.Module) -> Sequence[np.ndarray]:
    """Results of one operation on arrays."""
    name = op.name
    if name.startswith("lamina."):
        record = lookup(name)
        return [np.asarray(record.reference(*operands, **record.decode_attributes(op)))]
    return _UPSTREAM[name](op, operands, module)


def _call(op: ir.Operation, operands: Sequence[np.ndarray], module: ir.Module) -> Sequence[np.ndarray]:
    callee = op.attributes["callee"].value  # type: ignore[attr-defined]
    return run(functions.find(module, callee), operands, module)


_UPSTREAM: dict[str, Callable[[ir.Operation, Sequence[np.ndarray], ir.Module], Sequence[np.ndarray]]] = {
    "func.call": _call,
}
