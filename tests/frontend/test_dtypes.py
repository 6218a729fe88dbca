import doctest
import enum
import subprocess
import sys
import warnings

import ml_dtypes
import numpy as np
import pytest

from lamina import dtypes
from lamina.config import enable_x64
from lamina.errors import DTypeError, TypePromotionError, X64DisabledWarning


class KeyType(dtypes.prng_key):
    pass


class KeyDType(dtypes.ExtendedDType):
    type, name = KeyType, "key<fry>"

    def __repr__(self):
        return self.name


def test_64_bit_dtypes_follow_the_switch():
    wide = ["int64", "uint64", "float64", "complex128"]
    narrow = ["int32", "uint32", "float32", "complex64"]
    assert [dtypes.canonicalize_dtype(name).name for name in wide] == narrow
    assert [dtypes.canonicalize_dtype(t).name for t in (bool, int, float, complex)] == [
        "bool",
        "int32",
        "float32",
        "complex64",
    ]
    with enable_x64():
        assert [dtypes.canonicalize_dtype(name).name for name in wide] == wide
        assert dtypes.canonicalize_dtype(float) == np.float64
    assert dtypes.canonicalize_dtype("bfloat16") == ml_dtypes.bfloat16
    assert dtypes.canonicalize_dtype(KeyDType()).name == "key<fry>"


def test_dtype_of_values_and_dtype_likes():
    class Color(enum.IntEnum):
        RED = 1

    for x, expected in [
        (True, "bool"), (1, "int32"), (1.0, "float32"), (1j, "complex64"), (Color.RED, "int32"),
        (np.float64(1), "float32"), (np.zeros(2, ">i2"), "int16"), ("int8", "int8"), (np.int64, "int32"),
        (dtypes.SCALAR_TYPES["float16"], "float16"), (dtypes.bfloat16, "bfloat16"),
    ]:  # fmt: skip
        assert dtypes.dtype(x) == np.dtype(expected), x


@pytest.mark.parametrize("bad", [None, 1, [1], "float99", object()])
def test_what_is_no_dtype(bad):
    with pytest.raises(DTypeError) as caught:
        dtypes.as_dtype(bad)
    assert str(caught.value) == (
        f'{bad!r} is not a dtype.\nWrite a dtype as lnp.float32, np.float32, "float32", float, or np.dtype("float32").'
    )


def ask_for_float64():
    return dtypes.check_user_dtype_supported("float64", "zeros")


def test_float64_asked_for_while_off_warns_once_per_line():
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("default")
        for _ in range(3):
            assert ask_for_float64() == np.float32
        dtypes.check_user_dtype_supported(np.dtype("int64"))
    assert [w.category for w in seen] == [X64DisabledWarning] * 2
    first = seen[0]
    assert (first.filename, first.lineno) == (__file__, ask_for_float64.__code__.co_firstlineno + 1)
    assert str(first.message) == (
        "The dtype float64 is not available (in zeros); float32 is used instead, because 64-bit types are off. "
        'Turn them on with lamina.config.update("enable_x64", True) at the start of the program or '
        "LAMINA_ENABLE_X64=1, or ask for float32."
    )


def test_no_warning_when_nothing_was_asked():
    assert dtypes.check_user_dtype_supported(float) == np.float32  # warnings are errors here
    assert dtypes.check_user_dtype_supported(np.float32) == np.float32
    assert dtypes.check_supported("float64") == np.float64
    with enable_x64():
        assert dtypes.check_user_dtype_supported("float64") == np.float64


@pytest.mark.parametrize(
    ("dtype", "message"),
    [
        ("datetime64[s]", "Arrays cannot have the dtype datetime64[s] (in zeros).\n"
                          "Convert dates to numbers first: (dates - start) / np.timedelta64(1, 's')."),
        (str, "Arrays cannot have the dtype <U0 (in zeros).\n"
              "Encode text as integers first, for instance np.frombuffer(text.encode(), np.uint8)."),
        (object, "Arrays cannot have the dtype object (in zeros).\n"
                 "Make a numeric array first: np.asarray(values, np.float32); keep a ragged list as a list of arrays."),
        (np.longdouble, f"Arrays cannot have the dtype {np.dtype(np.longdouble)} (in zeros).\n"
                        "Convert the values to a numeric dtype first."),
    ],
)  # fmt: skip
def test_dtypes_arrays_cannot_have(dtype, message):
    with pytest.raises(TypeError) as caught:
        dtypes.check_user_dtype_supported(dtype, "zeros")
    assert type(caught.value) is DTypeError
    assert str(caught.value) == message


def test_supported_dtypes_that_are_not_numbers():
    key = KeyDType()
    assert dtypes.check_user_dtype_supported(key) is key
    assert dtypes.check_user_dtype_supported(dtypes.float0) == dtypes.float0


def test_issubdtype():
    assert dtypes.issubdtype("bfloat16", np.floating)
    assert dtypes.issubdtype("float8_e5m2", np.inexact)
    assert dtypes.issubdtype("int4", np.signedinteger)
    assert dtypes.issubdtype("uint2", np.integer)
    assert dtypes.issubdtype(dtypes.SCALAR_TYPES["float32"], np.float32)
    assert dtypes.issubdtype("float64", float)
    assert not dtypes.issubdtype("float32", float)
    assert not dtypes.issubdtype("bool", np.integer)
    assert not dtypes.issubdtype("bfloat16", np.integer)
    assert dtypes.issubdtype(KeyDType(), dtypes.prng_key)
    assert dtypes.issubdtype(KeyType, dtypes.extended)
    assert not dtypes.issubdtype(KeyDType(), np.number)
    assert not dtypes.issubdtype(np.float32, dtypes.extended)


def test_extended_dtypes_only_meet_themselves():
    key = KeyDType()
    assert dtypes.lattice_result_type(key, key) == (key, False)
    with pytest.raises(TypePromotionError, match="key<fry> takes part in no promotion"):
        dtypes.lattice_result_type(key, 1)


def test_limits():
    assert float(dtypes.finfo("bfloat16").eps) == 2**-7
    assert dtypes.finfo(np.zeros(3, "float32")).bits == 32
    assert dtypes.finfo("complex64").dtype == np.float32
    assert dtypes.finfo(float).dtype == np.float64
    assert (dtypes.iinfo("int4").min, dtypes.iinfo(np.uint8).max) == (-8, 255)
    with pytest.raises(DTypeError, match=r"^int64 is not a floating-point dtype\.\nUse finfo for"):
        dtypes.finfo(int)
    with pytest.raises(DTypeError, match=r"^float32 is not an integer dtype\."):
        dtypes.iinfo("float32")


def test_sizes():
    sizes = {
        "bool": 8,
        "int2": 2,
        "uint4": 4,
        "int64": 64,
        "float8_e5m2": 8,
        "float4_e2m1fn": 4,
        "bfloat16": 16,
        "complex64": 64,
    }
    assert {name: dtypes.itemsize_bits(name) for name in sizes} == sizes


def test_neighbours():
    assert dtypes.to_inexact_dtype("int8") == np.float32
    with enable_x64():
        assert [dtypes.to_inexact_dtype(d) for d in ("bool", "uint32", "int64")] == [np.float32, np.float32, np.float64]
    assert dtypes.to_inexact_dtype("bfloat16") == dtypes.bfloat16
    assert [dtypes.to_complex_dtype(n).name for n in ("bfloat16", "float64", "complex64")] == [
        "complex64",
        "complex128",
        "complex64",
    ]
    assert [dtypes.to_real_dtype(n).name for n in ("complex64", "complex128", "float16")] == [
        "float32",
        "float64",
        "float16",
    ]
    assert [dtypes.scalar_type_of(x) for x in (True, 3, "bfloat16", np.zeros(2, "c8"), np.int8)] == [
        bool,
        int,
        float,
        complex,
        int,
    ]


def test_weak():
    assert [dtypes.is_weakly_typed(x) for x in (1, 1.0, 1j, True, np.float64(1), np.zeros(2))] == [True] * 3 + [
        False
    ] * 3


def test_short_names_both_ways():
    names = ["bool", "u8", "i64", "bf16", "f32", "c128", "f8_e5m2", "i4"]
    longs = ["bool", "uint8", "int64", "bfloat16", "float32", "complex128", "float8_e5m2", "int4"]
    assert [dtypes.short_name(name) for name in longs] == names
    assert [dtypes.from_short_name(name).name for name in names] == longs
    assert all(dtypes.from_short_name(dtypes.short_name(d)) == d for d in dtypes.SUPPORTED_DTYPES)
    assert (dtypes.short_name(dtypes.float0), dtypes.short_name(KeyDType())) == ("float0", "key<fry>")
    with pytest.raises(DTypeError, match=r"'f33' is no short dtype name\.\nThe names are bool, u8"):
        dtypes.from_short_name("f33")


def test_scalar_types_are_dtypes_and_constructors(monkeypatch):
    float32, bfloat16 = dtypes.SCALAR_TYPES["float32"], dtypes.SCALAR_TYPES["bfloat16"]
    assert float32 == np.dtype("float32") == float32 == np.float32 == float32
    assert float32 != dtypes.SCALAR_TYPES["float16"] and float32 != "float32"
    assert np.zeros(2, bfloat16).dtype == ml_dtypes.bfloat16
    assert {float32: 1}[np.float32] == 1
    assert isinstance(np.float32(1), float32) and not isinstance(1.0, float32)
    assert repr(float32) == "<class 'lamina.numpy.float32'>"
    monkeypatch.setattr(dtypes.ScalarType, "construct", np.asarray, raising=False)
    made = bfloat16([1, 2])
    assert made.dtype == ml_dtypes.bfloat16 and made.shape == (2,)


def test_import_is_light():
    code = (
        "import sys, lamina;"
        "print([m for m in sys.modules if m.startswith(('scipy', 'iree.compiler', 'matplotlib', 'opt_einsum'))])"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


def test_examples_run():
    results = doctest.testmod(dtypes)
    assert results.attempted > 0 and results.failed == 0
