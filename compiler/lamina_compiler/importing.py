"""Copies a function, and all it refers to, from one module to another."""

from __future__ import annotations

from typing import Any

from . import functions
from .mlir import ir

_REFERRING = ("lamina.higher_order", "lamina.derive")  # attributes of declarations that name functions


def import_function(module: ir.Module, source: ir.Module, function: ir.Operation) -> ir.Operation:
    """A copy in `module` of a function of `source`, with copies of the functions it calls or names."""
    names: dict[str, str] = {}

    def bring(original: ir.Operation) -> ir.Operation:
        copy = functions.copied(module, original)
        names[functions.symbol(original)] = functions.symbol(copy)
        for name in _REFERRING:
            if name in copy.attributes:
                copy.attributes[name] = renamed(copy.attributes[name])
        if functions.has_body(copy):
            for op in functions.operations(copy):
                if op.name == "func.call":
                    op.attributes["callee"] = renamed(op.attributes["callee"])
        return copy

    def renamed(attribute: Any) -> ir.Attribute:
        """The attribute with references to the copies; what it refers to is brought first."""
        if isinstance(attribute, ir.FlatSymbolRefAttr):
            if attribute.value not in names:
                bring(functions.find(source, attribute.value))
            return ir.FlatSymbolRefAttr.get(names[attribute.value])
        if isinstance(attribute, ir.ArrayAttr):
            return ir.ArrayAttr.get([renamed(each) for each in attribute])
        if isinstance(attribute, ir.DictAttr):
            return ir.DictAttr.get({each.name: renamed(each.attr) for each in attribute})
        return attribute

    return bring(function)
