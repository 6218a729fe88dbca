"""lnp.ufunc: the methods against NumPy's, and functions made into ufuncs."""

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina import errors

M = np.array([[3, -1, 2], [0, 7, -5]], np.int32)
F = np.array([[0.5, -1.5, 2.0], [1.0, 0.25, -3.0]], np.float32)
B = np.array([[True, False, True], [True, True, False]])

REDUCTIONS = {
    "add": lambda f: [f.reduce(M), f.reduce(F, axis=None), f.reduce(F, axis=(0, 1)), f.reduce(F, 1, keepdims=True)],
    "multiply": lambda f: [f.reduce(M, 1), f.reduce(F, initial=2.0), f.reduce(F, where=B)],
    "maximum": lambda f: [f.reduce(M), f.reduce(F, axis=1, where=B, initial=-9.0)],
    "minimum": lambda f: [f.reduce(M, axis=1)],
    "logical_and": lambda f: [f.reduce(B), f.reduce(B, axis=None), f.reduce(B, axis=1, keepdims=True)],
    "logical_or": lambda f: [f.reduce(B), f.reduce(M, axis=1)],
    "logical_xor": lambda f: [f.reduce(B), f.reduce(B, axis=1, initial=True)],
    "bitwise_and": lambda f: [f.reduce(M), f.reduce(M, axis=1, where=B)],
    "bitwise_or": lambda f: [f.reduce(M, axis=1), f.reduce(B)],
    "bitwise_xor": lambda f: [f.reduce(M), f.reduce(M, axis=1, initial=6)],
    "logaddexp": lambda f: [f.reduce(F), f.reduce(F, axis=1, initial=1.0), f.reduce(F, axis=None, keepdims=True)],
    "logaddexp2": lambda f: [f.reduce(F, axis=1), f.reduce(F, where=B)],
    "subtract": lambda f: [f.reduce(M), f.reduce(F, axis=1, keepdims=True)],
}
OTHERS = {
    "accumulate": lambda xp: [
        xp.add.accumulate(M, axis=1), xp.multiply.accumulate(F), xp.subtract.accumulate(M, axis=1),
        xp.maximum.accumulate(F, axis=1), xp.bitwise_or.accumulate(M, axis=0), xp.subtract.accumulate(F[:0]),
    ],
    "outer": lambda xp: [xp.add.outer(M, F[0]), xp.subtract.outer(F[0], F[1]), xp.logical_and.outer(B[0], B[1])],
    "reduceat": lambda xp: [
        xp.add.reduceat(M, np.array([0, 2, 1]), axis=1), xp.maximum.reduceat(F[0], np.array([1])),
    ],
}  # fmt: skip


def assert_same(name, got, want):
    assert len(got) == len(want), name
    for a, b in zip(got, want, strict=True):
        assert a.shape == np.shape(b), name
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("name", REDUCTIONS)
def test_reduce(name):
    case = REDUCTIONS[name]
    got, want = case(getattr(lnp, name)), case(getattr(np, name))
    assert_same(name, got, want)
    for a, b in zip(got, want, strict=True):
        assert a.dtype == (np.int32 if np.asarray(b).dtype == np.int64 else np.asarray(b).dtype), name


@pytest.mark.parametrize("name", OTHERS)
def test_methods(name):
    assert_same(name, OTHERS[name](lnp), OTHERS[name](np))


def test_at():
    for name in ("add", "subtract", "multiply", "maximum", "minimum"):
        want = F[0].copy()
        positions, values = np.array([0, 0, 2]), np.array([2.0, 3.0, -4.0], np.float32)
        getattr(np, name).at(want, positions, values)
        assert getattr(lnp, name).at(F[0], positions, values, inplace=False).tolist() == want.tolist(), name
    want = F[0].copy()
    np.logaddexp.at(want, np.array([1, 1]), np.float32(2))
    np.testing.assert_allclose(lnp.logaddexp.at(F[0], np.array([1, 1]), 2.0, inplace=False), want, rtol=1e-6)
    assert lnp.negative.at(M[0], np.array([0]), inplace=False).tolist() == [-3, -1, 2]


def test_frompyfunc():
    ufunc = lnp.frompyfunc(lambda x, y: x + 2 * y, 2, 1)
    reference = np.frompyfunc(lambda x, y: x + 2 * y, 2, 1)
    assert ufunc(M, 2).tolist() == reference(M, 2).tolist()
    assert ufunc.reduce(M, axis=1).tolist() == reference.reduce(M, axis=1).tolist()
    assert ufunc.accumulate(M, axis=1).tolist() == reference.accumulate(M, axis=1).tolist()
    assert ufunc.reduce(M, axis=None, keepdims=True).shape == (1, 1)
    assert lnp.frompyfunc(lambda x, y: x * y, 2, 1, identity=5).reduce(lnp.zeros(0)).item() == 5
    halves = lnp.frompyfunc(lambda x: (x // 2, x % 2), 1, 2)(M)
    assert [h.tolist() for h in halves] == [(M // 2).tolist(), (M % 2).tolist()]


def test_attributes():
    assert (lnp.add.nin, lnp.add.nout, lnp.add.nargs, lnp.add.identity) == (2, 1, 3, 0)
    assert lnp.maximum.identity is None and lnp.negative.nin == 1 and lnp.logical_and.identity is True
    assert isinstance(lnp.add, lnp.ufunc) and repr(lnp.add) == "<lnp.ufunc 'add'>" and lnp.add.__name__ == "add"


def test_transformed():
    """Under jit, grad and vmap, in one program."""

    def f(x):
        step = lnp.frompyfunc(lambda a, b: 0.5 * a + b, 2, 1)
        return lnp.logaddexp.reduce(x) + step.reduce(x) + lnp.multiply.reduce(x, axis=0)

    want = np.logaddexp.reduce(F) + (0.5 * F[0] + F[1]) + F[0] * F[1]
    gradients, values = la.jit(lambda x: (la.vmap(la.grad(f))(x.T), f(x)))(F)
    np.testing.assert_allclose(values, want, rtol=1e-6)
    share = np.exp(F - np.logaddexp.reduce(F))
    np.testing.assert_allclose(gradients.T, share + np.array([[0.5], [1]]) + F[::-1], rtol=1e-5)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: lnp.add(1, 2, out=M), NotImplementedError, r"lnp\.add: there is no out= or where=.*Use lnp\.where"),
        (lambda: lnp.negative.reduce(M), ValueError, r"lnp\.negative\.reduce: only functions of two arguments"),
        (lambda: lnp.maximum.reduce(M, where=B), ValueError, r"lnp\.maximum\.reduce: it has no identity.*initial="),
        (lambda: lnp.add.reduce(M, where=M), ValueError, "where must be boolean, not int32"),
        (lambda: lnp.subtract.reduce(lnp.zeros(0)), ValueError, "no elements does not exist: it has no identity"),
        (lambda: lnp.subtract.reduce(M, axis=(0, 1)), NotImplementedError, "only along one axis"),
        (lambda: lnp.subtract.accumulate(M, axis=(0, 1)), ValueError, r"takes one axis, not \(0, 1\)"),
        (lambda: lnp.add.at(M, 0, 1), NotImplementedError, "Pass inplace=False for a copy"),
        (
            lambda: lnp.bitwise_and.reduce(F),
            errors.DTypeError,
            "Bits are those of integers and booleans, not of float32",
        ),
    ],
)
def test_errors(call, error, message):
    with pytest.raises(error, match=message):
        call()
