"""Random loops compute the same with what leaves them outside: interpreted before and after, and compiled.

Sums leave the loops whether it pays or not.
"""

from __future__ import annotations

import numpy as np
import pytest
from closeness import assert_close
from random_nests import draw_nest
from random_sums import draw_sums

import lamina as la
from lamina import errors, tree_util
from lamina_compiler import functions, interpreter, mlir
from lamina_compiler.hoist import sums
from lamina_compiler.mlir import ir
from lamina_compiler.passes import hoist
from lamina_compiler.types import TensorType, from_ir

DRAW = {"nest": draw_nest, "sums": draw_sums}


@pytest.fixture(autouse=True)
def _whatever_it_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sums, "WORTH", 0)
    monkeypatch.setattr(sums, "FACTOR", 0)


def random_array(type: TensorType, rng: np.random.Generator) -> np.ndarray:
    if type.dtype.kind in "iub":
        return rng.integers(-2, 3, type.shape).astype(type.dtype)
    return (rng.normal(size=type.shape) + (1j * rng.normal(size=type.shape) if type.dtype.kind == "c" else 0)).astype(
        type.dtype
    )


def module_of(kind: str, seed: int) -> tuple[ir.Module, list[np.ndarray]] | None:
    """The program before the pass, and arguments (captured arrays are more of them).

    None where a loop of unknown length has no reverse mode.
    """
    f, arguments = DRAW[kind](seed)
    try:
        text = la.make_ir(f, *arguments, stage="fuse")
    except errors.WhileReverseError:
        return None
    mlir.enter()
    module, rng = ir.Module.parse(text), np.random.default_rng(seed)
    types = map(from_ir, functions.signature(functions.find(module, "main"))[0])
    return module, [random_array(type, rng) for type in types]


@pytest.mark.parametrize("kind", DRAW)
@pytest.mark.parametrize(
    "start", [*range(0, 120, 20), *(pytest.param(i, marks=pytest.mark.slow) for i in range(120, 2000, 20))]
)
def test_the_interpreter_finds_no_difference(kind: str, start: int) -> None:
    changed = 0
    with la.enable_x64(), np.errstate(all="ignore"):
        for seed in range(start, start + 20):
            found = module_of(kind, seed)
            if found is None:
                continue
            module, arguments = found
            before, text = interpreter.run_named(module, "main", arguments), str(module)
            hoist.run(module)
            assert module.operation.verify()
            changed += str(module) != text
            for got, want in zip(interpreter.run_named(module, "main", arguments), before, strict=True):
                assert_close(got, want, seed)
    assert changed >= 5


@pytest.mark.parametrize("kind", DRAW)
@pytest.mark.parametrize("start", [0, *(pytest.param(i, marks=pytest.mark.slow) for i in range(8, 80, 8))])
def test_compiled_is_eager(kind: str, start: int) -> None:
    """Eight of them in one program."""
    with la.enable_x64(), np.errstate(all="ignore"):
        seeds = [seed for seed in range(start, start + 8) if module_of(kind, seed) is not None]
        drawn = [DRAW[kind](seed) for seed in seeds]
        found = la.jit(lambda all: [f(*x) for (f, _), x in zip(drawn, all, strict=True)])([x for _, x in drawn])
        for seed, (f, arguments), got in zip(seeds, drawn, found, strict=True):
            for a, b in zip(*map(tree_util.tree_leaves, (got, f(*arguments))), strict=True):
                assert_close(a, b, seed)
