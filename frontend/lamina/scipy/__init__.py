"""SciPy's functions on Lamina arrays."""

from __future__ import annotations

from lamina.scipy import cluster, integrate, interpolate, ndimage, optimize, signal, sparse

__all__ = ["cluster", "integrate", "interpolate", "ndimage", "optimize", "signal", "sparse"]
