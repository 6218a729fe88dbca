"""What custom_jvp and custom_vjp share: arguments that are differentiated and those that are not, captures, nesting."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from lamina._transform import Arguments, Partial, flatten_arguments, function_name
from lamina.array import Array
from lamina.tracing import Trace, current_trace


class CustomCall(NamedTuple):
    """A call of a function with custom rules: the arguments that are arrays, and the others as they are."""

    function: Partial  # of the array arguments alone
    static: tuple[Any, ...]  # the nondiff_argnums arguments, in order
    arguments: Arguments
    args: tuple[Any, ...]  # the array arguments
    with_static: Callable[[Callable[..., Any], Sequence[Any]], Any]  # (f, array arguments): f of all arguments


def positional(fun: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> tuple[Any, ...]:
    """All arguments of a call by position, defaults filled in. Raises TypeError where that cannot be."""
    try:
        signature = inspect.signature(fun)
    except (TypeError, ValueError):  # a builtin without a signature
        if kwargs:
            raise TypeError(f"`{function_name(fun)}` takes keyword arguments that have no position") from None
        return tuple(args)
    bound = signature.bind(*args, **kwargs)
    bound.apply_defaults()
    if bound.kwargs:
        names = ", ".join(bound.kwargs)
        raise TypeError(f"`{function_name(fun)}` has keyword-only arguments ({names}), which custom rules cannot have")
    return bound.args


def split_call(
    fun: Callable[..., Any], nondiff: Sequence[int], args: Sequence[Any], kwargs: dict[str, Any]
) -> CustomCall:
    """Take a call apart."""
    every = positional(fun, args, kwargs)
    fixed = {i % len(every) if every else i for i in nondiff if -len(every) <= i < len(every)}
    moving = [i for i in range(len(every)) if i not in fixed]
    arrays = tuple(every[i] for i in moving)
    partial = Partial(fun, every, {}, moving)
    arguments = flatten_arguments(partial, arrays, {})

    def with_static(f: Callable[..., Any], given: Sequence[Any]) -> Any:
        return Partial(f, every, {}, moving)(*given)

    return CustomCall(partial, tuple(every[i] for i in sorted(fixed)), arguments, arrays, with_static)


def needs_rule(rule: Any) -> bool:
    """Whether a derivative of a call made now may be asked for, beyond those that the rule's own nesting serves.

    A rule may call the function it belongs to. Then this is about the derivative of the rule: as many levels are traced
    as there are differentiations around.
    """
    trace = current_trace()
    return trace is not None and _nesting(trace, rule) < trace.derivatives


def _nesting(trace: Trace, rule: Any) -> int:
    return trace.root.cache.get(("nesting", id(rule)), 0)


@contextmanager
def inside_rule(trace: Trace, rule: Any):
    """While a rule is traced."""
    cache, key = trace.root.cache, ("nesting", id(rule))
    cache[key] = cache.get(key, 0) + 1
    try:
        yield
    finally:
        cache[key] -= 1


def union(*captures: Sequence[Array]) -> list[Array]:
    """All captured arrays, each once."""
    return list({id(x): x for group in captures for x in group}.values())


def positions(own: Sequence[Array], common: Sequence[Array], first: int) -> list[int]:
    """Where a function's captures are among the operands, common captures beginning at `first`."""
    place = {id(x): first + i for i, x in enumerate(common)}
    return [place[id(x)] for x in own]


def float_leaves(arrays: Sequence[Array]) -> list[int]:
    """Positions of the arrays that have tangents."""
    return [i for i, x in enumerate(arrays) if x.type.differentiable]


def with_float0(arrays: Sequence[Array], tangents: Sequence[Any]) -> list[Any]:
    """A tangent for every array: float0 for integers, else the next of `tangents`."""
    from lamina._float0 import zeros_float0

    given = iter(tangents)
    return [next(given) if x.type.differentiable else zeros_float0(x.shape) for x in arrays]
