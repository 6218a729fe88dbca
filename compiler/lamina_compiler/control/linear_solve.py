"""linear_solve: the solution x of ``matvec(x) = b`` by a method whose derivative is that of the equation.

``(*consts, *b) -> (*x, *aux)``. All functions take the consts first: ``@matvec`` and ``@transpose_matvec :
(*consts, *x) -> (*x)``, ``@solve`` and ``@transpose_solve : (*consts, *b) -> (*x, *aux)``. Differentiating ``A x = b``
gives ``A dx = db − dA x``, so derivatives are solutions of the same equation, or of the transposed one.
"""

from __future__ import annotations

from collections.abc import Sequence

from .. import functions
from ..attributes import BOOL, INT, SYMBOL
from ..builder import Builder
from ..dependence import Flags, tangent_results
from ..errors import NotTransposable
from ..higher_order import Batch, Call, HigherOrder, register
from ..mlir import ir
from ..opdef import OpError
from ..passes import derive
from ..types import TensorType, from_ir
from .applied import dependent, execute

_FUNCTIONS = ("matvec", "solve", "transpose_matvec", "transpose_solve")


def _infer(call: Call, types: Sequence[TensorType]) -> list[TensorType]:
    count = len(types) - call.details["consts"]
    results: list[TensorType] = []
    for name in _FUNCTIONS:
        function = call.function(name)
        inputs, outputs = ([from_ir(t) for t in part] for part in functions.signature(function))
        if inputs != list(types) or outputs[:count] != inputs[len(types) - count :]:
            raise OpError(
                f"the {name} '{functions.symbol(function)}' maps {inputs} to {outputs}, not {list(types)} to x"
            )
        results = outputs if name == "solve" else results
    return results


def _jvp(
    b: Builder, call: Call, operands: Sequence[ir.Value], tangents: Sequence[ir.Value | None]
) -> tuple[list[ir.Value], list[ir.Value | None]]:
    count, results = call.details["consts"], call.again(b, operands)
    consts, rhs = operands[:count], operands[count:]
    unknowns = results[: len(rhs)]
    moving = [i for i, tangent in enumerate(tangents[:count]) if tangent is not None]
    changes = [b.instantiate(t, x) for t, x in zip(tangents[count:], rhs, strict=True)]
    matvec = call.function("matvec")
    derive.flatten(call.module, matvec)
    flags = [i in moving for i in range(count)] + [False] * len(rhs)
    affected = tangent_results(call.module, matvec, flags)
    if any(affected):
        outputs = [i for i, flag in enumerate(affected) if flag]
        derived = derive.declare_jvp(call.module, matvec, moving, outputs)
        directions = [tangent for tangent in tangents[:count] if tangent is not None]
        out = functions.call(b, derived, [*consts, *unknowns, *directions])[len(rhs) :]
        for i, change in zip(outputs, out, strict=True):
            changes[i] = b.sub(changes[i], change)
    solution = call.again(b, [*consts, *changes])
    return results, [*solution[: len(rhs)], *[None] * (len(results) - len(rhs))]


def _partition(
    b: Builder, call: Call, operands: Sequence[ir.Value], linear: Flags
) -> tuple[list[ir.Value], list[bool]]:
    """It is linear in b as a whole; auxiliary results are of no interest there."""
    return call.again(b, operands), [True] * len(call.result_types)


def _transpose(
    b: Builder, call: Call, operands: Sequence[ir.Value | None], cotangents: Sequence[ir.Value | None]
) -> list[ir.Value | None]:
    if not call.details["transposable"]:
        raise NotTransposable("lax.custom_linear_solve without transpose_solve", call.location)
    count, details = call.details["consts"], call.details
    types = call.types[count:]
    arrived = [b.zeros(t) if ct is None else ct for ct, t in zip(cotangents, types, strict=False)]
    consts = [x for x in operands[:count] if x is not None]
    derive.flatten(call.module, call.function("transpose_solve"))
    out = call.emit(
        b,
        [*consts, *arrived],
        matvec=details["transpose_matvec"],
        solve=details["transpose_solve"],
        transpose_matvec=details["matvec"],
        transpose_solve=details["solve"],
    )
    return [*[None] * count, *out[: len(types)]]


def _batch(
    b: Builder, call: Call, operands: Sequence[ir.Value], batched: Flags, batch: Batch
) -> tuple[list[ir.Value], list[bool]]:
    count = call.details["consts"]
    rhs = b.all_batched(operands[count:], batched[count:], batch.size)
    flags = [*batched[:count], *[True] * len(rhs)]
    names = {}
    for name in _FUNCTIONS:
        function = call.function(name)
        results = [True] * len(functions.signature(function)[1])
        mapped = derive.declare_vmap(call.module, function, flags, batch, results)
        if name == "solve":
            derive.flatten(call.module, mapped)
        names[name] = functions.symbol(mapped)
    out = call.emit(b, [*operands[:count], *rhs], **names)
    return out, [True] * len(out)


linear_solve = register(
    HigherOrder(
        name="linear_solve",
        doc="The solution of a linear equation, differentiated as such.",
        attributes={**dict.fromkeys(_FUNCTIONS, SYMBOL), "consts": INT, "transposable": BOOL},
        infer=_infer,
        execute=execute("solve"),
        dependent=dependent("solve"),
        jvp=_jvp,
        partition=_partition,
        transpose=_transpose,
        batch=_batch,
        inlined="solve",
        deferred=frozenset(_FUNCTIONS) - {"solve"},
    )
)
