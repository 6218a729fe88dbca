"""Lamina: composable function transformations for array programs, compiled with MLIR and IREE."""

# ruff: noqa: F401  (the public names, nothing else)

import importlib
from typing import TYPE_CHECKING, Any

from lamina import (
    ad_checkpoint,
    checkpoint_policies,
    custom_batching,
    custom_derivatives,
    debug,
    dlpack,
    dtypes,
    errors,
    experimental,
    flatten_util,
    image,
    lax,
    nn,
    numpy,
    ops,
    random,
    stages,
    test_util,
    tree,
    tree_util,
    typing,
)
from lamina._callbacks import pure_callback
from lamina._checkpoint import checkpoint
from lamina._checkpoint import checkpoint as remat
from lamina._custom_jvp import custom_jvp
from lamina._custom_vjp import custom_vjp
from lamina._environment import (
    clear_caches,
    copy_to_host_async,
    effects_barrier,
    host_count,
    host_id,
    host_ids,
    live_arrays,
    local_device_count,
    local_devices,
    make_jaxpr,
    print_environment_info,
    process_count,
    process_index,
    process_indices,
    typeof,
)  # fmt: skip
from lamina._linear_transpose import linear_transpose
from lamina._locations import named_scope
from lamina._named_call import named_call
from lamina._residuals import print_saved_residuals
from lamina._shapes import ShapeDtypeStruct
from lamina._user_context import make_user_context
from lamina.array import Array
from lamina.compilation import jit
from lamina.config import (
    check_tracer_leaks,
    checking_leaks,
    config,
    debug_infs,
    debug_key_reuse,
    debug_nans,
    default_device,
    default_matmul_precision,
    default_prng_impl,
    disable_jit,
    enable_custom_prng,
    enable_x64,
    explain_cache_misses,
    legacy_prng_key,
    log_compiles,
    no_tracing,
    numpy_dtype_promotion,
    numpy_rank_promotion,
    threefry_partitionable,
)  # fmt: skip
from lamina.custom_derivatives import closure_convert, custom_gradient
from lamina.devices import block_until_ready, default_backend, device_count, device_get, device_put, devices
from lamina.differentiation import grad, hessian, jacfwd, jacobian, jacrev, value_and_grad
from lamina.dtypes import float0
from lamina.linear_maps import fwd_and_bwd, jvp, linearize, vjp
from lamina.program import eval_shape, make_ir
from lamina.tracing import suspended as ensure_compile_time_eval
from lamina.unavailable import unavailable
from lamina.vectorization import vmap
from lamina_runtime import Device

__version__ = "0.1.0"
__version_info__ = tuple(int(part) for part in __version__.split("."))
globals().update(unavailable("lamina"))

if TYPE_CHECKING:
    from lamina import scipy


def __getattr__(name: str) -> Any:
    if name == "scipy":  # imported when first used: it takes a tenth as long as all the rest
        return importlib.import_module("lamina.scipy")
    raise AttributeError(f"module 'lamina' has no attribute {name!r}")
