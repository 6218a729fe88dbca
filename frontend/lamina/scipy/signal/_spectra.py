"""Spectra of signals: Fourier transforms of windowed segments that overlap (Welch 1967)."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from lamina import dtypes, errors
from lamina import numpy as lnp
from lamina.array import Array
from lamina.numpy._operands import normal_axis, operand, promoted
from lamina.scipy.signal._trends import detrend as without_trend


class _Segments(NamedTuple):
    """How a signal is cut up: the window, the distance of segments, and the length of their transforms."""

    window: Array
    step: int
    length: int

    @property
    def size(self) -> int:
        return self.window.size


def stft(
    x: Any, fs: Any = 1.0, window: Any = "hann", nperseg: int = 256, noverlap: int | None = None,
    nfft: int | None = None, detrend: Any = False, return_onesided: bool = True, boundary: str | None = "zeros",
    padded: bool = True, axis: int = -1,
) -> tuple[Array, Array, Array]:  # fmt: skip
    """Frequencies, times, and the Fourier transforms of windowed segments, in a new last axis of times.

    Args:
        x: the signal along `axis`.
        fs: samples a second.
        window: a name of SciPy's, "hann" by default, or its values.
        nperseg, noverlap: samples of a segment, and those it shares with the next (default half).
        nfft: length of the transforms; longer than a segment: with zeros.
        detrend: what is taken out of each segment: "constant", "linear", a function, or False.
        return_onesided: whether frequencies ≥ 0 only (of real signals).
        boundary: how the signal goes on at its ends: "even", "odd", "constant", "zeros" or None (not at all).
        padded: whether zeros fill up the last segment.

    >>> import lamina.numpy as lnp
    >>> f, t, z = stft(lnp.ones(8), nperseg=4)
    >>> z.shape
    (3, 5)
    """
    return _spectra(
        "stft",
        x,
        None,
        fs,
        window,
        nperseg,
        noverlap,
        nfft,
        detrend,
        return_onesided,
        "spectrum",
        axis,
        boundary,
        padded,
    )


def csd(
    x: Any, y: Any, fs: Any = 1.0, window: Any = "hann", nperseg: int | None = None, noverlap: int | None = None,
    nfft: int | None = None, detrend: Any = "constant", return_onesided: bool = True, scaling: str = "density",
    axis: int = -1, average: str = "mean",
) -> tuple[Array, Array]:  # fmt: skip
    """Frequencies, and the cross spectral density of two signals: products of transforms, averaged over segments.

    Arguments as those of `stft`; `scaling`: "density" (per frequency) or "spectrum"; `average`: "mean" or "median".

    >>> import lamina.numpy as lnp, lamina.scipy as scipy
    >>> t = lnp.arange(64.0)
    >>> f, p = scipy.signal.csd(lnp.sin(t), lnp.cos(t), nperseg=32)
    >>> f.shape, p.dtype
    ((17,), dtype('complex64'))
    """
    frequencies, _, powers = _spectra(
        "csd", x, y, fs, window, nperseg, noverlap, nfft, detrend, return_onesided, scaling, axis, None, False
    )
    if y is not None:
        powers = powers.astype(dtypes.to_complex_dtype(powers.dtype))
    if powers.ndim < 2 or not powers.size:
        return frequencies, powers
    if average == "mean":
        return frequencies, lnp.mean(powers, -1)
    if average != "median":
        raise ValueError(f'`scipy.signal.csd`: the average is "mean" or "median", not {average!r}.')
    bias = _median_bias(powers.shape[-1])
    if powers.dtype.kind != "c":
        return frequencies, lnp.median(powers, -1) / bias
    return frequencies, (lnp.median(powers.real, -1) + 1j * lnp.median(powers.imag, -1)) / bias


def welch(
    x: Any, fs: Any = 1.0, window: Any = "hann", nperseg: int | None = None, noverlap: int | None = None,
    nfft: int | None = None, detrend: Any = "constant", return_onesided: bool = True, scaling: str = "density",
    axis: int = -1, average: str = "mean",
) -> tuple[Array, Array]:  # fmt: skip
    """Frequencies, and the power spectral density of a signal; arguments as those of `csd`.

    >>> import lamina.numpy as lnp
    >>> f, power = welch(lnp.sin(lnp.arange(64.0)), nperseg=16)
    >>> int(lnp.argmax(power))
    3
    """
    frequencies, powers = csd(
        x, None, fs, window, nperseg, noverlap, nfft, detrend, return_onesided, scaling, axis, average
    )
    return frequencies, powers.real


def _median_bias(count: int) -> float:
    """The median of `count` powers over their mean, for noise (Allen et al. 2012, app. B)."""
    pairs = 2 * np.arange(1.0, (count - 1) // 2 + 1)
    return float(1 + np.sum(1 / (pairs + 1) - 1 / pairs))


def _spectra(
    function: str, x: Any, y: Any, fs: Any, window: Any, nperseg: Any, noverlap: Any, nfft: Any, detrend: Any,
    return_onesided: bool, scaling: str, axis: int, boundary: str | None, padded: bool,
) -> tuple[Array, Array, Array]:  # fmt: skip
    """Frequencies, times, and of each segment the transform (stft), or the product of the conjugate and the other."""
    name = f"scipy.signal.{function}"
    signals = promoted(name, *([x] if y is None else [x, y]), names=("x", "y"), inexact=True)
    if any(s.ndim == 0 for s in signals):
        raise errors.ShapeError(name, "a signal has an axis at least")
    place = normal_axis(name, axis, signals[0].ndim)
    signals = [lnp.moveaxis(s, place if s.ndim > 1 else 0, -1) for s in signals]
    length = max(s.shape[-1] for s in signals)
    signals = [_filled_up(s, length) for s in signals]
    real = dtypes.to_real_dtype(signals[0].dtype)
    if any(not s.size for s in signals):
        return tuple(lnp.zeros(signals[0].shape, d) for d in (real, real, dtypes.to_complex_dtype(real)))  # type: ignore
    cut = _segments(name, window, nperseg, noverlap, nfft, length, real)
    if boundary is not None:
        signals = [_extended(name, s, cut.size // 2, boundary) for s in signals]
    if padded:
        missing = (-(signals[0].shape[-1] - cut.size) % cut.step) % cut.size
        signals = [_filled_up(s, s.shape[-1] + missing) for s in signals]
    onesided = return_onesided
    if onesided and any(s.dtype.kind == "c" for s in signals):
        warnings.warn(f"`{name}`: a complex signal has frequencies of both signs: return_onesided=False", stacklevel=3)
        onesided = False
    transforms = [_transformed(s, cut, _trend_remover(name, detrend), onesided) for s in signals]
    result = transforms[0] if function == "stft" else lnp.conj(transforms[0]) * transforms[-1]
    scale = _scale(name, scaling, cut.window, fs)
    result = result * (lnp.sqrt(scale) if function == "stft" else scale)
    if onesided and function != "stft":  # the powers at both signs
        last = result.shape[-1] - (cut.length % 2 == 0)
        both = np.full(result.shape[-1], 2)
        both[0], both[last:] = 1, 1
        result = result * lnp.asarray(both, real)
    frequencies = (lnp.fft.rfftfreq if onesided else lnp.fft.fftfreq)(cut.length, 1 / fs)
    times = lnp.arange(result.shape[-2], dtype=real) * cut.step / fs
    if boundary is None:
        times = times + cut.size / 2 / fs
    result = result if function == "stft" or y is not None else result.real
    return lnp.asarray(frequencies, real), times, lnp.moveaxis(lnp.swapaxes(result, -1, -2), -2, place)


def _segments(
    name: str, window: Any, nperseg: Any, noverlap: Any, nfft: Any, length: int, dtype: np.dtype
) -> _Segments:
    if nperseg is not None and nperseg < 1:
        raise ValueError(f"`{name}`: nperseg must be positive, not {nperseg}.")
    if isinstance(window, (str, tuple)):
        size = 256 if nperseg is None else int(nperseg)
        if size > length:
            if nperseg is not None:
                warnings.warn(
                    f"`{name}`: nperseg is {size}, but the signal has {length} samples: one segment is used",
                    stacklevel=4,
                )
            size = length
        values = lnp.asarray(_window(window, size), dtype)
    else:
        values = lnp.asarray(window)
        if values.ndim != 1 or values.size > length:
            raise errors.ShapeError(
                name, f"the window is a vector not longer than the signal, {length}", window=values.shape
            )
        if nperseg is not None and nperseg != values.size:
            raise ValueError(f"`{name}`: nperseg is {nperseg}, but the window has {values.size} values.")
        size = values.size
    overlap = size // 2 if noverlap is None else int(noverlap)
    transform = size if nfft is None else int(nfft)
    _check_sizes(name, size, overlap, transform)
    return _Segments(values, size - overlap, transform)


def _check_sizes(name: str, size: int, overlap: int, transform: int) -> None:
    if transform < size:
        raise ValueError(f"`{name}`: nfft, {transform}, must not be less than nperseg, {size}.")
    if overlap >= size:
        raise ValueError(f"`{name}`: noverlap, {overlap}, must be less than nperseg, {size}.")


def _window(window: Any, size: int) -> np.ndarray:
    """A window by its name."""
    if window == "hann":
        return np.ones(1) if size == 1 else np.sin(np.pi * np.arange(size) / size) ** 2
    from scipy.signal import get_window

    return np.asarray(get_window(window, size))


def _filled_up(x: Array, length: int) -> Array:
    """Zeros at the end of the last axis."""
    return lnp.pad(x, [(0, 0)] * (x.ndim - 1) + [(0, length - x.shape[-1])])


def _extended(name: str, x: Array, n: int, boundary: str) -> Array:
    """n elements more at either end of the last axis."""
    width = [(0, 0)] * (x.ndim - 1) + [(n, n)]
    modes = {"even": "reflect", "constant": "edge", "zeros": "constant"}
    if boundary in modes:
        return lnp.pad(x, width, modes[boundary])
    if boundary != "odd":
        raise ValueError(f"`{name}`: the boundary is one of even, odd, constant, zeros or None, not {boundary!r}.")
    if n == 0:
        return x
    if n >= x.shape[-1]:
        raise ValueError(f"`{name}`: an odd boundary of {n} samples needs a longer signal than {x.shape[-1]}.")
    left, right = x[..., n:0:-1], x[..., -2 : -(n + 2) : -1]
    return lnp.concatenate([2 * x[..., :1] - left, x, 2 * x[..., -1:] - right], -1)


def _trend_remover(name: str, detrend: Any) -> Callable[[Array], Any]:
    if isinstance(detrend, str):
        return lambda segments: without_trend(segments, -1, detrend)
    if callable(detrend):
        return detrend
    if detrend:
        raise ValueError(f'`{name}`: detrend is "constant", "linear", a function or False, not {detrend!r}.')
    return lambda segments: segments


def _transformed(x: Array, cut: _Segments, remove_trend: Callable[[Array], Any], onesided: bool) -> Array:
    """[..., samples] → [..., segments, frequencies]"""
    count = (x.shape[-1] - cut.size) // cut.step + 1
    places = np.arange(count)[:, None] * cut.step + np.arange(cut.size)
    segments = remove_trend(x[..., lnp.asarray(places.astype(np.int32))]) * cut.window
    return (lnp.fft.rfft if onesided else lnp.fft.fft)(segments, cut.length)


def _scale(name: str, scaling: str, window: Array, fs: Any) -> Array:
    if scaling == "density":
        return 1 / (fs * lnp.sum(window * window))
    if scaling == "spectrum":
        return 1 / lnp.square(lnp.sum(window))
    raise ValueError(f'`{name}`: the scaling is "density" or "spectrum", not {scaling!r}.')


def istft(
    Zxx: Any, fs: Any = 1.0, window: Any = "hann", nperseg: int | None = None, noverlap: int | None = None,
    nfft: int | None = None, input_onesided: bool = True, boundary: bool = True, time_axis: int = -1,
    freq_axis: int = -2,
) -> tuple[Array, Array]:  # fmt: skip
    """Times and the signal whose `stft` this is: windowed segments added up, over the sum of the squared windows.

    `boundary`: whether the signal was extended at its ends. The other arguments as those of `stft`.

    >>> import lamina.numpy as lnp
    >>> x = lnp.arange(8.0)
    >>> lnp.round(istft(stft(x, nperseg=4)[2])[1], 3)
    Array([0., 1., 2., 3., 4., 5., 6., 7.], dtype=float32)
    """
    name = "scipy.signal.istft"
    z = operand(name, Zxx, "Zxx")
    if z.ndim < 2:
        raise errors.ShapeError(name, "Zxx must have axes of frequencies and times", Zxx=z.shape)
    times, frequencies = normal_axis(name, time_axis, z.ndim), normal_axis(name, freq_axis, z.ndim)
    if times == frequencies:
        raise ValueError(f"`{name}`: frequencies and times must be different axes.")
    z = lnp.moveaxis(z.astype(dtypes.to_complex_dtype(z.dtype)), (times, frequencies), (-2, -1))
    natural = 2 * (z.shape[-1] - 1) if input_onesided else z.shape[-1]
    size = natural if nperseg is None else int(nperseg)
    transform = (natural + (input_onesided and size == natural + 1)) if nfft is None else int(nfft)
    overlap = size // 2 if noverlap is None else int(noverlap)
    _check_sizes(name, size, overlap, transform)
    segments = (lnp.fft.irfft if input_onesided else lnp.fft.ifft)(z, transform)[..., :size]
    values = _window(window, size) if isinstance(window, (str, tuple)) else window
    values = lnp.asarray(values, dtypes.to_real_dtype(z.dtype))
    if values.shape != (size,):
        raise errors.ShapeError(name, f"the window has nperseg = {size} values", window=values.shape)
    step = size - overlap
    x = _added_up(segments * lnp.sum(values) * values, step)
    weight = _added_up(lnp.broadcast_to(lnp.square(values), (z.shape[-2], size)), step)
    if boundary and size > 1:
        x, weight = (v[..., size // 2 : -(size // 2)] for v in (x, weight))
    x = x / lnp.where(weight > 1e-10, weight, 1)
    if x.ndim > 1 and times != z.ndim - 1:
        x = lnp.moveaxis(x, -1, times - (frequencies < times))
    return lnp.arange(x.shape[0], dtype=dtypes.to_real_dtype(x.dtype)) / fs, x


def _added_up(segments: Array, step: int) -> Array:
    """[..., segments, size] → [..., samples]: segment i begins at sample i · step.

    Cut into pieces of `step` samples, piece j of segment i belongs to piece i + j of the signal.
    """
    *batch, count, size = segments.shape
    pieces = -(-size // step)
    segments = _filled_up(segments, pieces * step).reshape(*batch, count, pieces, step)
    outer = [(0, 0)] * len(batch)
    shifted = [lnp.pad(segments[..., j, :], [*outer, (j, pieces - 1 - j), (0, 0)]) for j in range(pieces)]
    total = shifted[0]
    for each in shifted[1:]:
        total = total + each
    return total.reshape(*batch, math.prod(total.shape[-2:]))[..., : step * (count - 1) + size]
