"""Vector quantization."""

from __future__ import annotations

from typing import Any

from lamina import errors
from lamina import numpy as lnp
from lamina._frames import api_boundary
from lamina.array import Array
from lamina.numpy._operands import promoted

__all__ = ["vq"]


@api_boundary
def vq(obs: Any, code_book: Any, check_finite: bool = True) -> tuple[Array, Array]:
    """For every observation the nearest code: its number, and its Euclidean distance.

    Args:
        obs: observations, [m, n]; a vector is m observations of one number.
        code_book: codes, [k, n]; a vector if `obs` is one.
        check_finite: accepted for SciPy's programs.

    Returns numbers i32[m] and distances [m]. Raises ShapeError (a ValueError) for other ranks.

    >>> import lamina.numpy as lnp
    >>> from lamina.scipy.cluster.vq import vq
    >>> vq(lnp.array([[0.0, 1.0], [5.0, 4.0]]), lnp.array([[0.0, 0.0], [5.0, 5.0]]))
    (Array([0, 1], dtype=int32), Array([1., 1.], dtype=float32))
    """
    del check_finite
    observations, codes = promoted("vq", obs, code_book, names=("obs", "code_book"), inexact=True)
    if observations.ndim != codes.ndim or observations.ndim not in (1, 2):
        problem = "observations and codes are both matrices, or both vectors"
        raise errors.ShapeError("vq", problem, obs=observations.shape, code_book=codes.shape)
    if observations.ndim == 1:
        observations, codes = observations[:, None], codes[:, None]
    difference = lnp.abs(observations[:, None] - codes)
    squares = lnp.sum(difference * difference, axis=-1)
    code = lnp.argmin(squares, axis=-1)
    return code, lnp.sqrt(lnp.take_along_axis(squares, code[:, None], axis=-1)[:, 0])
