"""NumPy's functions on Lamina arrays: ``import lamina.numpy as lnp``.

Arguments, results and dtypes are those of `jax.numpy`: 32-bit by default, Python numbers take the dtype of what they
meet, arrays are immutable, and lists are arrays only where `array` and `asarray` make them so.

>>> import lamina.numpy as lnp
>>> x = lnp.arange(6.0).reshape(2, 3)
>>> lnp.sum(x * x, axis=1)
Array([ 5., 50.], dtype=float32)
"""

# ruff: noqa: F401  (the public names, nothing else)

from __future__ import annotations

import numpy as np

from lamina import _array_methods, dtypes
from lamina.array import Array
from lamina.array import Array as ndarray
from lamina.dtypes import finfo, iinfo, issubdtype, promote_types, result_type
from lamina.numpy._creation import (
    arange, array, asarray, astype, copy, diag, diagflat, diagonal, empty, empty_like, eye, full, full_like,
    geomspace, identity, indices, linspace, logspace, meshgrid, ones, ones_like, trace, tri, tril, triu, vander,
    zeros, zeros_like,
)  # fmt: skip
from lamina.numpy._elementwise import (
    abs, absolute, acos, acosh, add, allclose, angle, arccos, arccosh, arcsin, arcsinh, arctan, arctan2, arctanh,
    around, array_equal, array_equiv, asin, asinh, atan, atan2, atanh, bitwise_and, bitwise_count, bitwise_invert,
    bitwise_left_shift, bitwise_not, bitwise_or, bitwise_right_shift, bitwise_xor, cbrt, ceil, clip, conj,
    conjugate, copysign, cos, cosh, deg2rad, degrees, divide, divmod, equal, exp, exp2, expm1, fabs, float_power,
    floor, floor_divide, fmax, fmin, fmod, greater, greater_equal, heaviside, hypot, imag, invert, isclose,
    iscomplex, iscomplexobj, isfinite, isinf, isnan, isneginf, isposinf, isreal, isrealobj, left_shift, less,
    less_equal, log, log10, log1p, log2, logaddexp, logaddexp2, logical_and, logical_not, logical_or, logical_xor,
    maximum, minimum, mod, multiply, nan_to_num, negative, nextafter, not_equal, positive, pow, power, rad2deg,
    radians, real, reciprocal, remainder, right_shift, rint, round, select, sign, signbit, sin, sinc, sinh, sqrt,
    square, subtract, tan, tanh, true_divide, trunc, where,
)  # fmt: skip
from lamina.numpy._reductions import (
    all, amax, amin, any, argmax, argmin, average, count_nonzero, max, mean, min, nanmax, nanmean, nanmin, nanprod,
    nanstd, nansum, nanvar, prod, ptp, std, sum, var,
)  # fmt: skip
from lamina.numpy._scans import (
    cumprod, cumsum, diff, nancumprod, nancumsum, trapezoid,
)  # fmt: skip
from lamina.numpy._manipulation import (
    append, array_split, atleast_1d, atleast_2d, atleast_3d, broadcast_arrays, broadcast_shapes, broadcast_to,
    column_stack, concat, concatenate, dsplit, dstack, expand_dims, flip, fliplr, flipud, hsplit, hstack,
    matrix_transpose, moveaxis, ndim, pad, permute_dims, ravel, repeat, reshape, roll, rollaxis, rot90, shape, size,
    split, squeeze, stack, swapaxes, tile, transpose, unstack, vsplit, vstack,
)  # fmt: skip
from lamina.numpy._contraction import (
    cross, dot, einsum, einsum_path, inner, kron, matmul, matvec, outer, tensordot, vdot, vecdot, vecmat,
)  # fmt: skip
from lamina.numpy._indexing import (
    take, take_along_axis,
)  # fmt: skip

pi: float = np.pi
e: float = np.e
euler_gamma: float = np.euler_gamma
inf: float = np.inf
nan: float = np.nan
newaxis = None

dtype = np.dtype
generic, number, inexact, complexfloating, floating = np.generic, np.number, np.inexact, np.complexfloating, np.floating
integer, signedinteger, unsignedinteger = np.integer, np.signedinteger, np.unsignedinteger
printoptions, set_printoptions, get_printoptions = np.printoptions, np.set_printoptions, np.get_printoptions

globals().update(dtypes.SCALAR_TYPES)  # float32, int8, …: dtypes that make arrays when called
bool_ = dtypes.SCALAR_TYPES["bool"]
single, double = dtypes.SCALAR_TYPES["float32"], dtypes.SCALAR_TYPES["float64"]
csingle, cdouble = dtypes.SCALAR_TYPES["complex64"], dtypes.SCALAR_TYPES["complex128"]
int_, uint = dtypes.SCALAR_TYPES["int64"], dtypes.SCALAR_TYPES["uint64"]
float_, complex_ = dtypes.SCALAR_TYPES["float64"], dtypes.SCALAR_TYPES["complex128"]
dtypes.ScalarType.construct = asarray
