"""Nested transformations and control flow of random programs: eager against an oracle of dual numbers, compiled
against eager."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

import dual_numbers
import lamina_engine
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from programs import Place, Program, depth_of, draw, run

import lamina as la

POINTS = [np.array([0.3, -1.1, 0.7]), np.array([1.9, 0.2, -0.4])]
RANKS = [True, True]
HERE = Place(vector=True, variables=2)
UNDER_GRAD = HERE._replace(around=("grad",))
ONE = np.float64(1)


@pytest.fixture(autouse=True)
def x64() -> Iterator[None]:
    before = la.config.enable_x64
    la.config.update("enable_x64", True)
    yield
    la.config.update("enable_x64", before)


def evaluate(program: Program, engine: Any, *points: Any) -> Any:
    return run(program, engine, list(points), RANKS)


def assert_close(got: Any, want: Any) -> None:
    want = np.asarray(want)
    np.testing.assert_allclose(np.asarray(got), want, rtol=1e-10, atol=1e-10 * (1 + np.max(np.abs(want))))


# ---- against dual numbers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
@settings(max_examples=80, deadline=None, database=None)
@given(random=st.randoms(use_true_random=False))
def test_eager_is_the_oracle(depth: int, random: Random) -> None:
    program = draw(random, depth, HERE)
    assert depth_of(program) == depth
    assert_close(evaluate(program, lamina_engine, *POINTS), evaluate(program, dual_numbers, *POINTS))


@pytest.mark.slow
@pytest.mark.parametrize("depth", [4, 5, 6])
@settings(max_examples=400, deadline=None, database=None)
@given(random=st.randoms(use_true_random=False))
def test_eager_is_the_oracle_in_deep_nests(depth: int, random: Random) -> None:
    program = draw(random, depth, HERE)
    assert_close(evaluate(program, lamina_engine, *POINTS), evaluate(program, dual_numbers, *POINTS))


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, 2000, 250))
def test_thousands_of_programs_are_the_oracle(start: int) -> None:
    for seed in range(start, start + 250):
        program = draw(Random(seed), 4, HERE)
        try:
            assert_close(evaluate(program, lamina_engine, *POINTS), evaluate(program, dual_numbers, *POINTS))
        except AssertionError as difference:
            raise AssertionError(f"{program}: {difference}") from None


@pytest.mark.parametrize("depth", [2, 4])
@settings(max_examples=6, deadline=None, database=None)
@given(random=st.randoms(use_true_random=False))
def test_gradients_of_programs_are_finite_differences(depth: int, random: Random) -> None:
    """The outermost derivative by differences of Lamina's own values; the rules of custom functions are true here."""
    program = draw(random, depth, UNDER_GRAD)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lamina_engine, "RULE_FACTOR", ONE)
        check_gradient(program)


def check_gradient(program: Program) -> None:
    def f(x: Any) -> Any:
        return lamina_engine.total(evaluate(program, lamina_engine, x, POINTS[1]))

    gradient = np.asarray(la.grad(f)(POINTS[0]))
    step = 1e-4
    for i, unit in enumerate(np.eye(3) * step):
        a, b, c, d = (float(f(POINTS[0] + k * unit)) for k in (-2, -1, 1, 2))
        difference = (a - d + 8 * (c - b)) / (12 * step)
        assert abs(gradient[i] - difference) <= 1e-6 * (1 + abs(difference))


def test_threads_trace_side_by_side() -> None:
    """They share one MLIR context; each has programs of its own, and errors of its own."""

    def work(first: int) -> None:
        for seed in range(first, first + 8):
            program = draw(Random(seed), 3, HERE)
            before = evaluate(program, lamina_engine, *POINTS)
            la.make_ir(lambda x, y, p=program: evaluate(p, lamina_engine, x, y), *POINTS, stage="simplify")
            with contextlib.suppress(la.errors.LaminaError):  # no scalar, or no derivative in reverse
                la.grad(lambda x, p=program: evaluate(p, lamina_engine, x, POINTS[1]))(POINTS[0])
            np.testing.assert_array_equal(evaluate(program, lamina_engine, *POINTS), before)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(30_000, 30_400, 100)))


# ---- compiled -------------------------------------------------------------------------------------------------------


@pytest.fixture
def rational_functions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Functions of few instructions instead of the transcendental ones, so that more programs can be compiled."""
    monkeypatch.setattr(lamina_engine, "sin", lambda x: x / (ONE + x * x))
    monkeypatch.setattr(lamina_engine, "cos", lambda x: ONE / (ONE + x * x))
    monkeypatch.setattr(lamina_engine, "tanh", lambda x: x / (2 * ONE + x * x))


def compiled_against_eager(programs: list[Program]) -> None:
    """Many programs in one compiled function."""

    def together(x: Any, y: Any) -> list[Any]:
        return [evaluate(program, lamina_engine, x, y) for program in programs]

    for program, got in zip(programs, la.jit(together)(*POINTS), strict=True):
        want = evaluate(program, lamina_engine, *POINTS)
        try:
            assert_close(got, want)
        except AssertionError as difference:
            raise AssertionError(f"{program}: {difference}") from None


def test_compiled_is_eager() -> None:
    compiled_against_eager([draw(Random(seed), 1 + seed % 4, HERE) for seed in range(6)])


@pytest.mark.slow
@pytest.mark.usefixtures("rational_functions")
@pytest.mark.parametrize("start", range(20_000, 20_200, 10))
def test_more_compiled_is_eager(start: int) -> None:
    """Ten programs of depth 4 in each compiled function."""
    compiled_against_eager([draw(Random(seed), 4, HERE) for seed in range(start, start + 10)])
