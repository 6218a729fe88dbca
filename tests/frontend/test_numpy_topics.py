"""Windows, grids, differences, parts of floats, bits, divisors, covariance, polynomials, convolution: against NumPy."""

import itertools
import math

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina import errors
from lamina.config import enable_x64

V = np.array([0.5, -1.5, 2.0, 3.25, -0.25], np.float32)
W = np.array([1.0, -2.0, 0.5], np.float32)
M = np.array([[1.5, -2.0, 0.25], [4.0, 0.5, -1.0]], np.float32)
A = np.arange(24, dtype=np.float32).reshape(2, 3, 4) ** 2
I5 = np.array([3, -1, 4, 1, -5], np.int32)
X = np.array([0.0, 1.0, 3.0, 3.5, 7.0], np.float32)
BITS = np.array([[1, 0, 1, 1, 0, 0, 1, 0, 1], [0, 0, 0, 0, 0, 0, 0, 0, 1]], np.uint8)
BYTES = np.array([[160, 7], [255, 1]], np.uint8)

TABLES = {
    "windows": lambda xp: [
        getattr(xp, name)(n) for name in ("bartlett", "blackman", "hamming", "hanning") for n in (0, 1, 2, 7)
    ] + [xp.kaiser(n, beta) for n in (0, 1, 2, 7) for beta in (0.0, 8.6)] + [xp.i0(W), xp.i0(M), xp.i0(3)],
    "grids": lambda xp: [
        xp.mgrid[0:3], xp.mgrid[0:2, 5:7], xp.mgrid[0:1:3j], xp.mgrid[0:2, 0:1:3j], *xp.ogrid[0:2, 0:1:3j], xp.ogrid[1:4],
        xp.r_[1:4, 0], xp.r_[V, 0, W], xp.r_[0:1:3j], xp.r_["0,2", W, W], xp.r_["1,2", W, W], xp.r_["0,2,0", W, W],
        xp.r_["0,3,1", W, W], xp.r_["-1", M, M], xp.r_[[1, 2], W], xp.c_[W, W], xp.c_[M, M], xp.c_[M, W[:2]],
    ],
    "block": lambda xp: [
        xp.block([[xp.eye(2), xp.zeros((2, 3))], [xp.ones((3, 2)), xp.eye(3)]]), xp.block([W, 1.0]), xp.block(M),
        xp.block([[W], [W]]), xp.block([[A], [A]]),
    ],
    "resize": lambda xp: [xp.resize(V, (2, 2)), xp.resize(V, 12), xp.resize(M, (2, 0)), xp.resize(np.zeros(0), (2, 2))],
    "trim_zeros": lambda xp: [
        xp.trim_zeros(np.array([0, 0, 1, 0, 2, 0]), trim) for trim in ("fb", "f", "b")
    ] + [xp.trim_zeros(np.zeros(3))],
    "ediff1d": lambda xp: [xp.ediff1d(V), xp.ediff1d(M, to_begin=1.0, to_end=W)],
    "gradient": lambda xp: [
        xp.gradient(V), *xp.gradient(M), *xp.gradient(M, 2.0, 0.5), xp.gradient(M, axis=1), xp.gradient(V, X),
        *xp.gradient(A, 1.0, axis=(0, 2)), xp.gradient(A, X[:3], axis=1), xp.gradient(V * 1j),
    ],
    "unwrap": lambda xp: [
        xp.unwrap(3 * V), xp.unwrap(9 * V, discont=5), xp.unwrap(I5, period=4), xp.unwrap(I5, period=5),
        xp.unwrap(9 * M, axis=0), xp.unwrap(V[:0]),
    ],
    "trapezoid": lambda xp: [xp.trapezoid(V), xp.trapezoid(V, X), xp.trapezoid(M, dx=2.0, axis=0)],
    "packbits": lambda xp: [
        xp.packbits(BITS, axis, order) for axis in (None, 0, 1) for order in ("big", "little")
    ],
    "unpackbits": lambda xp: [
        xp.unpackbits(BYTES, axis, count, order)
        for axis, count, order in ((None, None, "big"), (0, 11, "big"), (1, 20, "little"), (1, -3, "big"), (None, 0, "big"))
    ],
    "divisors": lambda xp: [
        f(x, y) for f in (xp.gcd, xp.lcm) for x, y in ((I5, 6), (12, np.array([18, 0, -8], np.int32)), (0, 0))
    ],
    "cov": lambda xp: [
        xp.cov(M), xp.cov(M, bias=True), xp.cov(M, ddof=0), xp.cov(M, rowvar=False), xp.cov(V), xp.cov(V, 2 * V),
        xp.cov(M, fweights=np.array([1, 2, 3])), xp.cov(M, aweights=np.array([1.0, 2.0, 3.0])),
        xp.cov(M, fweights=np.array([1, 2, 3]), aweights=np.array([1.0, 2.0, 3.0])), xp.cov(M * 1j + M[::-1]),
    ],
    "corrcoef": lambda xp: [xp.corrcoef(M), xp.corrcoef(V), xp.corrcoef(V, V[::-1]), xp.corrcoef(M * 1j + M[::-1])],
    "polynomials": lambda xp: [
        xp.polyval(V, W), xp.polyval(W, 2.0), xp.polyadd(V, W), xp.polysub(W, V), xp.polymul(V, W),
        xp.polyder(V), xp.polyder(V, 2), xp.polyder(V, 7), xp.polyint(V),
        xp.polyint(V, 2, k=np.array([1.0, 2.0])), xp.poly(W), xp.poly(W[:0]),
    ],
    "convolve": lambda xp: [
        f(x, y, mode) for f in (xp.convolve, xp.correlate) for mode in ("full", "same", "valid")
        for x, y in ((V, W), (W, V), (W, W), (V * 1j, W * 2j), (V[:1], W))
    ],
    "nan positions": lambda xp: [
        xp.nanargmax(np.where(M > 1, np.nan, M)), xp.nanargmin(np.where(M > 1, np.nan, M), axis=1),
        xp.nanargmax(M, axis=0, keepdims=True),
    ],
    "functional": lambda xp: [
        xp.apply_along_axis(lambda v: v[::-1], 1, A), xp.apply_along_axis(lambda v: v.sum(), 0, A),
        xp.apply_along_axis(lambda v: xp.outer(v, v), 1, A), xp.apply_over_axes(xp.sum, A, (0, 2)),
        xp.piecewise(V, [V < 0, V > 1], [-1, lambda x: 2 * x, 7]), xp.piecewise(V, [V < 0], [lambda x: x + 1]),
        xp.fromfunction(lambda i, j: 10 * i + j, (2, 3), dtype=int),
        xp.vectorize(lambda x, y: x * y)(V[:, None], W),
        xp.vectorize(lambda a, b: a @ b, signature="(n,m),(m)->(n)")(A, W[0] * np.ones((3, 1, 4))),
        *xp.vectorize(lambda a, b: (a, b), signature="(),(n)->(),(n)")(V[:2], M),
    ],
    "padding": lambda xp: [
        xp.pad(M, widths, mode, **options)
        for mode, options in (
            ("linear_ramp", {}), ("linear_ramp", {"end_values": ((1, 2), (3, 4))}), ("maximum", {}), ("minimum", {}),
            ("mean", {}), ("median", {}), ("maximum", {"stat_length": 1}), ("mean", {"stat_length": ((1, 2), (2, 1))}),
            ("reflect", {"reflect_type": "odd"}), ("symmetric", {"reflect_type": "odd"}),
        )
        for widths in (1, ((2, 0), (1, 3)))
    ] + [xp.pad(I5, (1, 2), "mean"), xp.pad(W[:1], 2, "reflect", reflect_type="odd")],
}  # fmt: skip


def assert_same(name, got, want, rtol=1e-5):
    assert len(got) == len(want)
    for i, (a, b) in enumerate(zip(got, want, strict=True)):
        assert isinstance(a, la.Array) and a.shape == np.shape(b), (name, i, a.shape, np.shape(b))
        np.testing.assert_allclose(a, b, rtol=rtol, atol=2e-6, err_msg=f"{name} {i}")


@pytest.mark.parametrize("name", TABLES)
def test_against_numpy(name):
    with np.errstate(all="ignore"):
        want = TABLES[name](np)
    assert_same(name, TABLES[name](lnp), want)


COMPILED = {
    "gradient": lambda xp, v, w, m, i: xp.gradient(v, X),
    "unwrap": lambda xp, v, w, m, i: xp.unwrap(9 * m, axis=0),
    "packbits": lambda xp, v, w, m, i: xp.packbits(i > 0),
    "lcm": lambda xp, v, w, m, i: xp.lcm(i, 6),
    "cov": lambda xp, v, w, m, i: xp.cov(m),
    "polyval": lambda xp, v, w, m, i: xp.polyval(w, v),
    "polymul": lambda xp, v, w, m, i: xp.polymul(v, w),
    "correlate": lambda xp, v, w, m, i: xp.correlate(v, w, "same"),
    "linear_ramp": lambda xp, v, w, m, i: xp.pad(m, 2, "linear_ramp"),
    "reflect": lambda xp, v, w, m, i: xp.pad(w, (3, 4), "reflect", reflect_type="odd"),
    "piecewise": lambda xp, v, w, m, i: xp.piecewise(v, [v < 0, v > 1], [-1, lambda x: 2 * x, 7]),
    "vectorize": lambda xp, v, w, m, i: xp.vectorize(lambda a, b: a @ b, signature="(n),(n)->()")(m, w),
    "frexp": lambda xp, v, w, m, i: xp.frexp(v)[1],
    "ldexp": lambda xp, v, w, m, i: xp.ldexp(v, i),
    "modf": lambda xp, v, w, m, i: xp.modf(v)[0],
}


def test_compiled():
    """With traced operands, in one program."""
    operands = (V, W, M, I5)
    got = la.jit(lambda *operands: {name: case(lnp, *operands) for name, case in COMPILED.items()})(*operands)
    for name, case in COMPILED.items():
        assert_same(name, [got[name]], [case(np, *operands)])


def test_polydiv():
    for u, v in ((V, W), (W, V)):
        quotient, rest = lnp.polydiv(u, v)
        assert rest.shape == u.shape  # as many coefficients as u has, unless they are known and trimmed
        got = (quotient, lnp.polydiv(u, v, trim_leading_zeros=True)[1])
        assert_same("polydiv", got, np.polydiv(u, v))


def test_diagonals_far_away():
    for k in (2**40, -(2**40)):
        assert lnp.eye(2, k=k).sum().item() == 0 and np.array_equal(lnp.tri(2, k=k), np.tri(2, k=k))


def test_complex_expm1():
    """C99's values, which NumPy has not."""
    inf, nan = np.inf, np.nan
    z = np.array(
        [complex(-0.0, 0.0), complex(inf, 0), complex(-inf, inf), complex(inf, nan), complex(nan, 0), 1e-8 + 1e-8j]
    )
    want = [0, inf, -1, inf, nan, 1e-8]
    for got in (lnp.expm1(z), la.jit(lnp.expm1)(z.astype(np.complex64))):
        np.testing.assert_allclose(np.asarray(got).real, want, rtol=1e-6)
        np.testing.assert_allclose(np.asarray(got).imag, [0, 0, 0, nan, 0, 1e-8], rtol=1e-6)


def test_polyfit():
    y = np.stack([V, 2 * V[::-1]], axis=1)
    for arguments in ((V, 2), (y, 1)):
        np.testing.assert_allclose(lnp.polyfit(X, *arguments), np.polyfit(X, *arguments), rtol=1e-4)
    weights = np.array([1.0, 2, 1, 3, 1], np.float32)
    for cov in (True, "unscaled"):
        got, want = (xp.polyfit(X, V, 2, w=weights, cov=cov) for xp in (lnp, np))
        np.testing.assert_allclose(got[0], want[0], rtol=1e-3)
        np.testing.assert_allclose(got[1], want[1], rtol=1e-3)
    got, want = (xp.polyfit(X, V, 2, full=True) for xp in (lnp, np))
    np.testing.assert_allclose(got[1], want[1], rtol=1e-4)
    assert got[2].item() == want[2] == 3
    with pytest.raises(errors.ShapeError, match="x is a vector, y a vector or matrix as long"):
        lnp.polyfit(X, W, 1)
    with pytest.raises(ValueError, match="more samples than coefficients"):
        lnp.polyfit(X[:3], V[:3], 2, cov=True)


def test_roots():
    for p in ([1.0, -3.0, 2.0], [0.0, 2.0, 0.0, -8.0, 0.0, 0.0], [1.0, 0.0, 1.0], [5.0], [0.0, 0.0]):
        got, want = np.asarray(lnp.roots(np.array(p, np.float32))), np.roots(p)
        np.testing.assert_allclose(np.sort_complex(got), np.sort_complex(want), atol=1e-5)
    assert sorted(la.jit(lambda p: lnp.roots(p, strip_zeros=False).real)(lnp.array([1.0, -3.0, 2.0])).tolist()) == [
        1,
        2,
    ]
    np.testing.assert_allclose(lnp.poly(M[:, :2]).real, np.poly(M[:, :2]), rtol=1e-5)


SPECIAL = [0.0, -0.0, 1.0, -2.5, 3.0, np.inf, -np.inf, np.nan]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_parts_of_floats(dtype):
    info = np.finfo(dtype)
    extremes = [info.max, info.tiny, -info.tiny / 8, info.smallest_subnormal]
    with enable_x64(True):
        x = np.array(SPECIAL + extremes, dtype)
        for name in ("frexp", "modf"):
            with np.errstate(all="ignore"):
                want = getattr(np, name)(x)
            for got, expected in zip(getattr(lnp, name)(x), want, strict=True):
                assert np.array_equal(got, expected, equal_nan=True), name
                assert np.array_equal(np.signbit(got), np.signbit(expected) & ~np.isnan(expected)) or name == "frexp"
        with np.errstate(all="ignore"):
            want = np.spacing(x)
        assert np.array_equal(np.abs(lnp.spacing(x)), np.abs(want), equal_nan=True)
        powers = np.array(
            [0, 3, -3, 40, -40, info.maxexp, info.minexp, info.minexp - info.nmant, 5000, -5000], np.int32
        )
        with np.errstate(all="ignore"):
            want = np.ldexp(x[:, None], powers)
        assert np.array_equal(lnp.ldexp(x[:, None], powers), want, equal_nan=True)


def test_derivatives_of_parts():
    assert la.grad(lambda x: lnp.frexp(x)[0])(12.0).item() == 1 / 16
    assert la.grad(lambda x: lnp.ldexp(x, 3))(1.5).item() == 8
    assert la.grad(lambda x: lnp.modf(x)[0])(2.25).item() == 1


def test_gcd_of_all_pairs():
    values = np.arange(-40, 41, dtype=np.int16)
    x, y = values[:, None], values
    assert np.array_equal(lnp.gcd(x, y), np.gcd(x, y)) and lnp.gcd(x, y).dtype == np.int16
    assert lnp.gcd(np.uint8(200), np.uint8(120)).item() == math.gcd(200, 120)


def test_questions():
    for a, b in itertools.product(["bool", "int8", "uint8", "int32", "float16", "float32", "complex64"], repeat=2):
        assert lnp.can_cast(a, b) == np.can_cast(a, b) and lnp.can_cast(a, b, "same_kind") == np.can_cast(
            a, b, "same_kind"
        )
    assert lnp.isdtype(lnp.bfloat16, "real floating") and lnp.isdtype("int8", ("bool", "int8", lnp.int16))
    assert not lnp.isdtype("bool", "numeric") and lnp.isdtype(lnp.uint8, ("complex floating", "unsigned integer"))
    assert [lnp.isscalar(x) for x in (1, 1j, "a", np.float32(1), lnp.array(1), np.array(1))] == [True] * 6
    assert not any(map(lnp.isscalar, ([1], None, lnp.ones(1)))) and lnp.iterable(V) and not lnp.iterable(1)
    assert lnp.size([[1, 2]]) == 2 and lnp.size(A, (0, 2)) == 8 and lnp.shape([1, 2]) == (2,) and lnp.ndim([[1]]) == 2


def test_text():
    x = lnp.array([1.23456, 2.0])
    assert (
        lnp.array_repr(x, precision=2) == "Array([1.23, 2.  ], dtype=float32)"
        and lnp.array_str(x, precision=1) == "[1.2 2. ]"
    )
    assert repr(lnp.zeros((0, 2))) == "Array([], shape=(0, 2), dtype=float32)"
    with lnp.printoptions(precision=1):
        assert str(x) == "[1.2 2. ]"


def test_buffers_and_files(tmp_path):
    assert lnp.frombuffer(b"\x01\x02\x03", "uint8", count=2, offset=1).tolist() == [2, 3]
    assert lnp.fromstring("1.5 2", sep=" ").tolist() == [1.5, 2]
    for array in (lnp.arange(6).reshape(2, 3), lnp.array([1.5, -2.0], lnp.bfloat16)):
        lnp.save(tmp_path / "x.npy", array)
        loaded = lnp.load(tmp_path / "x.npy")
        assert loaded.dtype == array.dtype and loaded.tolist() == array.tolist()
    lnp.savez(tmp_path / "x.npz", a=lnp.ones(2))
    assert lnp.load(tmp_path / "x.npz")["a"].tolist() == [1, 1]
    source = np.arange(3, dtype=np.int32)
    taken = lnp.from_dlpack(source)
    assert lnp.from_dlpack(taken, copy=False) is taken
    source[0] = 9
    assert taken.tolist() == [0, 1, 2] and np.from_dlpack(taken).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: lnp.hanning(2.5), TypeError, "the number of points M is an int, not 2.5"),
        (lambda: lnp.mgrid[3], TypeError, "a grid is written with slices, not 3"),
        (lambda: lnp.r_["x", V], ValueError, "take 'r', 'c' or up to three numbers"),
        (lambda: lnp.block([[M], V]), ValueError, "nested equally deep"),
        (lambda: lnp.gradient(V[:1]), ValueError, "axis 0 has 1 samples, but a slope needs two"),
        (lambda: lnp.gradient(M, 1.0, 2.0, 3.0), TypeError, "3 distances for 2 axes"),
        (lambda: lnp.diff(V, n=-1), ValueError, "n is -1"),
        (lambda: lnp.frexp(1j), errors.DTypeError, "takes real numbers"),
        (lambda: lnp.ldexp(1.0, 2.0), errors.DTypeError, "takes integers for x2, not float32"),
        (lambda: lnp.packbits(V), errors.DTypeError, "takes booleans or integers, not float32"),
        (lambda: lnp.packbits(BITS, bitorder="x"), ValueError, "bitorder is 'big' or 'little'"),
        (lambda: lnp.unpackbits(I5), errors.DTypeError, "takes uint8, not int32"),
        (lambda: lnp.gcd(2.0, 3), errors.DTypeError, "takes integers, not float32"),
        (lambda: lnp.cov(A), errors.ShapeError, "lnp.cov: m`: a variable or a matrix of them"),
        (lambda: lnp.cov(M, aweights=W[:2]), errors.ShapeError, "lnp.cov: aweights`: one weight per observation"),
        (lambda: lnp.polyder(V, -1), ValueError, "the order m must not be negative"),
        (lambda: lnp.convolve(V, W, "x"), ValueError, "the mode is one of full, same, valid"),
        (lambda: lnp.convolve(M, W), errors.ShapeError, "both must be vectors"),
        (lambda: lnp.vectorize(lambda x: x, signature="(n")(V), ValueError, r"'\(n' is no signature"),
        (
            lambda: lnp.vectorize(lambda x: x, signature="(n)->()")(V),
            errors.ShapeError,
            "result 0 must have the dimensions",
        ),
        (
            lambda: lnp.vectorize(lambda x, y: x, signature="(n),(n)->()")(V, W),
            errors.ShapeError,
            "n is 5, but 3 in args",
        ),
        (lambda: lnp.apply_over_axes(lambda a, axis: lnp.sum(a), A, 1), errors.ShapeError, "must keep the rank"),
        (lambda: lnp.piecewise(V, [V < 0], [1, 2, 3]), ValueError, "3 functions for 1 conditions"),
        (lambda: lnp.isdtype("int8", "small"), errors.DTypeError, "'small' is not a dtype"),
        (lambda: lnp.pad(V, 1, "edge", constant_values=3), ValueError, "the mode 'edge' has no option constant_values"),
        (lambda: lnp.pad(V, 1, "cubic"), NotImplementedError, "the mode is one of constant"),
        (lambda: lnp.pad(V[:0], 1, "edge"), errors.ShapeError, "axis 0 is empty"),
        (lambda: lnp.zeros(2, out_sharding=1), NotImplementedError, "out_sharding= needs several devices"),
    ],
)
def test_errors(call, error, message):
    with pytest.raises(error, match=message):
        call()
