"""Random nests of loops compute the same with what leaves them outside: interpreted before and after, and compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from random_nests import Nest, draw_nest

import lamina as la
from lamina import errors, tree_util
from lamina_compiler import functions, interpreter, mlir
from lamina_compiler.mlir import ir
from lamina_compiler.passes import hoist
from lamina_compiler.types import from_ir

TOLERANCE = {"float64": 1e-9, "complex64": 1e-3, "float32": 1e-3, "float16": 0.1, "bfloat16": 0.2}


def assert_close(got: Any, want: Any, seed: int) -> None:
    a, b = np.asarray(got), np.asarray(want)
    assert (a.dtype, a.shape) == (b.dtype, b.shape), seed
    tolerance = TOLERANCE.get(str(a.dtype), 0)
    scale = 1 + float(np.max(np.abs(b.astype(complex)), initial=0))
    np.testing.assert_allclose(
        a.astype(complex) / scale, b.astype(complex) / scale, tolerance, tolerance, err_msg=f"nest {seed}"
    )


def module_of(seed: int) -> tuple[ir.Module, list[np.ndarray]] | None:
    """The program before the pass, and arguments (captured arrays are more of them).

    None where a loop of unknown length has no reverse mode.
    """
    f, arguments = draw_nest(seed)
    try:
        text = la.make_ir(f, *arguments, stage="fuse")
    except errors.WhileReverseError:
        return None
    mlir.enter()
    module = ir.Module.parse(text)
    nest = Nest(seed)
    types = map(from_ir, functions.signature(functions.find(module, "main"))[0])
    return module, [np.asarray(nest.array(*t.shape).astype(t.dtype)) for t in types]


@pytest.mark.parametrize(
    "start", [*range(0, 120, 20), *(pytest.param(i, marks=pytest.mark.slow) for i in range(120, 2000, 20))]
)
def test_the_interpreter_finds_no_difference(start: int) -> None:
    changed = 0
    with la.enable_x64(), np.errstate(all="ignore"):
        for seed in range(start, start + 20):
            found = module_of(seed)
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


@pytest.mark.parametrize("start", [0, *(pytest.param(i, marks=pytest.mark.slow) for i in range(8, 80, 8))])
def test_compiled_is_eager(start: int) -> None:
    """Eight nests in one program."""
    with la.enable_x64(), np.errstate(all="ignore"):
        seeds = [seed for seed in range(start, start + 8) if module_of(seed) is not None]
        nests = [draw_nest(seed) for seed in seeds]
        found = la.jit(lambda all: [f(*x) for (f, _), x in zip(nests, all, strict=True)])([x for _, x in nests])
        for seed, (f, arguments), got in zip(seeds, nests, found, strict=True):
            for a, b in zip(*map(tree_util.tree_leaves, (got, f(*arguments))), strict=True):
                assert_close(a, b, seed)
