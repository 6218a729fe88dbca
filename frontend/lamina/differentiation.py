"""Gradients and Jacobians: grad, value_and_grad, jacfwd, jacrev, hessian."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lamina import errors, tree_util
from lamina._frames import api_boundary
from lamina._transform import (
    Arguments,
    SplitResult,
    flatten_arguments,
    function_name,
    in_trace,
    like,
    trace_call,
)
from lamina.linear_maps import zeros_float0
from lamina.tracing import Trace, as_array
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
) -> Function:
    """The function that computes the gradient of a scalar-valued function.

    Args:
        fun: takes arrays or containers of them, returns a scalar (a 0-d float array); with `has_aux` a pair of the
            scalar and anything else, which is passed through.
        argnums: position or positions of the arguments to differentiate with respect to.
        holomorphic: differentiate a holomorphic function of complex arguments.
        allow_int: give integer arguments a gradient of dtype float0 instead of an error.

    Returns a function with the arguments of `fun`; its result has the structure and shapes of the differentiated
    argument (a tuple of them for several `argnums`), and is paired with the auxiliary data with `has_aux`.

    Raises NonScalarGradError if `fun` returns no scalar, IntegerGradError for an integer argument or result.

    >>> import lamina as la
    >>> la.grad(lambda x: x**2)(3.0)
    Array(6., dtype=float32, weak_type=True)
    """
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
) -> Function:
    """Like `grad`, but the function returns the pair of the value and the gradient.

    >>> import lamina as la
    >>> la.value_and_grad(lambda x: x**2)(3.0)
    (Array(9., dtype=float32, weak_type=True), Array(6., dtype=float32, weak_type=True))
    """

    @like(fun)
    @api_boundary
    def both(*args: Any, **kwargs: Any) -> Any:
        chosen = resolve_argnums(argnums, len(args), fun)

        def body(trace: Trace) -> Any:
            arguments = flatten_arguments(fun, args, kwargs)
            split = SplitResult(fun, has_aux, "grad")
            leaves = _leaves_of(args, chosen)
            _check_arguments(fun, arguments, leaves, holomorphic, allow_int)
            traced, _ = trace_call(split, arguments, transform="grad")
            _check_scalar(fun, split, traced.types, holomorphic)
            wrt = [i for i in leaves if arguments.arrays[i].type.differentiable]
            derived = derive.declare_vjp(trace.module, traced.function, wrt, [0])
            seed = as_array(1, dtype=traced.types[0].dtype)
            results = trace.call(derived, [*arguments.arrays, *traced.captures, seed])
            for x, weak in zip(results, traced.weak_types, strict=False):
                x.weak_type = weak
            gradients: dict[int, Any] = dict(zip(wrt, results[len(traced.types) :], strict=True))
            for i in wrt:
                gradients[i].weak_type = arguments.arrays[i].weak_type
            value, aux = split.rebuild(results[: len(traced.types)])
            pieces = [
                _gather(args[c], [gradients.get(i) for i in _leaves_of(args, (c,))], arguments, c, args) for c in chosen
            ]
            gradient = pieces[0] if isinstance(argnums, int) else tuple(pieces)
            return ((value, aux) if has_aux else value), gradient

        return in_trace("grad", body)

    return both


def _check_arguments(
    fun: Function, arguments: Arguments, leaves: Sequence[int], holomorphic: bool, allow_int: bool
) -> None:
    """The demands of grad on its arguments."""
    for i in leaves:
        type, what = arguments.arrays[i].type, f"the argument `{arguments.names[i]}`"
        if not type.differentiable and not allow_int:
            raise errors.IntegerGradError(function_name(fun), what, arguments.arrays[i].dtype.name)
        if type.differentiable and holomorphic != (type.dtype.kind == "c"):
            raise errors.HolomorphicError(function_name(fun), what, type.dtype.name)


def _check_scalar(fun: Function, split: SplitResult, types: Sequence[TensorType], holomorphic: bool) -> None:
    """The demands of grad on the result."""
    if not tree_util.treedef_is_leaf(split.result_tree):
        container = split.result_tree.type
        raise errors.NonScalarGradError(function_name(fun), f"a {container.__name__}" if container else "nothing")
    result = types[0]
    if result.shape != ():
        raise errors.NonScalarGradError(function_name(fun), f"an array {result}")
    if not result.differentiable:
        raise errors.IntegerGradError(function_name(fun), "the result", result.dtype.name)
    if holomorphic != (result.dtype.kind == "c"):
        raise errors.HolomorphicError(function_name(fun), "the result", result.dtype.name)


def resolve_argnums(argnums: int | Sequence[int], count: int, fun: Function) -> tuple[int, ...]:
    """Non-negative positions. Raises ArgnumsError for one that no argument has."""
    positions = (argnums,) if isinstance(argnums, int) else tuple(argnums)
    for p in positions:
        if not -count <= p < count:
            raise errors.ArgnumsError(function_name(fun), p, count)
    return tuple(p % count for p in positions)


def _leaves_of(args: Sequence[Any], positions: Sequence[int]) -> list[int]:
    """Indices of the flat leaves that belong to the given positional arguments."""
    counts = [len(tree_util.tree_leaves(arg)) for arg in args]
    starts = [sum(counts[:i]) for i in range(len(counts))]
    return [starts[p] + i for p in positions for i in range(counts[p])]


def _gather(arg: Any, gradients: Sequence[Any], arguments: Arguments, position: int, args: Sequence[Any]) -> Any:
    """Gradients in the structure of their argument; float0 zeros for integers."""
    indices = _leaves_of(args, (position,))
    filled = [
        zeros_float0(arguments.arrays[i].shape) if gradient is None else gradient
        for gradient, i in zip(gradients, indices, strict=True)
    ]
    return tree_util.tree_unflatten(tree_util.tree_structure(arg), filled)


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
    """Jacobian by reverse mode, a row at a time: good for few results and many inputs. Shapes as for `jacfwd`."""
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
