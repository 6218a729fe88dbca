"""Kernels, alone: without a host to call, and over sizes around those at which they change their ways."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from op_cases import Case, assert_compiled_is_reference, compiled_results

import lamina_runtime
from lamina_compiler.opdef import REGISTRY, Sample
from lamina_compiler.ops.matrix import positive_definite, random_matrix
from lamina_compiler.types import BY_SHORT_NAME, COMPLEX_OF

PLACES = [
    "cpu",
    pytest.param("vulkan", marks=pytest.mark.skipif(not lamina_runtime.devices("vulkan"), reason="no Vulkan")),
]
places = pytest.mark.parametrize("target", PLACES)


def _case(name: str, *operands: np.ndarray, **attributes: object) -> Case:
    return Case(f"{name}_0", REGISTRY[name], Sample(operands, attributes))


# ---- sorting --------------------------------------------------------------------------------------------------------

SPECIAL = np.array([np.nan, -np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-40, -1e-40])


def _unsorted(rng: np.random.Generator, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """Numbers of which many are equal, and among floats special ones."""
    dtype = BY_SHORT_NAME[name]
    if dtype.kind in "iub":
        high = 2 if name == "bool" else np.iinfo(dtype).max
        x = rng.integers(
            0 if dtype.kind in "ub" else np.iinfo(dtype).min, high, shape, np.uint64 if name == "u64" else np.int64
        )
        return np.where(rng.random(shape) < 0.3, x, x % 3).astype(dtype)

    def floats() -> np.ndarray:
        x = np.where(rng.random(shape) < 0.5, rng.normal(size=shape) * 100, rng.integers(-2, 3, shape))
        return np.where(rng.random(shape) < 0.2, rng.choice(SPECIAL, shape), x)

    with np.errstate(all="ignore"):
        return (floats() + 1j * floats() if dtype.kind == "c" else floats()).astype(dtype)


def _sorts() -> Iterator[Case]:
    rng, i32 = np.random.default_rng(0), BY_SHORT_NAME["i32"]
    shapes = [((2, 3, 2), 1), ((24,), 0), ((3, 25), 1), ((300, 2), 0), ((2, 257, 3), 1)]
    names = ("f32", "i16", "u8", "c64", "f16", "bf16", "bool", "u64", "f64", "i32")
    for turn, name in enumerate(names):
        chosen = shapes if name == "f32" else [shapes[turn % 5], shapes[(turn + 3) % 5]]
        for shape, axis in chosen:
            x = _unsorted(rng, name, shape)
            yield _case("sort", x, axis=axis)
            yield _case("argsort", x, axis=axis, dtype=i32 if turn % 2 else BY_SHORT_NAME["i64"])
            if axis == len(shape) - 1 and name != "c64":
                yield _case("top_k", x, k=min(9, shape[-1]))
    for n in (25, 300):
        for x in (np.zeros(n), np.full(n, np.nan), np.arange(n), -np.arange(n), np.full(n, np.inf)):
            x = x.astype(np.float32)
            yield from (_case("sort", x, axis=0), _case("argsort", x, axis=0, dtype=i32), _case("top_k", x, k=8))
    for n, k in ((301, 1), (301, 60), (301, 200), (70, 70), (64, 0)):
        yield _case("top_k", _unsorted(rng, "f32", (2, n)), k=k)


def _long_sorts() -> Iterator[Case]:
    rng, i32 = np.random.default_rng(1), BY_SHORT_NAME["i32"]
    for name in ("f32", "i64", "u8"):
        x = _unsorted(rng, name, (5003,))
        yield from (_case("sort", x, axis=0), _case("argsort", x, axis=0, dtype=i32), _case("top_k", x, k=33))
    for x in (np.arange(5003), -np.arange(5003), np.zeros(5003)):
        yield _case("top_k", x.astype(np.float32), k=33)


@places
def test_sorts(target: str) -> None:
    found = list(_sorts())
    assert_compiled_is_reference(found if target == "cpu" else [found[0], found[1], found[9]], target, has_host=False)


def test_long_sorts() -> None:
    assert_compiled_is_reference(list(_long_sorts()), has_host=False)


def test_equal_zeros_keep_their_order() -> None:
    x = np.tile(np.array([0.0, -0.0, 1.0], np.float32), 50)
    ((got,),) = compiled_results([_case("sort", x, axis=0)], has_host=False)
    np.testing.assert_array_equal(np.signbit(got[:100]), [False, True] * 50)


def _searches() -> Iterator[Case]:
    rng, i64 = np.random.default_rng(7), BY_SHORT_NAME["i64"]
    for turn, n in enumerate((1, 2, 3, 8, 100, 1023)):
        for side in ("left", "right"):
            for name in ("f32", "u8" if turn % 2 else "bf16"):
                a = _unsorted(rng, name, (2, n))
                a = np.sort(a.astype(np.float32), -1).astype(a.dtype)
                v = np.concatenate([rng.choice(a, 17, axis=1), _unsorted(rng, name, (2, 20))], axis=1)
                yield _case("searchsorted", a, v, side=side, batch_dimensions=1, dtype=i64)
    a, v = np.sort(_unsorted(rng, "i32", (700,))), _unsorted(rng, "i32", (3, 4099))  # several parts
    yield _case("searchsorted", a, v, side="left", batch_dimensions=0, dtype=i64)


def test_searches() -> None:
    assert_compiled_is_reference(list(_searches()), has_host=False)


# ---- linear algebra -------------------------------------------------------------------------------------------------

LINALG_DTYPES = [BY_SHORT_NAME[name] for name in ("f32", "c64", "f64", "c128")]


def _solves(rng: np.random.Generator, dtype: np.dtype, n: int, count: int) -> Iterator[Case]:
    names = ("left_side", "lower", "transpose_a", "conjugate_a", "unit_diagonal")
    attributes = {name: bool(rng.integers(2)) for name in names}
    a = random_matrix(rng, dtype, (2, n, n)) * dtype.type(0.3) + 3 * np.eye(n, dtype=dtype)
    y = random_matrix(rng, dtype, (2, n, count) if attributes["left_side"] else (2, count, n))
    yield _case("triangular_solve", a.astype(dtype), y, **attributes)


def _factorizations() -> Iterator[Case]:
    rng = np.random.default_rng(2)
    for turn, dtype in enumerate(LINALG_DTYPES):
        for n in (2, 9, 19) if turn == 0 else (9 + 4 * turn,):
            x = positive_definite(rng, dtype, (2, n, n))
            x[1, n // 2, n // 2] = -1  # has no factor
            yield _case("cholesky", x)
            yield _case("lu", random_matrix(rng, dtype, (2, n, max(1, n + 5 * (turn - 2)))))
            yield from _solves(rng, dtype, n, 1 + turn)
            yield from _solves(rng, dtype, n, 17)
        singular = random_matrix(rng, dtype, (9, 9))
        singular[:, 4] = 0
        yield _case("lu", singular)


def _triangulations() -> Iterator[Case]:
    rng = np.random.default_rng(5)
    for turn, dtype in enumerate(LINALG_DTYPES):
        for m, n, pivoting, full in (
            (9, 9, turn % 2 == 1, False),
            (20, 17, turn == 0, True),
            (7, 18, turn == 2, False),
        ):
            x = random_matrix(rng, dtype, (2, m, n))
            x[1, :, 3] = 0
            yield _case("qr", x, pivoting=pivoting, full_matrices=full)
        yield _case("geqrf", random_matrix(rng, dtype, (2, 5 + 6 * turn, 17)))
        yield _case("geqrf", random_matrix(rng, dtype, (2, 45, 7 + 6 * turn)))


def _tridiagonal_systems() -> Iterator[Case]:
    rng = np.random.default_rng(6)
    for turn, dtype in enumerate(LINALG_DTYPES):
        for n, count in ((1, 1), (2, 1), (9, 20), (40, 3)):
            dl, d, du = (random_matrix(rng, dtype, (3, n)) for _ in range(3))
            dl[1, n // 2] = d[1, max(n // 2 - 1, 0)] = du[1, max(n // 2 - 2, 0)] = 0
            d[2] += 4
            operands = (dl, d, du, random_matrix(rng, dtype, (3, n, count)))
            yield _case("tridiagonal_solve", *operands, perturb_singular=(turn + n) % 2 == 0)


@places
def test_factorizations(target: str) -> None:
    found = list(_factorizations())
    assert_compiled_is_reference(found if target == "cpu" else found[:4], target, 50, has_host=False)


@places
def test_reflectors_and_tridiagonal_systems(target: str) -> None:
    found = [*_tridiagonal_systems(), *_triangulations()]
    assert_compiled_is_reference(found if target == "cpu" else [found[2], found[16]], target, 50, has_host=False)


# ---- Fourier transforms ---------------------------------------------------------------------------------------------


def _transform(rng: np.random.Generator, name: str, shape: tuple[int, ...], kind: str) -> Case:
    """Of the last dimensions but the first."""
    dtype = BY_SHORT_NAME[name]
    taken = (*shape[:-1], shape[-1] // 2 + 1) if kind == "irfft" else shape
    x = random_matrix(rng, dtype if kind == "rfft" else COMPLEX_OF[dtype], taken)
    return _case("fft", x, kind=kind, lengths=shape[1:])


def _transforms() -> Iterator[Case]:
    rng, kinds = np.random.default_rng(3), ("fft", "ifft", "rfft", "irfft")
    lengths = (1, 2, 5, 8, 13, 16, 17, 32, 48, 77, 100, 127, 128, 243, 256, 360, 512, 1000, 1021, 1024)
    for turn, n in enumerate(lengths):
        yield _transform(rng, "f64" if turn % 3 == 0 else "f32", (2, n), kinds[(turn + turn // 4) % 4])
    for n, kind in ((2, "irfft"), (16, "ifft"), (17, "rfft"), (127, "irfft"), (1000, "rfft"), (1024, "irfft")):
        yield _transform(rng, "f32", (2, n), kind)
    for turn, shape in enumerate([(3, 5), (16, 16), (17, 32), (6, 40), (4, 3, 16), (20, 7)]):
        yield _transform(rng, "f32", (2, *shape), kinds[turn % 4])
        yield _transform(rng, "f64", (1, *shape), kinds[(turn + 2) % 4])
    for n in (3 << 17, 70_001):
        yield _transform(rng, "f32", (1, n), "fft")


def _assert_transforms(found: list[Case], target: str) -> None:
    """Within some roundings of the length of the result."""
    wrong = []
    for case, (got,) in zip(found, compiled_results(found, target, has_host=False), strict=True):
        (want,) = case.op.evaluate(case.sample.operands, case.sample.attributes)
        error = np.linalg.norm(got - want) / np.linalg.norm(want) / np.finfo(want.dtype).eps
        if error > 8 or got.dtype != want.dtype or got.shape != want.shape:
            wrong.append((case.types, case.sample.attributes, error))
    assert not wrong


def test_transforms() -> None:
    _assert_transforms(list(_transforms()), "cpu")


@pytest.mark.skipif(not lamina_runtime.devices("vulkan"), reason="no Vulkan")
def test_transforms_on_vulkan() -> None:
    rng = np.random.default_rng(4)
    _assert_transforms([_transform(rng, "f32", (2, 3, 6), "rfft")], "vulkan")
