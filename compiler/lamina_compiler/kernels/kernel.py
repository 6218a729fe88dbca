"""Kernels in a lowered program: a function over memory that runs as one dispatch, and what calls it on tensors.

A kernel is a private function of its workgroup's number and of flat buffers: inputs, results, scratch memory. It is
called through a declaration of the same signature as the computation on tensors::

    func.func private @cumsum(%group: index, %x: memref<12xf32>, %out: memref<12xf32>)
      attributes {lamina.kernel = {inputs = 1, workgroups = 1, work = 12}} { … }
    func.func private @cumsum.dispatch(tensor<3x4xf32>) -> tensor<3x4xf32> attributes {lamina.dispatch = @cumsum}
    %1 = call @cumsum.dispatch(%0) : (tensor<3x4xf32>) -> tensor<3x4xf32>

`passes/executables.py` makes IREE's executables of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from .. import functions
from ..linalg_builder import LinalgBuilder
from ..mlir import ir
from ..scalar_functions import is_scalar
from ..types import REAL_OF, TensorType, signless, signless_element

KERNEL, DISPATCH = "lamina.kernel", "lamina.dispatch"
MAX_BUFFERS = 32  # that a dispatch can bind; all scratch memory is one but on Vulkan
WORKGROUP = 65536  # steps, or points, that a workgroup is worth where there are several

# (builder, workgroup's number, buffers: inputs, results, scratch) -> nothing
Body = Callable[[LinalgBuilder, ir.Value, list[ir.Value]], None]


def memory_type(size: int, dtype: np.dtype) -> ir.Type:
    """A flat buffer; in memory booleans are bytes, complex numbers pairs of real ones."""
    if dtype in REAL_OF:
        size, dtype = 2 * size, REAL_OF[dtype]
    element = ir.IntegerType.get_signless(8) if dtype == np.bool_ else signless_element(dtype)
    return ir.MemRefType.get([max(size, 1)], element)


def append_kernel(
    lw: LinalgBuilder,
    name: str,
    operands: Sequence[ir.Value],
    types: Sequence[TensorType],
    results: Sequence[TensorType],
    body: Body,
    *,
    scratch: Sequence[tuple[int, np.dtype]] = (),
    workgroups: int = 1,
    work: int = WORKGROUP,
) -> list[ir.Value]:
    """Append a kernel to the module, and here a call of it; gives the results.

    `body` writes every element of the results. Neither operands nor results may be empty arrays. A kernel that is
    called again on the same types need not be written again: `name` and types say all of what it computes.
    """
    buffers = [memory_type(type.size, type.dtype) for type in (*types, *results)]
    buffers += [memory_type(size, dtype) for size, dtype in scratch]
    assert len(types) + len(results) < MAX_BUFFERS
    signature = [signless(t) for t in types], [signless(t) for t in results]
    module = lw.scalars.module
    key = ir.StringAttr.get(f"{name}: {', '.join(map(str, types))} -> {', '.join(map(str, results))}")
    dispatch = _known(module, key)
    if dispatch is None:
        kernel = functions.create(
            module, functions.unique_name(module, name), [ir.IndexType.get(), *buffers], [], location=lw.loc
        )
        group, *memory = functions.arguments(kernel)
        body(LinalgBuilder(ir.InsertionPoint(functions.block(kernel)), lw.loc, lw.scalars), group, memory)
        functions.append_return(kernel, [])
        dispatch = declare(module, kernel, *signature, workgroups, work)
        dispatch.attributes["lamina.computes"] = key
    return call_kernel(lw, dispatch, operands)


def declare(
    module: ir.Module,
    kernel: ir.Operation,
    inputs: Sequence[ir.Type],
    results: Sequence[ir.Type],
    workgroups: int = 1,
    work: int = WORKGROUP,
    threads: int | None = None,
) -> ir.Operation:
    """Mark a function over memory as a kernel; gives the declaration that is called in its place.

    Other kernels that call it do not inline it: LLVM would take long over several copies.
    `work`: about how many steps, that is nanoseconds, a workgroup takes. `threads`: that run it on a GPU, where it asks
    which one it is; None: it does not.
    """
    index = ir.IndexType.get()
    details = {"inputs": len(inputs), "workgroups": workgroups, "work": work}
    if threads:
        details["threads"] = threads
    kernel.attributes["no_inline"] = ir.UnitAttr.get()
    kernel.attributes[KERNEL] = ir.DictAttr.get({k: ir.IntegerAttr.get(index, v) for k, v in details.items()})
    name = functions.unique_name(module, f"{functions.symbol(kernel)}.dispatch")
    dispatch = functions.create(module, name, inputs, results, body=False, location=kernel.location)
    dispatch.attributes[DISPATCH] = ir.FlatSymbolRefAttr.get(functions.symbol(kernel))
    return dispatch


def call_kernel(lw: LinalgBuilder, dispatch: ir.Operation, operands: Sequence[ir.Value]) -> list[ir.Value]:
    """Call a kernel through its declaration."""
    callee = {"callee": ir.FlatSymbolRefAttr.get(functions.symbol(dispatch))}
    return list(lw.op("func.call", functions.signature(dispatch)[1], operands, callee).results)


def host_functions(module: ir.Module) -> list[ir.Operation]:
    """Functions that IREE runs on the host: they have a body, and are no kernels, nor called for each element."""
    found = filter(functions.has_body, functions.functions(module))
    return [function for function in found if not is_kernel(function) and not is_scalar(function)]


def is_kernel(function: ir.Operation) -> bool:
    return KERNEL in function.attributes


def is_dispatch(function: ir.Operation) -> bool:
    """Whether a function is the declaration that stands for a kernel."""
    return DISPATCH in function.attributes


def kernel_of(call: ir.Operation) -> ir.Operation | None:
    """The kernel that runs where a `func.call` is; None if it is of another function."""
    dispatch = functions.called(call)
    return functions.called(call, dispatch.attributes[DISPATCH].value) if is_dispatch(dispatch) else None  # type: ignore


def workgroups(kernel: ir.Operation) -> int:
    return kernel.attributes[KERNEL]["workgroups"].value  # type: ignore[index]


def shared_work(kernel: ir.Operation) -> int:
    """About how many steps the workgroups of a kernel share: none if it has only one."""
    count = workgroups(kernel)
    return count * kernel.attributes[KERNEL]["work"].value if count > 1 else 0  # type: ignore[index]


def _known(module: ir.Module, key: ir.Attribute) -> ir.Operation | None:
    for function in functions.functions(module):
        if is_dispatch(function) and function.attributes["lamina.computes"] == key:
            return function
    return None
