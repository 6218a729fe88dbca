"""vmap of every op against a Python loop, for every choice of batched operands; nested; batches of 0 and 1."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
import pytest
from derived import Function, apply, function_of, samples
from op_cases import assert_close

from lamina_compiler.opdef import REGISTRY, OpDef, Sample
from lamina_compiler.types import BY_SHORT_NAME, TensorType, type_of

OPS = [op for op in REGISTRY.values() if op.operands]
DTYPES = {BY_SHORT_NAME[name] for name in ("f64", "i32", "u8", "u32", "bool", "c128", "key<fry>")}

named = pytest.mark.parametrize("op", OPS, ids=[op.name for op in OPS])


def chosen(op: OpDef) -> list[Sample]:
    """Samples in a few dtypes: batching rules hardly look at them."""
    of_dtype = [s for s in samples(op) if s.operands[-1 if op.name == "select" else 0].dtype in DTYPES]
    return [s for s in of_dtype if max(x.size for x in s.operands) < 1000]


def variants(x: np.ndarray, size: int) -> np.ndarray:
    """A batch of rearrangements of x: other values, all of them valid where x is."""
    rolled = [np.roll(x.ravel(), i).reshape(x.shape) for i in range(size)]
    return np.stack(rolled) if rolled else np.empty((0, *x.shape), x.dtype)


def flags_of(op: OpDef) -> Iterator[tuple[bool, ...]]:
    """Which operands are batched: all ways, but of more than three operands only one, or all."""
    count = len(op.operands)
    return (
        flags
        for flags in product((False, True), repeat=count)
        if any(flags) and (count < 4 or sum(flags) in (1, count))
    )


def assert_is_loop(
    mapped: Function, f: Function, arrays: Sequence[np.ndarray], flags: Sequence[bool], size: int
) -> None:
    each = [f(*(x[i] if flag else x for x, flag in zip(arrays, flags, strict=True))) for i in range(size)]
    for got, want in zip(mapped(*arrays), zip(*each, strict=True), strict=True):
        assert_close(got, np.stack(want))


@named
def test_vmap_is_a_loop(op: OpDef) -> None:
    for sample in chosen(op):
        f = apply(op, sample)
        for flags, size in product(flags_of(op), (3, 1)):
            arrays = [variants(x, size) if flag else x for x, flag in zip(sample.operands, flags, strict=True)]
            assert_is_loop(f.vmap(flags, size), f, arrays, flags, size)


@named
def test_vmap_over_an_empty_batch(op: OpDef) -> None:
    sample = chosen(op)[0]
    f = apply(op, sample)
    for flags in flags_of(op):
        arrays = [variants(x, 0) if flag else x for x, flag in zip(sample.operands, flags, strict=True)]
        for got, type in zip(f.vmap(flags, 0)(*arrays), f.results, strict=True):
            assert type_of(got) == TensorType((0, *type.shape), type.dtype)


@named
def test_vmap_of_vmap_is_a_loop_of_loops(op: OpDef) -> None:
    for sample in chosen(op)[:2]:
        f = apply(op, sample)
        for inner, outer in product(flags_of(op), repeat=2):
            arrays = []
            for x, first, second in zip(sample.operands, inner, outer, strict=True):
                x = variants(x, 2) if first else x
                arrays.append(variants(x, 3) if second else x)
            mapped = f.vmap(inner, 2)
            assert_is_loop(mapped.vmap(outer, 3), mapped, arrays, outer, 3)


@pytest.mark.parametrize(
    "name", ["sin", "mul", "dot_general", "pad", "dynamic_slice", "reduce_prod", "reduce_max", "div"]
)
def test_vmap_commutes_with_derivatives(name: str) -> None:
    """vmap of vjp is vjp of vmap, where every operand is batched."""
    op = REGISTRY[name]
    rng = np.random.default_rng(4)
    for sample in [s for s in chosen(op) if s.operands[0].dtype == np.float64][:4]:
        f = apply(op, sample)
        argnums = f.differentiable_inputs
        every = [True] * len(op.operands)
        arrays = [variants(x, 3) for x in sample.operands]
        cotangent = rng.normal(size=(3, *f.results[0].shape))
        mapped_last = f.vjp(argnums).vmap([*every, True], 3)(*arrays, cotangent)
        mapped_first = f.vmap(every, 3).vjp(argnums)(*arrays, cotangent)
        for got, want in zip(mapped_last, mapped_first, strict=True):
            assert_close(got, want)


def test_what_does_not_depend_on_the_batch_is_not_batched() -> None:
    f64 = TensorType((3,), np.dtype(np.float64))
    f = function_of([f64, f64], lambda b, args: [b.sin(args[0]), b.mul(b.cos(args[0]), args[1])])
    mapped = f.vmap([False, True], 5)
    assert mapped.results == [f64, TensorType((5, 3), f64.dtype)]
    assert mapped.ops == ["sin", "cos", "broadcast_in_dim", "mul"]
