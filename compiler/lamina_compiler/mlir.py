"""The only importer of MLIR, and the one MLIR context.

Upstream MLIR bindings come from the `mlir` package where it is installed and complete, else from the `torch_mlir`
wheel, the one complete build on PyPI. Everything else in Lamina imports `ir`, `PassManager` and `ext` from here.
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch_mlir import ir
    from torch_mlir.dialects import ext
    from torch_mlir.passmanager import PassManager
else:
    try:
        from mlir import ir
        from mlir.dialects import ext
        from mlir.passmanager import PassManager
    except ImportError:
        from torch_mlir import ir
        from torch_mlir.dialects import ext
        from torch_mlir.passmanager import PassManager

__all__ = ["PassManager", "context", "enter", "ext", "ir", "run_passes", "unknown_location"]

_DIALECT_PREFIX = ir.__name__.rpartition(".")[0] or "mlir"

_thread = threading.local()
_lock = threading.Lock()
_context: ir.Context | None = None


def context() -> ir.Context:
    """The process-wide context, with the lamina dialect loaded."""
    global _context
    if _context is None:
        with _lock:
            if _context is None:
                new = ir.Context()
                new.emit_error_diagnostics = False
                from . import dialect

                with new:
                    dialect.load()
                _context = new
    return _context


def enter() -> None:
    """Make the context (and an unknown location) current in this thread for good; cheap when it already is.

    MLIR keeps the current context per thread; entering it once saves a with-statement around every construction.
    """
    if not getattr(_thread, "entered", False):
        context().__enter__()
        ir.Location.unknown().__enter__()
        _thread.entered = True


def unknown_location() -> ir.Location:
    enter()
    return ir.Location.unknown()


def run_passes(operation: ir.Operation, pipeline: str, *, anchor: str = "builtin.module", verify: bool = False) -> None:
    """Run upstream passes, e.g. ``run_passes(module.operation, "canonicalize,cse")``."""
    manager = PassManager.parse(f"{anchor}({pipeline})")
    manager.enable_verifier(verify)
    manager.run(operation)


def register_python_dialect(name: str, module: object) -> None:
    """Let the bindings find the dialect's Python module; without it they retry a failing import on every op view."""
    sys.modules.setdefault(f"{_DIALECT_PREFIX}.dialects.{name}", module)  # type: ignore[arg-type]
