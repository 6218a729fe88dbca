"""The scatter ops: windows of an array replaced by, or combined with, updates (see windows.py).

Where windows overlap, `scatter` keeps the last update and the others combine all, in the order of the points; so
derivatives need no promise that positions are unique. f16 and bf16 are combined in f32.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np

from .. import scalar
from ..opdef import OpDef, Rule, Sample, register, require_dtype
from ..types import ANY, BY_SHORT_NAME, COMPLEX, FLOAT, NUMERIC, Shape, TensorType, type_of
from . import windows
from .arithmetic import maximum, minimum
from .elementwise import quiet
from .gather import CASES, FAR, WindowCase
from .reduce import limits
from .scatter_lowering import WIDE, combine_lower, replace_lower
from .shape import SAMPLE_DTYPES, counting
from .windows import Windows

_I32, _I64 = BY_SHORT_NAME["i32"], BY_SHORT_NAME["i64"]


def _windows(types: Sequence[TensorType], dims: dict[str, Shape]) -> Windows:
    x, indices, updates = types
    return windows.of_scatter(x, indices, updates, dims)


def _infer(accepts: frozenset[np.dtype]) -> Rule:
    def infer(
        x: TensorType, indices: TensorType, updates: TensorType, unique_indices: bool, mode: str, **dims: Shape
    ) -> TensorType:
        windows.check_mode(mode)
        require_dtype("x", x, accepts)
        require_dtype("updates", updates, frozenset({x.dtype}))
        windows.of_scatter(x, indices, updates, dims)
        return x

    return infer


# ---- references -----------------------------------------------------------------------------------------------------


def _prepare(x: np.ndarray, indices: np.ndarray, updates: np.ndarray, mode: str, dims: dict[str, Shape]) -> Any:
    """The windows; x and the updates as rows; the row of each update; which updates are inside."""
    where = _windows([type_of(x), type_of(indices), type_of(updates)], dims)
    coordinates, inside = where.find(indices, mode)
    rows = np.zeros(where.target_shape, np.int64)
    for position, extent in zip(coordinates, where.row_shape, strict=True):
        rows = rows * extent + position
    width = math.prod(where.slice_shape)
    new = np.transpose(updates, (*where.targets, *where.full_spread)).reshape(rows.size, width)
    old = np.transpose(x, (*where.rows, *where.full)).reshape(math.prod(where.row_shape), width)
    return where, old, new[inside.reshape(-1)], rows[inside]


def _restore(where: Windows, rows: np.ndarray) -> np.ndarray:
    return np.transpose(rows.reshape(where.row_shape + where.slice_shape), np.argsort((*where.rows, *where.full)))


def _replace_reference(
    x: np.ndarray, indices: np.ndarray, updates: np.ndarray, unique_indices: bool, mode: str, **dims: Shape
) -> np.ndarray:
    where, old, new, rows = _prepare(x, indices, updates, mode, dims)
    last = np.full(len(old), -1)
    np.maximum.at(last, rows, np.arange(len(rows)))
    out, hit = np.array(old), last >= 0
    out[hit] = new[last[hit]]
    return _restore(where, out)


def _combine_reference(ufunc: Any, combine: Rule, identity: Callable[[np.dtype], Any]) -> Rule:
    def reference(
        x: np.ndarray, indices: np.ndarray, updates: np.ndarray, unique_indices: bool, mode: str, **dims: Shape
    ) -> np.ndarray:
        where, old, new, rows = _prepare(x, indices, updates, mode, dims)
        wide = WIDE.get(x.dtype, x.dtype)
        combined = np.full(old.shape, identity(wide), wide)
        width = old.shape[-1]
        elements = (rows[:, None] * width + np.arange(width)).reshape(-1)  # ufunc.at is fast in one dimension
        ufunc.at(combined.reshape(-1), elements, new.reshape(-1).astype(wide))
        finish = partial(scalar.evaluate, combine) if x.dtype in COMPLEX else ufunc
        result = finish(old.astype(wide), combined)
        return _restore(where, result.astype(x.dtype))

    return quiet(reference)


# ---- batching -------------------------------------------------------------------------------------------------------


def _batch(name: str) -> Rule:
    def batch(b: Any, operands: Any, batched: Any, size: int, unique_indices: bool, mode: str, **dims: Shape) -> Any:
        x, indices, updates = operands
        x, updates = b.all_batched((x, updates), (batched[0], batched[2]), size)
        dims = windows.batched(dims, True, batched[1])
        return getattr(b, name)(x, indices, updates, unique_indices=unique_indices, mode=mode, **dims)

    return batch


# ---- derivatives ----------------------------------------------------------------------------------------------------


def _gathered(b: Any, x: Any, indices: Any, like: TensorType, attributes: dict[str, Any]) -> Any:
    """What x holds where the updates go, 0 for those that are dropped."""
    dims = {name: attributes[name] for name in windows.DIMENSIONS}
    where = windows.of_scatter(b.type(x), b.type(indices), like, dims)
    return b.gather(x, indices, sizes=where.sizes, fill_value=0, **attributes)


def _replace_jvp(b: Any, tangents: Any, primals: Any, result: Any, **attributes: Any) -> Any:
    dx, _, du = tangents
    if dx is None and du is None:
        return None
    return b.scatter(b.instantiate(dx, primals[0]), primals[1], b.instantiate(du, primals[2]), **attributes)


def _replace_transpose(b: Any, ct: Any, operands: Any, types: Any, **attributes: Any) -> list[Any]:
    x, indices, updates = operands
    to_x = b.scatter(ct, indices, b.zeros(types[2]), **attributes) if x is None else None
    to_updates = None
    if updates is None:
        to_updates = _gathered(b, ct, indices, types[2], attributes)
        if not attributes["unique_indices"]:
            kept = _kept(b, indices, types[0].shape, types[2].shape, attributes)
            to_updates = b.select(kept, to_updates, b.zeros(types[2]))
    return [to_x, None, to_updates]


def _kept(b: Any, indices: Any, shape: Shape, updates: Shape, attributes: dict[str, Any]) -> Any:
    """Which elements of the updates no later one replaces: scatter their numbers, and see which arrive."""
    window_dims = attributes["window_dims"]
    points = [d for d in range(len(updates)) if d not in window_dims]
    sizes = tuple(updates[d] for d in points)
    numbers = b.reshape(b.iota(shape=(math.prod(sizes),), dimension=0, dtype=_I32), shape=sizes)
    numbers = b.broadcast_in_dim(numbers, shape=updates, dimensions=tuple(points))
    arrived = b.scatter(b.full(TensorType(shape, _I32), -1), indices, numbers, **attributes)
    return b.eq(_gathered(b, arrived, indices, TensorType(updates, _I32), attributes), numbers)


def _add_jvp(b: Any, tangents: Any, primals: Any, result: Any, **attributes: Any) -> Any:
    dx, _, du = tangents
    if du is None:
        return dx
    return b.scatter_add(b.instantiate(dx, primals[0]), primals[1], du, **attributes)


def _add_transpose(b: Any, ct: Any, operands: Any, types: Any, **attributes: Any) -> list[Any]:
    x, indices, updates = operands
    to_updates = _gathered(b, ct, indices, types[2], attributes) if updates is None else None
    return [ct if x is None else None, None, to_updates]


def _mul_jvp(b: Any, tangents: Any, primals: Any, result: Any, **attributes: Any) -> Any:
    dx, _, du = tangents
    x, indices, updates = primals
    by_x = None if dx is None else b.scatter_mul(dx, indices, updates, **attributes)
    if du is None:
        return by_x
    if not attributes["unique_indices"]:
        du = b.mul(du, _others(b, x, indices, updates, attributes))
    return b.sum_of([by_x, b.mul(x, b.scatter_add(b.full_like(x, 0), indices, du, **attributes))])


def _others(b: Any, x: Any, indices: Any, updates: Any, attributes: dict[str, Any]) -> Any:
    """For every update the product of the others that go to its place. Zeros are counted, not divided by."""
    type = b.type(updates)
    is_zero = b.eq(updates, 0)
    safe = b.select(is_zero, b.full(type, 1), updates)
    product = b.scatter_mul(b.full_like(x, 1), indices, safe, **attributes)
    zeros = b.scatter_add(
        b.full(TensorType(b.shape(x), _I32), 0), indices, b.convert(is_zero, dtype=_I32), **attributes
    )
    product, zeros = (_gathered(b, value, indices, type, attributes) for value in (product, zeros))
    other_zeros = b.sub(zeros, b.convert(is_zero, dtype=_I32))
    return b.select(b.eq(other_zeros, 0), b.div(product, safe), b.zeros(type))


def _mul_transpose(b: Any, ct: Any, operands: Any, types: Any, **attributes: Any) -> list[Any]:
    x, indices, updates = operands
    return [b.scatter_mul(ct, indices, updates, **attributes) if x is None else None, None, None]


def _extreme_jvp(b: Any, tangents: Any, primals: Any, result: Any, **attributes: Any) -> Any:
    """Mean of the tangents of those, the old element included, that attain the extreme."""
    dx, _, du = tangents
    if dx is None and du is None:
        return None
    x, indices, updates = primals
    type = b.type(updates)
    won = b.convert(b.eq(updates, _gathered(b, result, indices, type, attributes)), dtype=type.dtype)
    stayed = b.convert(b.eq(x, result), dtype=type.dtype)
    count = b.scatter_add(stayed, indices, won, **attributes)
    total = b.mul(b.instantiate(dx, x), stayed)
    if du is not None:
        total = b.scatter_add(total, indices, b.mul(du, won), **attributes)
    return b.div(total, count)


# ---- records --------------------------------------------------------------------------------------------------------


def _samples(accepts: frozenset[np.dtype]) -> Rule:
    def sample(case: WindowCase, dtype: np.dtype, indices: np.ndarray, unique: bool, mode: str) -> Sample:
        where = Windows(case.shape, indices.shape[:-1], case.sizes, **case.dims)
        distinct = counting(_I64, where.shape) * 5 % 37  # a half more where it can be: never what x holds
        updates = (distinct % 2 == 0) if dtype == np.bool_ else (distinct + 0.5).astype(dtype)
        attributes = {"unique_indices": unique, "mode": mode, **case.dims}
        return Sample((counting(dtype, case.shape), indices, updates), attributes)

    def draw(rng: np.random.Generator) -> Iterable[Sample]:
        for dtype in SAMPLE_DTYPES:
            for i, case in enumerate(CASES if dtype in accepts else ()):
                yield sample(case, dtype, np.array(case.vectors, np.int32), False, windows.MODES[(i + 1) % 2])
        for name, vectors in FAR.items():
            for mode in windows.MODES:
                indices = np.array(vectors, BY_SHORT_NAME[name])
                yield sample(CASES[0], BY_SHORT_NAME["f64"], indices, True, mode)

    return draw


def _scatter(
    name: str,
    doc: str,
    accepts: frozenset[np.dtype],
    reference: Rule,
    jvp: Rule,
    transpose: Rule | None,
    lower: Rule,
) -> OpDef:
    return register(
        OpDef(
            name=name,
            doc=doc,
            operands=("x", "indices", "updates"),
            attributes=windows.ATTRIBUTES,
            infer=_infer(accepts),
            reference=reference,
            jvp=jvp,
            transpose=transpose,
            batch=_batch(name),
            lower=lower,
            samples=_samples(accepts),
            family="scatter",
        )
    )


def _nothing(dtype: np.dtype) -> Any:
    """What added changes no number, not even −0."""
    return complex(-0.0, -0.0) if dtype in COMPLEX else -0.0 if dtype in FLOAT else 0


def _multiply(x: Any, y: Any) -> Any:
    """x · y; exactly x where y is 1, which complex infinities times 1 are not."""
    product = scalar.multiply(x, y)
    return scalar.select(scalar.equal(y, 1.0), x, product) if isinstance(x, scalar.ComplexValue) else product


scatter = _scatter(
    "scatter",
    "x with the windows at the starts in `indices` replaced by the updates; the last one counts.",
    ANY,
    _replace_reference,
    _replace_jvp,
    _replace_transpose,
    replace_lower(),
)
_SUM = (np.add, scalar.add, _nothing)
_PRODUCT = (np.multiply, _multiply, lambda dtype: 1)
_LARGEST = (np.maximum, maximum, lambda dtype: limits(dtype)[0])
_SMALLEST = (np.minimum, minimum, lambda dtype: limits(dtype)[1])

for _name, _doc, _accepts, (_ufunc, _combine, _identity), _jvp, _transpose in [
    ("scatter_add", "x with the updates added to its windows.", NUMERIC, _SUM, _add_jvp, _add_transpose),
    ("scatter_mul", "x with its windows multiplied by the updates.", NUMERIC, _PRODUCT, _mul_jvp, _mul_transpose),
    ("scatter_max", "x with the larger of its windows and the updates.", ANY, _LARGEST, _extreme_jvp, None),
    ("scatter_min", "x with the smaller of its windows and the updates.", ANY, _SMALLEST, _extreme_jvp, None),
]:
    _scatter(
        _name,
        _doc,
        _accepts,
        _combine_reference(_ufunc, _combine, _identity),
        _jvp,
        _transpose,
        combine_lower(_name, _combine, _identity),
    )
