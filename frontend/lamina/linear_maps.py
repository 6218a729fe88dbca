"""Derivatives as linear maps: jvp, linearize and vjp."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lamina import dtypes, errors, tree_util
from lamina._float0 import is_float0, zeros_float0
from lamina._frames import api_boundary
from lamina._pullback import LinearFunction, PrimalTypes, Pullback
from lamina._transform import (
    Arguments,
    SplitResult,
    flatten_arguments,
    function_name,
    in_trace,
    refuse_reduce_axes,
    trace_call,
)
from lamina._tree_compare import check_same_structure
from lamina.array import Array, ConcreteArray
from lamina.tracer import Tracer, as_array
from lamina.tracing import Trace
from lamina_compiler.passes import derive

Function = Callable[..., Any]


# ---- forward mode ---------------------------------------------------------------------------------------------------


@api_boundary
def jvp(fun: Function, primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool = False) -> Any:
    """The value of a function and its derivative in a direction (forward mode).

    Args:
        fun: takes ``*primals``.
        primals: the arguments, a tuple or list.
        tangents: a direction, of the structure, shapes and dtypes of `primals` (float0 for integers).
        has_aux: `fun` returns a pair (result, auxiliary data).

    Returns ``(result, tangent of the result)``, and the auxiliary data with `has_aux`.

    >>> import lamina as la
    >>> import lamina.numpy as lnp
    >>> la.jvp(lnp.sin, (0.0,), (2.0,))
    (Array(0., dtype=float32, weak_type=True), Array(2., dtype=float32, weak_type=True))
    """
    if not isinstance(primals, (tuple, list)) or not isinstance(tangents, (tuple, list)):
        raise errors.TangentError(function_name(fun), "primals and tangents must be tuples or lists of arguments")

    def body(trace: Trace) -> Any:
        arguments = flatten_arguments(fun, primals, {})
        directions = _check_tangents(fun, arguments, primals, tangents)
        return _forward(trace, fun, arguments, directions, has_aux)

    return in_trace("jvp", body)


def _forward(trace: Trace, fun: Function, arguments: Arguments, directions: dict[int, Array], has_aux: bool) -> Any:
    split = SplitResult(fun, has_aux, "jvp")
    traced, _ = trace_call(split, arguments, transform="jvp")
    derived = derive.declare_jvp(trace.module, traced.function, list(directions))
    results = trace.call(derived, [*arguments.arrays, *traced.captures, *directions.values()])
    count = len(traced.types)
    for x, weak in zip(results[:count], traced.weak_types, strict=True):
        x.weak_type = weak
    tangents = iter(results[count:])
    every: list[Any] = []
    for type, weak in zip(traced.types, traced.weak_types, strict=True):
        tangent: Any = next(tangents) if type.differentiable else zeros_float0(type.shape)
        if isinstance(tangent, Tracer):
            tangent.weak_type = weak
        every.append(tangent)
    values, aux = split.rebuild(results[:count])
    out_tangents, _ = split.rebuild(every)
    return (values, out_tangents, aux) if has_aux else (values, out_tangents)


def _check_tangents(
    fun: Function, arguments: Arguments, primals: Sequence[Any], tangents: Sequence[Any]
) -> dict[int, Array]:
    """Tangents of the differentiable leaves. Raises TangentError where one does not fit its primal."""
    name = function_name(fun)
    leaves, tree = tree_util.tree_flatten(tuple(tangents))
    values, expected = tree_util.tree_flatten(tuple(primals))
    try:
        check_same_structure("jvp", expected, tree, ("the primal", "the tangent"))
    except errors.TreeStructureError as error:
        raise errors.TangentError(name, error.difference) from None
    directions: dict[int, Array] = {}
    given = [tangent for tangent, value in zip(leaves, values, strict=True) if not is_float0(value)]
    for i, (primal, tangent) in enumerate(zip(arguments.arrays, given, strict=True)):
        if not primal.type.differentiable:
            if getattr(tangent, "dtype", None) != dtypes.float0:
                raise errors.TangentError(
                    name, f"`{arguments.names[i]}` is {primal.type}; the tangent of an integer has dtype float0"
                )
            continue
        tangent = as_array(tangent)
        if tangent.weak_type and tangent.type.differentiable and tangent.dtype != primal.dtype:
            tangent = as_array(tangent, dtype=primal.dtype) if isinstance(tangent, ConcreteArray) else tangent
        if tangent.type != primal.type:
            raise errors.TangentError(
                name, f"the tangent of `{arguments.names[i]}` is {tangent.type}, its primal {primal.type}"
            )
        directions[i] = tangent
    return directions


# ---- linearize and vjp: the derivative as a function ----------------------------------------------------------------


def _linearized(fun: Function, primals: Sequence[Any], has_aux: bool, transform: str, transposed: bool) -> Any:
    """Result, aux, and the linear part as a LinearFunction with what is needed to call it."""
    split = SplitResult(fun, has_aux, transform)
    made: dict[str, Any] = {}

    def body(trace: Trace) -> Any:
        arguments = flatten_arguments(fun, primals, {})
        traced, _ = trace_call(split, arguments, transform=transform)
        wrt = [i for i, x in enumerate(arguments.arrays) if x.type.differentiable]
        outputs = [i for i in range(split.result_count) if traced.types[i].differentiable]
        linear = derive.linearized(trace.module, traced.function, wrt, outputs)
        function = linear.linear
        if transposed:
            function = derive.declare_transpose(trace.module, linear.linear, len(wrt))
            derive.materialize(trace.module, function)
            derive.tidy(trace.module, function)
        results = trace.call(linear.forward, [*arguments.arrays, *traced.captures])
        count = len(traced.types)
        for x, weak in zip(results[:count], traced.weak_types, strict=True):
            x.weak_type = weak
        made.update(
            module=trace.module, function=function, arguments=arguments, traced=traced, wrt=wrt, outputs=outputs
        )
        return split.rebuild(results[:count]), results[count:]

    (result, aux), residuals = in_trace(transform, body)
    made["linear"] = LinearFunction(made["module"], made["function"], residuals)
    return result, aux, split, made


@api_boundary
def linearize(fun: Function, *primals: Any, has_aux: bool = False) -> Any:
    """The value of a function and its derivative at a point as a function of the tangents.

    The expensive part is done once: each call of the returned function only runs the linear part.

    >>> import lamina as la
    >>> import lamina.numpy as lnp
    >>> y, f_jvp = la.linearize(lnp.sin, 0.0)
    >>> f_jvp(3.0)
    Array(3., dtype=float32, weak_type=True)
    """
    result, aux, split, made = _linearized(fun, primals, has_aux, "linearize", transposed=False)
    arguments, traced = made["arguments"], made["traced"]

    @api_boundary
    def f_jvp(*tangents: Any) -> Any:
        directions = _check_tangents(fun, arguments, primals, tangents)
        out = iter(made["linear"]([directions[i] for i in made["wrt"]]))
        leaves = [
            _with_weak_type(next(out), traced.weak_types[i])
            if i in made["outputs"]
            else zeros_float0(traced.types[i].shape)
            for i in range(split.result_count)
        ]
        return tree_util.tree_unflatten(split.result_tree, leaves)

    return (result, f_jvp, aux) if has_aux else (result, f_jvp)


def _with_weak_type(x: Array, weak_type: bool) -> Array:
    x.weak_type = weak_type
    return x


@api_boundary
def vjp(fun: Function, *primals: Any, has_aux: bool = False, reduce_axes: Sequence[Any] = ()) -> Any:
    """The value of a function and its derivative at a point as a function of cotangents (reverse mode).

    Returns ``(result, f_vjp)``, and the auxiliary data with `has_aux`; ``f_vjp(cotangent)`` takes the structure of the
    result and gives a tuple with one entry per primal. `f_vjp` is a container of arrays: a jitted function may return
    it, and take it.

    >>> import lamina as la
    >>> import lamina.numpy as lnp
    >>> y, f_vjp = la.vjp(lambda x, y: x * y, 2.0, 3.0)
    >>> f_vjp(1.0)
    (Array(3., dtype=float32, weak_type=True), Array(2., dtype=float32, weak_type=True))
    """
    refuse_reduce_axes("vjp", reduce_axes)
    result, aux, split, made = _linearized(fun, primals, has_aux, "vjp", transposed=True)
    f_vjp = Pullback(PrimalTypes.of(fun, primals, split, made), made["linear"])
    return (result, f_vjp, aux) if has_aux else (result, f_vjp)


def fwd_and_bwd(
    fun: Function, argnums: int | Sequence[int], has_aux: bool = False, jitted: bool = True
) -> tuple[Function, Function]:
    """Forward and backward pass as two functions, each compiled once however often they are called.

    Args:
        argnums: which positional arguments to differentiate with respect to: an int, or several.
        has_aux: `fun` returns a pair (result, auxiliary data).
        jitted: compile both.

    Returns `fwd` and `bwd`: ``fwd(*args)`` gives ``(result, residuals)``, and the auxiliary data with `has_aux`;
    ``bwd(residuals, cotangent)`` gives the cotangent of the argument, or a tuple with one for each of several.

    >>> import lamina as la
    >>> fwd, bwd = la.fwd_and_bwd(lambda x, y: x * y, argnums=1)
    >>> y, residuals = fwd(2.0, 3.0)
    >>> bwd(residuals, 10.0)
    Array(20., dtype=float32, weak_type=True)
    """
    from lamina.compilation import jit
    from lamina.differentiation import resolve_argnums

    def forward(*args: Any) -> Any:
        chosen = resolve_argnums(argnums, len(args), fun)

        def partial(*given: Any) -> Any:
            every = list(args)
            for position, x in zip(chosen, given, strict=True):
                every[position] = x
            return fun(*every)

        partial.__name__ = function_name(fun)
        return vjp(partial, *(args[i] for i in chosen), has_aux=has_aux)

    def backward(residuals: Pullback, cotangent: Any) -> Any:
        cotangents = residuals(cotangent)
        return cotangents[0] if isinstance(argnums, int) else cotangents

    return (jit(forward), jit(backward)) if jitted else (forward, backward)
