"""linear_transpose: the transpose of a function that is linear."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamina import errors, tree_util
from lamina._frames import api_boundary
from lamina._pullback import LinearFunction, check_cotangents
from lamina._shapes import with_placeholders
from lamina._transform import SplitResult, flatten_arguments, function_name, in_trace, refuse_reduce_axes, trace_call
from lamina.tracing import Trace
from lamina_compiler import functions
from lamina_compiler.passes import derive


@api_boundary
def linear_transpose(fun: Callable[..., Any], *primals: Any, reduce_axes: Any = ()) -> Callable[[Any], tuple[Any, ...]]:
    """The transpose of a linear function: ``transpose(cotangent of the result) -> (cotangent of each argument, …)``.

    Args:
        fun: linear in all its arguments; this is not checked beyond that its operations have transposes.
        primals: arrays or ShapeDtypeStructs that say which types the arguments have; values are not looked at.

    >>> import lamina as la, lamina.numpy as lnp
    >>> la.linear_transpose(lambda x, y: 2.0 * x - y, 1.0, 1.0)(3.0)
    (Array(6., dtype=float32, weak_type=True), Array(-3., dtype=float32, weak_type=True))
    """
    refuse_reduce_axes("linear_transpose", reduce_axes)
    (primals, _) = with_placeholders((primals, {}))
    split = SplitResult(fun, False, "linear_transpose")
    made: dict[str, Any] = {}

    def body(trace: Trace) -> Any:
        arguments = flatten_arguments(fun, primals, {})
        for name, x in zip(arguments.names, arguments.arrays, strict=True):
            if not x.type.differentiable:
                what = f"the argument `{name}`"
                raise errors.IntegerGradError(function_name(fun), what, x.dtype.name, "linear_transpose")
        traced, _ = trace_call(split, arguments, transform="linear_transpose", look=False)
        count, inputs = len(arguments.arrays), functions.signature(traced.function)[0]
        captured = len(traced.captures)
        last = functions.adapted(
            trace.module,
            functions.symbol(traced.function),
            [*inputs[count:], *inputs[:count]],
            traced.function.location,
            lambda b, values: functions.call(b, traced.function, [*values[captured:], *values[:captured]]),
        )
        function = derive.declare_transpose(trace.module, last, count)
        derive.materialize(trace.module, function)
        derive.tidy(trace.module, function)
        made.update(module=trace.module, function=function, arguments=arguments, traced=traced)
        return list(traced.captures)

    captures = in_trace("linear_transpose", body)
    linear = LinearFunction(made["module"], made["function"], captures)
    arguments, tree = made["arguments"], tree_util.tree_structure(tuple(primals))

    @api_boundary
    def transposed(cotangent: Any) -> tuple[Any, ...]:
        cotangents = check_cotangents(fun, split, made["traced"].types, cotangent)
        out = linear([cotangents[i] for i in range(split.result_count)])
        for x, argument in zip(out, arguments.arrays, strict=True):
            x.weak_type = argument.weak_type
        return tree_util.tree_unflatten(tree, out)

    return transposed
