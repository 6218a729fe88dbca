"""Running sums, products and extremes along an axis, and the linear recurrence that their derivatives are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from .. import scalar
from ..attributes import BOOL, INT
from ..kernels.batch import pays
from ..kernels.cumulative import Carried, carried_as, recurrence_lower, running_lower
from ..opdef import OpDef, Rule, Sample, register, require_axes, require_dtype, require_same
from ..types import BY_SHORT_NAME, COMPLEX, FLOAT, INEXACT, NUMERIC, REAL, SHORT_NAME, Shape, TensorType
from .arithmetic import maximum, minimum
from .contract import ACCUMULATOR
from .elementwise import quiet, uniform
from .reduce import limits
from .sequential import blocked_scan, in_wide, recurrence_scan
from .shape import rev_lower

_WIDE = {"float16": np.float32, "bfloat16": np.float32, "float32": np.float64, "complex64": np.complex128}
_SAMPLES: list[tuple[Shape, int]] = [((2, 3, 4), 1), ((5,), 0), ((2, 0), 1), ((3, 1), 1)]


def _directed(function: Callable[..., np.ndarray]) -> Rule:
    """A reference along an axis that runs from the end if it is reversed."""

    def run(*arrays: np.ndarray, axis: int, reverse: bool) -> np.ndarray:
        if not reverse:
            return function(*arrays, axis)
        return np.flip(function(*(np.flip(x, axis) for x in arrays), axis), axis)

    return run


def _accumulated(ufunc: Any, wide: bool) -> Rule:
    """A ufunc accumulated, where `wide` in a dtype with more digits."""

    def run(x: np.ndarray, axis: int) -> np.ndarray:
        dtype = np.dtype(_WIDE.get(x.dtype.name, x.dtype)) if wide else x.dtype
        return ufunc.accumulate(x.astype(dtype, copy=False), axis, dtype=dtype).astype(x.dtype, copy=False)

    return run


def shifted(b: Any, x: Any, axis: int, reverse: bool, first: complex) -> Any:
    """Every element replaced by its predecessor; the first one by a number."""
    rank = len(b.shape(x))
    distance = -1 if reverse else 1
    low, high = (tuple(side * distance if d == axis else 0 for d in range(rank)) for side in (1, -1))
    return b.pad(x, b.full(TensorType((), b.type(x).dtype), first), low=low, high=high, interior=(0,) * rank)


def _cumulative(
    name: str,
    doc: str,
    accepts: frozenset[np.dtype],
    reference: Rule,
    combine: Rule,
    identity: Rule,
    jvp: Rule,
    transpose: Rule | None = None,
    *,
    rounds: bool,
    carried: Callable[[np.dtype], Carried | None],
) -> OpDef:
    """Register one: `combine` on scalar values, with `identity(dtype)`; `rounds`: f16 and bf16 run in f32.

    `carried(dtype)`: what a kernel computes in, None where it would be too much code.
    """

    def infer(x: TensorType, axis: int, reverse: bool) -> TensorType:
        require_dtype("x", x, accepts)
        require_axes((axis,), x.rank, "axis")
        return x

    def lower(lw: Any, operands: Any, types: Any, result: TensorType, axis: int, reverse: bool) -> Any:
        def scan(values: Any, type: TensorType) -> Any:
            return blocked_scan(lw, values[0], type, axis, combine, identity(type.dtype))

        (x,) = operands
        if result.size == 0:
            return x
        held = carried(result.dtype)
        if held and pays(lw, result.size):
            return running_lower(lw, name, x, result, axis, reverse, combine, identity(held.dtype), held)
        if reverse:
            x = rev_lower(lw, [x], [result], result, (axis,))
        x = in_wide(lw, [x], result, result, scan) if rounds else scan([x], result)
        return rev_lower(lw, [x], [result], result, (axis,)) if reverse else x

    def draw(rng: np.random.Generator) -> Iterable[Sample]:
        for dtype in sorted(accepts, key=str):
            for shape, axis in _SAMPLES:
                for reverse in (False, True):
                    yield Sample((uniform(0.5, 2)(rng, dtype, shape),), {"axis": axis, "reverse": reverse})

    return register(
        OpDef(
            name=name,
            doc=doc,
            operands=("x",),
            attributes={"axis": INT, "reverse": BOOL},
            infer=infer,
            reference=quiet(_directed(reference)),
            jvp=jvp,
            transpose=transpose,
            batch=lambda b, operands, batched, size, axis, reverse: getattr(b, name)(
                *operands, axis=axis + 1, reverse=reverse
            ),
            lower=lower,
            samples=draw,
            family="cumulative",
        )
    )


def _wide(dtype: np.dtype) -> Carried:
    """Sums and products of floats have more digits, as those of the references."""
    return carried_as(dtype, np.dtype(_WIDE.get(dtype.name, dtype)))


def _single(dtype: np.dtype) -> Carried | None:
    """f16 and bf16 as f32."""
    return None if dtype in COMPLEX else carried_as(dtype, ACCUMULATOR.get(dtype, dtype))


def _ordered(dtype: np.dtype, end: int) -> Carried:
    """Floats as integers in their order, nan at an end."""
    if dtype not in FLOAT:
        return carried_as(dtype, dtype)
    integer = BY_SHORT_NAME[f"i{8 * dtype.itemsize}"]

    def enter(x: Any) -> Any:
        return scalar.select(scalar.is_nan(x), limits(integer)[end], scalar.totally_ordered_bits(x))

    def leave(x: Any) -> Any:
        return scalar.bitcast(scalar.totally_ordered_bits(x), SHORT_NAME[dtype])

    return Carried(integer, enter, leave)


cumsum = _cumulative(
    "cumsum",
    "Sums of the first 1, 2, … elements along the axis, or of the last ones.",
    NUMERIC,
    _accumulated(np.add, wide=True),
    scalar.add,
    lambda dtype: -0.0 if dtype in FLOAT else complex(-0.0, -0.0) if dtype in COMPLEX else 0,
    lambda b, tangents, primals, result, **attributes: (
        None if tangents[0] is None else b.cumsum(tangents[0], **attributes)
    ),
    lambda b, ct, operands, types, axis, reverse: [b.cumsum(ct, axis=axis, reverse=not reverse)],
    rounds=True,
    carried=_wide,
)


def _cumprod_jvp(b: Any, tangents: Any, primals: Any, result: Any, axis: int, reverse: bool) -> Any:
    """yᵢ = xᵢ·yᵢ₋₁, so dyᵢ = xᵢ·dyᵢ₋₁ + yᵢ₋₁·dxᵢ: right where elements are zero."""
    (dx,), (x,) = tangents, primals
    if dx is None:
        return None
    added = b.mul(shifted(b, result, axis, reverse, 1), dx)
    return b.linear_recurrence(x, added, axis=axis, reverse=reverse)


cumprod = _cumulative(
    "cumprod",
    "Products of the first 1, 2, … elements along the axis, or of the last ones.",
    NUMERIC,
    _accumulated(np.multiply, wide=True),
    scalar.multiply,
    lambda dtype: 1,
    _cumprod_jvp,
    rounds=True,
    carried=_wide,
)


def _extreme_jvp(b: Any, tangents: Any, primals: Any, result: Any, axis: int, reverse: bool) -> Any:
    """The tangent of the element that leads; the mean of old and new where they are equal."""
    (dx,), (x,) = tangents, primals
    type = b.type(x)
    if dx is None or type.size == 0:
        return None
    before = shifted(b, result, axis, reverse, 0)
    half, one, zero = (b.full(type, number) for number in (0.5, 1, 0))
    stays = b.select(b.eq(result, before), b.select(b.eq(x, before), half, one), zero)
    stays = b.mul(stays, shifted(b, one, axis, reverse, 0))  # the first element has no predecessor
    return b.linear_recurrence(stays, b.mul(b.sub(one, stays), dx), axis=axis, reverse=reverse)


for _name, _doc, _ufunc, _combine, _end in [
    ("cummax", "Largest of the first 1, 2, … elements along the axis, or of the last ones", np.maximum, maximum, 0),
    ("cummin", "Smallest of the first 1, 2, … elements along the axis, or of the last ones", np.minimum, minimum, 1),
]:
    _cumulative(
        _name,
        f"{_doc}; nan from the first nan on.",
        REAL | COMPLEX,
        _accumulated(_ufunc, wide=False),
        _combine,
        lambda dtype, end=_end: limits(dtype)[end],
        _extreme_jvp,
        rounds=False,
        carried=lambda dtype, end=_end: _ordered(dtype, 1 - end),
    )


def _logaddexp(x: Any, y: Any) -> Any:
    """ln(eˣ + eʸ) without overflow, also of infinities; the imaginary part within [−π, π)."""
    if x.type in _COMPLEX_NAMES:
        first = scalar.greater_equal(scalar.real(x), scalar.real(y))
        larger: Any = scalar.select(first, x, y)
        smaller: Any = scalar.select(first, y, x)
        result: Any = scalar.add(larger, scalar.log1p(scalar.exp(scalar.subtract(smaller, larger))))
        turns = scalar.floor(scalar.real(result).lift(0.5) + scalar.imag(result) * (0.5 / np.pi))
        result = scalar.make_complex(scalar.real(result), scalar.imag(result) - turns * (2 * np.pi))
        return scalar.select(scalar.real(larger).eq(-np.inf), larger, result)
    distance = scalar.select(scalar.equal(x, y), x.lift(0.0), scalar.negate(scalar.abs(scalar.subtract(x, y))))
    return scalar.add(scalar.maximum(x, y), scalar.log1p(scalar.exp(distance)))


_COMPLEX_NAMES = {scalar.type_of(dtype) for dtype in COMPLEX}


def _cumlogsumexp_reference(x: np.ndarray, axis: int) -> np.ndarray:
    if x.dtype not in COMPLEX:
        return _accumulated(np.logaddexp, wide=True)(x, axis)
    rows, distance = np.moveaxis(x, axis, 0).astype(np.complex128), 1
    while distance < len(rows):  # over windows of 1, 2, 4, … elements (Hillis & Steele 1986)
        rows = np.concatenate([rows[:distance], _complex_logaddexp(rows[distance:], rows[:-distance])])
        distance *= 2
    return np.moveaxis(rows, 0, axis).astype(x.dtype)


def _complex_logaddexp(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    first = np.real(x) >= np.real(y)
    larger, smaller = np.where(first, x, y), np.where(first, y, x)
    result = larger + np.log1p(np.exp(smaller - larger))
    turns = np.floor(np.imag(result) / (2 * np.pi) + 0.5)
    return np.where(np.real(larger) == -np.inf, larger, result - 2j * np.pi * turns)


def _cumlogsumexp_jvp(b: Any, tangents: Any, primals: Any, result: Any, axis: int, reverse: bool) -> Any:
    """dyᵢ = exp(yᵢ₋₁ − yᵢ)·dyᵢ₋₁ + exp(xᵢ − yᵢ)·dxᵢ."""
    (dx,), (x,) = tangents, primals
    if dx is None:
        return None
    one = b.full_like(x, 1)

    def weight(part: Any) -> Any:
        return b.select(b.eq(part, result), one, b.exp(b.sub(part, result)))

    before = weight(shifted(b, result, axis, reverse, -np.inf))
    return b.linear_recurrence(before, b.mul(weight(x), dx), axis=axis, reverse=reverse)


cumlogsumexp = _cumulative(
    "cumlogsumexp",
    "ln Σ eˣ of the first 1, 2, … elements along the axis, or of the last ones; imaginary parts within [−π, π).",
    INEXACT,
    _cumlogsumexp_reference,
    _logaddexp,
    lambda dtype: -np.inf,
    _cumlogsumexp_jvp,
    rounds=True,
    carried=_single,
)

# ---- linear recurrence ----------------------------------------------------------------------------------------------


def _recurrence_infer(a: TensorType, b: TensorType, axis: int, reverse: bool) -> TensorType:
    require_dtype("a", a, INEXACT)
    require_same(("a", "b"), (a, b))
    require_axes((axis,), a.rank, "axis")
    return a


def _recurrence_reference(a: np.ndarray, b: np.ndarray, axis: int) -> np.ndarray:
    dtype = np.dtype(_WIDE.get(a.dtype.name, a.dtype))
    out = np.empty(a.shape, dtype)
    rows, factors, added = (np.moveaxis(v, axis, 0) for v in (out, a.astype(dtype), b.astype(dtype)))
    previous = np.zeros(rows.shape[1:], dtype)
    for i in range(len(rows)):
        rows[i] = previous = factors[i] * previous + added[i]
    return out.astype(a.dtype)


def _recurrence_jvp(b: Any, tangents: Any, primals: Any, result: Any, axis: int, reverse: bool) -> Any:
    (da, db), (a, _) = tangents, primals
    term = None if da is None else b.mul(da, shifted(b, result, axis, reverse, 0))
    added = b.sum_of([term, db])
    return None if added is None else b.linear_recurrence(a, added, axis=axis, reverse=reverse)


def _recurrence_transpose(b: Any, ct: Any, operands: Any, types: Any, axis: int, reverse: bool) -> list[Any]:
    """In b: the recurrence from the other end, with every factor one place on."""
    if operands[1] is not None:
        return [None, None]
    factors = shifted(b, operands[0], axis, not reverse, 0)
    return [None, b.linear_recurrence(factors, ct, axis=axis, reverse=not reverse)]


def _recurrence_lower(lw: Any, operands: Any, types: Any, result: TensorType, axis: int, reverse: bool) -> Any:
    if result.size == 0:
        return operands[1]
    if pays(lw, result.size):
        return recurrence_lower(lw, operands, result, axis, reverse, _wide(result.dtype))
    turned = [rev_lower(lw, [x], [result], result, (axis,)) for x in operands] if reverse else operands
    out = in_wide(lw, turned, result, result, lambda values, wide: recurrence_scan(lw, values, wide, axis))
    return rev_lower(lw, [out], [result], result, (axis,)) if reverse else out


def _recurrence_samples(rng: np.random.Generator) -> Iterable[Sample]:
    for dtype in sorted(INEXACT, key=str):
        for shape, axis in _SAMPLES:
            for reverse in (False, True):
                operands = tuple(uniform(-1, 1)(rng, dtype, shape) for _ in range(2))
                yield Sample(operands, {"axis": axis, "reverse": reverse})


def _recurrence_batch(b: Any, operands: Any, batched: Sequence[bool], size: int, axis: int, reverse: bool) -> Any:
    return b.linear_recurrence(*b.all_batched(operands, batched, size), axis=axis + 1, reverse=reverse)


linear_recurrence = register(
    OpDef(
        name="linear_recurrence",
        doc="yᵢ = aᵢ·yᵢ₋₁ + bᵢ along the axis from y = 0, or from its end.",
        operands=("a", "b"),
        attributes={"axis": INT, "reverse": BOOL},
        infer=_recurrence_infer,
        reference=quiet(_directed(_recurrence_reference)),
        jvp=_recurrence_jvp,
        transpose=_recurrence_transpose,
        batch=_recurrence_batch,
        lower=_recurrence_lower,
        samples=_recurrence_samples,
        family="cumulative",
    )
)
