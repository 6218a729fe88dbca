"""Tracing: running a Python function on stand-ins for arrays while its operations are written down as lamina IR.

A `Trace` is one function under construction. Traces nest: the innermost one of a thread takes every operation; arrays
of outer traces that it meets become extra arguments (captures). A trace may know the values of its arguments; then the
values of traced arrays are computed on demand by the interpreter, so that Python control flow works under un-jitted
`grad`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from lamina import _leaks
from lamina._inference import infer
from lamina._locations import user_location
from lamina.array import Array, ConcreteArray
from lamina.config import config
from lamina.tracer import Tracer, leaked
from lamina_compiler import functions, interpreter, mlir
from lamina_compiler.builder import Builder
from lamina_compiler.higher_order import KINDS, declare, has_effects
from lamina_compiler.mlir import ir
from lamina_compiler.opdef import OpDef
from lamina_compiler.types import TensorType, from_ir, to_ir

INLINE_LIMIT = 64  # elements: larger concrete arrays become arguments of the traced program, not constants in it


_DIFFERENTIATING = frozenset(("grad", "jvp", "vjp", "linearize"))


class _Stack(threading.local):
    def __init__(self) -> None:
        self.traces: list[Trace] = []


_stack = _Stack()


def current_trace() -> Trace | None:
    """The trace that takes operations now, or None: operations run at once."""
    traces = _stack.traces
    return traces[-1] if traces else None


class Trace:
    """One function under construction in a module."""

    def __init__(
        self,
        name: str,
        argument_types: Sequence[TensorType],
        *,
        transform: str,
        function_name: str = "",
        argument_names: Sequence[str] = (),
        sources: Sequence[Array | None] | None = None,
        module: ir.Module | None = None,
    ):
        """`sources`: the arrays the arguments stand for where values may be looked at (un-jitted grad), else None.

        `module`: where a pass asks for a function, outside of any trace.
        """
        if config.no_tracing:
            raise RuntimeError(f"`{function_name or name}` is traced (by {transform}), but the option no_tracing is on")
        mlir.enter()
        self.parent = current_trace() if module is None else None
        self.root: Trace = self.parent.root if self.parent is not None else self
        self.module = module or (functions.new_module() if self.parent is None else self.parent.module)
        self.transform = transform
        outer = self.parent.derivatives if self.parent is not None else 0
        self.derivatives: int = outer + (transform in _DIFFERENTIATING)  # of this function that may still be made
        self.axes: Mapping[Any, int] = {}  # names of the batch dimensions that this function is mapped over
        self.function_name = function_name
        self.argument_names = list(argument_names)
        self.sources: list[Array | None] = list(sources) if sources is not None else [None] * len(argument_types)
        self.alive = True
        self.cache: dict[Any, Any] = {}  # at the root: functions of jitted calls, by signature
        self.inputs: list[Tracer] = []
        self._argument_count = len(argument_types)
        self._captures: dict[int, tuple[Array, ir.Value]] = {}
        self._constants: dict[tuple[TensorType, bytes], ir.Value] = {}
        self._constant_arrays: dict[int, tuple[ConcreteArray, ir.Value]] = {}  # they live, so that an id stays theirs
        self._env: interpreter.Environment = {}
        self._location = user_location()
        name = functions.unique_name(self.module, name)
        types = [to_ir(type) for type in argument_types]
        self.function = functions.create(self.module, name, types, [], location=self._location[0])
        self._block = functions.block(self.function)
        self._ip = ir.InsertionPoint(self._block)

    def arguments(self, weak_types: Sequence[bool]) -> list[Tracer]:
        """The stand-ins for the declared arguments."""
        values = list(self._block.arguments)[: self._argument_count]
        self.inputs = [
            Tracer(self, value, from_ir(value.type), weak, self._location[1])
            for value, weak in zip(values, weak_types, strict=True)
        ]
        return self.inputs

    # ---- writing operations ----

    def emit(self, op: OpDef, operands: Sequence[Array], attributes: dict[str, Any], weak_type: bool) -> Any:
        """Append one op on arrays of this trace, of outer traces, or concrete ones; gives its result, or a tuple."""
        location, made = user_location()
        types = infer(op, [x.type for x in operands], attributes)
        operand_values = [self.lift(x) for x in operands]
        values = op.create(operand_values, attributes, ip=self._ip, loc=location, types=types)
        return op.packed(
            [Tracer(self, value, type, weak_type, made) for value, type in zip(values, types, strict=True)]
        )

    def call(self, function: ir.Operation, operands: Sequence[Array], weak_types: Sequence[bool] = ()) -> list[Tracer]:
        """Append a call of a function of the module."""
        location, made = user_location()
        values = [self.lift(x) for x in operands]
        results = functions.signature(function)[1]
        callee = {"callee": ir.FlatSymbolRefAttr.get(functions.symbol(function))}
        call = ir.Operation.create("func.call", results, values, callee, ip=self._ip, loc=location)
        weak = list(weak_types) or [False] * len(results)
        return [
            Tracer(self, value, from_ir(value.type), flag, made) for value, flag in zip(call.results, weak, strict=True)
        ]

    def apply(
        self, kind: str, details: dict[str, Any], operands: Sequence[Array], weak_types: Sequence[bool] = ()
    ) -> list[Tracer]:
        """Append a call of a higher-order operation (a loop, a branch, …)."""
        record = KINDS[kind]
        location = user_location()[0]
        declaration = declare(self.module, record, [x.type for x in operands], details, location)
        return self.call(declaration, operands, weak_types)

    def lift(self, x: Array) -> ir.Value:
        """The value of an array in this trace; what comes from outside becomes a constant or a capture."""
        if isinstance(x, Tracer):
            if x.origin is self:
                if not self.alive:
                    raise leaked(x)
                return x.value
            if not x.origin.alive or not self._is_inside(x.origin):
                raise leaked(x)
        elif isinstance(x, ConcreteArray) and (x.type.size <= INLINE_LIMIT or _is_splat(x)):
            return self._constant(x)
        return self._capture(x)

    def _is_inside(self, other: Trace) -> bool:
        trace: Trace | None = self
        while trace is not None and trace is not other:
            trace = trace.parent
        return trace is other

    def _constant(self, x: ConcreteArray) -> ir.Value:
        """A constant of the function; equal ones are written once."""
        known = self._constant_arrays.get(id(x))
        if known is not None:
            return known[1]
        value = x.host()
        splat = value.size == 1 or (value.size > 0 and _is_splat(x))
        key = (x.type, value.flat[0].tobytes() if splat else value.tobytes())
        found = self._constants.get(key)
        if found is None:
            if splat:
                value = np.broadcast_to(value.flat[0], value.shape)
            found = self._constants[key] = Builder(self._ip, user_location()[0]).constant_array(value)
        self._constant_arrays[id(x)] = (x, found)
        return found

    def _capture(self, x: Array) -> ir.Value:
        found = self._captures.get(id(x))
        if found is None:
            value = self._block.add_argument(to_ir(x.type), self._location[0])
            found = self._captures[id(x)] = (x, value)
        return found[1]

    # ---- finishing ----

    def finish(self, results: Sequence[Array]) -> list[Array]:
        """End the function with these results; gives the captured arrays, its further arguments."""
        values = [self.lift(x) for x in results]
        functions.append_return(self.function, values)
        self.alive = False
        return [x for x, _ in self._captures.values()]

    def abandon(self) -> None:
        """End the function after an error, with no results: who catches the error may go on with the program."""
        if self.alive:
            functions.append_return(self.function, [])
        self.alive = False

    # ---- looking at values ----

    def evaluate(self, x: Tracer) -> np.ndarray:
        """The value of a traced array; UnknownValue if it depends on an argument without one."""
        if not self.alive:
            raise leaked(x)
        return interpreter.evaluate([x.value], self._env, self.module, self._argument_value)[0]

    def run_effects(self) -> None:
        """Run what has effects (prints, callbacks), in order: no result needs to depend on it."""
        for op in list(self._block.operations):
            op = op.operation
            if op.name != "func.call":
                continue
            done = len(op.results) > 0 and op.results[0] in self._env
            callee = functions.find(self.module, op.attributes["callee"].value)  # type: ignore[attr-defined]
            if not done and has_effects(self.module, callee):
                interpreter.evaluate(list(op.operands), self._env, self.module, self._argument_value)
                interpreter.execute_into(op, self._env, self.module)

    def _argument_value(self, value: ir.Value) -> np.ndarray:
        position = ir.BlockArgument(value).arg_number
        if position < self._argument_count:
            source = self.sources[position]
        elif self.transform == "jit":  # the trace is kept for other values
            source = None
        else:
            source = next(x for x, captured in self._captures.values() if captured == value)
        if isinstance(source, ConcreteArray):
            return source.host()
        if isinstance(source, Tracer):
            return source.origin.evaluate(source)
        raise interpreter.UnknownValue(value)

    def arguments_behind(self, value: ir.Value) -> tuple[str, ...]:
        """Names of the arguments a value depends on."""
        if not self.alive:
            return ()
        found: set[int] = set()
        seen: set[ir.Value] = set()
        stack = [value]
        while stack:
            current = stack.pop()
            if current in seen:
                continue
            seen.add(current)
            if isinstance(current.owner, ir.Block):
                found.add(ir.BlockArgument(current).arg_number)
            else:
                stack.extend(current.owner.operation.operands)
        return tuple(self.argument_names[i] for i in sorted(found) if i < len(self.argument_names))


def _is_splat(x: ConcreteArray) -> bool:
    """Whether one element is repeated without memory of its own (a broadcast number)."""
    return x.is_on_host and x._value is not None and x._value.strides == (0,) * x.ndim


class Traced(NamedTuple):
    """A finished function: its captures are further arguments."""

    function: ir.Operation
    captures: list[Array]
    types: list[TensorType]
    weak_types: list[bool]


@contextmanager
def active(trace: Trace) -> Iterator[Trace]:
    """Operations of this thread go to `trace`."""
    _stack.traces.append(trace)
    try:
        yield trace
    finally:
        _stack.traces.pop()


@contextmanager
def suspended() -> Iterator[None]:
    """While a function is traced: run the operations of this thread at once, on concrete arrays, not as part of it.

    >>> import lamina as la
    >>> import lamina.numpy as lnp
    >>> @la.jit
    ... def f(x):
    ...     with la.ensure_compile_time_eval():
    ...         table = lnp.arange(3) * 2  # computed now: a constant of the program
    ...     return x + table
    >>> f(1)
    Array([1, 3, 5], dtype=int32)
    """
    traces, _stack.traces = _stack.traces, []
    try:
        yield
    finally:
        _stack.traces = traces


def trace_function(
    run: Callable[[list[Tracer]], Sequence[Array]],
    name: str,
    arguments: Sequence[Array],
    types: Sequence[TensorType],
    *,
    transform: str,
    function_name: str,
    argument_names: Sequence[str],
    sources: Sequence[Array | None] | None = None,
    axes: Mapping[Any, int] | None = None,
    module: ir.Module | None = None,
) -> Traced:
    """Trace `run`, which maps arrays to arrays, for arguments of the given types and the weakness of `arguments`.

    `sources`: arrays that the traced arguments stand for, whose values may be looked at. `axes`: names and sizes of
    the batch dimensions that the function is mapped over.
    """
    trace = Trace(
        name,
        types,
        transform=transform,
        function_name=function_name,
        argument_names=argument_names,
        sources=sources,
        module=module,
    )
    trace.axes = axes or {}
    try:
        with active(trace):
            results = list(run(trace.arguments([x.weak_type for x in arguments])))
            captures = trace.finish(results)
    except BaseException:
        trace.abandon()
        raise
    traced = Traced(trace.function, captures, [x.type for x in results], [x.weak_type for x in results])
    del results
    _leaks.check(trace)
    return traced


def axis_sizes() -> dict[Any, int]:
    """Names and sizes of the batch dimensions that are mapped over here."""
    found: dict[Any, int] = {}
    trace = current_trace()
    while trace is not None:
        found = {**trace.axes, **found}
        trace = trace.parent
    return found
