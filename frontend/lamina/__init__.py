"""Lamina: composable function transformations for array programs, compiled with MLIR and IREE."""

from lamina.array import Array
from lamina.compilation import jit, make_ir
from lamina.config import config
from lamina.differentiation import grad, hessian, jacfwd, jacobian, jacrev, jvp, linearize, value_and_grad, vjp
from lamina.vectorization import vmap

__version__ = "0.1.0"
__all__ = [
    "Array", "config", "grad", "hessian", "jacfwd", "jacobian", "jacrev", "jit", "jvp", "linearize", "make_ir",
    "value_and_grad", "vjp", "vmap",
]  # fmt: skip
