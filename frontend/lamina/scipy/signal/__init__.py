"""Signals: convolutions, trends, spectra."""

from lamina.scipy.signal._convolution import convolve, convolve2d, correlate, correlate2d, fftconvolve
from lamina.scipy.signal._spectra import csd, istft, stft, welch
from lamina.scipy.signal._trends import detrend

__all__ = [
    "convolve", "convolve2d", "correlate", "correlate2d", "csd", "detrend", "fftconvolve", "istft", "stft", "welch",
]  # fmt: skip
