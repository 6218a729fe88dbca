"""What the backward pass of a function keeps, by name and line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lamina import tree_util
from lamina._frames import api_boundary
from lamina._transform import SplitResult, flatten_arguments, in_trace, trace_call
from lamina.binding import bind
from lamina.errors import source_text
from lamina.tracer import as_array
from lamina.tracing import Trace
from lamina_compiler import functions
from lamina_compiler.higher_order import call_of
from lamina_compiler.mlir import ir
from lamina_compiler.opdef import REGISTRY
from lamina_compiler.passes import derive
from lamina_compiler.types import TensorType, from_ir


def checkpoint_name(x: Any, name: str) -> Any:
    """The arrays of `x` under a name that checkpoint policies refer to.

    >>> import lamina as la, lamina.numpy as lnp
    >>> float(la.ad_checkpoint.checkpoint_name(lnp.float32(2), "hidden"))
    2.0
    """
    return tree_util.tree_map(lambda leaf: bind(REGISTRY["name"], as_array(leaf), name=name), x)


@api_boundary
def saved_residuals(f: Callable[..., Any], *args: Any, **kwargs: Any) -> list[tuple[TensorType, str]]:
    """Type and origin of every array that the backward pass of ``f(*args)`` keeps.

    >>> import lamina as la, lamina.numpy as lnp
    >>> la.ad_checkpoint.saved_residuals(lambda x: lnp.sin(x).sum(), lnp.ones(3))[0][0]
    f32[3]
    """
    found: list[tuple[TensorType, str]] = []

    def body(trace: Trace) -> None:
        split = SplitResult(f, False, "vjp")
        arguments = flatten_arguments(f, args, kwargs)
        traced, _ = trace_call(split, arguments, transform="vjp", look=False)
        names = [*(f"the argument {name}" for name in arguments.names), *["a captured array"] * len(traced.captures)]
        wrt = [i for i, x in enumerate(arguments.arrays) if x.type.differentiable]
        outputs = [i for i, type in enumerate(traced.types) if type.differentiable]
        parts = derive.linearized(trace.module, traced.function, wrt, outputs)
        inputs = functions.arguments(parts.forward)
        returned = list(functions.operations(parts.forward)[-1].operands)
        for value in returned[len(returned) - parts.residuals :]:
            found.append((from_ir(value.type), _origin(trace.module, value, dict(zip(inputs, names, strict=False)))))

    in_trace("vjp", body)
    return found


def _origin(module: ir.Module, value: ir.Value, names: Mapping[ir.Value, str]) -> str:
    """What computes a value, and where; `names` of the arguments of its function. Calls are looked into."""
    if isinstance(value.owner, ir.Block):
        return names[value]
    op = value.owner.operation
    what = op.name.removeprefix("lamina.")
    if op.name == "func.call":
        callee = functions.find(module, op.attributes["callee"].value)  # type: ignore[attr-defined]
        if functions.has_body(callee):
            inner = functions.operations(callee)[-1].operands[list(op.results).index(value)]
            given = {
                x: _origin(module, y, names) for x, y in zip(functions.arguments(callee), op.operands, strict=True)
            }
            return _origin(module, inner, given)
        call = call_of(module, op)
        what = what if call is None else call.record.name
    place = source_text(op.location)
    return what + (f" at {place}" if place else "")


@api_boundary
def print_saved_residuals(f: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    """Print what the backward pass of ``f(*args)`` keeps: type, bytes, and where it comes from.

    >>> import lamina as la, lamina.numpy as lnp
    >>> la.print_saved_residuals(lambda x: (x * x).sum(), lnp.ones(3))
    f32[3]  12 bytes  the argument x
    12 bytes in all
    """
    residuals = saved_residuals(f, *args, **kwargs)
    for type, origin in residuals:
        print(f"{type}  {type.nbytes} bytes  {origin}")
    print(f"{sum(type.nbytes for type, _ in residuals)} bytes in all")
