"""lamina-fuse: shapes the program so that IREE forms few dispatches."""

from __future__ import annotations

from ..mlir import ir


def run(module: ir.Module) -> None:
    pass
