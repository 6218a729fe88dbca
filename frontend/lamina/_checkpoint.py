"""checkpoint: trade memory of the backward pass for computing things again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lamina import errors, tree_util
from lamina._custom_rules import split_call
from lamina._frames import api_boundary
from lamina._static_arguments import names_of_static
from lamina._transform import function_name, in_trace, like, trace_call
from lamina.checkpoint_policies import Policy
from lamina.tracing import Trace, current_trace
from lamina_compiler import functions


def checkpoint(
    fun: Callable[..., Any] | None = None,
    *,
    prevent_cse: bool | Sequence[bool] = True,
    policy: Policy | None = None,
    static_argnums: int | Sequence[int] = (),
    static_argnames: str | Sequence[str] = (),
) -> Any:
    """A function whose intermediate values are not kept for the backward pass, but computed again there.

    Args:
        fun: takes and returns arrays or containers of them.
        policy: which values are kept all the same, one of `lamina.checkpoint_policies`; default: none.
        prevent_cse: keep the compiler from sharing the second computation with the first. May be False inside of
            `scan`, where the two are in different loops. A sequence, of one for each argument, means any of them.
        static_argnums, static_argnames: positions and names of arguments that are no arrays.

    Values, gradients and all other derivatives are those of `fun` (Griewank and Walther 2000 on checkpointing).

    >>> import lamina as la, lamina.numpy as lnp
    >>> la.grad(la.checkpoint(lambda x: lnp.sin(lnp.sin(x))))(0.0)
    Array(1., dtype=float32, weak_type=True)
    """
    if fun is None:
        options: dict[str, Any] = {"static_argnums": static_argnums, "static_argnames": static_argnames}
        return lambda f: checkpoint(f, prevent_cse=prevent_cse, policy=policy, **options)
    if policy is not None and not isinstance(policy, Policy):
        cure = "Pass one of lamina.checkpoint_policies."
        raise errors.CustomRuleError("checkpoint", function_name(fun), f"has the policy {policy!r:.60}", cure)
    static, _ = names_of_static(fun, static_argnums, static_argnames)
    separate = any(tree_util.tree_leaves(prevent_cse))
    chosen = (policy or Policy("nothing")).text

    @like(fun)
    @api_boundary
    def checkpointed(*args: Any, **kwargs: Any) -> Any:
        trace = current_trace()
        if trace is None or not trace.derivatives:
            return fun(*args, **kwargs)

        def whole(*given: Any) -> Any:
            return fun(*given, **kwargs)

        whole.__name__ = function_name(fun)
        call = split_call(whole, sorted(static), args, {})

        def body(trace: Trace) -> Any:
            traced, tree = trace_call(call.function, call.arguments, transform="checkpoint")
            details = {"body": functions.symbol(traced.function), "policy": chosen, "prevent_cse": separate}
            operands = [*call.arguments.arrays, *traced.captures]
            return tree_util.tree_unflatten(tree, trace.apply("checkpoint", details, operands, traced.weak_types))

        return in_trace("checkpoint", body)

    return checkpointed
