"""custom_jvp: functions that bring their own forward-mode derivative."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from lamina import errors, tree_util
from lamina._custom_rules import (
    CustomCall,
    float_leaves,
    inside_rule,
    needs_rule,
    positions,
    split_call,
    union,
    with_float0,
)
from lamina._frames import api_boundary
from lamina._symbolic_zeros import instantiated, with_symbolic_zeros
from lamina._transform import described, flatten_result, function_name, in_trace, symbol_name, trace_call
from lamina._tree_compare import check_same_structure
from lamina.array import Array
from lamina.tracer import Tracer, as_array
from lamina.tracing import Trace, Traced, trace_function
from lamina_compiler import functions
from lamina_compiler.types import to_ir

Function = Callable[..., Any]


class custom_jvp:
    """A function whose derivative is given by a rule instead of that of its operations.

    Args:
        fun: the function.
        nondiff_argnums: positions of arguments that are not arrays, or that are not differentiated; the rule gets
            them first.

    Give the rule with `defjvp`: ``rule(primals, tangents) -> (result, tangent of the result)``, linear in the tangents;
    reverse mode follows by transposing it. With ``nondiff_argnums`` it is ``rule(*nondiff, primals, tangents)``.

    >>> import lamina as la, lamina.numpy as lnp
    >>> @la.custom_jvp
    ... def log1pexp(x):
    ...     return lnp.log(1.0 + lnp.exp(x))
    >>> @log1pexp.defjvp
    ... def _(primals, tangents):
    ...     (x,), (dx,) = primals, tangents
    ...     return log1pexp(x), (1.0 - 1.0 / (1.0 + lnp.exp(x))) * dx
    >>> la.grad(log1pexp)(100.0)
    Array(1., dtype=float32, weak_type=True)
    """

    def __init__(
        self, fun: Function, nondiff_argnums: Sequence[int] = (), nondiff_argnames: Sequence[str] = ()
    ) -> None:
        self.fun = fun
        self.nondiff_argnums = _with_names(fun, nondiff_argnums, nondiff_argnames)
        self.jvp: Function | None = None
        self.symbolic_zeros = False
        functools.update_wrapper(self, fun, updated=())

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else functools.partial(self, instance)

    def defjvp(self, jvp: Function, symbolic_zeros: bool = False) -> Function:
        """Set the rule; usable as a decorator.

        With `symbolic_zeros` the rule gets a SymbolicZero for the tangents of arguments that cannot have one.
        """
        self.jvp, self.symbolic_zeros = jvp, symbolic_zeros
        return jvp

    def defjvps(self, *jvps: Function | None) -> None:
        """One rule per argument, ``rule(tangent, result, *primals) -> tangent``; None where the derivative is zero."""
        if self.nondiff_argnums:
            raise TypeError("defjvps cannot be used with nondiff_argnums; use defjvp")

        def jvp(primals: Any, tangents: Any) -> Any:
            from lamina import numpy as lnp

            result = self(*primals)
            terms = [rule(t, result, *primals) for rule, t in zip(jvps, tangents, strict=True) if rule is not None]
            zeros = tree_util.tree_map(lnp.zeros_like, result)
            return result, functools.reduce(lambda a, b: tree_util.tree_map(lnp.add, a, b), terms, zeros)

        self.defjvp(jvp)

    @api_boundary
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.jvp is None:
            raise errors.CustomRuleError(
                "custom_jvp", function_name(self.fun), "has no rule", "Give it one with defjvp."
            )
        if not needs_rule(self):
            return self.fun(*args, **kwargs)
        call = split_call(self.fun, self.nondiff_argnums, args, kwargs)
        return in_trace("custom_jvp", lambda trace: self._apply(trace, call))

    def _apply(self, trace: Trace, call: CustomCall) -> Any:
        arguments = call.arguments
        primal, tree = trace_call(call.function, arguments, transform="custom_jvp")
        with inside_rule(trace, self):
            rule = self._traced_rule(call, primal, tree)
        captures = union(primal.captures, rule.captures)
        operands = [*arguments.arrays, *captures]
        names = [
            _with_captures(trace, primal, len(arguments.arrays), operands, 0),
            _with_captures(trace, rule, len(arguments.arrays), operands, len(float_leaves(arguments.arrays))),
        ]
        details = {**dict(zip(("primal", "rule"), names, strict=True)), "captures": len(captures)}
        out = trace.apply("custom_jvp", details, operands, primal.weak_types)
        return tree_util.tree_unflatten(tree, out)

    def _traced_rule(self, call: CustomCall, primal: Traced, tree: Any) -> Traced:
        """The rule as a function of the flat primals and the tangents of the differentiable ones."""
        assert self.jvp is not None
        rule, arrays = self.jvp, call.arguments.arrays
        moving = [arrays[i] for i in float_leaves(arrays)]

        def run(tracers: list[Tracer]) -> list[Array]:
            args, _ = call.arguments.rebuild(tracers[: len(arrays)])
            directions = with_float0(arrays, tracers[len(arrays) :])
            if self.symbolic_zeros:
                directions = with_symbolic_zeros(arrays, directions)
            tangents, _ = call.arguments.rebuild(directions)
            result = rule(*call.static, args, tangents)
            return _checked_result(function_name(self.fun), rule, result, primal, tree)

        return trace_function(
            run,
            f"{symbol_name(self.fun)}.rule",
            [*arrays, *moving],
            [x.type for x in (*arrays, *moving)],
            transform="custom_jvp",
            function_name=function_name(rule),
            argument_names=[
                *call.arguments.names,
                *(f"tangent of {call.arguments.names[i]}" for i in float_leaves(arrays)),
            ],
            sources=[*arrays, *[None] * len(moving)],
        )


def _with_names(fun: Function, argnums: Sequence[int], argnames: Sequence[str]) -> tuple[int, ...]:
    import inspect

    numbers = (argnums,) if isinstance(argnums, int) else tuple(argnums)
    if not argnames:
        return numbers
    names = list(inspect.signature(fun).parameters)
    return tuple(sorted({*numbers, *(names.index(name) for name in argnames)}))


def _checked_result(name: str, rule: Function, result: Any, primal: Traced, tree: Any) -> list[Array]:
    """What a rule returned as flat results and tangents of the differentiable ones."""
    if not (isinstance(result, (tuple, list)) and len(result) == 2):
        problem = f"has a rule that returns {described(result)}, not a pair (result, tangent)"
        raise errors.CustomRuleError("custom_jvp", name, problem)
    leaves, result_tree = flatten_result(rule, "custom_jvp", result[0])
    check_same_structure(
        "custom_jvp", tree, result_tree, (f"what `{name}` returns", f"the result of the rule `{function_name(rule)}`")
    )
    tangents, tangent_tree = tree_util.tree_flatten(result[1])
    check_same_structure(
        "custom_jvp", tree, tangent_tree, (f"what `{name}` returns", f"the tangent of the rule `{function_name(rule)}`")
    )
    from lamina.lax._operands import as_dtype

    out: list[Array] = []
    for leaf, type in zip(leaves, primal.types, strict=True):
        leaf = as_dtype(leaf, type.dtype) if leaf.weak_type else leaf
        if leaf.type != type:
            raise errors.CustomRuleError(
                "custom_jvp", name, f"returns {type}, but its rule `{function_name(rule)}` returns {leaf.type}"
            )
        out.append(leaf)
    for tangent, type in zip(tangents, primal.types, strict=True):
        if not type.differentiable:
            continue
        array = as_array(instantiated(tangent))
        array = as_dtype(array, type.dtype) if array.weak_type and array.dtype != type.dtype else array
        if array.type != type:
            raise errors.CustomRuleError(
                "custom_jvp",
                name,
                f"returns {type}, but its rule `{function_name(rule)}` gives it a tangent {array.type}",
            )
        out.append(array)
    return out


def _with_captures(trace: Trace, traced: Traced, count: int, operands: Sequence[Array], tangents: int) -> str:
    """Name of the function of all operands (and tangents of theirs); tangents of captures are ignored.

    `count` arguments come first, then their `tangents`, then what the function captures.
    """
    own = positions(traced.captures, operands[count:], count)
    types = [to_ir(x.type) for x in operands]
    moving = [types[i] for i in float_leaves(operands)] if tangents else []

    def body(b: Any, values: Any) -> Any:
        given = values[len(operands) : len(operands) + tangents]
        return functions.call(b, traced.function, [*values[:count], *given, *(values[i] for i in own)])

    function = functions.adapted(
        trace.module, functions.symbol(traced.function), [*types, *moving], traced.function.location, body
    )
    return functions.symbol(function)
