"""Random programs: expressions over vectors and numbers in which transformations and control flow of closures nest.

A program is a tree of tuples, so that it prints and shrinks; `run` evaluates it with an engine, a module of operations
(`lamina_engine` or the oracle `dual_numbers`).
"""

from __future__ import annotations

from random import Random
from typing import Any, NamedTuple

import numpy as np

SIZE = 3
MATRIX = np.array([[0.5, -0.3, 0.2], [0.1, 0.4, -0.6], [-0.2, 0.7, 0.3]])
TRANSFORMATIONS = ["grad", "vmap", "jvp", "vjp", "jit", "jit twice", "linearize"]
CONTROL = ["scan", "cond", "while", "bounded while", "checkpoint", "custom_jvp", "custom_vjp"]
NESTING = frozenset(TRANSFORMATIONS + CONTROL)
FORWARD, REVERSE = ("jvp", "linearize"), ("grad", "vjp")

Program = tuple[Any, ...]


class Place(NamedTuple):
    """Where in a program an expression stands.

    vector: what it gives; variables: how many there are; around: the differentiations around it.
    """

    vector: bool
    variables: int
    around: tuple[str, ...] = ()

    def kinds(self) -> list[str]:
        """What may stand here: a while loop has no reverse mode, a custom_vjp function no forward mode."""
        kinds = [*TRANSFORMATIONS, *CONTROL]
        if not self.vector:
            kinds.remove("vmap")
        if any(kind in REVERSE for kind in self.around):
            kinds.remove("while")
        if any(kind in FORWARD for kind in self.around):
            kinds.remove("custom_vjp")
        return kinds

    def inside(self, kind: str) -> Place:
        """The place of what `kind` is applied to, which has further variables, or only its own."""
        vector = self.vector and kind not in ("grad", "vmap")
        variables = {"custom_jvp": 1, "custom_vjp": 1, "scan": self.variables + 2}.get(kind, self.variables + 1)
        around = (*self.around, kind) if kind in FORWARD + REVERSE else self.around
        return Place(vector, variables, around)


def draw(random: Random, depth: int, place: Place) -> Program:
    """An expression with `depth` transformations or constructs inside one another."""
    if depth:
        return _combine(random, draw_nesting(random, depth, place), place)
    return _leafy(random, random.randint(1, 3), place)


def draw_nesting(random: Random, depth: int, place: Place) -> Program:
    """``(kind, vector, body, point, other)``: `other` is a direction, a test, arrays to go along, a second branch."""
    kind = random.choice(place.kinds())
    point = _leafy(random, 1, place)
    body = draw(random, depth - 1, place.inside(kind))
    other = _leafy(random, 1, place.inside(kind) if kind == "cond" else place)
    return (kind, place.vector, body, point, other)


def _combine(random: Random, inner: Program, place: Place) -> Program:
    """Something that also uses what is around, and keeps values small."""
    other = _leafy(random, 1, place)
    return ("tanh", (random.choice(["add", "mul", "sub"]), *random.sample([inner, other], 2)))


def _leafy(random: Random, size: int, place: Place) -> Program:
    if size == 0:
        return ("variable", random.randrange(place.variables), place.vector)
    choices = [
        "sin",
        "cos",
        "tanh",
        "neg",
        "add",
        "mul",
        "sub",
        *(["flip", "shift", "matvec", "mean"] if place.vector else []),
    ]
    kind = random.choice(choices)
    operands = 2 if kind in ("add", "mul", "sub") else 1
    return (kind, *(_leafy(random, size - 1, place) for _ in range(operands)))


def depth_of(program: Any) -> int:
    """How deep transformations and control flow nest."""
    if not isinstance(program, tuple):
        return 0
    return (program[0] in NESTING) + max((depth_of(part) for part in program[1:]), default=0)


def run(program: Program, engine: Any, values: list[Any], ranks: list[bool]) -> Any:
    """Value of a program for its variables; `ranks` tells which of them are vectors."""
    kind, *parts = program
    if kind == "variable":
        index, vector = parts
        return shaped(engine, values[index], ranks[index], vector)
    if kind not in NESTING:
        operands = [run(part, engine, values, ranks) for part in parts]
        if kind == "matvec":
            return engine.matvec(MATRIX, *operands)
        if kind == "mean":
            return engine.spread(engine.mul(engine.total(*operands), np.float64(1 / SIZE)), SIZE)
        return getattr(engine, kind)(*operands)
    vector, body, point, other = parts
    x = run(point, engine, values, ranks)
    if kind in CONTROL:
        return _run_control(program, engine, values, ranks, x)
    u = run(other, engine, values, ranks)

    def closure(argument: Any) -> Any:
        return run(body, engine, [*values, argument], [*ranks, vector and kind != "vmap"])

    if kind in ("grad", "vmap", "jit"):
        return getattr(engine, kind)(closure)(x)
    if kind == "jit twice":
        reused = engine.jit(closure)
        return engine.add(reused(x), reused(u))
    if kind == "jvp":
        return engine.sub(*engine.jvp(closure, x, u))
    value, derivative = getattr(engine, kind)(closure, x)
    return engine.sub(derivative(u), value)


def _run_control(program: Program, engine: Any, values: list[Any], ranks: list[bool], x: Any) -> Any:
    kind, vector, body, _, other = program

    def closure(argument: Any) -> Any:
        return run(body, engine, [*values, argument], [*ranks, vector])

    def closed(argument: Any) -> Any:
        return run(body, engine, [argument], [vector])

    if kind == "scan":

        def step(carry: Any, element: Any) -> Any:
            new = run(body, engine, [*values, carry, element], [*ranks, vector, False])
            return new, shaped(engine, carry, vector, False)

        along = shaped(engine, run(other, engine, values, ranks), vector, True)
        carry, ys = engine.scan(step, x, along)
        return engine.add(carry, shaped(engine, ys, True, vector))
    if kind == "cond":

        def on_false(argument: Any) -> Any:
            return run(other, engine, [*values, argument], [*ranks, vector])

        return engine.cond(shaped(engine, x, vector, False), closure, on_false, x)
    if kind in ("while", "bounded while"):
        return engine.while_loop(closure, x, kind == "bounded while")
    if kind == "checkpoint":
        return engine.checkpoint(closure)(x)
    return getattr(engine, kind)(closed)(x)


def shaped(engine: Any, x: Any, is_vector: bool, vector: bool) -> Any:
    """A vector or number as what is wanted."""
    if is_vector == vector:
        return x
    return engine.spread(x, SIZE) if vector else engine.total(x)
