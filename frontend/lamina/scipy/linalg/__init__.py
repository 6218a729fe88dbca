"""Linear algebra: `scipy.linalg` on matrices; most functions take batches of matrices in the last two axes.

Arguments of SciPy that only save memory or checks (``overwrite_a``, ``check_finite``) are accepted and have no meaning.
What fails gives nan instead of an exception.
"""

# ruff: noqa: F401  (the public names, nothing else)

from lamina.scipy.linalg._eigen import eigh, eigh_tridiagonal, polar, svd
from lamina.scipy.linalg._factorizations import cho_factor, cholesky, det, inv, lu, lu_factor, qr, qr_multiply
from lamina.scipy.linalg._forms import hessenberg, rsf2csf, schur
from lamina.scipy.linalg._functions import expm, expm_frechet, funm, sqrtm
from lamina.scipy.linalg._known import dft, hadamard, helmert, hilbert, invhilbert, invpascal, pascal
from lamina.scipy.linalg._made import (
    block_diag,
    circulant,
    companion,
    convolution_matrix,
    fiedler,
    fiedler_companion,
    hankel,
    leslie,
    toeplitz,
)
from lamina.scipy.linalg._solving import cho_solve, lu_solve, solve, solve_sylvester, solve_triangular
