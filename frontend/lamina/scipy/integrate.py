"""Integrals of sampled functions."""

from __future__ import annotations

from lamina.numpy import trapezoid

__all__ = ["trapezoid"]
