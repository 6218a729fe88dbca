"""Linear algebra on matrices and batches of matrices in the last two dimensions; strict about shapes and dtypes.

The functions take float32, float64, complex64 and complex128; integers and booleans become floats. Where a matrix has
no such factorization, or none is found, the results are nan.
"""

# ruff: noqa: F401  (the public names, nothing else)

from lamina.lax.linalg._eigen import EighImplementation, EigImplementation, SvdAlgorithm, eig, eigh, svd
from lamina.lax.linalg._factorizations import cholesky, cholesky_update, lu, lu_pivots_to_permutation, qr
from lamina.lax.linalg._forms import hessenberg, schur, tridiagonal
from lamina.lax.linalg._qdwh import qdwh
from lamina.lax.linalg._reflectors import householder_product, ormqr
from lamina.lax.linalg._solves import symmetric_product, triangular_solve, tridiagonal_solve
