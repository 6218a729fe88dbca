"""Functions that loops and branches apply, traced into the module of the program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from lamina import errors, tree_util
from lamina._float0 import as_structure
from lamina._transform import ARRAY_LIKE, flatten_result, function_name, symbol_name
from lamina.array import Array
from lamina.tracer import Tracer, as_array
from lamina.tracing import Trace, Traced, trace_function
from lamina_compiler import functions
from lamina_compiler.mlir import ir
from lamina_compiler.types import TensorType, to_ir


class Leaves(NamedTuple):
    """A container of arrays taken apart; `names` say which leaf is which in messages."""

    arrays: list[Array]
    names: list[str]
    tree: Any

    @property
    def types(self) -> list[TensorType]:
        return [x.type for x in self.arrays]


def check_callable(operation: str, name: str, f: Any) -> None:
    """LoopOperandError for something that is no function."""
    if not callable(f):
        article = "an" if type(f).__name__[0] in "aeiouAEIOU" else "a"
        problem = f"{name} is {article} {type(f).__name__}, which cannot be called"
        raise errors.LoopOperandError(operation, problem, "Pass a function there.")


def leaves_of(container: Any, name: str, operation: str) -> Leaves:
    """The arrays of an operand. Raises NonArrayArgumentError for what is none."""
    with_paths, tree = tree_util.tree_flatten_with_path(as_structure(container))
    names = [f"{name}{tree_util.keystr(path)}" for path, _ in with_paths]
    for leaf_name, (_, leaf) in zip(names, with_paths, strict=True):
        if not isinstance(leaf, ARRAY_LIKE):
            raise errors.NonArrayArgumentError(operation, leaf_name, leaf)
    return Leaves([as_array(leaf) for _, leaf in with_paths], names, tree)


class Body(NamedTuple):
    """A traced function: what it captures follows its arguments."""

    traced: Traced
    tree: Any

    @property
    def function(self) -> ir.Operation:
        return self.traced.function

    @property
    def symbol(self) -> str:
        return functions.symbol(self.traced.function)


def trace_body(
    fun: Callable[..., Any],
    call: Callable[[list[Tracer]], Any],
    arguments: Sequence[Array],
    names: Sequence[str],
    transform: str,
    types: Sequence[TensorType] | None = None,
) -> Body:
    """Trace `call`, which applies `fun` to the flat arguments; `types` where they are not those of the arguments."""
    trees: list[Any] = []

    def run(tracers: list[Tracer]) -> list[Array]:
        leaves, tree = flatten_result(fun, transform, call(tracers))
        trees.append(tree)
        return leaves

    traced = trace_function(
        run,
        symbol_name(fun),
        arguments,
        types or [x.type for x in arguments],
        transform=transform,
        function_name=function_name(fun),
        argument_names=names,
    )
    return Body(traced, trees[0])


def captures_first(trace: Trace, body: Body, count: int) -> ir.Operation:
    """The function of a body with its captures before its `count` arguments, as loops want their consts."""
    inputs = functions.signature(body.function)[0]
    captured = len(inputs) - count
    return functions.adapted(
        trace.module,
        body.symbol,
        [*inputs[count:], *inputs[:count]],
        body.function.location,
        lambda b, values: functions.call(b, body.function, [*values[captured:], *values[:captured]]),
    )


def with_common_captures(trace: Trace, bodies: Sequence[Body], count: int) -> tuple[list[str], list[Array]]:
    """Functions that all take the same captures after their `count` arguments, and these captures."""
    common: dict[int, Array] = {id(x): x for body in bodies for x in body.traced.captures}
    position = {key: i for i, key in enumerate(common)}
    types = [to_ir(x.type) for x in common.values()]
    names = []
    for body in bodies:
        own = [count + position[id(x)] for x in body.traced.captures]
        function = functions.adapted(
            trace.module,
            body.symbol,
            [*functions.signature(body.function)[0][:count], *types],
            body.function.location,
            lambda b, values, body=body, own=own: functions.call(
                b, body.function, [*values[:count], *(values[i] for i in own)]
            ),
        )
        names.append(functions.symbol(function))
    return names, list(common.values())
