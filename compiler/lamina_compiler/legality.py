"""What operations may exist after each stage, as a table; checked after every stage."""

from __future__ import annotations

from .errors import IllegalOperation
from .mlir import ir

_FUNCTIONS = {"builtin.module", "func.func", "func.return"}
_UPSTREAM = ("linalg.", "tensor.", "arith.", "math.", "complex.", "scf.")

# stage: (operation names, dialect prefixes)
_LEGAL: dict[str, tuple[set[str], tuple[str, ...]]] = {
    "trace": (_FUNCTIONS | {"func.call"}, ("lamina.",)),
    "derive": (_FUNCTIONS, ("lamina.",)),
    "simplify": (_FUNCTIONS, ("lamina.",)),
    "fuse": (_FUNCTIONS, ("lamina.",)),
    "linalg": (_FUNCTIONS, _UPSTREAM),
}


def check(module: ir.Module, stage: str) -> None:
    """IllegalOperation, naming the operation and its source location, unless the module is legal after `stage`."""
    names, prefixes = _LEGAL[stage]
    illegal: list[ir.Operation] = []

    def visit(op: ir.Operation) -> ir.WalkResult:
        legal = op.name in names or op.name.startswith(prefixes)
        if legal and op.name == "func.func" and stage != "trace" and "lamina.derive" in op.attributes:
            legal = False
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
