"""scipy.signal and scipy.ndimage against SciPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.ndimage
import scipy.signal

import lamina as la
import lamina.numpy as lnp
from lamina import errors
from lamina.scipy import ndimage, signal

RNG = np.random.default_rng(0)


def numbers(*shape: int, dtype: Any = np.float32) -> np.ndarray:
    x = RNG.normal(size=shape)
    return (x + 1j * RNG.normal(size=shape)).astype(dtype) if np.dtype(dtype).kind == "c" else x.astype(dtype)


PAIRS = [
    (numbers(7), numbers(4)),
    (numbers(4), numbers(7)),
    (numbers(6, 5), numbers(3, 4)),
    (numbers(3, 4), numbers(6, 5, dtype=np.complex64)),
    (numbers(5, 4), numbers(5, 4)),
]


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
def test_convolutions(mode: str) -> None:
    for x, y in PAIRS:
        for name in ("convolve", "correlate", "fftconvolve", *(["convolve2d", "correlate2d"] if x.ndim == 2 else [])):
            if mode == "same" and name == "correlate":  # the middle is that of JAX, one element off for even sizes
                continue
            got, want = getattr(signal, name)(x, y, mode), getattr(scipy.signal, name)(x, y, mode)
            np.testing.assert_allclose(got, want, rtol=2e-5, atol=2e-5)
    x, y = numbers(3, 20), numbers(3, 6)
    np.testing.assert_allclose(
        signal.fftconvolve(x, y, mode, axes=1), scipy.signal.fftconvolve(x, y, mode, axes=1), rtol=1e-4, atol=1e-5
    )
    np.testing.assert_allclose(
        signal.convolve(x[0], y[0], mode, method="fft"), signal.convolve(x[0], y[0], mode), rtol=1e-4, atol=1e-5
    )


def test_detrend() -> None:
    x = numbers(9, 4) + np.arange(9, dtype=np.float32)[:, None]
    for options in ({"type": "constant"}, {}, {"bp": [2, 5]}):
        got, want = signal.detrend(x, 0, **options), scipy.signal.detrend(x, 0, **options)
        np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-5)


SIGNAL = numbers(3, 100)


@pytest.mark.parametrize(
    "options",
    [
        {"nperseg": 16},
        {"nperseg": 16, "noverlap": 4, "nfft": 32, "detrend": "constant"},
        {"nperseg": 15, "boundary": "even", "fs": 10.0},
        {"nperseg": 16, "boundary": "odd", "padded": False},
        {"nperseg": 16, "boundary": "constant", "return_onesided": False},
        {"nperseg": 16, "boundary": None, "detrend": "linear", "window": "hamming"},
    ],
)
def test_short_time_transforms(options: dict[str, Any]) -> None:
    for got, want in zip(signal.stft(SIGNAL, **options), scipy.signal.stft(SIGNAL, **options), strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-5)


def test_spectral_densities() -> None:
    other = numbers(3, 80)
    for options in (
        {"nperseg": 16},
        {"nperseg": 16, "scaling": "spectrum", "average": "median"},
        {"nperseg": 15, "fs": 3.0},
    ):
        for got, want in zip(signal.welch(SIGNAL, **options), scipy.signal.welch(SIGNAL, **options), strict=True):
            np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-6)
        got, want = signal.csd(SIGNAL, other, **options)[1], scipy.signal.csd(SIGNAL, other, **options)[1]
        np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-6)
    with pytest.warns(UserWarning, match="a complex signal has frequencies of both signs"):
        got = signal.welch(SIGNAL + 1j * SIGNAL[::-1], nperseg=16)[1]
    want = scipy.signal.welch(SIGNAL + 1j * SIGNAL[::-1], nperseg=16, return_onesided=False)[1]
    np.testing.assert_allclose(got, want, rtol=1e-4)


def test_inverse_transforms() -> None:
    for options in ({"nperseg": 16}, {"nperseg": 16, "noverlap": 12}, {"nperseg": 15}):
        spectrum = signal.stft(SIGNAL, **options)[2]
        got = np.asarray(signal.istft(spectrum, **options)[1])
        np.testing.assert_allclose(got[:, :100], SIGNAL, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(got, scipy.signal.istft(np.asarray(spectrum), **options)[1], rtol=1e-4, atol=1e-5)
    moved = signal.istft(lnp.moveaxis(spectrum, 0, 2), **options, time_axis=1, freq_axis=0)[1]
    np.testing.assert_allclose(lnp.moveaxis(moved, 0, 1), got, rtol=1e-5, atol=1e-6)


def test_compiled_with_gradient_is_eager() -> None:
    x, y = PAIRS[2]

    def everything(x: Any, y: Any) -> Any:
        f = lambda x, y: lnp.sum(signal.convolve(x, y, "same") ** 2) + lnp.sum(signal.correlate2d(x, y))  # noqa: E731
        power = lambda x: lnp.sum(signal.welch(x, nperseg=16)[1])  # noqa: E731
        return la.grad(f, (0, 1))(x, y), la.grad(power)(SIGNAL[0])

    for got, want in zip(la.tree.leaves(la.jit(everything)(x, y)), la.tree.leaves(everything(x, y)), strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("mode", ["constant", "nearest", "mirror", "reflect"])
def test_map_coordinates(mode: str) -> None:
    floats, integers = numbers(5, 6), RNG.integers(-9, 9, (5, 6)).astype(np.int32)
    coordinates = [RNG.uniform(-3, 8, (4, 3)).astype(np.float32) for _ in range(2)]
    inside = [np.clip(c, 0, n - 1) for c, n in zip(coordinates, floats.shape, strict=True)]
    for order in (0, 1):
        # SciPy blends cval in between the edge and outside in another way
        chosen = inside if mode == "constant" else coordinates
        got = ndimage.map_coordinates(floats, chosen, order, mode, cval=2.5)
        want = scipy.ndimage.map_coordinates(floats, chosen, order=order, mode=mode, cval=2.5)
        np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-5)
        assert ndimage.map_coordinates(integers, coordinates, order, mode).dtype == np.int32
    wrapped = ndimage.map_coordinates(floats[0], [np.float32([-1, 6, 7])], 0, "wrap")
    np.testing.assert_array_equal(wrapped, floats[0][[5, 0, 1]])
    outside = ndimage.map_coordinates(floats[0], [np.float32([-2, 9])], 1, "constant", 7)
    np.testing.assert_array_equal(outside, [7, 7])
    gradient = la.grad(lambda c: ndimage.map_coordinates(floats[0], [c], 1, mode))(np.float32(2.25))
    np.testing.assert_allclose(gradient, floats[0, 3] - floats[0, 2], rtol=1e-6)


def test_errors() -> None:
    x, y = lnp.ones((3, 4)), lnp.ones((4, 3))
    cases: list[tuple[Any, type[Exception], str]] = [
        (lambda: signal.convolve(x, y), errors.ShapeError, "must not be larger than the other along any axis"),
        (lambda: signal.convolve(x, x[0]), errors.ShapeError, "both must have one rank"),
        (lambda: signal.convolve(x, x, "whole"), ValueError, "the mode is one of full, same, valid, not 'whole'"),
        (lambda: signal.convolve(x, x, method="quick"), ValueError, 'method is "auto", "direct" or "fft"'),
        (lambda: signal.convolve(x, x[:0]), errors.ShapeError, "the operands must not be empty"),
        (lambda: signal.convolve2d(x, x, boundary="wrap"), NotImplementedError, "Use lnp.pad"),
        (lambda: signal.convolve2d(x[0], x[0]), errors.ShapeError, "both must be matrices"),
        (lambda: signal.detrend(x, type="cubic"), ValueError, 'the type is "constant" or "linear"'),
        (lambda: signal.stft(x[0], nperseg=4, noverlap=4), ValueError, "noverlap, 4, must be less than nperseg, 4"),
        (lambda: signal.stft(x[0], nperseg=4, nfft=3), ValueError, "nfft, 3, must not be less than nperseg, 4"),
        (lambda: signal.stft(x[0], nperseg=4, boundary="zero"), ValueError, "the boundary is one of even, odd"),
        (lambda: ndimage.map_coordinates(x, [x], 1), ValueError, "coordinates for each of 2 axes, not for 1"),
        (lambda: ndimage.map_coordinates(x, [x, x], 3), NotImplementedError, "the order is 0 (nearest) or 1 (linear)"),
    ]  # fmt: skip
    for call, kind, text in cases:
        with pytest.raises(kind) as caught:
            call()
        assert text in str(caught.value)
