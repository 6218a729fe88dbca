"""Identities that mean something to passes: stop_gradient, name, barrier."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..attributes import STRING
from ..opdef import NotDifferentiable, OpDef, Sample, register
from .shape import SAMPLE_DTYPES, counting, shape_samples

stop_gradient = register(
    OpDef(
        name="stop_gradient",
        doc="x, taken as a constant by derivatives.",
        operands=("x",),
        infer=lambda x: x,
        reference=lambda x: x,
        jvp=NotDifferentiable("that is its purpose"),
        transpose=None,
        batch=lambda b, operands, batched, size: b.stop_gradient(*operands),
        lower=lambda lw, operands, types, result: operands[0],
        samples=shape_samples(((2, 3), {})),
        family="marker",
    )
)

name = register(
    OpDef(
        name="name",
        doc="x, under a name that checkpoint policies refer to.",
        operands=("x",),
        attributes={"name": STRING},
        infer=lambda x, name: x,
        reference=lambda x, name: x,
        jvp=lambda b, tangents, primals, result, name: tangents[0],
        transpose=lambda b, ct, operands, types, name: [ct],
        batch=lambda b, operands, batched, size, name: b.name(*operands, name=name),
        lower=lambda lw, operands, types, result, name: operands[0],
        samples=shape_samples(((2, 3), {"name": "hidden"})),
        family="marker",
    )
)


def _barrier_samples(rng: np.random.Generator) -> Iterable[Sample]:
    for dtype in SAMPLE_DTYPES:
        yield Sample((counting(dtype, (2, 3)), counting(dtype, ())))


def _barrier_batch(b: Any, operands: Any, batched: Any, size: int) -> Any:
    x, after = operands
    return b.barrier(x if batched[0] else b.add_batch(x, size), after)


barrier = register(
    OpDef(
        name="barrier",
        doc="x, which the compiler may not take for any other value, and does not use before `after` is there.",
        operands=("x", "after"),
        infer=lambda x, after: x,
        reference=lambda x, after: x,
        jvp=lambda b, tangents, primals, result: tangents[0],
        transpose=lambda b, ct, operands, types: [
            ct if operands[0] is None else None,
            b.zeros(types[1]) if operands[1] is None else None,
        ],
        batch=_barrier_batch,
        lower=lambda lw, operands, types, result: lw.barrier(operands[0]),
        samples=_barrier_samples,
        family="marker",
    )
)
