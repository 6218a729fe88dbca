"""gather: the windows of an array at positions given by an index array (see windows.py)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..attributes import INTS, NUMBER
from ..kernels.batch import pays
from ..kernels.gather import gather_rows
from ..kernels.scatter import Layout
from ..opdef import OpDef, Sample, register
from ..types import BY_SHORT_NAME, KEY, Shape, TensorType
from . import windows
from .shape import SAMPLE_DTYPES, counting, inverse, ordered, permuted, reshape_lower
from .windows import row_of_each


def _infer(
    x: TensorType,
    indices: TensorType,
    sizes: Shape,
    unique_indices: bool,
    mode: str,
    fill_value: complex,
    **dims: Shape,
) -> TensorType:
    windows.check_mode(mode)
    return TensorType(windows.of_gather(x, indices, sizes, dims).shape, x.dtype)


def _reference(
    x: np.ndarray,
    indices: np.ndarray,
    sizes: Shape,
    unique_indices: bool,
    mode: str,
    fill_value: complex,
    **dims: Shape,
) -> np.ndarray:
    where = windows.Windows(x.shape, indices.shape[:-1], sizes, **dims)
    if 0 in where.shape:
        return np.empty(where.shape, x.dtype)
    coordinates, inside = where.find(indices, mode)
    rows = np.transpose(x, (*where.rows, *where.full))
    taken = rows[tuple(coordinates)] if coordinates else np.broadcast_to(rows, where.target_shape + where.slice_shape)
    if not inside.all():
        keep = inside.reshape(inside.shape + (1,) * len(where.full))
        taken = np.where(keep, taken, np.asarray(fill_value).astype(x.dtype))
    return np.transpose(taken, np.argsort((*where.targets, *where.full_spread)))


def _jvp(b: Any, tangents: Any, primals: Any, result: Any, **attributes: Any) -> Any:
    if tangents[0] is None:
        return None
    return b.gather(tangents[0], primals[1], **{**attributes, "fill_value": 0})


def _transpose(
    b: Any, ct: Any, operands: Any, types: Any, sizes: Shape, fill_value: complex, **attributes: Any
) -> list[Any]:
    """Every element of a window adds its cotangent to the element that it was read from."""
    return [b.scatter_add(b.zeros(types[0]), operands[1], ct, **attributes), None]


def _batch(
    b: Any, operands: Any, batched: Any, size: int, sizes: Shape, unique_indices: bool, mode: str, fill_value: complex,
    **dims: Shape,
) -> Any:  # fmt: skip
    if batched[0]:
        sizes = (1 if batched[1] else size, *sizes)
    else:
        unique_indices = False  # the batch may read an element several times
    return b.gather(
        *operands,
        sizes=sizes,
        unique_indices=unique_indices,
        mode=mode,
        fill_value=fill_value,
        **windows.batched(dims, *batched),
    )


def _lower(
    lw: Any,
    operands: Any,
    types: Any,
    result: TensorType,
    sizes: Shape,
    unique_indices: bool,
    mode: str,
    fill_value: complex,
    **dims: Shape,
) -> Any:
    if result.size == 0:
        return lw.empty(result)
    x, indices = operands
    where = windows.Windows(types[0].shape, types[1].shape[:-1], sizes, **dims)
    if where.rows and result.dtype not in KEY and pays(lw, result.size):
        return _by_kernel(lw, where, operands, types, result, mode, fill_value)
    if mode == "clip" and where.full and where.index_map:
        # IREE copies slices five times faster where a condition guards them, even if it always holds
        indices, mode = where.clamped(lw, indices, types[1].dtype), "fill_or_drop"

    def body(inner: Any, _: Any) -> Any:
        spread = {d: inner.loop_index(d) for d in range(result.rank)}
        starts, inside = where.starts(inner, indices, types[1].dtype, [spread[d] for d in where.point_dims])
        element = inner.extract(x, [where.coordinate(inner, d, starts, spread) for d in range(types[0].rank)])
        if inside is None or mode == "clip":
            return element
        return inner.choose(inside, element, inner.scalar_constant(fill_value, result.dtype))

    return lw.parallel([], [], result, body)


def _by_kernel(
    lw: Any,
    where: windows.Windows,
    operands: Sequence[Any],
    types: Sequence[TensorType],
    result: TensorType,
    mode: str,
    fill_value: complex,
) -> Any:
    """Rows of lines, in the order of dimensions that the operand has."""
    (x, indices), lines = operands, where.lines
    columns = [d for d in where.full if d not in lines]
    layout = Layout(*(math.prod(types[0].shape[d] for d in dims) for dims in (lines, where.rows, columns)))
    x = ordered(lw, x, types[0], (*lines, *where.rows, *columns), TensorType(layout, result.dtype))
    rows = row_of_each(lw, where, indices, types[1].dtype, mode)
    fill = bool(fill_value) if result.dtype == np.bool_ else np.asarray(fill_value).astype(result.dtype).item()
    total = gather_rows(lw, rows, x, layout, result.dtype, fill)
    order = (*(where.spread_of[d] for d in lines), *where.targets, *(where.spread_of[d] for d in columns))
    whole = TensorType(tuple(result.shape[d] for d in order), result.dtype)
    flat = TensorType(layout.of_updates(math.prod(where.target_shape)), result.dtype)
    return permuted(lw, reshape_lower(lw, [total], [flat], whole), whole, inverse(order), result.dtype)


def dimensions(
    window: Shape, collapsed: Shape, index_map: Shape, operand_batching: Shape = (), indices_batching: Shape = ()
) -> dict[str, Shape]:
    """The dimension numbers as attributes."""
    return dict(
        zip(windows.DIMENSIONS, (window, collapsed, index_map, operand_batching, indices_batching), strict=True)
    )


class WindowCase(NamedTuple):
    """Shape of an operand, index vectors (beyond the edges, too), sizes of a window, dimension numbers."""

    shape: Shape
    vectors: Any
    sizes: Shape
    dims: dict[str, Shape]


CASES = [
    WindowCase((4, 3), [[1], [0], [3], [1], [5]], (1, 3), dimensions((1,), (0,), (0,))),
    WindowCase((3, 4), [[[1, 0], [1, -2]], [[2, 9], [1, 0]]], (1, 1), dimensions((), (0, 1), (0, 1))),
    WindowCase((3, 4), [[1], [-7], [2]], (3, 2), dimensions((0, 2), (), (1,))),
    WindowCase((2, 4, 3), [[[0], [2]], [[7], [2]]], (1, 1, 2), dimensions((2,), (1,), (1,), (0,), (0,))),
]
# index vectors near the ends of other dtypes, for the first case
FAR = {
    "u8": [[1], [200]],
    "i8": [[-128], [2]],
    "i64": [[2**40], [-(2**40)]],
    "u64": [[2**64 - 1], [1]],
}


def _samples(rng: np.random.Generator) -> Iterable[Sample]:
    for dtype in SAMPLE_DTYPES:
        fill = {"b": True, "i": -7, "u": 200, "c": 7 - 1j}.get(dtype.kind, -7.5)
        for i, case in enumerate(CASES):
            operands = counting(dtype, case.shape), np.array(case.vectors, np.int32)
            mode = windows.MODES[i % 2]
            yield Sample(operands, _attributes(case, mode, fill))
    for name, vectors in FAR.items():
        operands = counting(BY_SHORT_NAME["f32"], CASES[0].shape), np.array(vectors, BY_SHORT_NAME[name])
        for mode in windows.MODES:
            yield Sample(operands, _attributes(CASES[0], mode, -1.0))


def _attributes(case: WindowCase, mode: str, fill_value: complex) -> dict[str, Any]:
    fill_value = fill_value if mode == "fill_or_drop" else 0
    return {"sizes": case.sizes, "unique_indices": False, "mode": mode, "fill_value": fill_value, **case.dims}


gather = register(
    OpDef(
        name="gather",
        doc="The windows of x at the starts in `indices`. Outside: moved inside (clip), or filled (fill_or_drop).",
        operands=("x", "indices"),
        attributes={"sizes": INTS, **windows.ATTRIBUTES, "fill_value": NUMBER},
        infer=_infer,
        reference=_reference,
        jvp=_jvp,
        transpose=_transpose,
        batch=_batch,
        lower=_lower,
        samples=_samples,
        family="gather",
    )
)
