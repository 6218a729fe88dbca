"""What custom rules with ``symbolic_zeros=True`` are told: which arguments may have tangents, and which have none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lamina import dtypes, tree_util
from lamina._float0 import zeros_float0
from lamina.array import Array
from lamina.tracer import Tracer, as_array
from lamina_compiler.types import TensorType


class SymbolicZero:
    """A tangent or cotangent that is known to be zero; it has a shape and a dtype, and no memory.

    >>> import lamina as la, lamina.numpy as lnp
    >>> SymbolicZero(lnp.ones((2, 3))), la.custom_derivatives.zero_from_primal(2.0)
    (SymbolicZero(f32[2,3]), Array(0., dtype=float32))
    """

    def __init__(self, aval: Any):
        self.shape, self.dtype = tuple(aval.shape), aval.dtype

    @property
    def aval(self) -> SymbolicZero:
        return self

    @property
    def ndim(self) -> int:
        return len(self.shape)

    def __repr__(self) -> str:
        return f"SymbolicZero({TensorType(self.shape, self.dtype)})"


@dataclass
class CustomVJPPrimal:
    """An argument of a forward rule: its value, and whether its derivative may be asked for.

    >>> import lamina as la
    >>> @la.custom_vjp
    ... def product(x, y):
    ...     return x * y
    >>> def forward(x, y):
    ...     print([argument.perturbed for argument in (x, y)])
    ...     return x.value * y.value, (x.value, y.value)
    >>> product.defvjp(forward, lambda residuals, ct: (ct * residuals[1], ct * residuals[0]), symbolic_zeros=True)
    >>> la.grad(product)(2.0, 3.0)
    [True, False]
    Array(3., dtype=float32, weak_type=True)
    """

    value: Any
    perturbed: bool


def zero_from_primal(val: Any, symbolic_zeros: bool = False) -> Any:
    """The zero tangent of an array: zeros like it (float0 for integers), or a SymbolicZero.

    >>> zero_from_primal(2.0), zero_from_primal(2.0, symbolic_zeros=True)
    (Array(0., dtype=float32), SymbolicZero(f32[]))
    """
    x = as_array(val)
    if symbolic_zeros:
        return SymbolicZero(x)
    return instantiated(SymbolicZero(x)) if x.type.differentiable else zeros_float0(x.shape)


def custom_vjp_primal_tree_values(tree: Any) -> Any:
    """The arguments of a forward rule without what is said of their derivatives.

    >>> custom_vjp_primal_tree_values({"x": CustomVJPPrimal(2.0, perturbed=True)})
    {'x': 2.0}
    """
    return tree_util.tree_map(lambda x: x.value if isinstance(x, CustomVJPPrimal) else x, tree)


def perturbed(x: Array) -> bool:
    """Whether an argument of a custom function may have a tangent."""
    return isinstance(x, Tracer) and x.type.differentiable and x.origin.derivatives > 0


def with_symbolic_zeros(arrays: Sequence[Array], tangents: Sequence[Any]) -> list[Any]:
    """Tangents, those of arrays that have none as SymbolicZero."""
    return [t if perturbed(x) else SymbolicZero(x) for x, t in zip(arrays, tangents, strict=True)]


def with_perturbed(arrays: Sequence[Array], values: Sequence[Any]) -> list[Any]:
    """The values of arrays as CustomVJPPrimals."""
    return [CustomVJPPrimal(value, perturbed(x)) for x, value in zip(arrays, values, strict=True)]


def instantiated(x: Any) -> Any:
    """A symbolic zero as an array of zeros; anything else as it is."""
    from lamina import numpy as lnp

    if not isinstance(x, SymbolicZero):
        return x
    return zeros_float0(x.shape) if x.dtype == dtypes.float0 else lnp.zeros(x.shape, x.dtype)
