"""SciPy's functions on Lamina arrays."""

from __future__ import annotations

from lamina.scipy import cluster, integrate, optimize, sparse

__all__ = ["cluster", "integrate", "optimize", "sparse"]
