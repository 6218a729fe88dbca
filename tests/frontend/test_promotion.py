"""The dtype two operands get, for all pairs, written out.

`*` marks a weak result, `i* f* c*` are Python's int, float and complex, `-` is an error.
"""

import enum
import itertools

import numpy as np
import pytest

from lamina import dtypes
from lamina.config import enable_x64, numpy_dtype_promotion
from lamina.errors import DTypeError, TypePromotionError

X64 = """
      b1   u1   u2   u4   u8   i1   i2   i4   i8   bf   f2   f4   f8   c8   c16  i*   f*   c*
b1    b1   u1   u2   u4   u8   i1   i2   i4   i8   bf   f2   f4   f8   c8   c16  i8*  f8*  c16*
u1    u1   u1   u2   u4   u8   i2   i2   i4   i8   bf   f2   f4   f8   c8   c16  u1   f8*  c16*
u2    u2   u2   u2   u4   u8   i4   i4   i4   i8   bf   f2   f4   f8   c8   c16  u2   f8*  c16*
u4    u4   u4   u4   u4   u8   i8   i8   i8   i8   bf   f2   f4   f8   c8   c16  u4   f8*  c16*
u8    u8   u8   u8   u8   u8   f8*  f8*  f8*  f8*  bf   f2   f4   f8   c8   c16  u8   f8*  c16*
i1    i1   i2   i4   i8   f8*  i1   i2   i4   i8   bf   f2   f4   f8   c8   c16  i1   f8*  c16*
i2    i2   i2   i4   i8   f8*  i2   i2   i4   i8   bf   f2   f4   f8   c8   c16  i2   f8*  c16*
i4    i4   i4   i4   i8   f8*  i4   i4   i4   i8   bf   f2   f4   f8   c8   c16  i4   f8*  c16*
i8    i8   i8   i8   i8   f8*  i8   i8   i8   i8   bf   f2   f4   f8   c8   c16  i8   f8*  c16*
bf    bf   bf   bf   bf   bf   bf   bf   bf   bf   bf   f4   f4   f8   c8   c16  bf   bf   c8
f2    f2   f2   f2   f2   f2   f2   f2   f2   f2   f4   f2   f4   f8   c8   c16  f2   f2   c8
f4    f4   f4   f4   f4   f4   f4   f4   f4   f4   f4   f4   f4   f8   c8   c16  f4   f4   c8
f8    f8   f8   f8   f8   f8   f8   f8   f8   f8   f8   f8   f8   f8   c16  c16  f8   f8   c16
c8    c8   c8   c8   c8   c8   c8   c8   c8   c8   c8   c8   c8   c16  c8   c16  c8   c8   c8
c16   c16  c16  c16  c16  c16  c16  c16  c16  c16  c16  c16  c16  c16  c16  c16  c16  c16  c16
i*    i8*  u1   u2   u4   u8   i1   i2   i4   i8   bf   f2   f4   f8   c8   c16  i8*  f8*  c16*
f*    f8*  f8*  f8*  f8*  f8*  f8*  f8*  f8*  f8*  bf   f2   f4   f8   c8   c16  f8*  f8*  c16*
c*    c16* c16* c16* c16* c16* c16* c16* c16* c16* c8   c8   c8   c16  c8   c16  c16* c16* c16*
"""

X32 = """
      b1   u1   u2   u4   u8   i1   i2   i4   i8   bf   f2   f4   f8   c8   c16  i*   f*   c*
b1    b1   u1   u2   u4   u4   i1   i2   i4   i4   bf   f2   f4   f4   c8   c8   i4*  f4*  c8*
u1    u1   u1   u2   u4   u4   i2   i2   i4   i4   bf   f2   f4   f4   c8   c8   u1   f4*  c8*
u2    u2   u2   u2   u4   u4   i4   i4   i4   i4   bf   f2   f4   f4   c8   c8   u2   f4*  c8*
u4    u4   u4   u4   u4   u4   i4   i4   i4   i4   bf   f2   f4   f4   c8   c8   u4   f4*  c8*
u8    u4   u4   u4   u4   u4   i4   i4   i4   i4   bf   f2   f4   f4   c8   c8   u4   f4*  c8*
i1    i1   i2   i4   i4   i4   i1   i2   i4   i4   bf   f2   f4   f4   c8   c8   i1   f4*  c8*
i2    i2   i2   i4   i4   i4   i2   i2   i4   i4   bf   f2   f4   f4   c8   c8   i2   f4*  c8*
i4    i4   i4   i4   i4   i4   i4   i4   i4   i4   bf   f2   f4   f4   c8   c8   i4   f4*  c8*
i8    i4   i4   i4   i4   i4   i4   i4   i4   i4   bf   f2   f4   f4   c8   c8   i4   f4*  c8*
bf    bf   bf   bf   bf   bf   bf   bf   bf   bf   bf   f4   f4   f4   c8   c8   bf   bf   c8
f2    f2   f2   f2   f2   f2   f2   f2   f2   f2   f4   f2   f4   f4   c8   c8   f2   f2   c8
f4    f4   f4   f4   f4   f4   f4   f4   f4   f4   f4   f4   f4   f4   c8   c8   f4   f4   c8
f8    f4   f4   f4   f4   f4   f4   f4   f4   f4   f4   f4   f4   f4   c8   c8   f4   f4   c8
c8    c8   c8   c8   c8   c8   c8   c8   c8   c8   c8   c8   c8   c8   c8   c8   c8   c8   c8
c16   c8   c8   c8   c8   c8   c8   c8   c8   c8   c8   c8   c8   c8   c8   c8   c8   c8   c8
i*    i4*  u1   u2   u4   u4   i1   i2   i4   i4   bf   f2   f4   f4   c8   c8   i4*  f4*  c8*
f*    f4*  f4*  f4*  f4*  f4*  f4*  f4*  f4*  f4*  bf   f2   f4   f4   c8   c8   f4*  f4*  c8*
c*    c8*  c8*  c8*  c8*  c8*  c8*  c8*  c8*  c8*  c8   c8   c8   c8   c8   c8   c8*  c8*  c8*
"""

STRICT_X64 = """
      b1   u1   u2   u4   u8   i1   i2   i4   i8   bf   f2   f4   f8   c8   c16  i*   f*   c*
b1    b1   -    -    -    -    -    -    -    -    -    -    -    -    -    -    -    -    -
u1    -    u1   -    -    -    -    -    -    -    -    -    -    -    -    -    u1   -    -
u2    -    -    u2   -    -    -    -    -    -    -    -    -    -    -    -    u2   -    -
u4    -    -    -    u4   -    -    -    -    -    -    -    -    -    -    -    u4   -    -
u8    -    -    -    -    u8   -    -    -    -    -    -    -    -    -    -    u8   -    -
i1    -    -    -    -    -    i1   -    -    -    -    -    -    -    -    -    i1   -    -
i2    -    -    -    -    -    -    i2   -    -    -    -    -    -    -    -    i2   -    -
i4    -    -    -    -    -    -    -    i4   -    -    -    -    -    -    -    i4   -    -
i8    -    -    -    -    -    -    -    -    i8   -    -    -    -    -    -    i8   -    -
bf    -    -    -    -    -    -    -    -    -    bf   -    -    -    -    -    bf   bf   -
f2    -    -    -    -    -    -    -    -    -    -    f2   -    -    -    -    f2   f2   -
f4    -    -    -    -    -    -    -    -    -    -    -    f4   -    -    -    f4   f4   -
f8    -    -    -    -    -    -    -    -    -    -    -    -    f8   -    -    f8   f8   -
c8    -    -    -    -    -    -    -    -    -    -    -    -    -    c8   -    c8   c8   c8
c16   -    -    -    -    -    -    -    -    -    -    -    -    -    -    c16  c16  c16  c16
i*    -    u1   u2   u4   u8   i1   i2   i4   i8   bf   f2   f4   f8   c8   c16  i8*  f8*  c16*
f*    -    -    -    -    -    -    -    -    -    bf   f2   f4   f8   c8   c16  f8*  f8*  c16*
c*    -    -    -    -    -    -    -    -    -    -    -    -    -    c8   c16  c16* c16* c16*
"""

PYTHON = {"i*": 3, "f*": 2.5, "c*": 1j}


def table(text):
    header, *rows = (line.split() for line in text.strip().splitlines())
    return {(row[0], column): cell for row in rows for column, cell in zip(header, row[1:], strict=True)}


def to_dtype(code):
    return np.dtype("bfloat16" if code == "bf" else code)


def operand(code):
    return PYTHON[code] if code in PYTHON else np.zeros(2, to_dtype(code))


def promoted(*operands):
    try:
        dtype, weak = dtypes.lattice_result_type(*operands)
    except TypePromotionError:
        return "-"
    return ("bf" if dtype == to_dtype("bf") else dtype.str[1:]) + "*" * weak


@pytest.mark.parametrize(
    ("text", "x64", "mode"), [(X64, True, "standard"), (X32, False, "standard"), (STRICT_X64, True, "strict")]
)
def test_all_pairs(text, x64, mode):
    expected = table(text)
    assert len(expected) == 18 * 18
    with enable_x64(x64), numpy_dtype_promotion(mode):
        got = {(a, b): promoted(operand(a), operand(b)) for a, b in expected}
    assert got == expected


class Color(enum.IntEnum):
    RED = 1


class WeakArray:
    """An array made from Python numbers only."""

    weak_type = True

    def __init__(self, dtype):
        self.dtype = np.dtype(dtype)


def test_weak_arrays_promote_like_python_numbers():
    weak = {"i*": WeakArray("int32"), "f*": WeakArray("float32"), "c*": WeakArray("complex64")}
    expected = {pair: cell for pair, cell in table(X32).items() if pair[0] in weak}
    assert {(a, b): promoted(weak[a], operand(b)) for a, b in expected} == expected


def test_two_weak_arrays_keep_their_sizes():
    assert promoted(WeakArray("float16"), WeakArray("int32")) == "f2*"
    assert promoted(WeakArray("float16"), WeakArray("float32")) == "f4*"


def test_the_same_dtype_weak_and_not_is_not_weak():
    assert promoted(WeakArray("float32"), np.zeros(1, "float32")) == "f4"
    assert promoted(WeakArray("float32"), WeakArray("float32")) == "f4*"


def test_promotion_of_three_does_not_depend_on_order():
    for trio in itertools.combinations(["b1", "u1", "i1", "i4", "bf", "f2", "c8", "i*", "f*"], 3):
        assert len({promoted(*map(operand, order)) for order in itertools.permutations(trio)}) == 1, trio


@pytest.mark.parametrize(
    ("operands", "expected"),
    [
        ((True, 1), "i4*"),
        ((True,), "b1"),
        ((1.5,), "f4*"),
        ((2**40, np.int8(1)), "i1"),
        ((Color.RED, np.int8(1)), "i1"),
        ((Color.RED, np.int64(1)), "i4"),
        ((np.float64(1), np.float16(1)), "f4"),  # NumPy scalars are not weak
        ((float, "float16"), "f2"),  # Python's types are
        ((int, np.int8), "i1"),
        (("int8", np.dtype("uint8")), "i2"),
        ((np.dtype("float64"), "float16"), "f4"),
        ((np.zeros(2, ">f4"), 1), "f4"),
    ],
)
def test_values_types_and_names(operands, expected):
    assert promoted(*operands) == expected


def test_classes_of_numpy_are_told_apart():  # their `dtype` attribute is one and the same descriptor
    assert dtypes.result_type(np.int8) == np.int8
    assert dtypes.result_type(np.float32) == np.float32


def test_a_cached_result_follows_the_options():
    def sizes():
        return dtypes.result_type(np.float64(1)), dtypes.result_type(1, 2.0)

    assert sizes() == (np.float32, np.float32)
    with enable_x64():
        assert sizes() == (np.float64, np.float64)
    assert sizes() == (np.float32, np.float32)
    assert dtypes.result_type(np.int8(1), np.float32(1)) == np.float32
    with numpy_dtype_promotion("strict"), pytest.raises(TypePromotionError):
        dtypes.result_type(np.int8(1), np.float32(1))


def test_small_types_meet_numbers_but_no_arrays():
    f8 = np.zeros(2, "float8_e5m2")
    assert dtypes.result_type(f8, 1.0) == dtypes.result_type(f8, np.int8(1)) == f8.dtype
    assert dtypes.result_type(np.zeros(2, "int4"), 1, True) == np.dtype("int4")
    for other in ("float32", "bfloat16", "float8_e4m3fn"):
        with pytest.raises(TypePromotionError):
            dtypes.result_type(f8, np.zeros(2, other))


def test_promote_types():
    assert dtypes.promote_types("uint32", "int32") == np.int32  # int64, which is off
    assert dtypes.promote_types("int32", "float64") == np.float64  # a 64-bit dtype that is given stays
    assert dtypes.promote_types("float32", int) == np.float32
    assert dtypes.promote_types(int, float) == np.float64
    assert dtypes.promote_types("S3", "S3") == np.dtype("S3")


def test_errors():
    with pytest.raises(TypePromotionError) as caught:
        dtypes.result_type(np.zeros(2, "float8_e5m2"), np.zeros(2, "float32"))
    assert str(caught.value) == (
        "The dtypes float32 and float8_e5m2 have no implicit common dtype.\n"
        "Floats of 8 bits or less and integers of 4 bits or less are never converted silently.\n"
        "Convert explicitly, for instance with x.astype(dtype)."
    )
    with numpy_dtype_promotion("strict"), pytest.raises(ValueError) as caught:
        dtypes.result_type(np.zeros(2, "int8"), 1.5)
    assert str(caught.value) == (
        "The dtypes Python float and int8 have no implicit common dtype.\n"
        'The option numpy_dtype_promotion is "strict".\n'
        'Convert explicitly, for instance with x.astype(dtype), or set numpy_dtype_promotion to "standard".'
    )
    with pytest.raises(DTypeError, match=r"^A list has no dtype: \[1\]\.\nMake it an array with lnp\.asarray\.$"):
        dtypes.result_type([1], 2)
    with pytest.raises(DTypeError, match="Arrays cannot have the dtype <U1"):
        dtypes.result_type(np.array(["a"]), 2)
    with pytest.raises(ValueError, match="at least one"):
        dtypes.result_type()
