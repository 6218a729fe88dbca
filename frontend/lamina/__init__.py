"""Lamina: composable function transformations for array programs, compiled with MLIR and IREE."""

from lamina import (
    ad_checkpoint,
    checkpoint_policies,
    custom_batching,
    custom_derivatives,
    debug,
    dtypes,
    errors,
    experimental,
    lax,
    nn,
    numpy,
    ops,
    random,
    test_util,
    tree,
    tree_util,
)
from lamina._callbacks import pure_callback
from lamina._checkpoint import checkpoint
from lamina._checkpoint import checkpoint as remat
from lamina._custom_jvp import custom_jvp
from lamina._custom_vjp import custom_vjp
from lamina._linear_transpose import linear_transpose
from lamina._named_call import named_call
from lamina._residuals import print_saved_residuals
from lamina._shapes import ShapeDtypeStruct
from lamina.array import Array
from lamina.compilation import jit
from lamina.config import (
    check_tracer_leaks,
    config,
    debug_infs,
    debug_nans,
    default_device,
    default_matmul_precision,
    disable_jit,
    enable_x64,
    log_compiles,
    numpy_dtype_promotion,
    numpy_rank_promotion,
)
from lamina.config import check_tracer_leaks as checking_leaks
from lamina.custom_derivatives import closure_convert, custom_gradient
from lamina.devices import block_until_ready, default_backend, device_count, device_get, device_put, devices
from lamina.differentiation import grad, hessian, jacfwd, jacobian, jacrev, value_and_grad
from lamina.linear_maps import jvp, linearize, vjp
from lamina.program import eval_shape, make_ir
from lamina.tracing import named_scope
from lamina.tracing import suspended as ensure_compile_time_eval
from lamina.vectorization import vmap

__version__ = "0.1.0"
__all__ = [
    "Array", "ShapeDtypeStruct", "ad_checkpoint", "block_until_ready", "check_tracer_leaks", "checking_leaks",
    "checkpoint", "checkpoint_policies", "closure_convert", "config", "custom_batching", "custom_derivatives",
    "custom_gradient", "custom_jvp", "custom_vjp", "debug", "debug_infs", "debug_nans", "default_backend",
    "default_device", "default_matmul_precision", "device_count", "device_get", "device_put", "devices",
    "disable_jit", "dtypes", "enable_x64", "ensure_compile_time_eval", "errors", "eval_shape", "experimental",
    "grad", "hessian", "jacfwd", "jacobian", "jacrev", "jit", "jvp", "lax", "linear_transpose", "linearize",
    "log_compiles", "make_ir", "named_call", "named_scope", "nn", "numpy", "numpy_dtype_promotion",
    "numpy_rank_promotion", "ops", "print_saved_residuals", "pure_callback", "random", "remat", "test_util", "tree",
    "tree_util", "value_and_grad", "vjp", "vmap",
]  # fmt: skip
