"""Every op in every dtype that Vulkan has, compiled for it: the result is the reference's."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest
from op_cases import LONG_FAMILIES, Case, assert_compiled_is_reference, build, compiled_cases

import lamina_runtime
from lamina_compiler import functions, pipeline
from lamina_compiler.errors import NoFloat64
from lamina_compiler.opdef import REGISTRY, Sample

pytestmark = pytest.mark.skipif(not lamina_runtime.devices("vulkan"), reason="this machine has no Vulkan driver")

GROUP_SIZE = 60
# Shader compilers round a division up to 2.5 ulp wide and have no fused multiply-add to rely on.
SCALE = 2.0


def _has_f64(case: Case) -> bool:
    dtypes = {str(x.dtype) for x in case.sample.operands} | {case.dtype, str(case.sample.attributes.get("dtype"))}
    return not dtypes.isdisjoint({"float64", "complex128"})


def _selection() -> tuple[list[Case], list[Case]]:
    """Every op in f32 and in one other dtype, another from op to op; and the rest."""
    cases = [case for case in compiled_cases() if not _has_f64(case)]
    cases.sort(key=lambda case: (case.op.family, case.op.name))
    chosen, rest = [], []
    for turn, (_, same) in enumerate(groupby(cases, lambda case: case.op.name)):
        by_dtype: dict[str, list[Case]] = {}
        for case in same:
            by_dtype.setdefault(case.dtype, []).append(case)
        others = [dtype for dtype in by_dtype if dtype != "float32"]
        kept = {"float32", *others[turn % len(others) :][:1]} if others else {"float32"}
        for dtype, members in by_dtype.items():
            op = members[0].op
            quick = op.family not in LONG_FAMILIES or op.name in ("erf", "lgamma", "igamma")
            (chosen if dtype in kept and quick else rest).extend(members)
    return chosen, rest


def _groups(cases: list[Case]) -> list[list[Case]]:
    return [cases[i : i + GROUP_SIZE] for i in range(0, len(cases), GROUP_SIZE)]


CHOSEN, REST = _selection()
GROUPS = [
    *(pytest.param(group, id=f"chosen_{i}") for i, group in enumerate(_groups(CHOSEN))),
    *(pytest.param(group, id=f"rest_{i}", marks=pytest.mark.slow) for i, group in enumerate(_groups(REST))),
]


@pytest.mark.parametrize("cases", GROUPS)
def test_compiled_is_reference(cases: list[Case]) -> None:
    assert_compiled_is_reference(cases, "vulkan", SCALE)


def _case(number: int, name: str, *operands: np.ndarray, **attributes: object) -> Case:
    return Case(f"{name}_{number}", REGISTRY[name], Sample(operands, attributes))


def _divisions() -> list[Case]:
    """Every pair of edges, and random pairs of all magnitudes; 64-bit division is emulated on Vulkan."""
    rng = np.random.default_rng(0)
    found = []
    for dtype in (np.dtype(f"{kind}{size}") for kind in "iu" for size in (1, 2, 4, 8)):
        info, width = np.iinfo(dtype), 8 * dtype.itemsize
        edges = [info.min, info.min + 1, info.max, info.max - 1, info.max // 2, info.max // 3, 0, 1, 2, 3, 7, 10]
        edges += [-1, -2, -3, -10] if dtype.kind == "i" else []
        edges += [(1 << (width // 2)) + d for d in (-1, 0, 1)] if width > 8 else []
        pairs = np.array(np.meshgrid(*[np.array(edges, dtype)] * 2)).reshape(2, -1)
        wide = np.frombuffer(rng.bytes(600 * dtype.itemsize), dtype) >> rng.integers(0, width, 600).astype(dtype)
        x, y = np.concatenate([pairs, wide.reshape(2, -1)], axis=1)
        found += [_case(len(found), name, x, y) for name in ("div", "rem")]
    return found


def test_integer_division_at_its_edges() -> None:
    assert_compiled_is_reference(_divisions(), "vulkan", SCALE)


def _shapes() -> list[Case]:
    """Long reductions, narrow elements, sizes around those of workgroups, rank 0 and no elements."""
    rng = np.random.default_rng(1)
    f32, i32 = np.dtype(np.float32), np.dtype(np.int32)
    found: list[Case] = []

    def add(name: str, *operands: np.ndarray, **attributes: object) -> None:
        found.append(_case(len(found), name, *operands, **attributes))

    long = rng.integers(-3, 4, 100_003)  # sums of these are exact in f32
    for x in (long.astype(np.float32), long.astype(np.int32), long.astype(np.int8)):
        add("reduce_sum", x, axes=(0,))
        add("argmax", x, axis=0, dtype=i32)
    late = np.zeros((2, 150_000), f32)  # beyond the 65,535 iterations after which lavapipe leaves a loop
    late[0, 149_998:], late[1, 70_001] = -1, -1
    add("argmin", late, axis=1, dtype=i32)
    add("argmax", -late.T, axis=0, dtype=i32)
    for size in (1023, 1024, 1025, 5000):
        add("reduce_max", rng.standard_normal((3, size)).astype(f32), axes=(1,))
        add("reduce_sum", rng.integers(0, 2, (size, 3)).astype(f32), axes=(0,))
    add("reduce_and", np.arange(70_000) != 69_999, axes=(0,))
    add("reduce_prod", np.where(np.arange(3000) % 1000 == 7, 2, 1).astype(f32), axes=(0,))
    for dtype in (np.bool_, np.uint8, np.int16, np.float16):
        for size in (1, 3, 5, 17):
            x = rng.integers(0, 2, (size, 3)).astype(dtype)
            add("transpose", x, permutation=(1, 0))
            add("concatenate", x, x[:1], dimension=0)
    inner = {"lhs_contracting": (1,), "rhs_contracting": (0,), "lhs_batch": (), "rhs_batch": (), "dtype": f32}
    for m, k, n in ((1, 1, 1), (1, 300, 1), (7, 33, 5), (64, 64, 64), (3, 0, 4), (0, 3, 4)):
        add("dot_general", *(rng.integers(-2, 3, s).astype(f32) for s in ((m, k), (k, n))), **inner)
    none, one = np.zeros((0, 3), f32), np.array(2, f32)
    for x in (none, one):
        add("add", x, x)
        add("exp", x)
        add("convert", x, dtype=np.dtype(np.bool_))
        add("reduce_sum", x, axes=tuple(range(x.ndim)))
        add("reshape", x, shape=(1, x.size))
    add("concatenate", none, np.ones((2, 3), f32), dimension=0)
    add("pad", none, one, low=(2, 0), high=(0, 1), interior=(3, 0))
    add("dynamic_slice", np.arange(10, dtype=np.int8), np.array([7], i32), sizes=(5,), batch_dimensions=0)
    add("dynamic_update_slice", np.zeros(10, bool), np.ones(3, bool), np.array([-4], i32), batch_dimensions=0)
    return found


def test_shapes() -> None:
    assert_compiled_is_reference(_shapes(), "vulkan", SCALE)


@pytest.mark.parametrize(
    ("operands", "attributes", "name", "what"),
    [
        ((np.ones(3),), {}, "sin", "argument 0 of `sin_0` is float64"),
        ((np.ones(3, complex),), {}, "sin", "argument 0 of `sin_0` is complex128"),
        ((np.ones(3, np.float32),), {"dtype": np.dtype(float)}, "convert", "the result of `convert` is float64"),
    ],
)
def test_float64_is_refused_before_lowering(
    operands: tuple[np.ndarray, ...], attributes: dict[str, object], name: str, what: str
) -> None:
    module = functions.new_module()
    build(module, _case(0, name, *operands, **attributes))
    with pytest.raises(NoFloat64, match=what):
        pipeline.run(module, has_f64=False)


def test_float64_that_is_simplified_away_does_no_harm() -> None:
    module = functions.new_module()
    function = build(module, _case(0, "convert", np.ones(3, np.float32), dtype=np.dtype(float)))
    function.erase()
    build(module, _case(1, "sin", np.ones(3, np.float32)))
    pipeline.run(module, has_f64=False)
