"""The ops of the dialect as functions: strict about shapes and dtypes, one op each. `lamina.numpy` is built on them.

Beside them stand the operations that apply functions: loops and branches.
"""

# ruff: noqa: F401, F403  (the public names, nothing else)

from typing import TYPE_CHECKING

from lamina.lax import linalg
from lamina.lax._associative_scan import associative_scan
from lamina.lax._bits import bitcast_convert_type, mulhi
from lamina.lax._branches import cond, switch
from lamina.lax._collectives import (
    all_gather,
    all_to_all,
    axis_index,
    axis_size,
    pbroadcast,
    pmax,
    pmean,
    pmin,
    ppermute,
    pshuffle,
    psum,
    psum_scatter,
    pswapaxes,
)  # fmt: skip
from lamina.lax._contraction import batch_matmul, dot, dot_general
from lamina.lax._convolution import (
    conv,
    conv_general_dilated,
    conv_general_dilated_local,
    conv_general_dilated_patches,
    conv_transpose,
    conv_with_general_padding,
)  # fmt: skip
from lamina.lax._cumulative import cumlogsumexp, cummax, cummin, cumprod, cumsum
from lamina.lax._elementwise import *
from lamina.lax._fft import FftType, fft
from lamina.lax._gather import (
    GatherDimensionNumbers,
    GatherScatterMode,
    ScatterDimensionNumbers,
    gather,
    index_take,
    scatter,
    scatter_add,
    scatter_apply,
    scatter_max,
    scatter_min,
    scatter_mul,
    scatter_sub,
)  # fmt: skip
from lamina.lax._loops import fori_loop, map, scan, while_loop
from lamina.lax._ragged import RaggedDotDimensionNumbers, ragged_dot, ragged_dot_general
from lamina.lax._random import RandomAlgorithm, rng_bit_generator, rng_uniform
from lamina.lax._reductions import *
from lamina.lax._scaled_dot import scaled_dot
from lamina.lax._shapes import (
    broadcast,
    broadcast_in_dim,
    broadcast_like,
    broadcast_shapes,
    broadcast_to_rank,
    broadcasted_iota,
    collapse,
    concatenate,
    dtype,
    empty,
    expand_dims,
    full,
    full_like,
    iota,
    pad,
    reshape,
    rev,
    shape_as_value,
    split,
    squeeze,
    stack,
    tile,
    transpose,
    unstack,
)  # fmt: skip
from lamina.lax._slicing import (
    dynamic_index_in_dim,
    dynamic_slice,
    dynamic_slice_in_dim,
    dynamic_update_index_in_dim,
    dynamic_update_slice,
    dynamic_update_slice_in_dim,
    index_in_dim,
    slice,
    slice_in_dim,
)  # fmt: skip
from lamina.lax._solvers import custom_linear_solve, custom_root
from lamina.lax._sorting import approx_max_k, approx_min_k, sort, sort_key_val, top_k
from lamina.lax._staging import composite, dce_sink, optimization_barrier, platform_dependent, stage, stop_gradient
from lamina.lax._types import (
    AccuracyMode,
    DotAlgorithm,
    DotAlgorithmPreset,
    DotDimensionNumbers,
    Precision,
    PrecisionLike,
    RoundingMethod,
    Tolerance,
)  # fmt: skip
from lamina.lax._window_shapes import (
    ConvDimensionNumbers,
    ConvGeneralDilatedDimensionNumbers,
    conv_dimension_numbers,
    conv_general_permutations,
    conv_general_shape_tuple,
    conv_shape_tuple,
    conv_transpose_shape_tuple,
    padtype_to_pads,
    reduce_window_shape_tuple,
)  # fmt: skip
from lamina.lax._windows import reduce_window
from lamina.unavailable import unavailable

if TYPE_CHECKING:  # the functions that are made from op records: a stub, written by lamina_tools.stubs
    from lamina.lax._made import *

globals().update(unavailable("lamina.lax"))
