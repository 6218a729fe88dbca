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

from lamina import dtypes
from lamina.array import Array
from lamina.array import Array as ndarray
from lamina.dtypes import finfo, iinfo, issubdtype, promote_types, result_type
from lamina.numpy._arithmetic import (
    allclose,
    array_equal,
    array_equiv,
    deg2rad,
    degrees,
    divmod,
    float_power,
    floor_divide,
    fmod,
    heaviside,
    hypot,
    i0,
    isclose,
    log2,
    log10,
    mod,
    nan_to_num,
    pow,
    power,
    rad2deg,
    radians,
    reciprocal,
    remainder,
    sinc,
)  # fmt: skip
from lamina.numpy._contraction import (
    cross,
    dot,
    einsum,
    einsum_path,
    inner,
    kron,
    matmul,
    matvec,
    outer,
    tensordot,
    vdot,
    vecdot,
    vecmat,
)  # fmt: skip
from lamina.numpy._convolution import (
    convolve,
    correlate,
)  # fmt: skip
from lamina.numpy._counting import (
    bincount,
)  # fmt: skip
from lamina.numpy._covariance import (
    corrcoef,
    cov,
)  # fmt: skip
from lamina.numpy._creation import (
    array,
    asarray,
    astype,
    copy,
    empty,
    empty_like,
    full,
    full_like,
    ones,
    ones_like,
    zeros,
    zeros_like,
)
from lamina.numpy._differences import (
    diff,
    ediff1d,
    gradient,
    trapezoid,
    unwrap,
)  # fmt: skip
from lamina.numpy._divisors import (
    gcd,
    lcm,
)  # fmt: skip
from lamina.numpy._elementwise import (
    abs,
    absolute,
    acos,
    acosh,
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctan2,
    arctanh,
    around,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    bitwise_count,
    bitwise_invert,
    bitwise_left_shift,
    bitwise_not,
    bitwise_right_shift,
    cbrt,
    ceil,
    clip,
    conj,
    conjugate,
    cos,
    cosh,
    divide,
    equal,
    exp,
    exp2,
    expm1,
    fabs,
    floor,
    fmax,
    fmin,
    greater,
    greater_equal,
    imag,
    invert,
    isfinite,
    isinf,
    isnan,
    isneginf,
    isposinf,
    left_shift,
    less,
    less_equal,
    log,
    log1p,
    logical_not,
    nextafter,
    not_equal,
    positive,
    real,
    right_shift,
    rint,
    round,
    select,
    sign,
    sin,
    sinh,
    sqrt,
    square,
    tan,
    tanh,
    true_divide,
    trunc,
    where,
)  # fmt: skip
from lamina.numpy._files import (
    from_dlpack,
    frombuffer,
    fromstring,
    load,
    save,
    savez,
)  # fmt: skip
from lamina.numpy._float_parts import (
    angle,
    copysign,
    frexp,
    ldexp,
    modf,
    signbit,
    spacing,
)  # fmt: skip
from lamina.numpy._functional import (
    apply_along_axis,
    apply_over_axes,
    fromfunction,
    piecewise,
    vectorize,
)  # fmt: skip
from lamina.numpy._grids import (
    c_,
    index_exp,
    mgrid,
    ogrid,
    r_,
    s_,
)  # fmt: skip
from lamina.numpy._histograms import histogram, histogram2d, histogram_bin_edges, histogramdd
from lamina.numpy._index_makers import (
    diag_indices,
    diag_indices_from,
    ix_,
    mask_indices,
    ravel_multi_index,
    tril_indices,
    tril_indices_from,
    triu_indices,
    triu_indices_from,
    unravel_index,
)  # fmt: skip
from lamina.numpy._inserting import (
    delete,
    fill_diagonal,
    insert,
)  # fmt: skip
from lamina.numpy._joining import (
    append,
    array_split,
    block,
    column_stack,
    concat,
    concatenate,
    dsplit,
    dstack,
    hsplit,
    hstack,
    split,
    stack,
    trim_zeros,
    unstack,
    vsplit,
    vstack,
)  # fmt: skip
from lamina.numpy._manipulation import (
    atleast_1d,
    atleast_2d,
    atleast_3d,
    expand_dims,
    flip,
    fliplr,
    flipud,
    matrix_transpose,
    moveaxis,
    ndim,
    permute_dims,
    ravel,
    reshape,
    rollaxis,
    rot90,
    shape,
    size,
    squeeze,
    swapaxes,
    transpose,
)
from lamina.numpy._matrices import (
    diag,
    diagflat,
    diagonal,
    eye,
    identity,
    trace,
    tri,
    tril,
    triu,
    vander,
)  # fmt: skip
from lamina.numpy._namespace_info import NamespaceInfo as __array_namespace_info__
from lamina.numpy._nan_reductions import nanargmax, nanargmin, nanmax, nanmean, nanmin, nanprod, nanstd, nansum, nanvar
from lamina.numpy._nonzero import (
    argwhere,
    compress,
    extract,
    flatnonzero,
    nonzero,
    place,
)  # fmt: skip
from lamina.numpy._packing import (
    packbits,
    unpackbits,
)  # fmt: skip
from lamina.numpy._padding import (
    pad,
)  # fmt: skip
from lamina.numpy._polynomials import (
    poly,
    polyadd,
    polyder,
    polydiv,
    polyfit,
    polyint,
    polymul,
    polysub,
    polyval,
    roots,
)  # fmt: skip
from lamina.numpy._printing import (
    array_repr,
    array_str,
    get_printoptions,
    printoptions,
    set_printoptions,
)  # fmt: skip
from lamina.numpy._quantiles import median, nanmedian, nanpercentile, nanquantile, percentile, quantile
from lamina.numpy._questions import (
    can_cast,
    iscomplex,
    iscomplexobj,
    isdtype,
    isreal,
    isrealobj,
    isscalar,
    iterable,
)  # fmt: skip
from lamina.numpy._ranges import arange, geomspace, indices, linspace, logspace, meshgrid
from lamina.numpy._reductions import (
    all,
    amax,
    amin,
    any,
    argmax,
    argmin,
    average,
    count_nonzero,
    max,
    mean,
    min,
    prod,
    ptp,
    std,
    sum,
    var,
)  # fmt: skip
from lamina.numpy._scans import (
    cumprod,
    cumsum,
    cumulative_prod,
    cumulative_sum,
    nancumprod,
    nancumsum,
)  # fmt: skip
from lamina.numpy._searching import digitize, interp, searchsorted
from lamina.numpy._sets import (
    intersect1d,
    isin,
    setdiff1d,
    setxor1d,
    union1d,
    unique,
    unique_all,
    unique_counts,
    unique_inverse,
    unique_values,
)  # fmt: skip
from lamina.numpy._sorting import argpartition, argsort, lexsort, partition, sort, sort_complex
from lamina.numpy._stretching import (
    broadcast_arrays,
    broadcast_shapes,
    broadcast_to,
    repeat,
    resize,
    roll,
    tile,
)
from lamina.numpy._taking import (
    choose,
    put,
    put_along_axis,
    take,
    take_along_axis,
)  # fmt: skip
from lamina.numpy._ufuncs import (
    add,
    bitwise_and,
    bitwise_or,
    bitwise_xor,
    frompyfunc,
    logaddexp,
    logaddexp2,
    logical_and,
    logical_or,
    logical_xor,
    maximum,
    minimum,
    multiply,
    negative,
    subtract,
    ufunc,
)  # fmt: skip
from lamina.numpy._window_functions import (
    bartlett,
    blackman,
    hamming,
    hanning,
    kaiser,
)  # fmt: skip
from lamina.unavailable import unavailable

pi: float = np.pi
e: float = np.e
euler_gamma: float = np.euler_gamma
inf: float = np.inf
nan: float = np.nan
newaxis = None
__array_api_version__ = "2024.12"

dtype = np.dtype
generic, number, inexact, complexfloating, floating = np.generic, np.number, np.inexact, np.complexfloating, np.floating
integer, signedinteger, unsignedinteger = np.integer, np.signedinteger, np.unsignedinteger
flexible, character, object_ = np.flexible, np.character, np.object_
ComplexWarning = np.exceptions.ComplexWarning

globals().update(unavailable("lamina.numpy"))
globals().update(dtypes.SCALAR_TYPES)  # float32, int8, …: dtypes that make arrays when called
bool_ = dtypes.SCALAR_TYPES["bool"]
single, double = dtypes.SCALAR_TYPES["float32"], dtypes.SCALAR_TYPES["float64"]
csingle, cdouble = dtypes.SCALAR_TYPES["complex64"], dtypes.SCALAR_TYPES["complex128"]
int_, uint = dtypes.SCALAR_TYPES["int64"], dtypes.SCALAR_TYPES["uint64"]
float_, complex_ = dtypes.SCALAR_TYPES["float64"], dtypes.SCALAR_TYPES["complex128"]
dtypes.ScalarType.construct = asarray

from lamina import _array_methods  # noqa: E402  (needs all of the above)
from lamina.numpy import fft, linalg  # noqa: E402
