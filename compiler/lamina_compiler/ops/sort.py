"""Sorting along one axis.

nan comes last, −0 equals 0, complex numbers are ordered by real, then imaginary part, equal elements keep their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..attributes import DTYPE, INT
from ..kernels.sort import argsort_lower, sort_lower
from ..kernels.top_k import top_k_lower
from ..opdef import KernelOrReference, NotDifferentiable, OpDef, OpError, Sample, register, require_axes, require_dtype
from ..types import ANY, BY_SHORT_NAME, INTEGER, ORDERED, TensorType
from .elementwise import quiet, uniform
from .gather import dimensions

_I32 = BY_SHORT_NAME["i32"]


def take_along(b: Any, x: Any, index: Any, axis: int) -> Any:
    """Elements of x at positions along the axis, none twice: the other dimensions of both are the same."""
    shape = b.shape(index)
    others = tuple(d for d in range(len(shape)) if d != axis)
    return b.gather(
        x,
        b.reshape(index, shape=(*shape, 1)),
        sizes=(1,) * len(shape),
        unique_indices=True,
        mode="clip",
        fill_value=0,
        **dimensions((), (axis,), (axis,), others, others),
    )


# ---- references -----------------------------------------------------------------------------------------------------


def _ordered(x: np.ndarray, *, total: bool = False) -> np.ndarray | None:
    """Elements of at most 32 bits as uint32 in the same order, all nan equal and last; None for wider ones.

    `total`: the total order of IEEE 754, in which −nan comes first, −0 before 0 and nan last.
    """
    if x.dtype.kind == "c" or x.dtype.itemsize > 4:
        return None
    if x.dtype.kind in "iub":
        return (x.astype(np.int64) + (2**31 if x.dtype.kind == "i" else 0)).astype(np.uint32)
    x = x.astype(np.float32)
    if not total:
        x = np.where(np.isnan(x), np.float32(np.nan), x + np.float32(0))  # −0 + 0 is 0
    bits = x.view(np.int32)
    return (bits ^ ((bits >> 31) & 0x7FFFFFFF)).view(np.uint32) ^ np.uint32(0x80000000)


def _with_position(keys: np.ndarray, axis: int) -> np.ndarray:
    """Keys above their positions in one number: a sort of these is stable, however it is done."""
    positions = np.arange(keys.shape[axis], dtype=np.uint64).reshape([-1 if d == axis else 1 for d in range(keys.ndim)])
    return (keys.astype(np.uint64) << np.uint64(32)) | positions


def _sort_reference(x: np.ndarray, axis: int) -> np.ndarray:
    if x.dtype.name == "bfloat16":
        return _sort_reference(x.astype(np.float32), axis).astype(x.dtype)
    has_order = x.dtype.kind == "c" or (x.dtype.kind == "f" and bool(np.any(np.signbit(x) & (x == 0))))
    return np.sort(x, axis, kind="stable" if has_order else None)


def _argsort_reference(x: np.ndarray, axis: int, dtype: np.dtype) -> np.ndarray:
    keys = _ordered(x)
    if keys is None:
        return np.argsort(x, axis, kind="stable").astype(dtype)
    return (np.sort(_with_position(keys, axis), axis) & np.uint64(0xFFFFFFFF)).astype(dtype)


def _top_k_reference(x: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    keys, size = _ordered(x, total=True), x.shape[-1]
    if keys is None:
        index = _top_k_of_wide(x, k)
    else:
        ordered = _with_position(~keys, x.ndim - 1)
        ordered = np.partition(ordered, k - 1, -1)[..., :k] if 0 < k < size else ordered[..., :k]
        index = (np.sort(ordered, -1) & np.uint64(0xFFFFFFFF)).astype(_I32)
    return np.take_along_axis(x, index, -1), index


def _top_k_of_wide(x: np.ndarray, k: int) -> np.ndarray:
    """Of 64-bit elements."""
    if x.dtype.kind == "f":
        bits = x.view(np.int64)
        x = bits ^ ((bits >> 63) & np.int64(2**63 - 1))
    return np.argsort(~x, -1, kind="stable")[..., :k].astype(_I32)


# ---- records --------------------------------------------------------------------------------------------------------


def _sort_infer(x: TensorType, axis: int) -> TensorType:
    require_dtype("x", x, ANY)
    require_axes((axis,), x.rank, "axis")
    return x


def _sort_jvp(b: Any, tangents: Any, primals: Any, result: Any, axis: int) -> Any:
    if tangents[0] is None:
        return None
    return take_along(b, tangents[0], b.argsort(primals[0], axis=axis, dtype=_I32), axis)


_SPECIAL = np.array([[1, np.nan, -0.0, 0.0, -np.inf], [0.0, -0.0, np.inf, -1, np.nan]])


def _samples(rng: np.random.Generator) -> Iterable[Sample]:
    for dtype in sorted(ANY, key=str):
        for shape, axis in (((3, 4), 1), ((4, 2), 0), ((2, 0), 1)):
            yield Sample((uniform(-3, 4)(rng, dtype, shape),), {"axis": axis})
    for name in ("f32", "f16", "bf16"):
        yield Sample((_SPECIAL.astype(BY_SHORT_NAME[name]),), {"axis": 1})


sort = register(
    OpDef(
        name="sort",
        doc="Elements in increasing order along the axis; equal ones keep their order, nan comes last.",
        operands=("x",),
        attributes={"axis": INT},
        infer=_sort_infer,
        reference=quiet(_sort_reference),
        jvp=_sort_jvp,
        transpose=None,
        batch=lambda b, operands, batched, size, axis: b.sort(*operands, axis=axis + 1),
        lower=KernelOrReference(sort_lower),
        samples=_samples,
        family="sort",
    )
)


def _argsort_infer(x: TensorType, axis: int, dtype: np.dtype) -> TensorType:
    _sort_infer(x, axis)
    if dtype not in INTEGER:
        raise OpError(f"positions have an integer dtype, not {dtype}")
    return TensorType(x.shape, dtype)


argsort = register(
    OpDef(
        name="argsort",
        doc="Positions along the axis of the elements in increasing order; of equal ones, the first comes first.",
        operands=("x",),
        attributes={"axis": INT, "dtype": DTYPE},
        infer=_argsort_infer,
        reference=quiet(_argsort_reference),
        jvp=NotDifferentiable("a position is an integer"),
        transpose=None,
        batch=lambda b, operands, batched, size, axis, dtype: b.argsort(*operands, axis=axis + 1, dtype=dtype),
        lower=KernelOrReference(argsort_lower),
        samples=lambda rng: [Sample(s.operands, {**s.attributes, "dtype": _I32}) for s in _samples(rng)],
        family="sort",
    )
)


def _top_k_infer(x: TensorType, k: int) -> tuple[TensorType, TensorType]:
    require_dtype("x", x, ORDERED)
    if not x.rank or not 0 <= k <= x.shape[-1]:
        raise OpError(f"k must be between 0 and the size of the last dimension of {x}, but is {k}")
    shape = (*x.shape[:-1], k)
    return TensorType(shape, x.dtype), TensorType(shape, _I32)


def _top_k_jvp(b: Any, tangents: Any, primals: Any, result: Any, k: int) -> Any:
    values, index = result
    if tangents[0] is None:
        return None
    return take_along(b, tangents[0], index, len(b.shape(values)) - 1), None


def _top_k_batch(b: Any, operands: Any, batched: Sequence[bool], size: int, k: int) -> Any:
    return b.top_k(*operands, k=k)


def _top_k_samples(rng: np.random.Generator) -> Iterable[Sample]:
    for dtype in sorted(ORDERED, key=str):
        for shape, k in (((3, 4), 2), ((5,), 5), ((2, 3), 0)):
            yield Sample((uniform(-3, 4)(rng, dtype, shape),), {"k": k})
    for name in ("f32", "f16", "bf16"):
        yield Sample((_SPECIAL.astype(BY_SHORT_NAME[name]),), {"k": 4})


top_k = register(
    OpDef(
        name="top_k",
        doc="The k largest elements of the last dimension, the largest first, and their positions; of equal ones, the "
        "first comes first. The order is the total order of IEEE 754: nan is largest, 0 is larger than −0.",
        operands=("x",),
        results=("values", "index"),
        attributes={"k": INT},
        infer=_top_k_infer,
        reference=quiet(_top_k_reference),
        jvp=_top_k_jvp,
        transpose=None,
        batch=_top_k_batch,
        lower=KernelOrReference(top_k_lower),
        samples=_top_k_samples,
        family="sort",
    )
)
