"""Names that stand for the same thing, and names of NumPy's."""

from typing import get_args

import ml_dtypes
import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina import nn, tree, tree_util
from lamina.experimental import checkify

SAME = {
    lnp: {
        "amax": "max", "amin": "min", "bitwise_invert": "invert", "bitwise_not": "invert", "degrees": "rad2deg",
        "bitwise_left_shift": "left_shift", "bitwise_right_shift": "right_shift", "radians": "deg2rad",
        "cdouble": "complex128", "complex_": "complex128", "csingle": "complex64", "float_": "float64",
        "double": "float64", "single": "float32", "int_": "int64", "uint": "uint64", "bool_": "bool", "ndarray": "ndarray",
        "conj": "conjugate", "divide": "true_divide", "absolute": "abs", "around": "round", "asin": "arcsin",
        "acos": "arccos", "atan": "arctan", "atan2": "arctan2", "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh",
    },
    nn: {"hard_swish": "hard_silu", "swish": "silu"},
    nn.initializers: {
        "kaiming_uniform": "he_uniform", "kaiming_normal": "he_normal",
        "xavier_uniform": "glorot_uniform", "xavier_normal": "glorot_normal",
    },
    la: {"remat": "checkpoint", "jacobian": "jacrev"},
}  # fmt: skip
NUMPYS = ["character", "complexfloating", "flexible", "floating", "generic", "inexact", "integer", "number", "object_",
          "signedinteger", "unsignedinteger", "newaxis", "get_printoptions", "set_printoptions", "iterable"]  # fmt: skip
SMALL = ["float4_e2m1fn", "float6_e2m3fn", "float6_e3m2fn", "float8_e3m4", "float8_e4m3", "float8_e4m3b11fnuz",
         "float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz", "float8_e8m0fnu"]  # fmt: skip


@pytest.mark.parametrize("module", SAME, ids=lambda module: module.__name__)
def test_same(module):
    for name, other in SAME[module].items():
        assert getattr(module, name) is getattr(module, other), name


TREE_UTIL = ["tree_all", "tree_broadcast", "tree_flatten", "tree_flatten_with_path", "tree_leaves", "tree_map",
             "tree_leaves_with_path", "tree_map_with_path", "tree_reduce", "tree_reduce_associative", "tree_structure",
             "tree_transpose", "tree_unflatten"]  # fmt: skip


def test_tree_has_the_functions_of_tree_util():
    assert {name.removeprefix("tree_") for name in TREE_UTIL} == set(tree.__all__) - {"static"}
    for name in TREE_UTIL:
        assert getattr(tree, name.removeprefix("tree_")) is getattr(tree_util, name), name
    assert tree_util.default_registry.flatten([1, {"a": 2}])[0] == [1, 2]
    assert isinstance(tree.structure([1]), tree_util.PyTreeDef)
    path, leaf = tree.leaves_with_path({"a": [5]})[0]
    assert isinstance(path, tuple) and len(path) == 2 and leaf == 5  # a tree_util.KeyPath of KeyEntry


def test_numpys_own():
    for name in NUMPYS:
        assert getattr(lnp, name) is getattr(np, name), name
    assert lnp.ComplexWarning is np.exceptions.ComplexWarning


@pytest.mark.parametrize("name", SMALL)
def test_small_floats_round_as_ml_dtypes(name):
    dtype = np.dtype(getattr(ml_dtypes, name))
    values = np.array([0.1, 0.3, 1.0, 1.3, 2.5, 3.1, 0.0, 5.0], np.float32)
    made = lnp.array(values, getattr(lnp, name))
    assert made.dtype == dtype == getattr(lnp, name)
    np.testing.assert_array_equal(np.asarray(made).astype(np.float32), values.astype(dtype).astype(np.float32))
    np.testing.assert_array_equal(made.astype(lnp.float32), values.astype(dtype).astype(np.float32))


@pytest.mark.parametrize(
    ("name", "bits"), [("int1", 1), ("int2", 2), ("int4", 4), ("uint1", 1), ("uint2", 2), ("uint4", 4)]
)
def test_small_integers_wrap(name, bits):
    dtype, values = getattr(lnp, name), np.arange(-8, 16)
    got = np.asarray(lnp.array(values).astype(dtype).astype(lnp.int32))
    np.testing.assert_array_equal((got - values) % 2**bits, 0)
    assert (got.min(), got.max()) == (lnp.iinfo(dtype).min, lnp.iinfo(dtype).max)


@pytest.mark.parametrize("name", [*SMALL, "int4", "uint2", "uint4"])
def test_small_types_are_for_storage(name):
    x = lnp.array([1.0, 2.0], getattr(lnp, name))
    assert lnp.concatenate([x, x[::-1]]).reshape(2, 2).T.astype(lnp.float32).tolist() == [[1, 2], [2, 1]]
    with pytest.raises(la.errors.DTypeError, match=f"`add`: operand 'x' has dtype {name}, expected one of i8, "):
        x + x
    with pytest.raises(TypeError, match=f"Arrays of {name} can be made, .* Convert them with astype first."):
        la.jit(lambda x: x.astype(lnp.float32))(x)


def test_names_in_lax_and_random():
    assert la.lax.Precision in get_args(la.lax.PrecisionLike)
    assert la.lax.ConvDimensionNumbers in get_args(la.lax.ConvGeneralDilatedDimensionNumbers)
    numbers: la.lax.DotDimensionNumbers = (((1,), (0,)), ((), ()))
    algorithm = la.lax.DotAlgorithm(np.float32, np.float32, np.float32)
    product = la.lax.dot_general(np.eye(2, dtype=np.float32), np.ones((2, 1), np.float32), numbers, precision=algorithm)
    assert product.tolist() == [[1], [1]] and algorithm.num_primitive_operations == 1
    key, a = la.random.key(0), np.array([0.5, 3.0], np.float32)
    sample = la.random.random_gamma_p.bind(key, a, log_space=False)
    np.testing.assert_array_equal(sample, la.random.gamma(key, a))
    assert isinstance(nn.initializers.zeros, nn.initializers.Initializer)
    matrix = np.diag(np.array([1.0, 2.0], np.float32))
    values = la.lax.linalg.eig(matrix, implementation=la.lax.linalg.EigImplementation.LAPACK)[0]
    assert values.tolist() == [1, 2]
    assert checkify.Error().get() is None
