"""Linear equations with matrices that are known as functions."""

from __future__ import annotations

from lamina.scipy.sparse import linalg

__all__ = ["linalg"]
