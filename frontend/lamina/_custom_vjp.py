"""custom_vjp: functions that bring their own reverse-mode derivative."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from lamina import dtypes, errors, tree_util
from lamina._custom_jvp import _with_captures, _with_names
from lamina._custom_rules import CustomCall, float_leaves, inside_rule, needs_rule, positions, split_call, union
from lamina._frames import api_boundary
from lamina._symbolic_zeros import instantiated, with_perturbed
from lamina._transform import described, flatten_result, function_name, in_trace, symbol_name, trace_call
from lamina._tree_compare import check_same_structure
from lamina.array import Array
from lamina.tracer import Tracer, as_array
from lamina.tracing import Trace, Traced, trace_function
from lamina_compiler import functions
from lamina_compiler.types import TensorType, to_ir

Function = Callable[..., Any]


class custom_vjp:
    """A function whose reverse-mode derivative is given by two rules.

    Args:
        fun: the function.
        nondiff_argnums: positions of arguments that are not arrays, or that are not differentiated; `fwd` gets all
            arguments in their order, `bwd` gets these first.

    Give the rules with ``defvjp(fwd, bwd)``: ``fwd(*args) -> (result, residuals)`` and ``bwd(residuals, cotangent) ->``
    a tuple with a cotangent for every differentiated argument (None for zero). There is no forward mode then.

    >>> import lamina as la, lamina.numpy as lnp
    >>> @la.custom_vjp
    ... def clipped(x):
    ...     return x
    >>> clipped.defvjp(lambda x: (x, None), lambda _, ct: (lnp.clip(ct, -1.0, 1.0),))
    >>> la.grad(lambda x: 5.0 * clipped(x))(2.0)
    Array(1., dtype=float32, weak_type=True)
    """

    def __init__(
        self, fun: Function, nondiff_argnums: Sequence[int] = (), nondiff_argnames: Sequence[str] = ()
    ) -> None:
        self.fun = fun
        self.nondiff_argnums = _with_names(fun, nondiff_argnums, nondiff_argnames)
        self.fwd: Function | None = None
        self.bwd: Function | None = None
        self.symbolic_zeros = False
        functools.update_wrapper(self, fun, updated=())

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else functools.partial(self, instance)

    def defvjp(self, fwd: Function, bwd: Function, symbolic_zeros: bool = False, optimize_remat: bool = False) -> None:
        """Set the rules.

        With `symbolic_zeros` the arguments of `fwd` are CustomVJPPrimals, which say whether they may have a derivative.
        `optimize_remat` is accepted for JAX's programs.
        """
        self.fwd, self.bwd, self.symbolic_zeros = fwd, bwd, symbolic_zeros

    @api_boundary
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.fwd is None or self.bwd is None:
            raise errors.CustomRuleError(
                "custom_vjp", function_name(self.fun), "has no rules", "Give it some with defvjp(fwd, bwd)."
            )
        if not needs_rule(self):
            return self.fun(*args, **kwargs)
        call = split_call(self.fun, self.nondiff_argnums, args, kwargs)
        return in_trace("custom_vjp", lambda trace: self._apply(trace, call))

    def _apply(self, trace: Trace, call: CustomCall) -> Any:
        arguments = call.arguments
        primal, tree = trace_call(call.function, arguments, transform="custom_vjp")
        with inside_rule(trace, self):
            forward = self._traced_forward(call, primal, tree)
            backward = self._traced_backward(call, primal, tree, forward)
        captures = union(primal.captures, forward.traced.captures, backward.captures)
        operands, count = [*arguments.arrays, *captures], len(arguments.arrays)
        details = {
            "primal": _with_captures(trace, primal, count, operands, 0),
            "forward": _forward_of_all(trace, forward.traced, backward, operands, count),
            "backward": _backward_of_all(trace, forward.traced, backward, operands, count, primal),
            "captures": len(captures),
        }
        out = trace.apply("custom_vjp", details, operands, primal.weak_types)
        return tree_util.tree_unflatten(tree, out)

    def _traced_forward(self, call: CustomCall, primal: Traced, tree: Any) -> _Forward:
        """`fwd` as a function of the flat arguments that gives flat results and residuals."""
        assert self.fwd is not None
        name, rule = function_name(self.fun), self.fwd
        trees: list[Any] = []

        def run(tracers: list[Tracer]) -> list[Array]:
            values = with_perturbed(call.arguments.arrays, tracers) if self.symbolic_zeros else tracers
            args, _ = call.arguments.rebuild(values)
            pair = call.with_static(rule, args)
            if not (isinstance(pair, (tuple, list)) and len(pair) == 2):
                raise errors.CustomRuleError(
                    "custom_vjp",
                    name,
                    f"has a forward rule that returns {described(pair)}, not a pair (result, residuals)",
                )
            leaves, result_tree = flatten_result(rule, "custom_vjp", pair[0])
            check_same_structure(
                "custom_vjp", tree, result_tree, (f"what `{name}` returns", f"the result of `{function_name(rule)}`")
            )
            residuals, residual_tree = flatten_result(rule, "custom_vjp", pair[1])
            trees.append(residual_tree)
            return [*_typed(name, rule, leaves, primal.types), *residuals]

        traced = trace_function(
            run,
            f"{symbol_name(self.fun)}.fwd",
            call.arguments.arrays,
            [x.type for x in call.arguments.arrays],
            transform="custom_vjp",
            function_name=function_name(rule),
            argument_names=call.arguments.names,
            sources=call.arguments.arrays,
        )
        return _Forward(traced, trees[0])

    def _traced_backward(self, call: CustomCall, primal: Traced, tree: Any, forward: _Forward) -> Traced:
        """`bwd` as a function of flat residuals and cotangents of the differentiable results."""
        assert self.bwd is not None
        name, rule = function_name(self.fun), self.bwd
        count = len(primal.types)
        residual_types = forward.traced.types[count:]
        moving = [i for i, type in enumerate(primal.types) if type.differentiable]
        types = [*residual_types, *(primal.types[i] for i in moving)]

        def run(tracers: list[Tracer]) -> list[Array]:
            residuals = tree_util.tree_unflatten(forward.tree, tracers[: len(residual_types)])
            given = iter(tracers[len(residual_types) :])
            from lamina._float0 import zeros_float0

            cotangent = tree_util.tree_unflatten(
                tree, [next(given) if t.differentiable else zeros_float0(t.shape) for t in primal.types]
            )
            result = rule(*call.static, residuals, cotangent)
            return _flat_cotangents(name, rule, result, call)

        return trace_function(
            run,
            f"{symbol_name(self.fun)}.bwd",
            [_placeholder(type) for type in types],
            types,
            transform="custom_vjp",
            function_name=function_name(rule),
            argument_names=[*(f"residual {i}" for i in range(len(residual_types))), *["cotangent"] * len(moving)],
        )


class _Forward(NamedTuple):
    """The traced forward rule, and the structure of its residuals."""

    traced: Traced
    tree: Any


def _placeholder(type: TensorType) -> Array:
    from lamina.array import ConcreteArray

    return ConcreteArray(None, type)


def _typed(name: str, rule: Function, leaves: Sequence[Array], types: Sequence[TensorType]) -> list[Array]:
    """The results of a forward rule, of the types that the function has."""
    from lamina.lax._operands import as_dtype

    out = []
    for leaf, type in zip(leaves, types, strict=True):
        leaf = as_dtype(leaf, type.dtype) if leaf.weak_type else leaf
        if leaf.type != type:
            raise errors.CustomRuleError(
                "custom_vjp", name, f"returns {type}, but its rule `{function_name(rule)}` returns {leaf.type}"
            )
        out.append(leaf)
    return out


def _flat_cotangents(name: str, rule: Function, result: Any, call: CustomCall) -> list[Array]:
    """What `bwd` returned: a cotangent for every differentiable leaf of the arguments."""
    from lamina import numpy as lnp
    from lamina.lax._operands import as_dtype

    if isinstance(result, list):
        result = tuple(result)
    if not isinstance(result, tuple) or len(result) != len(call.args):
        got = described(result)
        raise errors.CustomRuleError(
            "custom_vjp",
            name,
            f"has {len(call.args)} differentiated arguments, but `{function_name(rule)}` returns {got}",
            "Return a tuple with one entry for each argument that is not in nondiff_argnums.",
        )
    out: list[Array] = []
    position = 0
    for top, arg, cotangent in zip(call.function.names, call.args, result, strict=True):
        parts: list[Any] = [None] * len(tree_util.tree_leaves(arg))
        if cotangent is not None:
            parts, got = tree_util.tree_flatten(cotangent, is_leaf=lambda x: x is None)
            check_same_structure(
                "custom_vjp",
                tree_util.tree_structure(arg),
                tree_util.tree_structure(tree_util.tree_unflatten(got, [0] * len(parts))),
                (f"the argument `{top}`", f"its cotangent from `{function_name(rule)}`"),
            )
        for part in parts:
            x, argument = call.arguments.arrays[position], call.arguments.names[position]
            position += 1
            if not x.type.differentiable:
                continue
            if part is None or getattr(part, "dtype", None) == dtypes.float0:
                out.append(lnp.zeros(x.shape, x.dtype))
                continue
            array = as_array(instantiated(part))
            array = as_dtype(array, x.dtype) if array.weak_type and array.dtype != x.dtype else array
            if array.type != x.type:
                raise errors.CustomRuleError(
                    "custom_vjp",
                    name,
                    f"takes `{argument}` as {x.type}, but `{function_name(rule)}` gives it a cotangent {array.type}",
                )
            out.append(array)
    return out


def _forward_of_all(trace: Trace, forward: Traced, backward: Traced, operands: Sequence[Array], count: int) -> str:
    """The forward rule of all operands; what the backward rule captures is among its residuals."""
    own, passed = (positions(traced.captures, operands[count:], count) for traced in (forward, backward))

    def body(b: Any, values: Any) -> Any:
        out = functions.call(b, forward.function, [*values[:count], *(values[i] for i in own)])
        return [*out, *(values[i] for i in passed)]

    types = [to_ir(x.type) for x in operands]
    name = functions.symbol(forward.function)
    return functions.symbol(functions.adapted(trace.module, name, types, forward.function.location, body))


def _backward_of_all(
    trace: Trace, forward: Traced, backward: Traced, operands: Sequence[Array], count: int, primal: Traced
) -> str:
    """The backward rule: residuals, captures, cotangents; the cotangents of captured arrays are zero."""
    inputs = functions.signature(backward.function)[0]
    captured = len(backward.captures)
    residuals = len(forward.types) - len(primal.types)
    first = len(inputs) - captured
    order = [*inputs[:residuals], *inputs[first:], *inputs[residuals:first]]
    zeros = [operands[i].type for i in float_leaves(operands) if i >= count]

    def body(b: Any, values: Any) -> Any:
        own, caught, arrived = (
            values[:residuals], values[residuals : residuals + captured], values[residuals + captured :],
        )  # fmt: skip
        out = functions.call(b, backward.function, [*own, *arrived, *caught])
        return [*out, *(b.zeros(type) for type in zeros)]

    name = functions.symbol(backward.function)
    return functions.symbol(functions.adapted(trace.module, name, order, backward.function.location, body))
