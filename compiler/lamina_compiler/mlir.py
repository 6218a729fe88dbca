"""The only importer of MLIR, and the one MLIR context.

Upstream MLIR bindings come from the `mlir` package where it is installed and complete, else from the `torch_mlir`
wheel, the one complete build on PyPI. Everything else in Lamina imports `ir`, `PassManager` and `ext` from here.
"""

from __future__ import annotations

import sys
import threading
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch_mlir import ir
    from torch_mlir._mlir_libs import _mlir as bindings
    from torch_mlir.dialects import ext
    from torch_mlir.passmanager import PassManager
else:
    try:
        from mlir import ir
        from mlir._mlir_libs import _mlir as bindings
        from mlir.dialects import ext
        from mlir.passmanager import PassManager
    except ImportError:
        from torch_mlir import ir
        from torch_mlir._mlir_libs import _mlir as bindings
        from torch_mlir.dialects import ext
        from torch_mlir.passmanager import PassManager

__all__ = ["PassManager", "context", "enter", "ext", "ir", "run_passes"]

# The bindings look for a Python module per dialect whenever they hand out an operation, and again each time there is
# none. Theirs take 0.1 s to import and give nothing that is used here, so they find these empty ones.
_DIALECT_MODULES = f"{__package__}.dialect_modules"
_DIALECTS = (
    "arith",
    "builtin",
    "complex",
    "flow",
    "func",
    "gpu",
    "hal",
    "iree_linalg_ext",
    "irdl",
    "lamina",
    "linalg",
    "math",
    "memref",
    "scf",
    "spirv",
    "tensor",
    "util",
    "vector",
)

_thread = threading.local()
_lock = threading.Lock()
_context: ir.Context | None = None


def context() -> ir.Context:
    """The process-wide context, with the lamina dialect loaded."""
    global _context
    if _context is None:
        with _lock:
            if _context is None:
                _use_empty_dialect_modules()
                new = ir.Context()
                new.emit_error_diagnostics = False
                from . import dialect, iree_dialect

                with new:
                    dialect.load()
                    iree_dialect.load()
                _context = new
    return _context


def _use_empty_dialect_modules() -> None:
    for name in _DIALECTS:
        sys.modules.setdefault(f"{_DIALECT_MODULES}.{name}", ModuleType(f"{_DIALECT_MODULES}.{name}"))
    bindings.globals.dialect_search_modules = [_DIALECT_MODULES]


def enter() -> None:
    """Make the context (and an unknown location) current in this thread for good; cheap when it already is.

    MLIR keeps the current context per thread; entering it once saves a with-statement around every construction.
    """
    if not getattr(_thread, "entered", False):
        context().__enter__()
        ir.Location.unknown().__enter__()
        _thread.entered = True


def run_passes(operation: ir.Operation, pipeline: str, *, anchor: str = "builtin.module", verify: bool = False) -> None:
    """Run upstream passes, e.g. ``run_passes(module.operation, "canonicalize,cse")``."""
    manager = PassManager.parse(f"{anchor}({pipeline})")
    manager.enable_verifier(verify)
    manager.run(operation)
