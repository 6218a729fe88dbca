"""Integer semantics against Python integers."""

import numpy as np
import pytest

from lamina_compiler import scalar

DTYPES = [np.dtype(f"{k}{w // 8}") for w in (8, 16, 32, 64) for k in "iu"]


def operands(dtype):
    info = np.iinfo(dtype)
    values = [info.min, info.min + 1, info.max, info.max // 3, 0, 1, 2, 3, 7, 31, 100]
    if dtype.kind == "i":
        values += [-1, -2, -7, -100]
    x, y = np.meshgrid(np.array(values, dtype), np.array(values, dtype))
    return x.ravel(), y.ravel()


def wrap(value, dtype):
    width = 8 * dtype.itemsize
    value &= (1 << width) - 1
    return value - (1 << width) if dtype.kind == "i" and value >> (width - 1) else value


def signed(value, dtype):
    return wrap(value, np.dtype(f"i{dtype.itemsize}"))


def truncated_quotient(x, y):
    return abs(x) // abs(y) * (1 if (x < 0) == (y < 0) else -1)


def integer_power(x, y, dtype):
    if y >= 0:
        return pow(x, y, 1 << (8 * dtype.itemsize))
    return 1 if x == 1 else (-1) ** -y if x == -1 else 0


MODELS = {
    "add": lambda x, y, d: x + y,
    "subtract": lambda x, y, d: x - y,
    "multiply": lambda x, y, d: x * y,
    "divide": lambda x, y, d: truncated_quotient(x, y) if y else -1,
    "remainder": lambda x, y, d: x - y * truncated_quotient(x, y) if y else x,
    "pow": integer_power,
    "shift_left": lambda x, y, d: x << y if 0 <= y < 8 * d.itemsize else 0,
    "shift_right_logical": lambda x, y, d: (x & ((1 << 8 * d.itemsize) - 1)) >> y if 0 <= y < 8 * d.itemsize else 0,
    "shift_right_arithmetic": lambda x, y, d: signed(x, d) >> (y if 0 <= y < 8 * d.itemsize else 8 * d.itemsize),
    "maximum": lambda x, y, d: max(x, y),
    "minimum": lambda x, y, d: min(x, y),
    "bitwise_xor": lambda x, y, d: x ^ y,
}
UNARY_MODELS = {
    "negate": lambda x, d: -x,
    "abs": lambda x, d: abs(x),
    "sign": lambda x, d: (x > 0) - (x < 0),
    "square": lambda x, d: x * x,
    "bitwise_not": lambda x, d: ~x,
    "population_count": lambda x, d: (x & ((1 << 8 * d.itemsize) - 1)).bit_count(),
    "count_leading_zeros": lambda x, d: 8 * d.itemsize - (x & ((1 << 8 * d.itemsize) - 1)).bit_length(),
    "count_trailing_zeros": lambda x, d: (x & -x).bit_length() - 1 if x else 8 * d.itemsize,
}


def expected(name, dtype):
    x, y = operands(dtype)
    return np.array([wrap(MODELS[name](int(a), int(b), dtype), dtype) for a, b in zip(x, y, strict=True)], dtype)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("has_f64", [True, False])
def test_binary(name, dtype, has_f64):
    result = scalar.evaluate(getattr(scalar, name), *operands(dtype), has_f64=has_f64)
    assert result.dtype == dtype
    np.testing.assert_array_equal(result, expected(name, dtype))


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("name", UNARY_MODELS)
@pytest.mark.parametrize("has_f64", [True, False])
def test_unary(name, dtype, has_f64):
    x = operands(dtype)[0]
    model = [wrap(int(UNARY_MODELS[name](int(v), dtype)), dtype) for v in x]
    result = scalar.evaluate(getattr(scalar, name), x, has_f64=has_f64)
    np.testing.assert_array_equal(result, np.array(model, dtype))


@pytest.mark.parametrize("dtype", [np.int64, np.uint64])
@pytest.mark.parametrize("name", ["divide", "remainder"])
def test_emulated_division(name, dtype):
    """Numbers of all magnitudes, and multiples of the divisor and their neighbours, where an estimate may be off."""
    rng = np.random.default_rng(0)
    x, y, q = (
        np.frombuffer(rng.bytes(8 * 20_000), np.uint64) >> rng.integers(0, 64, 20_000, np.uint64) for _ in range(3)
    )
    multiples = y * (q % (np.uint64(2**64 - 1) // np.maximum(y, 1))) - rng.integers(0, 2, 20_000, np.uint64)
    x, y = np.concatenate([x, multiples]).view(dtype), np.concatenate([y, y]).view(dtype)
    result, expected = (scalar.evaluate(getattr(scalar, name), x, y, has_f64=has) for has in (False, True))
    np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_order_follows_signedness(dtype):
    x, y = operands(dtype)
    np.testing.assert_array_equal(scalar.evaluate(scalar.less, x, y), x < y)
    np.testing.assert_array_equal(scalar.evaluate(scalar.greater_equal, x, y), x >= y)


def test_constant_powers():
    x = np.array([-2, -1, 0, 1, 3], np.int32)
    for exponent, result in [(0, [1, 1, 1, 1, 1]), (5, [-32, -1, 0, 1, 243]), (-3, [0, -1, 0, 1, 0])]:
        np.testing.assert_array_equal(scalar.evaluate(lambda v, n=exponent: scalar.integer_pow(v, n), x), result)


def test_bool_arithmetic_is_logic():
    x, y = np.array([0, 0, 1, 1], bool), np.array([0, 1, 0, 1], bool)
    np.testing.assert_array_equal(scalar.evaluate(scalar.add, x, y), x | y)
    np.testing.assert_array_equal(scalar.evaluate(scalar.multiply, x, y), x & y)
    np.testing.assert_array_equal(scalar.evaluate(scalar.maximum, x, y), x | y)
    np.testing.assert_array_equal(scalar.evaluate(scalar.bitwise_not, x), ~x)
    with pytest.raises(TypeError, match="not defined for bool"):
        scalar.evaluate(scalar.subtract, x, y)


def test_division_of_floats_by_the_integer_rule_is_refused():
    with pytest.raises(TypeError, match="integer division takes integers, got f32"):
        scalar.evaluate(scalar.integer_divide, np.float32([1]), np.float32([2]))
