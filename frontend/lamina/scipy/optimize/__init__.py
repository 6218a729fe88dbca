"""Minima of functions."""

from __future__ import annotations

from lamina.scipy.optimize._minimize import OptimizeResults, minimize

__all__ = ["OptimizeResults", "minimize"]
