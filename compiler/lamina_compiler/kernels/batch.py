"""Kernels that do the same to many parts of arrays: rows, matrices."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ..linalg_builder import LinalgBuilder
from ..mlir import ir
from ..types import TensorType
from .kernel import WORKGROUP, append_kernel
from .loops import Loops
from .memory import Memory, stored
from .values import Value

_MOST_WORKGROUPS = 64  # on a CPU, where each has scratch memory of its own
_MOST_WORKGROUPS_OF_GPU = 65535
_FEW = 4096  # elements: what has fewer may become one kernel with what is around it

# (code, number of the part, memory: operands, results, scratch of this workgroup) -> nothing
Body = Callable[..., None]


def pays(lw: LinalgBuilder, elements: int) -> bool:
    """Whether a kernel is better than an operation of IREE: on a CPU, for many elements.

    Not inside of a loop, which may be one kernel as a whole.
    """
    return Loops(lw).has_vectors and elements > _FEW and lw.ip.block.owner.name == "func.func"


def append_batched(
    lw: LinalgBuilder,
    name: str,
    operands: Sequence[ir.Value],
    types: Sequence[TensorType],
    results: Sequence[TensorType],
    body: Body,
    *,
    parts: int,
    work: int,
    scratch: Sequence[tuple[int, np.dtype]] = (),
) -> list[ir.Value]:
    """Append a kernel that does ``body(code, part, *memory)`` for every part; see `append_kernel`.

    `work` is about how many steps a part takes: light parts share a workgroup. Scratch memory is that of one part.
    """
    vectors = Loops(lw).has_vectors
    share = max(1, WORKGROUP // max(work, 1)) if vectors else 1
    share = max(share, -(-parts // (_MOST_WORKGROUPS if vectors else _MOST_WORKGROUPS_OF_GPU)))
    workgroups = -(-parts // share)
    scratch = [(-(-size // 16) * 16, dtype) for size, dtype in scratch]  # cache lines of its own
    dtypes = [type.dtype for type in (*types, *results)]

    def kernel(inner: LinalgBuilder, group: ir.Value, buffers: list[ir.Value]) -> None:
        code = Loops(inner)
        number = Value(code, group)
        arrays, own = buffers[: len(dtypes)], buffers[len(dtypes) :]
        memory = [Memory(code, b, stored(d)) for b, d in zip(arrays, dtypes, strict=True)]
        memory += [Memory(code, b, d).at(number * n) for b, (n, d) in zip(own, scratch, strict=True)]
        if share == 1:
            body(code, number, *memory)
            return
        first = number * share
        with code.loop(first, (first + share).minimum(parts)) as part:
            body(code, part, *memory)

    sizes = [(workgroups * size, dtype) for size, dtype in scratch]
    return append_kernel(
        lw, name, operands, types, results, kernel, scratch=sizes, workgroups=workgroups, work=share * work
    )
