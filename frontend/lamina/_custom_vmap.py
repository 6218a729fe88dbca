"""custom_vmap: functions that say themselves what `vmap` does with them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from lamina import errors, tree_util
from lamina._frames import api_boundary
from lamina._transform import (
    Arguments,
    described,
    flatten_arguments,
    flatten_result,
    function_name,
    in_trace,
    symbol_name,
    trace_call,
)
from lamina._tree_compare import check_same_structure
from lamina.array import Array, ConcreteArray
from lamina.tracer import Tracer
from lamina.tracing import Trace, current_trace, trace_function
from lamina_compiler import functions
from lamina_compiler.control.custom_vmap import BatchingRule, number_of
from lamina_compiler.higher_order import Batch
from lamina_compiler.mlir import ir
from lamina_compiler.types import TensorType

Rule = Callable[..., tuple[list[Array], list[bool]]]  # (size, flat batched flags, flat arrays) -> flat results, flags


class custom_vmap:
    """A function with a batching rule of its own.

    Give the rule with `def_vmap`: ``rule(axis_size, in_batched, *args) -> (result, out_batched)``. `in_batched` has the
    structure of the arguments and says which leaves have a leading batch axis; `out_batched` says it of the result.

    >>> import lamina as la, lamina.numpy as lnp
    >>> @la.custom_batching.custom_vmap
    ... def f(x):
    ...     return x + 1
    >>> @f.def_vmap
    ... def _(axis_size, in_batched, x):
    ...     return x + 100, in_batched[0]
    >>> la.vmap(f)(lnp.zeros(2)), f(0.0)
    (Array([100., 100.], dtype=float32), 1.0)
    """

    def __init__(self, fun: Callable[..., Any]) -> None:
        self.fun = fun
        self.vmap_rule: Callable[..., Any] | None = None
        functools.update_wrapper(self, fun, updated=())

    def def_vmap(self, vmap_rule: Callable[..., Any]) -> Callable[..., Any]:
        """Set the rule; usable as a decorator."""
        self.vmap_rule = vmap_rule
        return vmap_rule

    @api_boundary
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.vmap_rule is None:
            raise errors.CustomRuleError(
                "custom_vmap", function_name(self.fun), "has no rule", "Give it one with def_vmap."
            )
        if not _is_mapped(current_trace()):
            return self.fun(*args, **kwargs)

        def whole(*given: Any) -> Any:
            return self.fun(*given, **kwargs)

        whole.__name__ = function_name(self.fun)
        return in_trace("custom_vmap", lambda trace: self._apply(trace, whole, args))

    def _apply(self, trace: Trace, whole: Callable[..., Any], args: Sequence[Any]) -> Any:
        arguments = flatten_arguments(whole, args, {})
        traced, tree = trace_call(whole, arguments, transform="custom_vmap")
        rule = _batching_rule(self._flat_rule(arguments, tree, traced.types), function_name(self.fun))
        trace.root.cache[("rule", id(rule))] = rule  # it lives as long as the program is made
        details = {"primal": functions.symbol(traced.function), "rule": number_of(rule)}
        out = trace.apply("custom_vmap", details, [*arguments.arrays, *traced.captures], traced.weak_types)
        return tree_util.tree_unflatten(tree, out)

    def _flat_rule(self, arguments: Arguments, tree: Any, types: Sequence[TensorType]) -> Rule:
        """The user's rule on flat arrays. What the function captures is of no interest to it."""
        name, rule = function_name(self.fun), self.vmap_rule
        assert rule is not None

        def flat(size: int, batched: Sequence[bool], arrays: Sequence[Array]) -> tuple[list[Array], list[bool]]:
            count = len(arguments.arrays)
            args, _ = arguments.rebuild(arrays[:count])
            in_batched, _ = arguments.rebuild(batched[:count])
            pair = rule(size, list(in_batched), *args)
            if not (isinstance(pair, (tuple, list)) and len(pair) == 2):
                problem = f"has a rule that returns {described(pair)}, not a pair (result, out_batched)"
                raise errors.CustomRuleError("custom_vmap", name, problem)
            leaves, got = flatten_result(rule, "custom_vmap", pair[0])
            check_same_structure("custom_vmap", tree, got, (f"what `{name}` returns", "the result of its rule"))
            flags, flag_tree = tree_util.tree_flatten(pair[1])
            check_same_structure("custom_vmap", tree, flag_tree, (f"what `{name}` returns", "out_batched of its rule"))
            for i, (leaf, flag, type) in enumerate(zip(leaves, flags, types, strict=True)):
                want = TensorType((size, *type.shape), type.dtype) if flag else type
                if leaf.type != want:
                    which = "" if len(leaves) == 1 else f" {i}"
                    problem = (
                        f"has a rule whose result{which} is {leaf.type}; with out_batched {flag} it must be {want}"
                    )
                    raise errors.CustomRuleError("custom_vmap", name, problem)
            return leaves, [bool(flag) for flag in flags]

        return flat


def _is_mapped(trace: Trace | None) -> bool:
    while trace is not None and trace.transform != "vmap":
        trace = trace.parent
    return trace is not None


def _batching_rule(rule: Rule, name: str) -> BatchingRule:
    """The rule as the compiler asks for it."""

    def traced(
        module: ir.Module, batch: Batch, batched: Sequence[bool], types: Sequence[TensorType]
    ) -> tuple[ir.Operation, list[bool]]:
        inputs = [
            TensorType((batch.size, *t.shape), t.dtype) if flag else t for t, flag in zip(types, batched, strict=True)
        ]
        out_flags: list[bool] = []

        def run(tracers: list[Tracer]) -> list[Array]:
            arrays, flags = rule(batch.size, list(batched), tracers)
            out_flags.extend(flags)
            return arrays

        result = trace_function(
            run,
            f"{symbol_name(rule)}.vmap",
            [ConcreteArray(None, t) for t in inputs],
            inputs,
            transform="vmap",
            function_name=name,
            argument_names=[],
            module=module,
        )
        return result.function, out_flags

    def differentiated(argnums: Sequence[int], outputs: Sequence[int]) -> BatchingRule:
        return _batching_rule(_jvp_of(rule, argnums, outputs), name)

    return BatchingRule(traced, differentiated)


def _jvp_of(rule: Rule, argnums: Sequence[int], outputs: Sequence[int]) -> Rule:
    """The rule of the function's JVP: primals and their tangents are batched together."""

    def flat(size: int, batched: Sequence[bool], arrays: Sequence[Array]) -> tuple[list[Array], list[bool]]:
        from lamina import numpy as lnp
        from lamina.linear_maps import jvp

        count = len(arrays) - len(argnums)
        flags, values, directions = list(batched[:count]), list(arrays[:count]), list(arrays[count:])
        for k, i in enumerate(argnums):
            if flags[i] != batched[count + k]:
                if flags[i]:
                    directions[k] = lnp.broadcast_to(directions[k], values[i].shape)
                else:
                    values[i] = lnp.broadcast_to(values[i], directions[k].shape)
                    flags[i] = True
        out_flags: list[bool] = []

        def primal(*moving: Array) -> list[Array]:
            full = list(values)
            for i, x in zip(argnums, moving, strict=True):
                full[i] = x
            out, marks = rule(size, flags, full)
            out_flags[:] = marks
            return out

        results, tangents = jvp(primal, tuple(values[i] for i in argnums), tuple(directions))
        return [*results, *(tangents[i] for i in outputs)], [*out_flags, *(out_flags[i] for i in outputs)]

    return flat


def sequential_vmap(f: Callable[..., Any]) -> custom_vmap:
    """A function that `vmap` maps with a loop over the examples (`lax.map`) instead of batching it.

    >>> import lamina as la, lamina.numpy as lnp
    >>> la.vmap(la.custom_batching.sequential_vmap(lambda x: x * 2))(lnp.arange(3))
    Array([0, 2, 4], dtype=int32)
    """
    from lamina import lax

    custom = custom_vmap(f)

    @custom.def_vmap
    def rule(axis_size: int, in_batched: Any, *args: Any) -> Any:
        leaves, tree = tree_util.tree_flatten(args)
        flags = tree_util.tree_leaves(in_batched)

        def one(slices: list[Any]) -> Any:
            given = iter(slices)
            return f(
                *tree_util.tree_unflatten(
                    tree, [next(given) if flag else x for x, flag in zip(leaves, flags, strict=True)]
                )
            )

        out = lax.map(one, [x for x, flag in zip(leaves, flags, strict=True) if flag])
        return out, tree_util.tree_map(lambda _: True, out)

    return custom
