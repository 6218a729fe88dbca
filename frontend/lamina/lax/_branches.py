"""Branches: cond and switch."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lamina import errors, tree_util
from lamina._frames import api_boundary
from lamina._transform import function_name, in_trace
from lamina._tree_compare import check_same_structure
from lamina.array import Array
from lamina.binding import bind
from lamina.config import config
from lamina.lax._bodies import Body, check_callable, leaves_of, trace_body, with_common_captures
from lamina.lax._operands import as_dtype
from lamina.tracer import as_array, known_number
from lamina.tracing import Trace
from lamina_compiler.opdef import REGISTRY

__all__ = ["cond", "switch"]

_NOTHING: Any = object()


@api_boundary
def cond(*args: Any, **kwargs: Any) -> Any:
    """``cond(pred, true_fun, false_fun, *operands)``: the result of one of two functions; only that one runs.

    Args:
        pred: one boolean (or a number, true unless 0).
        true_fun, false_fun: take the operands and return results of the same structure, shapes and dtypes.
        operands: arrays or containers of them; the functions may also close over arrays. Or one, as ``operand=``.

    Under `vmap` with a condition that differs between examples both functions run, and each example takes its result.
    The form ``cond(pred, true_operand, true_fun, false_operand, false_fun)`` of old programs is understood.

    Raises BranchTypeError if the functions return different types.

    >>> import lamina.lax as lax
    >>> lax.cond(True, lambda x: x + 1.0, lambda x: x - 1.0, 5.0)
    Array(6., dtype=float32, weak_type=True)
    """
    if not kwargs and len(args) == 5 and callable(args[2]) and callable(args[4]) and not callable(args[1]):
        pred, on_true, true_fun, on_false, false_fun = args
        return _cond(pred, lambda pair: true_fun(pair[0]), lambda pair: false_fun(pair[1]), (on_true, on_false))
    return _cond(*args, **kwargs)


def _cond(
    pred: Any, true_fun: Callable[..., Any], false_fun: Callable[..., Any], *operands: Any, operand: Any = _NOTHING
) -> Any:
    check_callable("lax.cond", "true_fun", true_fun)
    check_callable("lax.cond", "false_fun", false_fun)
    operands = _with_operand("lax.cond", operands, operand)
    condition = _scalar("lax.cond", "the condition", pred)
    if condition.dtype.kind not in "biuf":
        raise errors.LoopOperandError("lax.cond", f"the condition must be a boolean or a number, not {condition.type}")
    if config.disable_jit and (known := known_number(condition)) is not None:
        return true_fun(*operands) if known else false_fun(*operands)
    if condition.dtype != np.bool_:
        condition = condition != 0
    return _choose("lax.cond", condition, [false_fun, true_fun], operands)


cond.__signature__ = inspect.signature(_cond)  # type: ignore[attr-defined]


def _with_operand(operation: str, operands: tuple[Any, ...], operand: Any) -> tuple[Any, ...]:
    """The operands, or the one given by the keyword `operand`."""
    if operand is _NOTHING:
        return operands
    if operands:
        raise errors.LoopOperandError(
            operation, "operands are given both by position and as operand=", "Give all of them by position."
        )
    return (operand,)


@api_boundary
def switch(index: Any, branches: Sequence[Callable[..., Any]], *operands: Any, operand: Any = _NOTHING) -> Any:
    """The result of ``branches[index](*operands)``; an index out of range means the nearest branch.

    >>> import lamina.lax as lax
    >>> lax.switch(2, [lambda x: x, lambda x: -x, lambda x: x * x], 3.0)
    Array(9., dtype=float32, weak_type=True)
    """
    branches = list(branches)
    if not branches or not all(callable(branch) for branch in branches):
        raise errors.LoopOperandError("lax.switch", "it takes (index, branches, *operands) with at least one function")
    operands = _with_operand("lax.switch", operands, operand)
    number = _scalar("lax.switch", "the index", index)
    if number.dtype.kind not in "iu":
        raise errors.LoopOperandError("lax.switch", f"the index must be an integer, not {number.type}")
    if len(branches) == 1:
        return branches[0](*operands)
    if config.disable_jit and (known := known_number(number)) is not None:
        return branches[min(max(known, 0), len(branches) - 1)](*operands)
    return _choose("lax.switch", number, branches, operands)


def _scalar(operation: str, what: str, x: Any) -> Array:
    try:
        array = as_array(x)
    except (TypeError, ValueError):
        raise errors.LoopOperandError(operation, f"{what} is a {type(x).__name__}, not a number") from None
    if array.shape != ():
        raise errors.LoopOperandError(
            operation, f"{what} must be one number, not {array.type}", "Reduce it with lnp.all or lnp.any, or use vmap."
        )
    return array


def _choose(operation: str, index: Array, branches: Sequence[Callable[..., Any]], operands: Sequence[Any]) -> Any:
    def body(trace: Trace) -> Any:
        leaves = leaves_of(tuple(operands), "operands", operation)
        transform = operation.removeprefix("lax.")
        bodies = [
            trace_body(
                branch,
                lambda tracers, branch=branch: branch(*tree_util.tree_unflatten(leaves.tree, tracers)),
                leaves.arrays,
                leaves.names,
                transform,
            )
            for branch in branches
        ]
        _check_results(operation, branches, bodies)
        names, captures = with_common_captures(trace, bodies, len(leaves.arrays))
        number = as_dtype(_clamped(index, len(branches)), np.dtype(np.int32))
        weak = bodies[0].traced.weak_types  # as JAX does
        out = trace.apply("cond", {"branches": tuple(names)}, [number, *leaves.arrays, *captures], weak)
        return tree_util.tree_unflatten(bodies[0].tree, out)

    return in_trace(operation.removeprefix("lax."), body)


def _clamped(index: Array, count: int) -> Array:
    """Wide integers are brought into range before they become int32."""
    if index.dtype == np.bool_ or index.dtype.itemsize < 4 or index.dtype == np.int32:
        return index
    low, high = (as_array(bound, dtype=index.dtype) for bound in (0, count - 1))
    return bind(REGISTRY["clamp"], low, index, high)


def _check_results(operation: str, branches: Sequence[Callable[..., Any]], bodies: Sequence[Body]) -> None:
    """All branches return the same types."""
    labels = ["false_fun", "true_fun"] if operation == "lax.cond" else [f"branch {i}" for i in range(len(branches))]
    named = [f"{label} `{function_name(branch)}`" for label, branch in zip(labels, branches, strict=True)]
    first = bodies[0]
    for name, body in zip(named[1:], bodies[1:], strict=True):
        check_same_structure(operation, first.tree, body.tree, (f"what {named[0]} returns", f"what {name} returns"))
        for path, a, b in zip(tree_util.leaf_paths(first.tree), first.traced.types, body.traced.types, strict=True):
            if a != b:
                place = tree_util.keystr(path)
                raise errors.BranchTypeError(operation, place, (named[0], str(a)), (name, str(b)))
