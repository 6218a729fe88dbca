"""OpDef: the record of one lamina op with everything Lamina knows about it, and the registry of all records.

Rules are plain functions. They see a `Builder` (`b`), never a pass:

* ``infer(*types, **attributes) -> TensorType`` raises `OpError`; builder, eager mode and verifier share it.
  An op with several results (``results=("w", "v")``) has tuples wherever one with a single result has the thing itself:
  of types here, of arrays, tangents, cotangents and values in the rules below.
* ``reference(*arrays, **attributes) -> array``: NumPy semantics; eager mode, oracle and folding.
* ``jvp(b, tangents, primals, result, **attributes) -> tangent | None``; a None tangent is a symbolic zero.
* ``transpose(b, cotangent, operands, types, **attributes) -> cotangents``, one per operand; ``operands[i] is None``
  marks the operands the op is transposed in, the others are known values and get None.
* ``batch(b, operands, batched, size, **attributes) -> result``: batch dimension 0 of marked operands and of the result.
* ``lower(lw, operands, types, result, **attributes) -> value``: linalg, tensor, arith, math through a `LinalgBuilder`;
  `types` and `result` are lamina types, which know signedness; the operands' own types are signless by then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .attributes import AttributeKind
from .mlir import ir
from .types import SHORT_NAME, TensorType, from_ir, short_name, to_ir


class OpError(TypeError):
    """An op was given operands or attributes it does not take; the message says what it expects."""


class OpDTypeError(OpError):
    """An operand has an element type the op does not take."""


@dataclass(frozen=True)
class NotDifferentiable:
    """Written in place of a derivative rule: why the op has none (its tangent is zero)."""

    reason: str


@dataclass(frozen=True)
class NoDerivative:
    """Written in place of a derivative rule that nobody has worked out: to differentiate the op is an error."""

    reason: str


@dataclass(frozen=True)
class ByReference:
    """Written in place of a lowering: compiled code calls the reference, in the Python process that runs it."""


@dataclass(frozen=True)
class KernelOrReference:
    """Written in place of a lowering: a kernel, which is one too; or the reference, where there is a Python process to
    run it and ``prefers_reference(*types, **attributes)`` says that it is faster there.

    On a GPU with a Python process beside it the reference is always preferred: kernels run on few of its threads.
    """

    kernel: Callable[..., Any]
    prefers_reference: Callable[..., bool] = lambda *types, **attributes: False


@dataclass(frozen=True)
class Sample:
    """Operands and attributes that tests run an op on.

    `unique`: the results are; where they are not, as signs of eigenvectors, differences of them are no derivatives.
    """

    operands: tuple[np.ndarray, ...]
    attributes: Mapping[str, Any] = field(default_factory=dict)
    unique: bool = True


Rule = Callable[..., Any]


@dataclass(frozen=True)
class Collective:
    """How an op with an attribute `axis_name` acts on the batch dimension that vmap gave this name.

    ``rule(b, operands, batched, size, **attributes) -> result``; the result has the batch dimension if `varies`.
    """

    rule: Rule
    varies: bool


@dataclass(frozen=True)
class OpDef:
    name: str
    doc: str
    operands: tuple[str, ...]
    infer: Rule
    reference: Rule
    jvp: Rule | NotDifferentiable | NoDerivative
    transpose: Rule | None  # None: the op is not linear in any operand
    batch: Rule
    lower: Rule | ByReference | KernelOrReference
    samples: Callable[[np.random.Generator], Iterable[Sample]]
    attributes: Mapping[str, AttributeKind] = field(default_factory=dict)
    family: str = ""
    scalar: Rule | None = None  # elementwise ops: the definition on `scalar.Value`s
    undifferentiable: Mapping[int, NoDerivative] = field(default_factory=dict)  # operands no derivative is known in
    results: tuple[str, ...] = ("result",)
    collective: Collective | None = None
    commutative: bool = False
    product: bool = False  # linear in each operand alone, but not in all of them together
    _inferred: dict[tuple[TensorType, ...], tuple[TensorType, ...]] = field(
        default_factory=dict, repr=False, compare=False
    )

    @property
    def ir_name(self) -> str:
        return f"lamina.{self.name}"

    def result_types(self, types: Sequence[TensorType], attributes: Mapping[str, Any]) -> tuple[TensorType, ...]:
        """Types of the results, or OpError."""
        if not self.attributes:  # the same few types come again and again
            key = tuple(types)
            found = self._inferred.get(key)
            if found is None:
                found = self._inferred[key] = self._infer(types, attributes)
            return found
        return self._infer(types, attributes)

    def _infer(self, types: Sequence[TensorType], attributes: Mapping[str, Any]) -> tuple[TensorType, ...]:
        if len(types) != len(self.operands):
            raise OpError(f"expects {len(self.operands)} operands ({', '.join(self.operands)}) but got {len(types)}")
        return self.several(self.infer(*types, **attributes))

    def several(self, results: Any) -> tuple[Any, ...]:
        """What a rule gives, as a tuple with one entry for each result."""
        return (results,) if len(self.results) == 1 else tuple(results)

    def packed(self, results: Sequence[Any]) -> Any:
        """The other way: what a rule takes or gives for these results."""
        return results[0] if len(self.results) == 1 else tuple(results)

    def evaluate(self, operands: Sequence[np.ndarray], attributes: Mapping[str, Any]) -> tuple[np.ndarray, ...]:
        """The reference's results on arrays."""
        return tuple(map(np.asarray, self.several(self.reference(*operands, **attributes))))

    def decode_attributes(self, op: ir.Operation) -> dict[str, Any]:
        return self.decode(op.attributes)

    def decode(self, found: Any) -> dict[str, Any]:
        """Attributes from a mapping of names to attributes of the IR."""
        return {name: kind.decode(found[name]) for name, kind in self.attributes.items()}

    def encode_attributes(self, attributes: Mapping[str, Any]) -> dict[str, ir.Attribute]:
        return {name: kind.encode(attributes[name]) for name, kind in self.attributes.items()}

    def create(
        self,
        operands: Sequence[ir.Value],
        attributes: Mapping[str, Any],
        *,
        ip: ir.InsertionPoint,
        loc: ir.Location,
        types: Sequence[TensorType] | None = None,
    ) -> list[ir.Value]:
        """Append the op at `ip`; the types of its results are inferred unless the caller has done so already."""
        if types is None:
            types = self.result_types([from_ir(value.type) for value in operands], attributes)
        encoded = self.encode_attributes(attributes) if self.attributes else None
        results = [to_ir(type) for type in types]
        return list(ir.Operation.create(self.ir_name, results, operands, encoded, loc=loc, ip=ip).results)


REGISTRY: dict[str, OpDef] = {}


def register(op: OpDef) -> OpDef:
    """Add a record to the dialect; the name must be new."""
    if op.name in REGISTRY:
        raise ValueError(f"an op named {op.name!r} is registered already")
    REGISTRY[op.name] = op
    return op


def lookup(ir_name: str) -> OpDef:
    """The record of ``"lamina.add"``."""
    return REGISTRY[ir_name[7:]]


def is_lamina(op: ir.Operation) -> bool:
    return op.name.startswith("lamina.")


def verify(record: OpDef, op: ir.Operation) -> bool:
    """Verifier of every lamina op: attributes, arity, and the builder's inference. Reports at the op's location."""

    def error(message: str) -> bool:
        op.location.emit_error(f"'{op.name}' op {message}")
        return False

    found = op.attributes
    for name, kind in record.attributes.items():
        if name not in found or not _accepted(kind, found, name):
            return error(f"requires attribute '{name}' of the form {kind.form}")
    if len(op.results) != len(record.results):
        count = "one result" if len(record.results) == 1 else f"{len(record.results)} results"
        return error(f"has {count} but {len(op.results)} are written")
    try:
        types = [from_ir(value.type) for value in op.operands]
        expected = record.result_types(types, record.decode_attributes(op))
        actual = [from_ir(value.type) for value in op.results]
    except (TypeError, ValueError, IndexError) as problem:
        return error(str(problem))
    for name, want, got in zip(record.results, expected, actual, strict=True):
        if got != want:
            which = "result" if len(record.results) == 1 else f"type of result '{name}'"
            return error(
                f"{which + ' type' if which == 'result' else which} should be {to_ir(want)} but is {to_ir(got)}"
            )
    return True


def _accepted(kind: AttributeKind, found: ir.OpAttributeMap, name: str) -> bool:
    """Whether an attribute is of the kind; what MLIR's bindings cannot read (dense complex numbers) is of none."""
    try:
        return kind.accepts(found[name])
    except TypeError:
        return False


# ---- what inference rules say often ---------------------------------------------------------------------------------


def require_dtype(name: str, type: TensorType, accepted: frozenset[np.dtype]) -> None:
    """OpError unless `type` has one of the accepted element types."""
    if type.dtype not in accepted:
        names = ", ".join(short for dtype, short in SHORT_NAME.items() if dtype in accepted)
        raise OpDTypeError(f"operand '{name}' has dtype {short_name(type.dtype)}, expected one of {names}")


def require_same(names: Sequence[str], types: Sequence[TensorType]) -> None:
    """OpError unless all operands have one type."""
    for name, type in zip(names[1:], types[1:], strict=True):
        if type != types[0]:
            raise OpError(f"operands must have the same type, but '{names[0]}' is {types[0]} and '{name}' is {type}")


def require_axes(axes: Sequence[int], rank: int, what: str = "axes") -> None:
    """OpError unless the axes are distinct and within the rank."""
    for axis in axes:
        if not 0 <= axis < rank:
            raise OpError(f"{what} {tuple(axes)} are out of range for an operand of rank {rank}")
    if len(set(axes)) != len(axes):
        raise OpError(f"{what} {tuple(axes)} repeat an axis")
