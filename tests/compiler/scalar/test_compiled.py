"""Compiled by IREE: the same results as NumPy evaluation, in scalar (N = 1), odd (3) and vector (16) code.

IREE contracts products and sums into fma, so floats may differ by an ulp or two; integers and conversions are equal.
"""

from itertools import groupby

import numpy as np
import pytest
from test_convert import REAL, values
from test_integer import MODELS, UNARY_MODELS, expected, operands

from lamina_compiler import scalar
from lamina_compiler.scalar.value import TYPES
from lamina_tools.accuracy import Program, compile_programs
from lamina_tools.exact import REFERENCES, errors_in_ulp, sample_points

SIZES = (1, 3, 16)
COMPLEX = ("exp", "log", "log1p", "sqrt", "sin", "cosh", "tanh", "asin", "acos", "atanh")


def blocks(size, *arrays):
    """The arrays in pieces of `size` elements, the last one filled up with leading elements."""
    count = -(-len(arrays[0]) // size)
    return [[np.resize(a, count * size)[i * size :][:size].copy() for a in arrays] for i in range(count)]


def run_all(run, program, size, *arrays):
    """Results over all points, run block by block."""
    results = [run(f"{program}_{size}", *block) for block in blocks(size, *arrays)]
    if isinstance(results[0], tuple):
        return [np.concatenate(r)[: len(arrays[0])] for r in zip(*results, strict=True)]
    return [np.concatenate(results)[: len(arrays[0])]]


def all_of(names):
    return lambda *args: tuple(getattr(scalar, n)(*args) for n in names)


@pytest.mark.parametrize(
    ("dtype", "has_f64"),
    [
        ("f32", True),
        pytest.param("f64", True, marks=pytest.mark.slow),
        pytest.param("f32", False, marks=pytest.mark.slow),
    ],
)
def test_elementary_functions(dtype, has_f64):
    groups = groups_of_one_arity(REFERENCES)
    sizes = {i: SIZES if REFERENCES[group[0]].draw is None else (3,) for i, group in enumerate(groups)}
    programs = {
        f"{i}_{size}": Program(all_of(group), (dtype,) * REFERENCES[group[0]].operands, size, has_f64=has_f64)
        for i, group in enumerate(groups)
        for size in sizes[i]
    }
    run = compile_programs(programs)
    rng = np.random.default_rng(7)
    for i, group in enumerate(groups):
        for j, name in enumerate(group):
            points = sample_points(name, TYPES[dtype].dtype, 64, rng)
            for size in sizes[i]:
                result = run_all(run, str(i), size, *points)[j]
                errors = errors_in_ulp(name, points, result)
                at = [p[np.argmax(errors)] for p in points]
                assert errors.max() <= REFERENCES[name].bound, (
                    f"{name} of {size} elements is {errors.max()} ulp off at {at}"
                )


def groups_of_one_arity(names, most=24):
    """Functions of as many operands and one way of drawing points; a dispatch has at most 32 buffers."""

    def kind(name):
        return REFERENCES[name].operands, REFERENCES[name].draw is None

    groups = [list(group) for _, group in groupby(sorted(names, key=kind), kind)]
    return [group[i : i + most] for group in groups for i in range(0, len(group), most)]


def test_special_values_do_not_depend_on_the_code_shape():
    x = np.float32([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 2.0, 3e38, -3e38, 1e-40, 0.5])
    groups = groups_of_one_arity(n for n in REFERENCES if REFERENCES[n].operands == 1)
    pairs = [a.ravel() for a in np.meshgrid(x, x)]
    programs = {f"1.{i}_{s}": Program(all_of(g), ("f32",), s) for i, g in enumerate(groups) for s in SIZES}
    binary = ("pow", "atan2", "hypot", "remainder", "maximum", "nextafter")
    programs |= {f"2_{s}": Program(all_of(binary), ("f32", "f32"), s) for s in SIZES}
    run = compile_programs(programs)
    flushed = {"sqrt", "rsqrt"}  # one instruction each, which takes subnormals for zero
    for size in SIZES:
        unary = [(f"1.{i}", group, [x]) for i, group in enumerate(groups)]
        for program, functions, arguments in (*unary, ("2", binary, pairs)):
            for name, result in zip(functions, run_all(run, program, size, *arguments), strict=True):
                reference = scalar.evaluate(getattr(scalar, name), *arguments)
                subnormal = np.any([np.abs(a) == np.float32(1e-40) for a in arguments], axis=0)
                checked = ~subnormal if name in flushed else np.full(len(result), True)
                np.testing.assert_allclose(result[checked], reference[checked], rtol=4e-7, err_msg=name)
                np.testing.assert_array_equal(
                    np.signbit(result)[checked & ~np.isnan(reference)],
                    np.signbit(reference)[checked & ~np.isnan(reference)],
                    err_msg=name,
                )


@pytest.mark.parametrize(
    "width", [8, pytest.param(16, marks=pytest.mark.slow), 32, pytest.param(64, marks=pytest.mark.slow)]
)
def test_integers(width):
    types = [f"{kind}{width}" for kind in "iu"]
    programs = {}
    for t in types:
        for size in SIZES:
            programs[f"{t}_{size}"] = Program(all_of(MODELS), (t, t), size)
            programs[f"{t}_unary_{size}"] = Program(all_of(UNARY_MODELS), (t,), size)
    run = compile_programs(programs)
    for t in types:
        dtype = TYPES[t].dtype
        for size in SIZES:
            for name, result in zip(MODELS, run_all(run, t, size, *operands(dtype)), strict=True):
                np.testing.assert_array_equal(result, expected(name, dtype), err_msg=f"{name} {t} × {size}")
            x = operands(dtype)[0]
            for name, result in zip(UNARY_MODELS, run_all(run, f"{t}_unary", size, x), strict=True):
                reference = scalar.evaluate(getattr(scalar, name), x)
                np.testing.assert_array_equal(result, reference, err_msg=f"{name} {t} × {size}")


@pytest.mark.parametrize("group", [REAL[1:9:2], REAL[2:9:2], REAL[9:]])
def test_conversions(group):
    def to_all(source):
        # i1 results leave as i8: IREE's runtime has no view of single bits
        targets = [t for t in REAL if t != "bool"]
        return lambda x: tuple(scalar.convert(x, t) for t in targets if t != source)

    programs = {f"{s}_{size}": Program(to_all(s), (s,), size) for s in group for size in SIZES}
    run = compile_programs(programs)
    for source in group:
        x = values(source)
        reference = scalar.evaluate(to_all(source), x)
        for size in SIZES:
            for result, want in zip(run_all(run, source, size, x), reference, strict=True):
                np.testing.assert_array_equal(
                    result.view(f"u{result.itemsize}")[~(want != want)],
                    want.view(f"u{want.itemsize}")[~(want != want)],
                    err_msg=f"{source} to {want.dtype} × {size}",
                )
                assert np.array_equal(result != result, want != want)


def test_remainder_is_exact():
    rng = np.random.default_rng(8)
    programs, arguments = {}, {}
    for t, dtype, has_f64 in (("f32", np.float32, True), ("f64", np.float64, True), ("f32n", np.float32, False)):
        finfo = np.finfo(dtype)
        arguments[t] = [
            np.ldexp(rng.uniform(-2, 2, 96), rng.integers(finfo.minexp + 60, finfo.maxexp - 1, 96)).astype(dtype)
            for _ in range(2)
        ]
        for size in SIZES:
            programs[f"{t}_{size}"] = Program(scalar.remainder, (t[:3],) * 2, size, has_f64=has_f64)
    run = compile_programs(programs)
    for t, xs in arguments.items():
        exact = np.fmod(*xs)
        normal = np.abs(exact) >= np.finfo(exact.dtype).tiny
        for size in SIZES:
            (result,) = run_all(run, t, size, *xs)
            np.testing.assert_array_equal(result[normal], exact[normal])


@pytest.mark.slow
def test_complex():
    z = (np.linspace(-2, 2, 48) + 1j * np.linspace(3, -1, 48)).astype(np.complex64)
    programs = {f"c64_{size}": Program(all_of(COMPLEX), ("c64",), size) for size in (1, 16)}
    programs["c128_3"] = Program(all_of(("exp", "asin", "sqrt")), ("c128",), 3)
    programs["divide_16"] = Program(scalar.divide, ("c64", "c64"), 16)
    run = compile_programs(programs)
    for size in (1, 16):
        for name, result in zip(COMPLEX, run_all(run, "c64", size, z), strict=True):
            np.testing.assert_allclose(result, scalar.evaluate(getattr(scalar, name), z), rtol=3e-7, err_msg=name)
    wide = z.astype(np.complex128)
    for name, result in zip(("exp", "asin", "sqrt"), run_all(run, "c128", 3, wide), strict=True):
        np.testing.assert_allclose(result, scalar.evaluate(getattr(scalar, name), wide), rtol=1e-15, err_msg=name)
    np.testing.assert_allclose(run_all(run, "divide", 16, z, z[::-1].copy())[0], z / z[::-1], rtol=3e-7)


def test_half_precision():
    names = ("sin", "exp", "log", "sqrt", "floor")
    x = np.linspace(0.1, 9, 48)
    programs = {f"{t}_{size}": Program(all_of(names), (t,), size) for t in ("f16", "bf16") for size in SIZES}
    run = compile_programs(programs)
    for t in ("f16", "bf16"):
        points = x.astype(TYPES[t].dtype)
        for size in SIZES:
            for name, result in zip(names, run_all(run, t, size, points), strict=True):
                np.testing.assert_array_equal(result, scalar.evaluate(getattr(scalar, name), points), err_msg=name)
