"""Functions with derivatives of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamina import tree_util
from lamina._custom_jvp import custom_jvp
from lamina._custom_vjp import custom_vjp
from lamina._frames import api_boundary
from lamina._linear_call import linear_call
from lamina._symbolic_zeros import CustomVJPPrimal, SymbolicZero, custom_vjp_primal_tree_values, zero_from_primal
from lamina._transform import flatten_arguments, function_name, like, trace_call
from lamina.array import Array
from lamina.tracer import Tracer
from lamina.tracing import current_trace

__all__ = [
    "CustomVJPPrimal",
    "SymbolicZero",
    "closure_convert",
    "custom_gradient",
    "custom_jvp",
    "custom_vjp",
    "custom_vjp_primal_tree_values",
    "linear_call",
    "zero_from_primal",
]


@api_boundary
def closure_convert(fun: Callable[..., Any], *example_args: Any) -> tuple[Callable[..., Any], list[Array]]:
    """A function that takes as further arguments the traced arrays that `fun` closes over, and these arrays.

    For functions with custom rules, which are differentiated with respect to their arguments only.

    >>> import lamina as la
    >>> def f(a):
    ...     g, consts = la.closure_convert(lambda x: a * x, 1.0)
    ...     return g(2.0, *consts)
    >>> la.grad(f)(3.0)
    Array(2., dtype=float32, weak_type=True)
    """
    trace = current_trace()
    if trace is None:
        return fun, []
    arguments = flatten_arguments(fun, example_args, {})
    traced, tree = trace_call(fun, arguments, transform="closure_convert", look=False)
    hoisted = [i for i, x in enumerate(traced.captures) if isinstance(x, Tracer)]

    def converted(*args: Any) -> Any:
        given = args[: len(example_args)]
        captures = list(traced.captures)
        for i, x in zip(hoisted, args[len(example_args) :], strict=True):
            captures[i] = flatten_arguments(fun, [x], {}).arrays[0]
        here = current_trace()
        assert here is not None
        arrays = flatten_arguments(fun, given, {}).arrays
        return tree_util.tree_unflatten(tree, here.call(traced.function, [*arrays, *captures], traced.weak_types))

    converted.__name__ = function_name(fun)
    return converted, [traced.captures[i] for i in hoisted]


def custom_gradient(fun: Callable[..., Any]) -> Callable[..., Any]:
    """A function that returns its result together with its VJP: ``fun(*args) -> (result, ct -> cotangents)``.

    >>> import lamina as la
    >>> @la.custom_gradient
    ... def f(x):
    ...     return x**2, lambda ct: 10.0 * ct * x
    >>> f(3.0), la.grad(f)(3.0)
    (9.0, Array(30., dtype=float32, weak_type=True))
    """

    @like(fun)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        rules: list[Callable[..., Any]] = []

        def primal(*given: Any) -> Any:
            return fun(*given, **kwargs)[0]

        def forward(*given: Any) -> Any:
            result, rule = fun(*given, **kwargs)
            converted, consts = closure_convert(rule, result)
            rules.append(converted)
            return result, tuple(consts)

        def backward(consts: Any, cotangent: Any) -> Any:
            out = rules[-1](cotangent, *consts)
            return out if isinstance(out, (tuple, list)) else (out,)

        primal.__name__ = function_name(fun)
        custom = custom_vjp(primal)
        custom.defvjp(forward, backward)
        return custom(*args)

    return wrapped
