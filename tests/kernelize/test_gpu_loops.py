"""Loops as kernels of a GPU: on Vulkan they compute what the same loops in Python do; for CUDA they compile."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from random_loops import draw_loop

import lamina as la
import lamina.numpy as lnp
import lamina_runtime
from lamina import lax, tree_util
from lamina_compiler import backend, pipeline
from lamina_compiler.kernelize import machine
from lamina_compiler.mlir import enter, ir

DTYPES = ("float32", "float32", "int32", "bool", "int8", "uint16", "float16", "bfloat16")
TOLERANCE = {"float32": 2e-3, "float16": 0.05, "bfloat16": 0.1}
TOGETHER = 5  # programs in one module

on_vulkan = pytest.mark.skipif(not lamina_runtime.devices("vulkan"), reason="this machine has no Vulkan driver")
batches = pytest.mark.parametrize("batch", [0, 1, *(pytest.param(b, marks=pytest.mark.slow) for b in range(2, 20))])


def compared_vulkan(loops: list[tuple[Callable[..., Any], Any]]) -> None:
    loops = [(run, tree_util.tree_map(lnp.asarray, arrays)) for run, arrays in loops]
    with la.disable_jit(), np.errstate(all="ignore"):
        expected = [run(*arrays) for run, arrays in loops]
    together = la.jit(lambda all: [run(*a) for (run, _), a in zip(loops, all, strict=True)], device="vulkan")
    found = together([arrays for _, arrays in loops])
    for i, (got, want) in enumerate(zip(found, expected, strict=True)):
        pairs = list(zip(tree_util.tree_leaves(got), tree_util.tree_leaves(want), strict=True))
        tolerance = max(TOLERANCE.get(str(x.dtype), 0) for x, _ in pairs)
        for x, y in pairs:
            assert (x.dtype, x.shape) == (y.dtype, y.shape)
            a, b = (np.asarray(v).astype(float) for v in (x, y))
            np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance, err_msg=f"loop {i}")


def lowered(fun: Callable[..., Any], *args: Any, until: str = "kernelize", has_f64: bool = False) -> ir.Module:
    enter()
    module = ir.Module.parse(str(la.make_ir(fun, *args)))
    pipeline.run(module, until=until, has_f64=has_f64, vectors=None, has_host=False)
    return module


def random_loops(batch: int, *dtypes: str) -> list[tuple[Callable[..., Any], Any]]:
    loops = [draw_loop(TOGETHER * batch + i, dtypes, with_calls=False) for i in range(TOGETHER)]
    return [(run, (arrays,)) for run, arrays in loops]


@on_vulkan
@batches
def test_vulkan_kernels_compute_what_the_loops_say(batch: int) -> None:
    compared_vulkan(random_loops(batch, *DTYPES))


@on_vulkan
@batches
def test_loops_in_parts_on_vulkan(batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a thread could go round very few times."""
    monkeypatch.setattr(machine, "VULKAN", machine.VULKAN._replace(iterations=150))
    compared_vulkan(random_loops(100 + batch, *DTYPES))


@batches
def test_cuda_kernels_compile(batch: int) -> None:
    """Without complex numbers: of some programs with such, loops or not, IREE's compiler for CUDA dies."""
    with la.enable_x64():
        loops = random_loops(batch, *DTYPES, "float64", "int64")
        module = lowered(
            lambda all: [run(*a) for (run, _), a in zip(loops, all, strict=True)],
            [a for _, a in loops],
            until=pipeline.LAST,
            has_f64=True,
        )
    assert "gpu.thread_id" in str(module)
    stream = io.BytesIO()
    module.operation.write_bytecode(stream)
    assert b".maxntid" in backend.compile(stream.getvalue(), "cuda")


def steps(x: Any) -> Any:
    return lax.fori_loop(0, 1000, lambda i, v: v * 0.5 + lnp.tanh(v) + i * 1e-3, x)


def until(x: Any) -> Any:
    return lax.while_loop(lambda s: lnp.sum(s[1]) > 1, lambda s: (s[0] + 1, s[1] * 0.9), (np.int32(0), x))


def recurrent(w: Any, xs: Any) -> Any:
    def step(h: Any, x: Any) -> Any:
        h = lnp.tanh(h @ w + x)
        return h, h.sum()

    last, sums = lax.scan(step, xs[0], xs)
    return lnp.sum(last * last) + sums.mean()


def branches(x: Any) -> Any:
    def body(i: Any, v: Any) -> Any:
        return lax.cond(v[0] > i, lambda v: lnp.sort(v)[::-1] * 0.5, lambda v: lnp.roll(v, 1) + v.max(), v)

    return lax.fori_loop(0, 20, body, x)


def life(cells: Any) -> Any:
    def step(cells: Any, _: Any) -> Any:
        around: Any = sum(lnp.roll(cells.astype(np.int8), shift, (0, 1)) for shift in ((0, 1), (1, 0), (1, 1), (-1, 1)))
        return (around == 2) | (cells & (around == 3)), around.sum()

    return lax.scan(step, cells, None, length=10)


def walk(seed: Any) -> Any:
    def step(key: Any, _: Any) -> Any:
        key, used = la.random.split(key)
        return key, la.random.normal(used, (40,))

    return lax.scan(step, la.random.key(seed), None, length=6)[1]


def places(x: Any) -> Any:
    return lax.fori_loop(0, 5, lambda i, v: v.at[lnp.argmax(v)].set(-i), x)


RNG = np.random.default_rng(0)
W, XS = RNG.normal(size=(20, 20)).astype("f4") / 5, RNG.normal(size=(30, 20)).astype("f4")
LOOPS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "steps": (steps, (np.linspace(-1, 1, 16, dtype="f4"),)),
    "half": (steps, (np.linspace(-1, 1, 100, dtype="f2"),)),
    "until": (until, (np.linspace(1, 2, 301, dtype="f4"),)),
    "scan": (recurrent, (W, XS)),
    "gradient": (la.grad(recurrent, argnums=(0, 1)), (W, XS)),
    "batch": (la.vmap(recurrent, in_axes=(None, 0)), (W, np.stack([XS, XS[::-1], XS * 2]))),
    "batch of conditions": (la.vmap(until), (np.linspace(1, 2, 60, dtype="f4").reshape(4, 15),)),
    "life": (life, (RNG.random((9, 13)) < 0.4,)),
    "random": (walk, (3,)),
    "places": (places, (np.linspace(1, 2, 37, dtype="f4"),)),
}


@on_vulkan
@pytest.mark.parametrize("name", LOOPS)
def test_loops_on_vulkan(name: str) -> None:
    compared_vulkan([LOOPS[name]])


@on_vulkan
def test_loops_that_hold_what_has_no_kernel_stay_on_the_host_on_vulkan() -> None:
    compared_vulkan([(branches, (np.linspace(-3, 3, 12, dtype="f4"),))])


@on_vulkan
def test_long_loops_on_vulkan() -> None:
    """Mesa's software Vulkan leaves loops after 65,535 iterations of a thread."""
    count = la.jit(lambda x: lax.fori_loop(0, 200_003, lambda i, v: v + i % 2, x), device="vulkan")
    np.testing.assert_array_equal(count(np.zeros(40, np.int32)), np.full(40, 100_001))
    count = la.jit(lambda n: lax.while_loop(lambda i: i < n, lambda i: i + 1, 0), device="vulkan")
    assert int(count(150_001)) == 150_001
    filled = la.jit(lambda x: lax.scan(lambda i, _: (i + 1, i), x, None, length=100_000)[1], device="vulkan")
    np.testing.assert_array_equal(filled(np.int32(0)), np.arange(100_000))


@pytest.mark.parametrize("has_f64", [True, False])
def test_a_loop_is_one_dispatch(has_f64: bool) -> None:
    text = str(lowered(steps, LOOPS["steps"][1][0], until=pipeline.LAST, has_f64=has_f64))
    main = text[text.index("func.func @main") :]
    assert main.count("flow.dispatch") == 1
    assert "scf." not in main and "linalg." not in main
