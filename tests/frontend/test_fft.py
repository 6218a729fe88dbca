"""lamina.numpy.fft and lax.fft against NumPy: lengths, axes, norms, dtypes, derivatives."""

from __future__ import annotations

import re

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina import errors
from lamina.config import enable_x64
from lamina.test_util import check_grads

F = lnp.fft
ONE = ["fft", "ifft", "rfft", "irfft", "hfft", "ihfft"]
SEVERAL = ["fftn", "ifftn", "rfftn", "irfftn", "fft2", "ifft2", "rfft2", "irfft2"]
NORMS = [None, "backward", "ortho", "forward"]


def draw(name, shape, dtype):
    rng = np.random.default_rng(0)
    x = rng.normal(size=shape)
    if not name.startswith(("rfft", "ihfft")):
        x = x + 1j * rng.normal(size=shape)
    kind = np.result_type(x.dtype, "complex64") if x.dtype.kind == "c" else x.dtype
    return x.astype(kind if dtype == "float64" else ("complex64" if x.dtype.kind == "c" else "float32"))


def check(name, x, **options):
    got, want = getattr(F, name)(x, **options), getattr(np.fft, name)(x, **options)
    assert (got.shape, got.dtype) == (want.shape, want.dtype)
    tolerance = 1e-13 if x.dtype in ("float64", "complex128") else 1e-5
    np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance * np.abs(want).max())


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ONE)
def test_along_one_axis(name, dtype):
    with enable_x64(True):
        x = draw(name, (3, 6), dtype)
        for norm in NORMS:
            check(name, x, norm=norm)
            check(name, x, n=4, axis=0, norm=norm)
            check(name, x, n=5, norm=norm)
        check(name, x[:, :2], n=1)
        check(name, x, n=97)


@pytest.mark.parametrize("name", SEVERAL)
def test_along_several_axes(name):
    with enable_x64(True):
        x = draw(name, (2, 3, 4, 5), "float64")
        for norm in NORMS:
            check(name, x, axes=(2, 0), norm=norm)
        check(name, x, s=(3, 6), axes=(0, -1))
        if name.endswith("n"):
            check(name, x, axes=None)
            check(name, x, axes=(1,))


def test_helpers_of_frequencies():
    for n in (1, 2, 5, 6):
        np.testing.assert_allclose(F.fftfreq(n, 0.5), np.fft.fftfreq(n, 0.5).astype("f4"))
        np.testing.assert_allclose(F.rfftfreq(n, 3), np.fft.rfftfreq(n, 3).astype("f4"), rtol=1e-7)
        for x in (np.arange(n), np.arange(2 * n).reshape(2, n)):
            for axes in (None, -1, (0,)):
                np.testing.assert_array_equal(F.fftshift(x, axes), np.fft.fftshift(x, axes))
                np.testing.assert_array_equal(F.ifftshift(x, axes), np.fft.ifftshift(x, axes))


def test_dtypes():
    assert F.fft(np.arange(4)).dtype == F.fft(np.ones(4, "float16")).dtype == "complex64"
    assert F.rfft(np.ones(4, bool)).dtype == "complex64" and F.irfft(np.ones(4, "f4")).dtype == "float32"
    assert F.fftfreq(4, dtype="float16").dtype == "float16"
    assert F.fft(np.zeros((0, 4), "f4")).shape == (0, 4)


def test_derivatives():
    with enable_x64(True):
        real, spectrum = draw("rfft", (2, 3, 5), "float64"), draw("fft", (2, 3, 4), "float64")
        check_grads(lambda x: F.rfftn(x, axes=(1, 2)), (real,), order=2)
        check_grads(lambda x: F.irfftn(x, s=(3, 6), axes=(1, 2)), (spectrum,), order=2)
        check_grads(lambda x: F.irfft(x, n=5), (spectrum,), order=1)
        check_grads(lambda x: F.fft2(x, norm="ortho"), (spectrum,), order=1)
        check_grads(lambda x: F.hfft(x, norm="forward"), (spectrum,), order=1)
        check_grads(lambda x: F.ihfft(x, n=4, axis=1), (real,), order=1)


def test_compiled_and_mapped():
    x = draw("rfft", (2, 6), "float32")

    def f(x):
        return F.irfft(F.rfft(x) * 2.0), F.fft(x), la.grad(lambda x: lnp.abs(F.fft(x)).sum())(x)

    want = f(x)
    for got in (la.jit(f)(x), la.jit(la.vmap(f))(x)):
        for ours, theirs in zip(got, want, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: F.rfft(np.ones(3, "c8")), ValueError, "RFFT takes real numbers, not complex64. Use FFT"),
        (lambda: F.fft(np.ones(3), norm="unit"), ValueError, "`lnp.fft.fft`: norm is 'backward', 'ortho' or 'forward', not 'unit'."),
        (lambda: F.fft(np.ones((3, 3)), axis=(0, 1)), ValueError, "`lnp.fft.fft` is along one axis, not (0, 1); fftn takes several."),
        (lambda: F.fft(np.ones(3), n=0), errors.ShapeError, "`lnp.fft.fft`: the lengths (0,) must be positive: a has the shape (3,)."),
        (lambda: F.irfft(np.ones(1)), errors.ShapeError, "`lnp.fft.irfft`: the lengths (0,) must be positive"),
        (lambda: F.fftn(np.ones((3, 3)), axes=(0, 0)), errors.ShapeError, "the axes (0, 0) repeat one"),
        (lambda: F.fftn(np.ones((3, 3)), s=(2,), axes=(0, 1)), errors.ShapeError, "s (2,) needs a length for each of the axes (0, 1)"),
        (lambda: F.fft2(np.ones((3, 3)), axes=(0,)), errors.ShapeError, "it is along two axes, not (0,)"),
        (lambda: F.fft(np.ones(())), errors.ShapeError, "there is no axis -1 in an array of rank 0"),
        (lambda: F.fft([1.0]), errors.NonArrayArgumentError, "`lnp.fft.fft` takes arrays, but the argument `a` is a list"),
        (lambda: F.fftfreq(2.5), ValueError, "`lnp.fft.fftfreq`: n is an int, not 2.5."),
        (lambda: la.lax.fft(np.ones(3), "dft", (3,)), ValueError, "there is no transform 'dft'; there are FFT, IFFT, RFFT, IRFFT."),
        (lambda: la.lax.fft(np.ones(3), "fft", (4,)), errors.ShapeError, "fft of lengths (4,) takes an operand with last dimensions (4,), not c64[3]"),
    ],
)  # fmt: skip
def test_errors(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call()
