"""Elementwise functions against NumPy in wider precision: dtypes, shapes, special values; eager and compiled."""

import re

import ml_dtypes
import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina.errors import DTypeError, NonArrayArgumentError, ShapeError

EXACT = (
    "negative positive sign absolute square floor ceil trunc round logical_not real conj isfinite isnan isinf iscomplex"
)
FLOATING = """sqrt cbrt exp exp2 expm1 log log1p log2 log10 sin cos tan arcsin arccos arctan sinh cosh tanh
arcsinh arccosh arctanh deg2rad rad2deg sinc rint reciprocal"""
ARITHMETIC = "add subtract multiply floor_divide remainder fmod maximum minimum fmax fmin"
FLOATING_PAIRS = "true_divide float_power hypot logaddexp logaddexp2 arctan2 copysign heaviside"
PREDICATES = """equal not_equal less less_equal greater greater_equal logical_and logical_or logical_xor isclose"""
BITS = "bitwise_and bitwise_or bitwise_xor left_shift right_shift"
REAL_ONLY = {"floor", "ceil", "trunc", "cbrt", "deg2rad", "rad2deg", "fabs", "rint"}

SPECIAL = np.array([0.0, -0.0, 1, -1, np.inf, -np.inf, np.nan, 2.5, -2.5, 0.5, 1.5, 3, -7], np.float32)
TOLERANCE = {"float16": 2e-3, "bfloat16": 2e-2, "float32": 2e-6, "complex64": 4e-6}
WIDE = {"f": np.float64, "V": np.float64, "c": np.complex128}


def drawn(dtype, shape, seed=0):
    rng = np.random.default_rng(seed)
    values = rng.uniform(-4, 4, shape)
    if np.dtype(dtype).kind == "c":
        values = values + 1j * rng.uniform(-4, 4, shape)
    return (values > 0) if dtype == "bool" else np.asarray(np.abs(values) if dtype[0] == "u" else values).astype(dtype)


def reference(name, *operands, inexact):
    """NumPy's result in wider precision."""
    wide = [np.asarray(x) for x in operands]
    if inexact or np.result_type(*wide).kind in "fcV":
        kind = "c" if any(x.dtype.kind == "c" for x in wide) else "f"
        wide = [x.astype(WIDE[kind]) for x in wide]
    with np.errstate(all="ignore"):
        return np.asarray(getattr(np, name)(*wide))


def check(name, got, want):
    got = np.asarray(got)
    assert got.shape == want.shape, name
    tolerance = TOLERANCE.get(got.dtype.name, 0)
    if got.dtype.kind == "V":
        got = got.astype(np.float32)
    with np.errstate(all="ignore"):
        want = want.astype(got.dtype)
    np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance, err_msg=name)


@pytest.mark.parametrize("shape", [(), (2, 3), (0, 3)], ids=str)
@pytest.mark.parametrize("dtype", ["bool", "int8", "uint8", "int32", "float16", "bfloat16", "float32", "complex64"])
def test_unary(dtype, shape):
    x = drawn(ml_dtypes.bfloat16 if dtype == "bfloat16" else dtype, shape) if dtype != "bfloat16" else None
    if x is None:
        x = drawn("float32", shape).astype(ml_dtypes.bfloat16)
    kind = x.dtype.kind
    for name in [*EXACT.split(), *FLOATING.split()]:
        if (kind == "c" and name in REAL_ONLY) or (
            kind == "b" and name in ("negative", "sign", "square", "reciprocal")
        ):
            continue
        if kind == "b" and name in ("positive", "floor", "ceil", "trunc", "round"):  # as they are; NumPy refuses
            assert np.array_equal(getattr(lnp, name)(x), x)
            continue
        inexact = name in FLOATING.split()
        got = getattr(lnp, name)(x)
        check(name, got, reference(name, x, inexact=inexact))
        predicate = name.startswith("is") or name == "logical_not"
        real = "float32" if name == "absolute" and kind == "c" else x.dtype
        expected = "bool" if predicate else "float32" if inexact and kind in "biu" else real
        expected = "float32" if name == "real" and kind == "c" else expected
        assert got.dtype == expected, (name, dtype)


@pytest.mark.parametrize("shapes", [((2, 3), (3,)), ((), (2, 1)), ((0, 3), (1, 3))], ids=str)
@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "float16", "float32"])
def test_binary(dtype, shapes):
    x, y = drawn(dtype, shapes[0], 1), drawn(dtype, shapes[1], 2)
    y = np.where(y == 0, 1, y).astype(dtype)  # NumPy's integer division by 0 is checked below
    for name in [*ARITHMETIC.split(), *FLOATING_PAIRS.split(), *PREDICATES.split()]:
        inexact = name in FLOATING_PAIRS.split()
        got = getattr(lnp, name)(x, y)
        check(name, got, reference(name, x, y, inexact=inexact))
        kind = np.dtype(dtype).kind
        expected = "bool" if name in PREDICATES.split() else "float32" if inexact and kind in "iu" else dtype
        assert got.dtype == expected, (name, dtype)
    if np.dtype(dtype).kind in "iu":
        for name in BITS.split():
            amount = np.minimum(np.abs(y), 6).astype(dtype) if "shift" in name else y
            check(name, getattr(lnp, name)(x, amount), getattr(np, name)(x, amount))


def test_special_values():
    x, y = SPECIAL[:, None], SPECIAL
    for name in [*ARITHMETIC.split(), *FLOATING_PAIRS.split(), *PREDICATES.split()]:
        if name in ("float_power", "floor_divide", "remainder"):
            continue  # NumPy's differ from Python's and JAX's at infinities
        check(name, getattr(lnp, name)(x, y), reference(name, x, y, inexact=True))
    for name in [
        *EXACT.split(),
        "exp",
        "sqrt",
        "log",
        "tanh",
        "sin",
        "rint",
        "signbit",
        "isposinf",
        "isneginf",
        "sinc",
    ]:
        check(name, getattr(lnp, name)(SPECIAL), reference(name, SPECIAL, inexact=True))
    assert np.array_equal(lnp.signbit(SPECIAL), np.signbit(SPECIAL))
    assert np.array_equal(np.signbit(lnp.copysign(1.0, SPECIAL)), np.signbit(SPECIAL))
    check(
        "nan_to_num",
        lnp.nan_to_num(SPECIAL, nan=9, posinf=8, neginf=7),
        np.nan_to_num(SPECIAL, nan=9, posinf=8, neginf=7),
    )


def test_division_by_zero_and_extremes():
    """Written-out facts of JAX (XLA's integer division)."""
    x = np.array([7, -7, 0, -(2**31)], np.int32)
    assert lnp.floor_divide(x, 0).tolist() == [-2, -2, -1, -2]
    assert lnp.remainder(x, 0).tolist() == lnp.fmod(x, 0).tolist() == [0, 0, 0, 0]
    assert lnp.floor_divide(-7, 2).item() == -4 and lnp.remainder(-7, 3).item() == 2 and lnp.fmod(-7, 3).item() == -1
    assert lnp.floor_divide(-7.0, 0.0).item() == -np.inf
    assert lnp.remainder(-7.0, np.inf).item() == np.inf and lnp.remainder(7.0, -np.inf).item() == -np.inf
    assert [v.item() for v in lnp.divmod(-7.5, 2)] == [-4.0, 0.5]
    assert lnp.left_shift(1, 33).item() == 0 and lnp.right_shift(-8, 1).item() == -4


def test_power():
    x = lnp.array([1.5, -2.0, 0.0])
    assert (x**3).tolist() == [3.375, -8, 0] and (x**0).tolist() == [1, 1, 1]
    assert (x**-1).tolist() == [1 / np.float32(1.5), -0.5, np.inf]
    assert (2 ** lnp.arange(4)).tolist() == [1, 2, 4, 8]
    assert lnp.power(lnp.array([2, 1, -1]), lnp.array([-1, -5, -3])).tolist() == [0, 1, -1]
    assert lnp.power(lnp.array([3]), 21).tolist() == [
        np.int32(3**21 % 2**32 - 2**32 if 3**21 % 2**32 >= 2**31 else 3**21 % 2**32)
    ]
    assert la.grad(lambda v: v**2)(0.0) == 0 and la.grad(lambda v: lnp.power(v, 1))(0.0) == 1
    with pytest.raises(TypeError, match="negative power -1"):
        lnp.power(2, -1)


FACTS = """
sin(1) f32*            sin(True) f32         add(1, 2) i32*           add(x8, 1) i8          add(x8, 1.5) f32*
true_divide(1, 2) f32* true_divide(x8, x8) f32  add(True, True) b1    multiply(True, True) b1  add(u8, -2) u8
add(f16, x8) f16       add(f16, f32) f32     add(f16, 1.5) f16        add(bf16, f16) f32     add(f32, 1j) c64
floor(3) i32*          floor(True) b1        rint(3) f32             square(True) i32       power(2, 3) i32*
power(True, 2) i32     power(f32, x8) f32    power(x8, 2.0) f32*      where(True, 1, 2.0) f32*  where(True, x8, 2) i8
clip(5, 0, 3) i32*     clip(x8, 0, 3.5) f32* isnan(1) b1              equal(1, 1.0) b1       real(1j) f32*
angle(1j) f32*         abs(1j) f32*          bitwise_count(5) u8      bitwise_and(True, 1) i32*  logaddexp(1, 2) f32*
invert(True) b1        maximum(x8, u8) i16   nan_to_num(f32) f32      conj(1) i32*           imag(1.0) f32*
"""


def test_result_types():
    """dtype of the result, with * where it is weak: JAX's."""
    from lamina.dtypes import short_name

    names = {"x8": np.int8(2), "u8": np.uint8(2), "f16": np.float16(2), "f32": np.float32(2), "bf16": lnp.bfloat16(2)}
    short = {"bool": "b1"}
    for call, dtype in re.findall(r"(\w+\(.*?\)) +(\S+)", FACTS):
        got = eval(f"lnp.{call}", {"lnp": lnp, **names})
        shown = short.get(short_name(got.dtype), short_name(got.dtype)) + "*" * bool(got.weak_type)
        assert shown == dtype, call


@pytest.mark.parametrize("dtype", ["float32", "int32"])
def test_compiled(dtype):
    """All functions in one program give what they give eagerly."""
    x, y = drawn(dtype, (3, 4), 3), drawn(dtype, (4,), 4)
    y = np.where(y == 0, 1, y).astype(dtype)
    unary = [*EXACT.split(), *FLOATING.split(), "isposinf", "signbit", "nan_to_num", "imag", "angle"]
    binary = [*ARITHMETIC.split(), *FLOATING_PAIRS.split(), *PREDICATES.split(), "divmod", "power"]
    if dtype == "int32":
        binary += BITS.split()

    def every(x, y):
        one = {name: getattr(lnp, name)(x) for name in unary}
        return one | {f"{name}_2": getattr(lnp, name)(x, y) for name in binary}

    got, want = la.jit(every)(x, y), every(x, y)
    for name in want:
        for a, b in zip(la_leaves(got[name]), la_leaves(want[name]), strict=True):
            assert (a.dtype, a.shape, a.weak_type) == (b.dtype, b.shape, b.weak_type), name
            # gradual underflow and one-ulp differences of the elementary functions
            np.testing.assert_allclose(a, b, rtol=4e-6, atol=1e-6, err_msg=name)


def la_leaves(x):
    return x if isinstance(x, tuple) else [x]


def test_choice():
    x = np.array([-1.0, 0.5, 2.0], np.float32)
    assert lnp.where(x > 0, x, 0).tolist() == [0, 0.5, 2]
    assert lnp.clip(x, 0, 1).tolist() == [0, 0.5, 1] and lnp.clip(x, max=0).tolist() == [-1, 0, 0]
    assert lnp.select([x < 0, x > 1], [x * 10, x * 100], -5).tolist() == [-10, -5, 200]
    assert lnp.allclose(x, x + 1e-7).item() and not lnp.array_equal(x, x[:2]).item()
    assert lnp.array_equiv(np.ones((2, 3)), np.ones(3)).item()


def test_errors():
    x = lnp.zeros((2, 3))
    with pytest.raises(
        NonArrayArgumentError, match=r"`lnp.add` takes arrays, but the argument `y` is a list: \[1, 2\]"
    ):
        x + [1, 2]  # noqa: RUF005
    with pytest.raises(ShapeError, match=r"`lnp.multiply`.*x has the shape \(2, 3\), y has the shape \(4,\)"):
        x * lnp.zeros(4)
    with pytest.raises(DTypeError, match="dtype f32, expected one of bool"):
        x & x
    with pytest.raises(DTypeError, match="bool"):
        lnp.subtract(True, False)
    with pytest.raises(NotImplementedError, match="out="):
        lnp.round(x, out=x)
    with pytest.raises(OverflowError):
        x + 2**40
    with pytest.raises(TypeError):
        x + object()
    assert (x == None) is False  # noqa: E711


def test_operators_with_numpy():
    """Every operator, from both sides, with numbers and NumPy arrays; NumPy's own arrays give way."""
    import operator

    x, y = np.array([5, 3], np.int32), np.array([2, 4], np.int32)
    names = ["add", "sub", "mul", "truediv", "floordiv", "mod", "and_", "or_", "xor", "lshift", "rshift"]
    for name in [*names, "eq", "ne", "lt", "le", "gt", "ge"]:
        apply = getattr(operator, name)
        for a, b in (
            (lnp.array(x), y),
            (x, lnp.array(y)),
            (lnp.array(x), lnp.array(y)),
            (lnp.array(x), 2),
            (7, lnp.array(y)),
        ):
            got = apply(a, b)
            assert isinstance(got, la.Array), name
            np.testing.assert_allclose(got, apply(np.asarray(a), np.asarray(b)), rtol=1e-6)
    a = lnp.array(x)
    assert (
        (-a).tolist() == [-5, -3]
        and (+a).tolist() == [5, 3]
        and abs(-a).tolist() == [5, 3]
        and (~a).tolist() == [-6, -4]
    )
    assert (np.float32(2) * a).dtype == np.float32 and isinstance(np.float32(2) * a, la.Array)
    assert [v.tolist() for v in divmod(a, 2)] == [[2, 1], [1, 1]] and round(lnp.array(1.26), 1).item() == np.float32(
        1.3
    )
    assert np.sin(a).tolist() == np.sin(x).tolist()


def test_complex_log_of_sum():
    """Also of constants, whose evaluation while compiling is too much for IREE: it is compiled without that."""
    x, y = np.array([0.5 + 1j, 2 - 3j, -1 + 3j], np.complex64), np.array([1 - 2j, 2j, -1 + 3j], np.complex64)
    natural = np.log(np.exp(x.astype(complex)) + np.exp(y))
    binary = np.log(2 ** x.astype(complex) + 2**y) / np.log(2)
    results = [
        lnp.logaddexp(x, y),
        lnp.logaddexp2(x, y),
        *la.jit(lambda: (lnp.logaddexp(x, y), lnp.logaddexp2(x, y)))(),
    ]
    for got, want in zip(results, [natural, binary] * 2, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-6)
