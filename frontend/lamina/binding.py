"""Applying an op to arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina._inference import check_memory, infer
from lamina.array import Array, ConcreteArray
from lamina.config import config
from lamina.tracer import leaked
from lamina.tracing import current_trace
from lamina_compiler.opdef import OpDef


def bind(op: OpDef, *operands: Array, weak_type: bool = False, **attributes: Any) -> Any:
    """Apply an op: written down in the current trace, or at once by its NumPy reference.

    Gives an array, or a tuple of arrays for an op with several results.
    """
    trace = current_trace()
    if trace is not None:
        return trace.emit(op, operands, attributes, weak_type)
    arrays = []
    for x in operands:
        if not isinstance(x, ConcreteArray):
            raise leaked(x)
        if not x.is_on_host:
            return _on_device(op, operands, attributes, weak_type)
        arrays.append(x.host())
    types = infer(op, [x.type for x in operands], attributes)
    for type in types:
        check_memory(op.name, type)
    values, results = op.evaluate(arrays, attributes), []
    if config.debug_nans or config.debug_infs:
        _check_finite(op.name, values)
    for value, type in zip(values, types, strict=True):
        value.setflags(write=False)
        results.append(ConcreteArray(value, type, weak_type))
    return op.packed(results)


def _check_finite(name: str, values: Sequence[np.ndarray]) -> None:
    from lamina._nan_hunt import check_op

    check_op(name, values)


def _on_device(op: OpDef, operands: Sequence[Array], attributes: dict[str, Any], weak_type: bool) -> Any:
    """One op on another device: a cached program of one op."""
    from lamina import program

    return program.single_op(op, operands, attributes, weak_type)
