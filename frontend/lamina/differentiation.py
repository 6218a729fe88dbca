"""Gradients and Jacobians: grad, value_and_grad, jacfwd, jacrev, hessian."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lamina import errors, tree_util
from lamina._float0 import zeros_float0
from lamina._frames import api_boundary
from lamina._transform import (
    Arguments,
    Partial,
    SplitResult,
    flatten_arguments,
    function_name,
    in_trace,
    like,
    refuse_reduce_axes,
    trace_call,
)
from lamina.tracer import as_array
from lamina.tracing import Trace
from lamina_compiler.passes import derive
from lamina_compiler.types import TensorType

Function = Callable[..., Any]


# ---- reverse mode ---------------------------------------------------------------------------------------------------


def grad(
    fun: Function,
    argnums: int | Sequence[int] = 0,
    has_aux: bool = False,
    holomorphic: bool = False,
    allow_int: bool = False,
    reduce_axes: Sequence[Any] = (),
) -> Function:
    """The function that computes the gradient of a scalar-valued function.

    Args:
        fun: returns a scalar (a 0-d float array); with `has_aux` a pair of the scalar and further arrays.
        argnums: position or positions of the arguments to differentiate with respect to: arrays, or containers of
            them. The other arguments may be anything.
        holomorphic: differentiate a holomorphic function of complex arguments.
        allow_int: give integer arguments a gradient of dtype float0 instead of an error.
        reduce_axes: empty; JAX has given it up too.

    Returns a function with the arguments of `fun`; its result has the structure and shapes of the differentiated
    argument (a tuple of them for several `argnums`), and is paired with the auxiliary data with `has_aux`.

    Raises NonScalarGradError if `fun` returns no scalar, IntegerGradError for an integer argument or result.

    >>> import lamina as la
    >>> la.grad(lambda x: x**2)(3.0)
    Array(6., dtype=float32, weak_type=True)
    """
    refuse_reduce_axes("grad", reduce_axes)
    both = value_and_grad(fun, argnums, has_aux, holomorphic, allow_int)

    @like(fun)
    @api_boundary
    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, result = both(*args, **kwargs)
        return (result, value[1]) if has_aux else result

    return gradient


def value_and_grad(
    fun: Function,
    argnums: int | Sequence[int] = 0,
    has_aux: bool = False,
    holomorphic: bool = False,
    allow_int: bool = False,
    reduce_axes: Sequence[Any] = (),
) -> Function:
    """Like `grad`, but the function returns the pair of the value and the gradient.

    >>> import lamina as la
    >>> la.value_and_grad(lambda x: x**2)(3.0)
    (Array(9., dtype=float32, weak_type=True), Array(6., dtype=float32, weak_type=True))
    """
    refuse_reduce_axes("value_and_grad", reduce_axes)

    @like(fun)
    @api_boundary
    def both(*args: Any, **kwargs: Any) -> Any:
        positions = resolve_argnums(argnums, len(args), fun)
        partial, chosen = Partial(fun, args, kwargs, positions), tuple(args[p] for p in positions)

        def body(trace: Trace) -> Any:
            arguments = flatten_arguments(partial, chosen, {})
            split = SplitResult(partial, has_aux, "grad")
            check_reverse_arguments(fun, arguments, holomorphic, allow_int)
            traced, _ = trace_call(split, arguments, transform="grad")
            _check_scalar(fun, split, traced.types, holomorphic)
            wrt = [i for i, x in enumerate(arguments.arrays) if x.type.differentiable]
            derived = derive.declare_vjp(trace.module, traced.function, wrt, [0])
            seed = as_array(1, dtype=traced.types[0].dtype)
            results = trace.call(derived, [*arguments.arrays, *traced.captures, seed])
            for x, weak in zip(results, traced.weak_types, strict=False):
                x.weak_type = weak
            gradients: list[Any] = [zeros_float0(x.shape) for x in arguments.arrays]
            for i, gradient in zip(wrt, results[len(traced.types) :], strict=True):
                gradient.weak_type = arguments.arrays[i].weak_type
                gradients[i] = gradient
            value, aux = split.rebuild(results[: len(traced.types)])
            pieces = tree_util.tree_unflatten(tree_util.tree_structure(chosen), gradients)
            return ((value, aux) if has_aux else value), pieces[0] if isinstance(argnums, int) else pieces

        return in_trace("grad", body)

    return both


def check_reverse_arguments(
    fun: Function, arguments: Arguments, holomorphic: bool, allow_int: bool, transform: str = "grad"
) -> None:
    """The demands of reverse mode on the arguments: floating point, and complex with `holomorphic`."""
    for x, name in zip(arguments.arrays, arguments.names, strict=True):
        what, dtype = f"the argument `{name}`", x.dtype.name
        if holomorphic and x.dtype.kind != "c":
            raise errors.HolomorphicError(function_name(fun), what, dtype, holomorphic)
        if not x.type.differentiable and not allow_int:
            raise errors.IntegerGradError(function_name(fun), what, dtype, transform)


def _check_scalar(fun: Function, split: SplitResult, types: Sequence[TensorType], holomorphic: bool) -> None:
    """The demands of grad on the result."""
    if not tree_util.treedef_is_leaf(split.result_tree) or not types:
        container = split.result_tree.type
        what = "nothing" if container is None or not types else f"a {container.__name__}"
        raise errors.NonScalarGradError(function_name(fun), what)
    result = types[0]
    if result.shape != ():
        raise errors.NonScalarGradError(function_name(fun), f"an array {result}")
    if not result.differentiable:
        raise errors.IntegerGradError(function_name(fun), "the result", result.dtype.name)
    check_real(fun, "the result", result, holomorphic)


def check_real(fun: Function, what: str, type: TensorType, holomorphic: bool) -> None:
    """HolomorphicError for a complex number, with `holomorphic` for a real one."""
    if holomorphic != (type.dtype.kind == "c"):
        raise errors.HolomorphicError(function_name(fun), what, type.dtype.name, holomorphic)


def resolve_argnums(argnums: int | Sequence[int], count: int, fun: Function) -> tuple[int, ...]:
    """Non-negative positions. Raises ArgnumsError for one that no argument has."""
    positions = (argnums,) if isinstance(argnums, int) else tuple(argnums)
    for p in positions:
        if not -count <= p < count:
            raise errors.ArgnumsError(function_name(fun), p, count)
    return tuple(p % count for p in positions)


# ---- Jacobians ------------------------------------------------------------------------------------------------------


def jacfwd(
    fun: Function, argnums: int | Sequence[int] = 0, has_aux: bool = False, holomorphic: bool = False
) -> Function:
    """Jacobian by forward mode, a column at a time: good for few inputs and many results.

    For a result of shape R and an argument of shape A it has shape ``R + A``; containers nest, results outside.

    >>> import lamina as la
    >>> import lamina.numpy as lnp
    >>> la.jacfwd(lambda x: x * x)(lnp.array([1.0, 2.0]))
    Array([[2., 0.],
           [0., 4.]], dtype=float32)
    """
    from lamina._jacobian import forward_jacobian

    return forward_jacobian(fun, argnums, has_aux, holomorphic)


def jacrev(
    fun: Function,
    argnums: int | Sequence[int] = 0,
    has_aux: bool = False,
    holomorphic: bool = False,
    allow_int: bool = False,
) -> Function:
    """Jacobian by reverse mode, a row at a time: good for few results and many inputs. Shapes as for `jacfwd`.

    >>> import lamina as la, lamina.numpy as lnp
    >>> la.jacobian(lambda x: x * x)(lnp.array([1.0, 2.0]))
    Array([[2., 0.],
           [0., 4.]], dtype=float32)
    """
    from lamina._jacobian import reverse_jacobian

    return reverse_jacobian(fun, argnums, has_aux, holomorphic, allow_int)


jacobian = jacrev


def hessian(
    fun: Function, argnums: int | Sequence[int] = 0, has_aux: bool = False, holomorphic: bool = False
) -> Function:
    """Matrix of second derivatives: ``jacfwd(jacrev(fun))``.

    >>> import lamina as la
    >>> la.hessian(lambda x: x**3)(2.0)
    Array(12., dtype=float32, weak_type=True)
    """
    return jacfwd(jacrev(fun, argnums, has_aux, holomorphic), argnums, has_aux, holomorphic)
