"""Clusters of points."""

from __future__ import annotations

from lamina.scipy.cluster import vq

__all__ = ["vq"]
