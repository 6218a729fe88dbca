"""Linear algebra: `numpy.linalg` on matrices, and batches of matrices in the last two axes.

Integers and booleans become floats. What fails, such as the Cholesky factorization of an indefinite matrix, gives nan
instead of an exception.
"""

# ruff: noqa: F401  (the public names, nothing else)

from lamina.numpy.linalg._determinants import cond, det, matrix_rank, slogdet
from lamina.numpy.linalg._factorizations import (
    cholesky,
    eig,
    eigh,
    eigvals,
    eigvalsh,
    qr,
    svd,
    svdvals,
)
from lamina.numpy.linalg._norms import matrix_norm, norm, vector_norm
from lamina.numpy.linalg._products import (
    cross,
    diagonal,
    matmul,
    matrix_power,
    matrix_transpose,
    multi_dot,
    outer,
    tensordot,
    trace,
    vecdot,
)
from lamina.numpy.linalg._solving import inv, lstsq, pinv, solve, tensorinv, tensorsolve
