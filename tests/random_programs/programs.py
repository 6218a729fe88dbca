"""Random programs: expressions over vectors and numbers in which transformations of closures nest.

A program is a tree of tuples, so that it prints and shrinks; `run` evaluates it with an engine, a module of operations
(`lamina_engine` or the oracle `dual_numbers`).
"""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np

SIZE = 3
MATRIX = np.array([[0.5, -0.3, 0.2], [0.1, 0.4, -0.6], [-0.2, 0.7, 0.3]])
TRANSFORMATIONS = ["grad", "vmap", "jvp", "vjp", "jit", "jit twice", "linearize"]

Program = tuple[Any, ...]


def draw(random: Random, depth: int, *, vector: bool = True, variables: int = 1) -> Program:
    """An expression of a vector or a number with `depth` transformations inside one another.

    Variables are numbered from the outermost; a transformation binds one more, of the closure it transforms.
    """
    if depth:
        return _combine(random, draw_transformation(random, depth, vector, variables), vector, variables)
    return _leafy(random, random.randint(1, 3), vector, variables)


def draw_transformation(random: Random, depth: int, vector: bool, variables: int) -> Program:
    kind = random.choice(TRANSFORMATIONS if vector else [t for t in TRANSFORMATIONS if t != "vmap"])
    point = _leafy(random, 1, vector, variables)
    direction = _leafy(random, 1, vector, variables)
    body = draw(random, depth - 1, vector=vector and kind not in ("grad", "vmap"), variables=variables + 1)
    return (kind, vector, body, point, direction)


def _combine(random: Random, inner: Program, vector: bool, variables: int) -> Program:
    """Something that also uses what is around, and keeps values small."""
    other = _leafy(random, 1, vector, variables)
    return ("tanh", (random.choice(["add", "mul", "sub"]), *random.sample([inner, other], 2)))


def _leafy(random: Random, size: int, vector: bool, variables: int) -> Program:
    if size == 0:
        return ("variable", random.randrange(variables), vector)
    choices = [
        "sin",
        "cos",
        "tanh",
        "neg",
        "add",
        "mul",
        "sub",
        *(["flip", "shift", "matvec", "mean"] if vector else []),
    ]
    kind = random.choice(choices)
    operands = 2 if kind in ("add", "mul", "sub") else 1
    return (kind, *(_leafy(random, size - 1, vector, variables) for _ in range(operands)))


def depth_of(program: Any) -> int:
    """How deep transformations nest."""
    if not isinstance(program, tuple):
        return 0
    return (program[0] in TRANSFORMATIONS) + max((depth_of(part) for part in program[1:]), default=0)


def run(program: Program, engine: Any, values: list[Any], ranks: list[bool]) -> Any:
    """Value of a program for its variables; `ranks` tells which of them are vectors."""
    kind, *parts = program
    if kind == "variable":
        index, vector = parts
        x = values[index]
        if ranks[index] == vector:
            return x
        return engine.spread(x, SIZE) if vector else engine.total(x)
    if kind not in TRANSFORMATIONS:
        operands = [run(part, engine, values, ranks) for part in parts]
        if kind == "matvec":
            return engine.matvec(MATRIX, *operands)
        if kind == "mean":
            return engine.spread(engine.mul(engine.total(*operands), np.float64(1 / SIZE)), SIZE)
        return getattr(engine, kind)(*operands)
    vector, body, point, direction = parts
    x, u = run(point, engine, values, ranks), run(direction, engine, values, ranks)

    def closure(argument: Any) -> Any:
        is_vector = vector and kind != "vmap"
        return run(body, engine, [*values, argument], [*ranks, is_vector])

    if kind in ("grad", "vmap", "jit"):
        return getattr(engine, kind)(closure)(x)
    if kind == "jit twice":
        reused = engine.jit(closure)
        return engine.add(reused(x), reused(u))
    if kind == "jvp":
        return engine.sub(*engine.jvp(closure, x, u))
    value, derivative = getattr(engine, kind)(closure, x)
    return engine.sub(derivative(u), value)
