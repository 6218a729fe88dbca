"""The elementwise family: one helper that turns a scalar definition and derivatives into a whole record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from ..opdef import NoDerivative, NotDifferentiable, OpDef, OpError, Rule, Sample, register, require_dtype, require_same
from ..types import KEY, TensorType

Partial = Callable[..., Any]  # (b, tangent, *primals, result) -> tangent of the result
Samples = Callable[[np.random.Generator, np.dtype, tuple[int, ...]], np.ndarray]

SAMPLE_SHAPE = (2, 3)


def uniform(low: float, high: float) -> Samples:
    """Sample operands: uniform in [low, high), integers within the dtype's range, both parts of a complex."""

    def draw(rng: np.random.Generator, dtype: np.dtype, shape: tuple[int, ...]) -> np.ndarray:
        if dtype == np.bool_:
            return rng.integers(0, 2, shape).astype(dtype)
        if dtype in KEY:
            return rng.integers(0, 2**32, (*shape, 2), np.uint32).view(dtype)[..., 0]
        if dtype.kind in "iu":
            info = np.iinfo(dtype)
            first = int(max(low, info.min))
            return rng.integers(first, max(int(min(high, info.max)), first + 1), shape).astype(dtype)
        values = rng.uniform(low, high, shape)
        if dtype.kind == "c":
            values = values + 1j * rng.uniform(low, high, shape)
        return values.astype(dtype)

    return draw


def quiet(reference: Rule) -> Rule:
    """NumPy without its floating-point warnings: inf and nan are ordinary results here."""

    def run(*arrays: np.ndarray, **attributes: Any) -> np.ndarray:
        with np.errstate(all="ignore"):
            return reference(*arrays, **attributes)

    return run


def elementwise(
    name: str,
    *,
    doc: str,
    accepts: frozenset[np.dtype],
    reference: Rule,
    scalar: Rule,
    jvp: Partial | Sequence[Partial | NoDerivative | None] | NotDifferentiable,
    operands: Sequence[str] = ("x",),
    operand_dtypes: Sequence[frozenset[np.dtype] | None] | None = None,
    result: np.dtype | dict[np.dtype, np.dtype] | None = None,
    results: Sequence[str] = ("result",),
    transpose: Rule | None = None,
    commutative: bool = False,
    product: bool = False,
    samples: Samples | Sequence[Samples] | None = None,
    family: str,
    specialized: Rule | None = None,
) -> OpDef:
    """Register an elementwise op.

    All operands have one shape and, unless `operand_dtypes` gives some operand dtypes of its own, one dtype out of
    `accepts`, which is also the result's unless `result` says otherwise (a dtype, or a table from operand dtype).
    Several `results` have one type; then reference and scalar definition give tuples.
    `jvp` is one partial derivative per operand, ``(b, tangent, *primals, result)``; None where it is zero, a
    `NoDerivative` where it is not known.
    `scalar` is the definition on `scalar.Value`s, which the lowering emits; `specialized(lowered operands)` may give
    one of the first operand alone where the others are known numbers.
    """
    names = tuple(operands)
    own = tuple(operand_dtypes or [None] * len(names))
    common = [i for i, dtypes in enumerate(own) if dtypes is None]

    def infer(*types: TensorType) -> Any:
        for operand, type, dtypes in zip(names, types, own, strict=True):
            require_dtype(operand, type, accepts if dtypes is None else dtypes)
        require_same([names[i] for i in common], [types[i] for i in common])
        for operand, type in zip(names, types, strict=True):
            if type.shape != types[common[0]].shape:
                first = names[common[0]]
                raise OpError(
                    f"operands must have the same shape, but '{first}' is {types[common[0]]} and '{operand}' is {type}"
                )
        dtype = types[common[0]].dtype
        if isinstance(result, dict):
            dtype = result.get(dtype, dtype)
        elif result is not None:
            dtype = result
        return record.packed([TensorType(types[0].shape, dtype)] * len(results))

    def batch(b: Any, values: Sequence[Any], batched: Sequence[bool], size: int) -> Any:
        return b.emit(record, *b.all_batched(values, batched, size))

    def lower(lw: Any, values: Sequence[Any], types: Sequence[TensorType], type: Any) -> Any:
        special = specialized(values) if specialized is not None else None
        if special is not None:
            return lw.elementwise(special, values[:1], types[:1], type)
        return record.packed(lw.elementwise_all(scalar, values, types, record.several(type)))

    def draw(rng: np.random.Generator) -> Iterable[Sample]:
        chosen = samples or uniform(-3, 3)
        per_operand = [chosen] * len(names) if callable(chosen) else list(chosen)
        for dtype in sorted(accepts, key=str):
            for shape in ((), SAMPLE_SHAPE):
                dtypes = [dtype if d is None else min(d, key=str) for d in own]
                yield Sample(tuple(s(rng, d, shape) for s, d in zip(per_operand, dtypes, strict=True)))

    record = OpDef(
        name=name,
        doc=doc,
        operands=names,
        infer=infer,
        reference=quiet(reference),
        jvp=jvp if isinstance(jvp, NotDifferentiable) else _sum_of_partials(jvp),
        transpose=transpose,
        batch=batch,
        lower=lower,
        samples=draw,
        family=family,
        scalar=scalar,
        results=tuple(results),
        commutative=commutative,
        product=product,
        undifferentiable={i: partial for i, partial in enumerate(_each(jvp)) if isinstance(partial, NoDerivative)},
    )
    return register(record)


def _each(jvp: Any) -> tuple[Any, ...]:
    """The partial derivatives one by one."""
    return tuple(jvp) if isinstance(jvp, Sequence) else (jvp,)


def _sum_of_partials(partials: Partial | Sequence[Partial | NoDerivative | None]) -> Rule:
    each: list[Any] = [None if isinstance(partial, NoDerivative) else partial for partial in _each(partials)]

    def jvp(b: Any, tangents: Sequence[Any], primals: Sequence[Any], result: Any) -> Any:
        return b.sum_of(
            [
                None if tangent is None or partial is None else partial(b, tangent, *primals, result)
                for partial, tangent in zip(each, tangents, strict=True)
            ]
        )

    return jvp


def linear_in(*rules: Callable[..., Any] | None) -> Rule:
    """Transpose rule from one function per operand, ``(b, cotangent, *operands) -> cotangent``; None: not linear in it.

    The operand the op is transposed in is passed as None; the others are known values.
    """

    def transpose(b: Any, cotangent: Any, operands: Sequence[Any], types: Sequence[TensorType]) -> list[Any]:
        return [
            rule(b, cotangent, *operands) if value is None and rule is not None else None
            for rule, value in zip(rules, operands, strict=True)
        ]

    return transpose
