"""Loops: scan, while_loop, fori_loop, map."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

from lamina import dtypes, errors, tree_util
from lamina._float0 import map_float0
from lamina._frames import api_boundary
from lamina._transform import described, function_name, in_trace, parameter_names
from lamina._tree_compare import check_same_structure
from lamina.array import Array
from lamina.config import config
from lamina.lax._bodies import Body, Leaves, captures_first, check_callable, leaves_of, trace_body
from lamina.lax._operands import as_dtype
from lamina.tracer import Tracer, as_array, known_number
from lamina.tracing import Trace
from lamina_compiler import functions
from lamina_compiler.types import BOOL_DTYPE, TensorType

__all__ = ["fori_loop", "map", "scan", "while_loop"]


@api_boundary
def scan(
    f: Callable[[Any, Any], tuple[Any, Any]],
    init: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: bool = False,
    unroll: int | bool = 1,
    _split_transpose: bool = False,
) -> tuple[Any, Any]:
    """A loop that carries a value and reads one slice of `xs` in each iteration: ``carry, y = f(carry, x)``.

    Args:
        f: the body. The carry it returns has the structure, shapes and dtypes of the one it gets.
        init: the carry of the first iteration.
        xs: arrays (or a container of them) to read slices of along their first axis; None: nothing.
        length: number of iterations, needed when there are no `xs`.
        reverse: begin at the last slice (results are still stacked in the order of `xs`).
        unroll: accepted for JAX's programs; how a loop is compiled is decided by its cost.

    Returns the last carry, and the `y` of all iterations stacked along a new first axis. Differentiable in both modes;
    the body is differentiated once, however many iterations there are.

    Raises CarryTypeError if the carry changes its type, LoopOperandError for lengths that differ.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.scan(lambda total, x: (total + x, total * x), 0.0, lnp.array([1.0, 2.0, 3.0]))
    (Array(6., dtype=float32), Array([0., 2., 9.], dtype=float32))
    """
    return _scan("lax.scan", f, init, xs, length, reverse)


def _scan(operation: str, f: Any, init: Any, xs: Any, length: Any, reverse: bool) -> tuple[Any, Any]:
    """scan, for the operation that messages name."""
    check_callable(operation, "the body", f)
    slices = leaves_of(map_float0(lambda shape: shape[1:], xs), "xs", operation)
    count = _length(operation, slices, length)
    if config.disable_jit and count:
        return _python_scan(f, init, slices, count, reverse)
    x_types = [TensorType(x.shape[1:], x.dtype) for x in slices.arrays]

    def body(trace: Trace) -> tuple[Any, Any]:
        def apply(carry: Any, x: Any) -> Any:
            result = f(carry, x)
            if not (isinstance(result, (tuple, list)) and len(result) == 2):
                raise errors.LoopOperandError(
                    operation,
                    f"`{function_name(f)}` must return a pair (carry, y), not {described(result)}",
                    "The y of all iterations are stacked; return None for it if there is nothing to stack.",
                )
            return result

        carry, traced = _traced_loop_body(operation, f, apply, init, (slices, x_types))
        captures = traced.traced.captures
        carried = len(carry.arrays)
        step = captures_first(trace, traced, carried + len(x_types))
        details = {
            "body": functions.symbol(step),
            "consts": len(captures),
            "carry": carried,
            "length": count,
            "reverse": bool(reverse),
        }
        operands = [*captures, *carry.arrays, *slices.arrays]
        out = trace.apply("scan", details, operands, traced.traced.weak_types)
        ys = tree_util.tree_unflatten(traced.tree.children()[1], out[carried:])
        ys = map_float0(lambda shape: (count, *shape), ys)
        return tree_util.tree_unflatten(carry.tree, out[:carried]), ys

    return in_trace("scan", body)


def _length(operation: str, slices: Leaves, length: int | None) -> int:
    """The number of iterations."""
    lengths = {}
    for name, x in zip(slices.names, slices.arrays, strict=True):
        if x.ndim == 0:
            raise errors.LoopOperandError(
                operation, f"`{name}` is {x.type}: it has no axis to go along", "Close over it instead."
            )
        lengths[name] = x.shape[0]
    if length is not None:
        try:
            lengths["length"] = operator.index(length)
        except TypeError:
            raise errors.LoopOperandError(
                operation,
                f"length is {length!r}, but the number of iterations must be an int",
                "Use lax.while_loop for a number that is known only when the program runs.",
            ) from None
        if lengths["length"] < 0:
            raise errors.LoopOperandError(
                operation, f"length is {length}, which is negative", "The number of iterations is 0 or more."
            )
    if not lengths:
        raise errors.LoopOperandError(
            operation, "there are neither arrays to go along nor a length", "Pass xs, or length=n."
        )
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name}: {n}" for name, n in lengths.items())
        raise errors.LoopOperandError(
            operation, f"lengths differ: {listed}", "All arrays have one length along their first axis."
        )
    return next(iter(lengths.values()))


def _python_scan(f: Any, init: Any, slices: Leaves, count: int, reverse: bool) -> tuple[Any, Any]:
    """As plain Python, operation by operation (option disable_jit)."""
    from lamina import numpy as lnp

    carry, ys = init, []
    order = range(count)[::-1] if reverse else range(count)
    for i in order:
        carry, y = f(carry, tree_util.tree_unflatten(slices.tree, [x[i] for x in slices.arrays]))
        ys.append(y)
    return carry, tree_util.tree_map(lambda *each: lnp.stack(each), *(ys[::-1] if reverse else ys))


def _traced_loop_body(
    operation: str,
    f: Callable[..., Any],
    apply: Callable[..., Any],
    init: Any,
    slices: tuple[Leaves, list[TensorType]] | None = None,
) -> tuple[Leaves, Body]:
    """The initial carry and the traced body, which returns ``(carry, …)`` with `slices`, else the carry alone.

    A weakly typed initial carry (a Python number) takes the dtype that comes out.
    """
    read, x_types = slices or (Leaves([], [], None), [])

    def traced(carry: Leaves) -> Body:
        def call(tracers: list[Tracer]) -> Any:
            state = tree_util.tree_unflatten(carry.tree, tracers[: len(carry.arrays)])
            if slices is None:
                return apply(state)
            return apply(state, tree_util.tree_unflatten(read.tree, tracers[len(carry.arrays) :]))

        arrays, names = [*carry.arrays, *read.arrays], [*carry.names, *read.names]
        body = trace_body(f, call, arrays, names, operation.removeprefix("lax."), [*carry.types, *x_types])
        result_tree = body.tree if slices is None else body.tree.children()[0]
        check_same_structure(operation, carry.tree, result_tree, ("the carry", f"what `{function_name(f)}` returns"))
        return body

    carry = leaves_of(init, _carry_name(f), operation)
    body = traced(carry)
    promoted = _promoted(carry, body.traced.types)
    if promoted is not None:
        carry = promoted
        body = traced(carry)
    differences = [
        (name, str(before), str(after))
        for name, before, after in zip(carry.names, carry.types, body.traced.types, strict=False)
        if before != after
    ]
    if differences:
        raise errors.CarryTypeError(operation, function_name(f), differences)
    return carry, body


def _carry_name(f: Callable[..., Any]) -> str:
    """Name of the parameter that takes the carry."""
    return parameter_names(f, [None])[0]


def _promoted(carry: Leaves, after: Sequence[TensorType]) -> Leaves | None:
    """The carry with weakly typed leaves converted to what came out of the body, or None if that changes nothing."""
    arrays = [
        as_dtype(x, dtypes.result_type(x, type.dtype)) if x.weak_type and x.type != type else x
        for x, type in zip(carry.arrays, after, strict=False)
    ]
    changed = any(new is not old for new, old in zip(arrays, carry.arrays, strict=True))
    return carry._replace(arrays=arrays) if changed else None


@api_boundary
def while_loop(
    cond_fun: Callable[[Any], Any], body_fun: Callable[[Any], Any], init_val: Any, *, max_steps: int | None = None
) -> Any:
    """Apply ``body_fun`` as long as ``cond_fun`` of the carry holds.

    Args:
        cond_fun: the carry to one boolean.
        body_fun: the carry to the next carry, of the same structure, shapes and dtypes.
        init_val: the carry of the first iteration.
        max_steps: if given, the loop ends after so many iterations in any case, and reverse mode works: it keeps about
            2·√max_steps carries and computes the others again.

    Without `max_steps` only forward mode works: reverse mode would need the values of a number of iterations that is
    not known when the program is compiled (WhileReverseError).

    >>> import lamina as la, lamina.lax as lax
    >>> lax.while_loop(lambda x: x < 100.0, lambda x: x * 2.0, 3.0)
    Array(192., dtype=float32, weak_type=True)
    >>> la.grad(lambda x: lax.while_loop(lambda y: y < 100.0, lambda y: y * 2.0, x, max_steps=10))(3.0)
    Array(64., dtype=float32, weak_type=True)
    """
    check_callable("lax.while_loop", "cond_fun", cond_fun)
    check_callable("lax.while_loop", "body_fun", body_fun)
    if max_steps is not None:
        from lamina.lax._bounded_loop import bounded_while_loop

        return bounded_while_loop(cond_fun, body_fun, init_val, max_steps)
    if config.disable_jit:
        try:
            return _python_while(cond_fun, body_fun, init_val)
        except errors.ConcretizationTypeError:
            pass  # under vmap nobody knows when to stop

    def body(trace: Trace) -> Any:
        carry, step = _traced_loop_body("lax.while_loop", body_fun, body_fun, init_val)
        condition = _traced_condition(cond_fun, carry)
        count = len(carry.arrays)
        details = {
            "condition": functions.symbol(captures_first(trace, condition, count)),
            "body": functions.symbol(captures_first(trace, step, count)),
            "condition_consts": len(condition.traced.captures),
            "body_consts": len(step.traced.captures),
        }
        operands = [*condition.traced.captures, *step.traced.captures, *carry.arrays]
        out = trace.apply("while", details, operands, step.traced.weak_types)
        return tree_util.tree_unflatten(carry.tree, out)

    return in_trace("while_loop", body)


def checked_carry(cond_fun: Callable[[Any], Any], body_fun: Callable[[Any], Any], init_val: Any) -> Any:
    """The initial carry of a while loop in the types that its body keeps; raises what `while_loop` does."""

    def body(trace: Trace) -> Any:
        carry, _ = _traced_loop_body("lax.while_loop", body_fun, body_fun, init_val)
        _traced_condition(cond_fun, carry)
        return tree_util.tree_unflatten(carry.tree, carry.arrays)

    return in_trace("while_loop", body)


def _python_while(cond_fun: Callable[[Any], Any], body_fun: Callable[[Any], Any], val: Any) -> Any:
    """As plain Python, operation by operation (option disable_jit)."""
    while cond_fun(val):
        val = body_fun(val)
    return val


def _traced_condition(cond_fun: Callable[..., Any], carry: Leaves) -> Body:
    condition = trace_body(
        cond_fun,
        lambda tracers: cond_fun(tree_util.tree_unflatten(carry.tree, tracers)),
        carry.arrays,
        carry.names,
        "while_loop",
    )
    types = condition.traced.types
    if not tree_util.treedef_is_leaf(condition.tree) or types != [TensorType((), BOOL_DTYPE)]:
        got = str(types[0]) if tree_util.treedef_is_leaf(condition.tree) else f"the structure {condition.tree}"
        raise errors.LoopOperandError(
            "lax.while_loop",
            f"the condition `{function_name(cond_fun)}` must return one boolean, not {got}",
            "Compare, or reduce with lnp.all or lnp.any.",
        )
    return condition


@api_boundary
def fori_loop(
    lower: Any, upper: Any, body_fun: Callable[[Any, Any], Any], init_val: Any, *, unroll: int | bool | None = None
) -> Any:
    """Apply ``val = body_fun(i, val)`` for i from `lower` to `upper` − 1.

    With bounds that are Python ints it is a `scan`, which has both modes of differentiation; with traced bounds it is
    a `while_loop`. `unroll` is accepted for JAX's programs.

    >>> import lamina.lax as lax
    >>> lax.fori_loop(0, 5, lambda i, x: x + i * i, 0)
    Array(30, dtype=int32, weak_type=True)
    """
    check_callable("lax.fori_loop", "body_fun", body_fun)
    start, stop = _bound("lower", lower), _bound("upper", upper)
    _check_same_dtype(start, stop)
    first, last = known_number(start), known_number(stop)
    body_name = function_name(body_fun)

    def step(state: tuple[Any, Any]) -> tuple[Any, Any]:
        i, value = state
        new = body_fun(i, value)
        before, after = tree_util.tree_structure(value), tree_util.tree_structure(new)
        check_same_structure("lax.fori_loop", before, after, ("the carry", f"what `{body_name}` returns"))
        return i + 1, new

    _named_like(step, body_fun)
    if first is not None and last is not None:
        if config.disable_jit:
            for i in range(first, last):
                init_val = body_fun(i, init_val)
            return init_val

        def iteration(state: tuple[Any, Any], _: None) -> tuple[Any, None]:
            return step(state), None

        _named_like(iteration, body_fun)
        length = max(last - first, 0)
        loop = lambda: _scan("lax.fori_loop", iteration, (first, init_val), None, length, False)  # noqa: E731
        return _renamed_errors("lax.fori_loop", body_name, loop)[0][1]

    def goes_on(state: tuple[Any, Any]) -> Any:
        return state[0] < stop

    if start.dtype != stop.dtype:
        dtype = (stop if start.weak_type else start).dtype
        start, stop = as_dtype(start, dtype), as_dtype(stop, dtype)
    return _renamed_errors("lax.fori_loop", body_name, lambda: while_loop(goes_on, step, (start, init_val)))[1]


def _named_like(wrapper: Any, fun: Callable[..., Any]) -> None:
    wrapper.__name__ = function_name(fun)


def _renamed_errors(operation: str, function: str, run: Callable[[], Any]) -> Any:
    """Run a loop that is made of another one; its carry is the second part of the other's."""
    try:
        return run()
    except errors.CarryTypeError as error:
        differences = [(f"val{name.partition('[1]')[2]}", a, b) for name, a, b in error.differences]
        raise errors.CarryTypeError(operation, function, differences) from None


def _bound(name: str, bound: Any) -> Array:
    """A bound as an array. Raises LoopOperandError unless it is one integer."""
    x = as_array(bound)
    if x.shape != () or x.dtype.kind not in "iu":
        raise errors.LoopOperandError(
            "lax.fori_loop", f"`{name}` must be one integer, not {x.type}", "Round it, and convert it with astype(int)."
        )
    return x


def _check_same_dtype(lower: Array, upper: Array) -> None:
    """LoopOperandError for bounds of two dtypes; Python ints take the dtype of the other bound."""
    if lower.dtype != upper.dtype and not (lower.weak_type or upper.weak_type):
        raise errors.LoopOperandError(
            "lax.fori_loop",
            f"`lower` is {lower.type} and `upper` {upper.type}, but the index has one dtype",
            "Convert one bound with x.astype(dtype).",
        )


@api_boundary
def map(f: Callable[[Any], Any], xs: Any, *, batch_size: int | None = None) -> Any:
    """Apply a function to every slice of `xs` along the first axis, one after the other, and stack the results.

    Uses less memory than `vmap`, and a `cond` in `f` runs one branch only. `batch_size`: so many slices at once, by
    `vmap`.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.map(lambda x: x * x, lnp.arange(3))
    Array([0, 1, 4], dtype=int32)
    """

    check_callable("lax.map", "f", f)

    def step(_: None, x: Any) -> tuple[None, Any]:
        return None, f(x)

    _named_like(step, f)
    if batch_size is None:
        return _scan("lax.map", step, None, xs, None, False)[1]
    return _map_in_batches(f, leaves_of(xs, "xs", "lax.map"), operator.index(batch_size))


def _map_in_batches(f: Callable[[Any], Any], slices: Leaves, size: int) -> Any:
    from lamina import numpy as lnp
    from lamina.vectorization import vmap

    count = _length("lax.map", slices, None)
    if size <= 0:
        raise errors.LoopOperandError("lax.map", f"batch_size must be positive, not {size}", "Pass at least 1.")
    whole = count // size

    def part(first: int, last: int, *shape: int) -> Any:
        return tree_util.tree_unflatten(
            slices.tree, [x[first:last].reshape(*shape, *x.shape[1:]) for x in slices.arrays]
        )

    pieces = []
    if whole:
        batches = map(vmap(f), part(0, whole * size, whole, size))
        pieces.append(tree_util.tree_map(lambda y: y.reshape(whole * size, *y.shape[2:]), batches))
    if count % size or not count:
        pieces.append(vmap(f)(part(whole * size, count, count - whole * size)))
    return pieces[0] if len(pieces) == 1 else tree_util.tree_map(lambda *ys: lnp.concatenate(ys), *pieces)
