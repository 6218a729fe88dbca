"""The builder that rules of ops see: ``b.mul(x, b.cos(y))`` appends lamina ops at an insertion point."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from .mlir import ir
from .opdef import REGISTRY, OpDef
from .types import BFLOAT16, COMPLEX, KEY, Shape, TensorType, from_ir

Operand = Any  # an ir.Value, or a Python number that takes the type of the other operands


class Builder:
    """Appends ops at `ip` with location `loc`; ``b.<op>(*operands, **attributes)`` for every op of the registry.

    Python numbers among the operands become splat constants of the first array operand's type.
    """

    def __init__(self, ip: ir.InsertionPoint, loc: ir.Location):
        self.ip = ip
        self.loc = loc

    def __getattr__(self, name: str) -> Callable[..., Any]:
        try:
            op = REGISTRY[name.rstrip("_")]  # and_, or_, not_ are keywords without the underscore
        except KeyError:
            raise AttributeError(f"there is no lamina op named {name!r}") from None
        method = partial(self.emit, op)
        self.__dict__[name] = method
        return method

    def emit(self, op: OpDef, *operands: Operand, **attributes: Any) -> Any:
        """Append an op; gives its result, or a tuple of its results."""
        values = operands
        if any(not isinstance(operand, ir.Value) for operand in operands):
            like = next(operand for operand in operands if isinstance(operand, ir.Value))
            values = [x if isinstance(x, ir.Value) else self.full_like(like, x) for x in operands]
        return op.packed(op.create(values, attributes, ip=self.ip, loc=self.loc))

    def type(self, value: ir.Value) -> TensorType:
        return from_ir(value.type)

    def shape(self, value: ir.Value) -> Shape:
        return from_ir(value.type).shape

    # ---- constants ----

    def constant_array(self, array: np.ndarray) -> ir.Value:
        """A constant of any dtype. What MLIR's bindings cannot read back is composed of what they can."""
        array = np.asarray(array)
        if array.dtype in COMPLEX:
            return self.complex(self.constant_array(np.real(array)), self.constant_array(np.imag(array)))
        if array.dtype == BFLOAT16 and array.strides != (0,) * array.ndim:
            return self.convert(self.constant_array(array.astype(np.float32)), dtype=array.dtype)
        if array.dtype in KEY:
            return self.random_wrap(*(self.constant_array(array[word]) for word in ("k0", "k1")))
        return REGISTRY["constant"].create((), {"value": array}, ip=self.ip, loc=self.loc)[0]

    def full(self, type: TensorType, value: complex) -> ir.Value:
        """A splat constant."""
        with np.errstate(all="ignore"):
            scalar = np.asarray(value).astype(type.dtype)
        return self.constant_array(np.broadcast_to(scalar, type.shape))

    def full_like(self, value: ir.Value, fill: complex) -> ir.Value:
        return self.full(from_ir(value.type), fill)

    def zeros(self, type: TensorType) -> ir.Value:
        return self.full(type, 0)

    # ---- what rules of several families need ----

    def sum_of(self, terms: Sequence[ir.Value | None]) -> ir.Value | None:
        """Sum of those terms that are not symbolic zeros."""
        total = None
        for term in terms:
            if term is not None:
                total = term if total is None else self.add(total, term)
        return total

    def instantiate(self, tangent: ir.Value | None, like: ir.Value) -> ir.Value:
        """A symbolic zero made real."""
        return self.zeros(from_ir(like.type)) if tangent is None else tangent

    def add_batch(self, value: ir.Value, size: int) -> ir.Value:
        """Repeat along a new leading batch dimension."""
        shape = self.shape(value)
        return self.broadcast_in_dim(value, shape=(size, *shape), dimensions=tuple(range(1, len(shape) + 1)))

    def all_batched(self, operands: Sequence[ir.Value], batched: Sequence[bool], size: int) -> list[ir.Value]:
        """Every operand with a leading batch dimension."""
        return [x if flag else self.add_batch(x, size) for x, flag in zip(operands, batched, strict=True)]

    def move_dimension(self, value: ir.Value, source: int, destination: int) -> ir.Value:
        """Transpose that moves one dimension and keeps the order of the others."""
        if source == destination:
            return value
        order = [i for i in range(len(self.shape(value))) if i != source]
        order.insert(destination, source)
        return self.transpose(value, permutation=tuple(order))
