"""Registers every op record as an op of the `lamina` MLIR dialect."""

from __future__ import annotations

from typing import Any

from . import control, ops  # noqa: F401  (they fill the registries)
from .mlir import ext
from .opdef import REGISTRY, OpDef, verify


class Lamina(ext.Dialect, name="lamina"):  # pyright: ignore
    """Array operations on ranked tensors; control flow and calls are upstream ops."""


def _define(record: OpDef) -> None:
    """An op class with fixed arity; `ext` reads operands, attributes and results from annotations."""
    annotations = {f"operand_{i}": ext.Operand[Any] for i in range(len(record.operands))}
    annotations |= dict.fromkeys(record.attributes, Any)
    annotations |= {f"result_{i}": ext.Result[Any] for i in range(len(record.results))}
    body = {
        "__annotations__": annotations,
        "__doc__": record.doc,
        "verify_invariants": staticmethod(lambda op: verify(record, op.operation)),
    }
    class_name = record.name.title().replace("_", "") + "Op"
    type(Lamina.Operation)(class_name, (Lamina.Operation,), body, name=record.name, traits=[ext.Pure])


def load() -> None:
    """Register the dialect in the current context."""
    for record in REGISTRY.values():
        _define(record)
    Lamina.load()
