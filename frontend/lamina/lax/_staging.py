"""What tells the compiler, not the program, something."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamina import tree_util
from lamina._named_call import named_call
from lamina.array import Array
from lamina.binding import bind
from lamina.lax._operands import as_operand
from lamina.tracer import as_array
from lamina_compiler.opdef import REGISTRY


def stop_gradient(x: Any) -> Any:
    """The value, taken as a constant by derivatives. `x` may be a container.

    >>> import lamina as la
    >>> la.grad(lambda x: x * la.lax.stop_gradient(x))(3.0)
    Array(3., dtype=float32, weak_type=True)
    """

    def stopped(leaf: Any) -> Any:
        array = as_array(leaf)
        return bind(REGISTRY["stop_gradient"], array, weak_type=array.weak_type) if array.dtype.kind in "fcV" else leaf

    return tree_util.tree_map(stopped, x)


def optimization_barrier(operand: Any, /) -> Any:
    """The arrays of a container as they are, but the compiler may not take them for other values that are equal, nor
    move work across: each is there only when the next one is.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> x, y = lax.optimization_barrier((lnp.array(1), lnp.array(2)))
    >>> y
    Array(2, dtype=int32, weak_type=True)
    """
    leaves, tree = tree_util.tree_flatten(operand)
    arrays = [as_array(leaf) for leaf in leaves]
    barrier = REGISTRY["barrier"]
    held = [bind(barrier, x, y, weak_type=x.weak_type) for x, y in zip(arrays, arrays[1:] + arrays[:1], strict=True)]
    return tree_util.tree_unflatten(tree, held)


def dce_sink(val: Any, *, prevent_mlir_dce: bool = False) -> None:
    """Counts as a use of the arrays of a container; what else nobody uses is dropped from the compiled program.

    >>> import lamina as la, lamina.lax as lax, lamina.numpy as lnp
    >>> la.jit(lambda x: (lax.dce_sink(lnp.sin(x)), x + 1)[1])(1.0)
    Array(2., dtype=float32, weak_type=True)
    """
    tree_util.tree_map(as_array, val)


def stage(x: Any, /) -> Array:
    """A number or NumPy array as an array.

    >>> import lamina.lax as lax
    >>> lax.stage(1.5)
    Array(1.5, dtype=float32, weak_type=True)
    """
    return as_operand("stage", x, "x")


def platform_dependent(
    *args: Any, default: Callable[..., Any] | None = None, **per_platform: Callable[..., Any]
) -> Any:
    """``per_platform[p](*args)`` for the platform p ("cpu", "vulkan", "cuda") the program is made for, else `default`.

    Raises: NotImplementedError where there is neither.

    >>> from lamina import lax
    >>> lax.platform_dependent(2.0, cpu=lambda x: x + 1, default=lambda x: x)
    3.0
    """
    from lamina.devices import default_backend

    platform = default_backend()
    chosen = per_platform.get(platform, default)
    if chosen is None:
        known = ", ".join(per_platform)
        raise NotImplementedError(f"lax.platform_dependent: no function for the platform {platform!r} (only {known})")
    return chosen(*args)


def composite(decomposition: Callable[..., Any], name: str, version: int = 0) -> Callable[..., Any]:
    """The function `decomposition` under a name that compilers may know; Lamina's compiles what it does.

    >>> from lamina import lax
    >>> lax.composite(lambda x, *, k: x * k, name="my.scaled")(3.0, k=2.0)
    6.0
    """
    if not isinstance(name, str):
        raise TypeError(f"lax.composite: the name is a text, not {name!r}")
    del version
    return named_call(decomposition, name=name)
