"""Writes loops over memory: control flow of kernels as Python's `with` statements and functions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from .. import scalar, targeting
from ..linalg_builder import LinalgBuilder
from ..mlir import ir
from ..types import BY_SHORT_NAME, REAL_OF, SHORT_NAME, signless_element
from .memory import Lanes
from .values import Complex, Value

_SUMS = 4  # vectors of partial sums, which are added up independently of each other

State = Sequence[Any]  # values, some of them complex


class Loops:
    """Appends operations to a kernel, at the place that the innermost open `with` statement says."""

    def __init__(self, lw: LinalgBuilder) -> None:
        self._ip = lw.ip
        self._loc = lw.loc
        self.has_f64 = targeting.has_f64(lw.scalars.module)
        self.has_vectors = targeting.has_vectors(lw.scalars.module)
        self.vectors = targeting.vectors_of(lw.scalars.module)

    # ---- operations and constants ----

    def op(self, name: str, result: ir.Type | None, *operands: Value, **attributes: ir.Attribute) -> Any:
        types = [] if result is None else [result]
        made = ir.Operation.create(name, types, [v.ir for v in operands], attributes, ip=self._ip, loc=self._loc)
        return None if result is None else Value(self, made.result)

    def constant(self, value: int | float, type: ir.Type | np.dtype) -> Value:
        element = type if isinstance(type, ir.Type) else signless_element(type)
        attribute = ir.FloatAttr.get(element, value) if isinstance(element, ir.FloatType) else _integer(element, value)
        return self.op("arith.constant", element, value=attribute)

    def index(self, value: Value | int) -> Value:
        return value if isinstance(value, Value) else self.constant(value, ir.IndexType.get())

    def zero(self, dtype: np.dtype) -> Any:
        return self.number(0, dtype)

    def number(self, value: complex, dtype: np.dtype, lanes: int = 0) -> Any:
        """A constant, in all lanes of a vector if there are any."""
        if dtype in REAL_OF:
            z, part = complex(value), REAL_OF[dtype]
            return Complex(self.number(z.real, part, lanes), self.number(z.imag, part, lanes))
        assert not isinstance(value, complex)
        return self.constant(value, dtype).spread(lanes)

    def select(self, condition: Value, on_true: Any, on_false: Any) -> Any:
        """One of two values, of which one may be a Python number."""
        if isinstance(on_true, Complex) or isinstance(on_false, Complex):
            x = on_true if isinstance(on_true, Complex) else on_false.lift(on_true)
            y = x.lift(on_false)
            return Complex(self.select(condition, x.real, y.real), self.select(condition, x.imag, y.imag))
        if not isinstance(on_true, Value):
            on_true = on_false.lift(on_true)
        on_false = on_true.lift(on_false)
        lanes = max(v.lanes for v in (condition, on_true, on_false))
        condition, on_true, on_false = (v.spread(lanes) for v in (condition, on_true, on_false))
        return self.op("arith.select", on_true.ir.type, condition, on_true, on_false)

    def apply(self, function: Callable[..., Any], operands: State, dtypes: Sequence[np.dtype]) -> Any:
        """A function of scalar values (see `scalar`) on elements, or lane by lane on vectors."""
        with self._ip, self._loc:
            emitter = scalar.MlirEmitter(self.has_f64, self.has_f64, _flat(operands)[0].lanes)
            result = function(*(_as_scalar(emitter, v, SHORT_NAME[t]) for v, t in zip(operands, dtypes, strict=True)))
        if isinstance(result, scalar.ComplexValue):
            return Complex(Value(self, result.real.payload), Value(self, result.imag.payload))
        return Value(self, result.payload)

    # ---- control flow ----

    @contextmanager
    def loop(self, start: Value | int, stop: Value | int, step: int = 1) -> Iterator[Value]:
        """``with loop(0, n) as i``: what is inside runs for every i."""
        loop = self._operation("scf.for", [], [self.index(v) for v in (start, stop, step)], regions=1)
        with self._inside(loop, 0, [ir.IndexType.get()]) as (i,):
            yield Value(self, i)
            self._end("scf.yield", [])

    def fold(self, start: Value | int, stop: Value | int, state: State, body: Callable[..., State]) -> list[Any]:
        """``state = body(i, *state)`` for every i; gives the last state."""
        flat = _flat(state)
        bounds = [self.index(v) for v in (start, stop, 1)]
        types = [v.ir.type for v in flat]
        loop = self._operation("scf.for", types, [*bounds, *flat], regions=1)
        with self._inside(loop, 0, [ir.IndexType.get(), *types]) as (i, *inner):
            self._end("scf.yield", _flat(body(Value(self, i), *self._rebuilt(state, inner))))
        return self._rebuilt(state, loop.results)

    def repeat(self, state: State, condition: Callable[..., Value], body: Callable[..., State]) -> list[Any]:
        """``while condition(*state): state = body(*state)``; gives the last state."""
        flat = _flat(state)
        types = [v.ir.type for v in flat]
        loop = self._operation("scf.while", types, flat, regions=2)
        with self._inside(loop, 0, types) as inner:
            values = self._rebuilt(state, inner)
            self._end("scf.condition", [condition(*values), *_flat(values)])
        with self._inside(loop, 1, types) as inner:
            self._end("scf.yield", _flat(body(*self._rebuilt(state, inner))))
        return self._rebuilt(state, loop.results)

    @contextmanager
    def when(self, condition: Value) -> Iterator[None]:
        """What is inside runs if the condition holds."""
        choice = self._operation("scf.if", [], [condition], regions=2)
        with self._inside(choice, 0, []):
            yield
            self._end("scf.yield", [])

    def choose(self, condition: Value, on_true: Callable[[], State], on_false: Callable[[], State]) -> list[Any]:
        """The state that one of two functions gives; the other does not run."""
        branches: list[tuple[ir.Block, list[Value]]] = []
        outside, state = self._ip, []
        scratch = ir.Operation.create("scf.if", [], [condition.ir], regions=2, ip=outside, loc=self._loc)
        for region, branch in zip(scratch.regions, (on_true, on_false), strict=True):
            block = region.blocks.append()
            self._ip = ir.InsertionPoint(block)
            state = branch()
            flat = _flat(state)
            self._end("scf.yield", flat)
            branches.append((block, flat))
        self._ip = outside
        types = [v.ir.type for v in branches[0][1]]
        choice = self._operation("scf.if", types, [condition], regions=2)
        for region, (block, _) in zip(choice.regions, branches, strict=True):
            block.append_to(region)
        scratch.erase()
        return self._rebuilt(state, choice.results)

    # ---- vectors ----

    def width(self, dtype: np.dtype) -> int:
        """Elements that are worth computing at once; 1 where the target has no vectors."""
        return self.vectors.lanes(REAL_OF.get(dtype, dtype)) if self.has_vectors else 1

    def lanes(
        self,
        start: Value | int,
        stop: Value | int,
        dtype: np.dtype,
        body: Callable[[Any], None],
        *,
        vectors: int = 1,
        masked: bool = True,
    ) -> None:
        """``body(j)`` for every j, in any order: for vectors of indices where the target has such.

        In a loop over `vectors` of them at a time first, where the body then runs for each. What no whole vector has is
        one with a mask, or single indices.
        """
        width = self.width(dtype)
        if width == 1:
            with self.loop(start, stop) as j:
                body(j)
            return
        for count in (vectors, 1) if vectors > 1 else (1,):
            start = self._whole(start, stop, count * width, lambda first, n=count: [
                body(Lanes(first + i * width, width)) for i in range(n)
            ])  # fmt: skip
        if masked:
            self._rest(start, stop, width, body)
        elif not (isinstance(start, int) and start == stop):
            with self.loop(start, stop) as j:
                body(j)

    def _whole(self, start: Value | int, stop: Value | int, width: int, body: Callable[[Value], Any]) -> Value | int:
        """A loop over whole vectors; gives where they end."""
        if isinstance(start, int) and isinstance(stop, int):
            end: Value | int = start + (stop - start) // width * width
            if end == start:
                return end
        else:
            count = self.index(stop) - start
            end = count // width * width + start if isinstance(start, Value) or start else count // width * width
        with self.loop(start, end, width) as first:
            body(first)
        return end

    def _rest(self, start: Value | int, stop: Value | int, width: int, body: Callable[[Any], None]) -> None:
        """The lanes that no whole vector has."""
        if isinstance(start, int) and isinstance(stop, int) and start == stop:
            return
        rest = self.index(stop) - start
        with self.when(rest > 0):
            body(Lanes(start, width, self.mask(rest, width)))

    def mask(self, count: Value | int, width: int) -> Value:
        """A predicate that holds for the first `count` lanes."""
        return self.op("vector.create_mask", ir.VectorType.get([width], _I1()), self.index(count))

    def sum(self, start: Value | int, stop: Value | int, dtype: np.dtype, term: Callable[[Any], Any]) -> Any:
        """Σ term(j), added up in any order. Where an index is masked, the term must be zero."""
        return self.sums(start, stop, dtype, 1, lambda j, total: [total + term(j)])[0]

    def sums(
        self, start: Value | int, stop: Value | int, dtype: np.dtype, count: int, add: Callable[..., State]
    ) -> list[Any]:
        """`count` sums from 0 on: ``sums = add(j, *sums)`` for every j in any order. Masked ones must add nothing."""
        width = self.width(dtype)
        zero = self.zero(dtype)
        if width == 1:
            return self.fold(start, stop, [zero] * count, add)
        zeros, parts = [_spread(zero, width)] * count, max(1, _SUMS // count)
        blocks = (self.index(stop) - start) // (width * parts)

        def block(b: Value, *sums: Any) -> State:
            first = b * (width * parts) + start
            found = [add(Lanes(first + i * width, width), *sums[i * count : (i + 1) * count]) for i in range(parts)]
            return [total for part in found for total in part]

        found = self.fold(0, blocks, zeros * parts, block)
        while len(found) > count:
            half = len(found) // 2
            found = [x + y for x, y in zip(found[:half], found[half:], strict=True)]
        done = blocks * (width * parts) + start
        rest = (self.index(stop) - done + (width - 1)) // width

        def masked(b: Value, *sums: Any) -> State:
            first = b * width + done
            return add(Lanes(first, width, self.mask(self.index(stop) - first, width)), *sums)

        return [total.sum() for total in self.fold(0, rest, found, masked)]

    # ---- regions ----

    def _operation(self, name: str, results: Sequence[ir.Type], operands: Sequence[Value], regions: int) -> Any:
        values = [v.ir for v in operands]
        return ir.Operation.create(name, results, values, regions=regions, ip=self._ip, loc=self._loc)

    @contextmanager
    def _inside(self, op: ir.Operation, region: int, arguments: Sequence[ir.Type]) -> Iterator[list[ir.Value]]:
        block = op.regions[region].blocks.append(*arguments, arg_locs=[self._loc] * len(arguments))
        outside, self._ip = self._ip, ir.InsertionPoint(block)
        yield list(block.arguments)
        self._ip = outside

    def _end(self, name: str, values: Sequence[Value]) -> None:
        self.op(name, None, *values)

    def _rebuilt(self, like: State, flat: Sequence[ir.Value]) -> list[Any]:
        values = iter(flat)
        return [
            Complex(Value(self, next(values)), Value(self, next(values)))
            if isinstance(v, Complex)
            else Value(self, next(values))
            for v in like
        ]


def _I1() -> ir.Type:
    return ir.IntegerType.get_signless(1)


def _integer(element: ir.Type, value: int | float) -> ir.Attribute:
    """Any bit pattern of the width, as the signed number that MLIR wants."""
    bits, width = int(value), 64 if isinstance(element, ir.IndexType) else element.width  # type: ignore[attr-defined]
    bits &= (1 << width) - 1
    return ir.IntegerAttr.get(element, bits - (bits >> (width - 1) << width))


def _as_scalar(emitter: scalar.MlirEmitter, value: Any, name: str) -> scalar.Value | scalar.ComplexValue:
    if not isinstance(value, Complex):
        return scalar.Value(emitter, name, value.ir)
    part = SHORT_NAME[REAL_OF[BY_SHORT_NAME[name]]]
    return scalar.ComplexValue(*(scalar.Value(emitter, part, v.ir) for v in (value.real, value.imag)))


def _flat(state: State) -> list[Value]:
    return [part for v in state for part in ((v.real, v.imag) if isinstance(v, Complex) else (v,))]


def _spread(value: Any, lanes: int) -> Any:
    if isinstance(value, Complex):
        return Complex(value.real.spread(lanes), value.imag.spread(lanes))
    return value.spread(lanes)
