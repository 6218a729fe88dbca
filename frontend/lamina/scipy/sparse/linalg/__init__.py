"""Iterative solvers of linear equations; derivatives solve the transposed equation by the same method."""

from __future__ import annotations

from lamina.scipy.sparse.linalg._conjugate_gradients import bicgstab, cg
from lamina.scipy.sparse.linalg._gmres import gmres

__all__ = ["bicgstab", "cg", "gmres"]
