"""linear_call: a linear function that brings its own transpose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lamina import errors, tree_util
from lamina._custom_rules import positions, union
from lamina._frames import api_boundary
from lamina._transform import function_name, in_trace
from lamina._tree_compare import check_same_structure
from lamina.array import Array, ConcreteArray
from lamina.lax._bodies import Body, leaves_of, trace_body
from lamina.tracing import Trace
from lamina_compiler import functions
from lamina_compiler.types import to_ir


@api_boundary
def linear_call(
    fun: Callable[[Any, Any], Any], fun_transpose: Callable[[Any, Any], Any], residual_args: Any, linear_args: Any
) -> Any:
    """``fun(residual_args, linear_args)``, whose transpose in the linear arguments is given.

    Args:
        fun: linear in its second argument.
        fun_transpose: ``fun_transpose(residual_args, cotangent of the result)`` gives the cotangent of the linear
            arguments.
        residual_args, linear_args: arrays or containers of them; it is differentiated in the linear ones only.

    >>> import lamina as la
    >>> scale = lambda r, x: la.custom_derivatives.linear_call(lambda r, x: x / r, lambda r, ct: ct / r, r, x)
    >>> la.grad(scale, argnums=1)(2.0, 3.0)
    Array(0.5, dtype=float32, weak_type=True)
    """

    def body(trace: Trace) -> Any:
        residuals, operands = (
            leaves_of(x, name, "linear_call")
            for x, name in ((residual_args, "residual_args"), (linear_args, "linear_args"))
        )
        count = len(residuals.arrays)

        def of(call: Callable[[Any, Any], Any], tree: Any) -> Callable[[Any], Any]:
            return lambda xs: call(
                tree_util.tree_unflatten(residuals.tree, xs[:count]), tree_util.tree_unflatten(tree, xs[count:])
            )

        given = [*residuals.arrays, *operands.arrays]
        names = [*residuals.names, *operands.names]
        forward = trace_body(fun, of(fun, operands.tree), given, names, "linear_call")
        placeholders = [ConcreteArray(None, type) for type in forward.traced.types]
        results = leaves_of(tree_util.tree_unflatten(forward.tree, placeholders), "cotangent", "linear_call")
        arrived = [*residuals.arrays, *results.arrays]
        backward = trace_body(
            fun_transpose, of(fun_transpose, forward.tree), arrived, [*residuals.names, *results.names], "linear_call"
        )
        name = function_name(fun_transpose)
        check_same_structure("linear_call", operands.tree, backward.tree, ("linear_args", f"what `{name}` returns"))
        for argument, want, got in zip(operands.names, operands.types, backward.traced.types, strict=True):
            if want != got:
                raise errors.CustomRuleError(
                    "linear_call", function_name(fun), f"takes `{argument}` as {want}, but `{name}` gives it {got}"
                )
        symbols, captures = _captures_first(trace, (forward, backward), (len(given), len(arrived)))
        details = dict(zip(("forward", "backward"), symbols, strict=True)) | {"residuals": len(captures) + count}
        out = trace.apply("linear_call", details, [*captures, *given], forward.traced.weak_types)
        return tree_util.tree_unflatten(forward.tree, out)

    return in_trace("linear_call", body)


def _captures_first(trace: Trace, bodies: Sequence[Body], counts: Sequence[int]) -> tuple[list[str], list[Array]]:
    """Functions that take the captures of all of them first: they are residuals, too."""
    captures = union(*(body.traced.captures for body in bodies))
    first = len(captures)
    symbols = []
    for body, count in zip(bodies, counts, strict=True):
        own = positions(body.traced.captures, captures, 0)
        function = functions.adapted(
            trace.module,
            body.symbol,
            [*(to_ir(x.type) for x in captures), *functions.signature(body.function)[0][:count]],
            body.function.location,
            lambda b, values, body=body, own=own: functions.call(
                b, body.function, [*values[first:], *(values[i] for i in own)]
            ),
        )
        symbols.append(functions.symbol(function))
    return symbols, captures
