"""Affine expressions over loop counters and a lane number: where in a tensor an element is, or a vector of them.

An expression is ``(constant, ((symbol, coefficient), …))`` in the order of the symbols, which are numbers of recorded
values; `LANE` stands for 0, 1, 2, … in the lanes of a vector.
"""

from __future__ import annotations

Index = tuple[int, tuple[tuple[int, int], ...]]
Point = tuple[Index, ...]  # one expression for each dimension

LANE = 0
ZERO: Index = (0, ())
LANES: Index = (0, ((LANE, 1),))


def constant(value: int) -> Index:
    return (value, ())


def symbol(number: int) -> Index:
    return (0, ((number, 1),))


def add(x: Index, y: Index) -> Index:
    if not y[1]:
        return (x[0] + y[0], x[1]) if y[0] else x
    if not x[1]:
        return (x[0] + y[0], y[1])
    terms = dict(x[1])
    for number, coefficient in y[1]:
        terms[number] = terms.get(number, 0) + coefficient
    return (x[0] + y[0], tuple(sorted((n, c) for n, c in terms.items() if c)))


def scale(x: Index, factor: int) -> Index:
    if factor == 1:
        return x
    return (x[0] * factor, tuple((n, c * factor) for n, c in x[1])) if factor else ZERO


def lane_stride(x: Index) -> int:
    """By how much the expression grows from lane to lane."""
    return x[1][0][1] if x[1] and x[1][0][0] == LANE else 0


def first_lane(x: Index) -> Index:
    return (x[0], x[1][1:]) if x[1] and x[1][0][0] == LANE else x


def is_constant(x: Index) -> bool:
    return not x[1]


def has_lanes(point: Point) -> bool:
    return any(x[1] and x[1][0][0] == LANE for x in point)
