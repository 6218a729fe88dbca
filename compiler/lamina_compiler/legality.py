"""What operations may exist after each stage, as a table; checked after every stage."""

from __future__ import annotations

from . import functions, host_calls
from .errors import IllegalOperation, NoFloat64
from .higher_order import call_of
from .kernels.kernel import is_dispatch
from .mlir import ir
from .types import from_ir

_FUNCTIONS = {"builtin.module", "func.func", "func.return"}
_LOWERED = (
    "linalg.", "tensor.", "arith.", "math.", "complex.", "scf.", "iree_linalg_ext.", "util.", "memref.",
    "vector.", "ub.", "gpu.", "llvm.freeze", "llvm.call_intrinsic",
)  # fmt: skip

# stage: (operation names, dialect prefixes)
_LEGAL: dict[str, tuple[set[str], tuple[str, ...]]] = {
    "trace": (_FUNCTIONS | {"func.call"}, ("lamina.",)),
    "derive": (_FUNCTIONS | {"func.call"}, ("lamina.",)),  # calls of higher-order operations only
    "simplify": (_FUNCTIONS | {"func.call"}, ("lamina.",)),
    "fuse": (_FUNCTIONS | {"func.call"}, ("lamina.",)),
    "hoist": (_FUNCTIONS | {"func.call"}, ("lamina.",)),
    "linalg": (_FUNCTIONS | {"func.call"}, _LOWERED),  # calls of kernels, scalar functions, and the host only
    "reorder": (_FUNCTIONS | {"func.call"}, _LOWERED),
    "rows": (_FUNCTIONS | {"func.call"}, _LOWERED),
    "pack": (_FUNCTIONS | {"func.call"}, _LOWERED),
    "kernelize": (_FUNCTIONS | {"func.call"}, _LOWERED),
    "tile": (_FUNCTIONS | {"func.call"}, _LOWERED),
    "place": (_FUNCTIONS | {"func.call"}, (*_LOWERED, "flow.")),
    "executables": (
        _FUNCTIONS | {"func.call"},
        (*_LOWERED, "hal.", "flow.", "spirv."),
    ),  # calls of functions of the host only
}

_AFTER_LOWERING = ("linalg", "reorder", "rows", "pack", "kernelize", "tile", "place", "executables")


def check(module: ir.Module, stage: str) -> None:
    """IllegalOperation, naming the operation and its source location, unless the module is legal after `stage`."""
    names, prefixes = _LEGAL[stage]
    illegal: list[ir.Operation] = []

    def visit(op: ir.Operation) -> ir.WalkResult:
        legal = op.name in names or op.name.startswith(prefixes)
        if op.name == "func.func" and stage != "trace" and "lamina.derive" in op.attributes:
            legal = False
        if op.name == "func.call" and stage in ("derive", "simplify", "fuse", "hoist") and call_of(module, op) is None:
            legal = False
        if op.name == "func.func" and stage in _AFTER_LOWERING and not functions.has_body(op):
            legal = host_calls.is_declaration(op) or (stage != "executables" and is_dispatch(op))
        if not legal:
            illegal.append(op)
            return ir.WalkResult.INTERRUPT
        # bodies of linalg ops hold thousands of scalar ops, which only `scalar` writes
        return ir.WalkResult.SKIP if op.name.startswith("linalg.") else ir.WalkResult.ADVANCE

    module.operation.walk(visit, ir.WalkOrder.PRE_ORDER)
    if illegal:
        raise IllegalOperation(
            f"after the stage '{stage}' this must not exist: '{illegal[0].name}'", illegal[0].location
        )


def check_no_f64(module: ir.Module) -> None:
    """NoFloat64, naming the first argument or operation that is float64 or complex128, if there is one."""
    for function in filter(functions.has_body, functions.functions(module)):
        for i, argument in enumerate(functions.arguments(function)):
            if dtype := _wide(argument):
                raise NoFloat64(f"argument {i} of `{functions.symbol(function)}`", dtype, function.location, i)
        for op in functions.operations(function):
            for result in op.results:
                if dtype := _wide(result):
                    raise NoFloat64(f"the result of `{op.name.removeprefix('lamina.')}`", dtype, op.location)


def _wide(value: ir.Value) -> str:
    """Name of the dtype if it is made of 64-bit floats, else nothing."""
    name = from_ir(value.type).dtype.name
    return name if name in ("float64", "complex128") else ""
