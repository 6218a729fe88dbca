"""lamina-place: what loops of IREE stack is written in place.

IREE does not find out on which device the state of a loop is, and copies it there before it writes to it: all of a
stack, in every iteration. It does see that a transfer to the device on which an array is does nothing. Then it would
have several stacks that start from the same undefined array share its memory: each gets its own.
"""

from __future__ import annotations

from .. import targeting
from ..kernels.kernel import host_functions
from ..mlir import context, ir

_FIRST = 3  # operands of a loop before its state
# What IREE calls the only device; Vulkan's, which its target describes, has another name.
_DEVICE = "#hal.device.promise<@__device_0>"


def run(module: ir.Module) -> None:
    """Say of stacks that they are on the device, where IREE knows it by a name."""
    if targeting.is_vulkan(module):
        return

    def visit(op: ir.Operation) -> ir.WalkResult:
        if op.name == "scf.for":
            _place_stacks(op)
        return ir.WalkResult.ADVANCE

    for function in host_functions(module):
        function.walk(visit, ir.WalkOrder.PRE_ORDER)


def _place_stacks(loop: ir.Operation) -> None:
    state = list(loop.regions[0].blocks[0].arguments)[1:]
    for i, argument in enumerate(state, start=_FIRST):
        insertion = _only_insertion(argument)
        if insertion is not None and _is_undefined(loop.operands[i]):
            context().allow_unregistered_dialects = True
            own = {"ip": ir.InsertionPoint(loop), "loc": loop.location}
            loop.operands[i] = ir.Operation.create("flow.tensor.alloca", [argument.type], **own).result
            here = {"ip": ir.InsertionPoint(insertion), "loc": insertion.location}
            target = {"target": ir.Attribute.parse(_DEVICE)}
            transfer = ir.Operation.create("flow.tensor.transfer", [argument.type], [argument], target, **here)
            insertion.operands[1] = transfer.result


def _only_insertion(stack: ir.Value) -> ir.Operation | None:
    """The operation that inserts something into a stack, if nothing is done with it but that, and to be yielded."""
    uses = list(stack.uses)
    if len(uses) != 1 or uses[0].owner.name != "tensor.insert_slice" or uses[0].operand_number != 1:
        return None
    insertion = uses[0].owner.operation
    later = [use.owner.operation for use in insertion.result.uses]
    is_yielded = [op.name for op in later] == ["scf.yield"] and later[0].block == stack.owner
    return insertion if is_yielded and insertion.block == stack.owner else None


def _is_undefined(value: ir.Value) -> bool:
    return not isinstance(value.owner, ir.Block) and value.owner.name == "tensor.empty"
