"""Reading the element of each window that an index names, and adding up there: the derivatives of windows' extremes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from .. import scalar
from ..attributes import INTS
from ..opdef import OpDef, OpError, Sample, register, require_dtype
from ..types import NUMERIC, Shape, TensorType
from .contract import ACCUMULATOR
from .elementwise import uniform
from .sequential import in_wide
from .window_geometry import ATTRIBUTES, POSITION, WINDOW_CASES, Windows, counted, over_windows, plain_geometry


def _places(index: np.ndarray, shape: Shape, window: Shape, windows: Windows) -> tuple[np.ndarray, np.ndarray]:
    """Flat positions in the array of the elements that `index` names in the windows, and whether there is one."""
    inside = np.ones(index.shape, bool)
    flat = np.zeros(index.shape, np.int64)
    offsets = np.unravel_index(np.clip(index, 0, math.prod(window) - 1), window)
    for d, (offset, size) in enumerate(zip(offsets, shape, strict=True)):
        first = np.arange(index.shape[d]).reshape([-1 if i == d else 1 for i in range(index.ndim)])
        place = first * windows.strides[d] + offset * windows.w_dilation[d] - windows.low[d]
        step = windows.x_dilation[d]
        inside &= (place >= 0) & (place % step == 0) & (place < (size - 1) * step + 1)
        flat = flat * size + place // step
    return flat, inside


def _take_infer(x: TensorType, index: TensorType, window: Shape, **geometry: Shape) -> TensorType:
    require_dtype("x", x, NUMERIC)
    require_dtype("index", index, frozenset({POSITION}))
    count = counted(x, window, geometry)
    if index.shape != count:
        raise OpError(f"index must have an entry for each window: shape {count}, not {index.shape}")
    return TensorType(count, x.dtype)


def _take_reference(x: np.ndarray, index: np.ndarray, window: Shape, **geometry: Shape) -> np.ndarray:
    flat, inside = _places(index, x.shape, window, Windows(**geometry))
    out = np.zeros(index.shape, x.dtype)
    out[inside] = x.ravel()[flat[inside]]
    return out


def _matched(
    lw: Any,
    seen: Sequence[Any],
    each: Sequence[Any],
    result: TensorType,
    window: Shape,
    windows: Windows,
    *,
    reverse: bool,
) -> Any:
    """Σ over windows of values whose index is their own position, counted from the end if `reverse`.

    `seen` and `each` together are the values and the indices.
    """
    dtype, last = result.dtype, math.prod(window) - 1

    def body(inner: Any, args: list[Any], position: Callable[[], Any]) -> list[Any]:
        value, wanted, total = args
        here = position()
        if reverse:
            here = inner.index_op("subi", inner.scalar_constant(last, POSITION), here)
        added = inner.apply(scalar.add, [total, value], [dtype] * 2)
        return [inner.choose(inner.compare_index("eq", wanted, here), added, total)]

    return over_windows(lw, seen, each, window, windows, [lw.splat(result, 0)], body)[0]


def _take_lower(lw: Any, operands: Any, types: Any, result: TensorType, window: Shape, **geometry: Shape) -> Any:
    windows = Windows(**geometry)
    if result.size == 0:
        return lw.empty(result)
    x, _ = windows.pad(lw, operands[0], types[0], 0)
    return _matched(lw, [x], [operands[1]], result, window, windows, reverse=False)


def _put_infer(ct: TensorType, index: TensorType, shape: Shape, window: Shape, **geometry: Shape) -> TensorType:
    result = TensorType(tuple(shape), ct.dtype)
    expected = _take_infer(result, index, window, **geometry)
    if ct != expected:
        raise OpError(f"'ct' must have an element for each window: {expected}, not {ct}")
    return result


def _put_reference(ct: np.ndarray, index: np.ndarray, shape: Shape, window: Shape, **geometry: Shape) -> np.ndarray:
    flat, inside = _places(index, shape, window, Windows(**geometry))
    wide = ACCUMULATOR.get(ct.dtype, ct.dtype)
    out = np.zeros(math.prod(shape), wide)
    np.add.at(out, flat[inside], ct[inside].astype(wide))
    return out.reshape(shape).astype(ct.dtype, copy=False)


def _put_lower(
    lw: Any, operands: Any, types: Any, result: TensorType, shape: Shape, window: Shape, **geometry: Shape
) -> Any:
    """Every element looks at the windows that see it."""
    if result.size == 0 or types[0].size == 0:
        return lw.splat(result, 0)
    windows = Windows(**geometry).transposed(shape, window)
    index, _ = windows.pad(lw, operands[1], types[1], -1)

    def collect(values: Any, type: TensorType) -> Any:
        seen, _ = windows.pad(lw, values[0], type, 0)
        return _matched(lw, [seen, index], [], TensorType(shape, type.dtype), window, windows, reverse=True)

    return in_wide(lw, [operands[0]], types[0], result, collect)


def _positional(name: str, other: str, doc: str, operands: tuple[str, str], shaped: bool, **rules: Any) -> OpDef:
    """Register one of `window_take` and `window_put`, which are each other's transposes in their first operand."""

    def jvp(b: Any, tangents: Any, primals: Any, result: Any, **attributes: Any) -> Any:
        return None if tangents[0] is None else getattr(b, name)(tangents[0], primals[1], **attributes)

    def transpose(b: Any, ct: Any, operands: Any, types: Any, **attributes: Any) -> list[Any]:
        if shaped:
            del attributes["shape"]
        else:
            attributes["shape"] = types[0].shape
        return [getattr(b, other)(ct, operands[1], **attributes), None]

    def batch(b: Any, operands: Any, batched: Sequence[bool], size: int, window: Shape, **attributes: Any) -> Any:
        if shaped:
            attributes["shape"] = (size, *attributes["shape"])
        shape = {"shape": attributes.pop("shape")} if shaped else {}
        geometry = {"window": (1, *window), **Windows(**attributes).batched()}
        return getattr(b, name)(*b.all_batched(operands, batched, size), **shape, **geometry)

    def draw(rng: np.random.Generator) -> Iterable[Sample]:
        for dtype in sorted(NUMERIC, key=str):
            for shape, changes in WINDOW_CASES:
                attributes = {**plain_geometry(len(shape)), **changes}
                window = attributes["window"]
                count = Windows(**{k: v for k, v in attributes.items() if k != "window"}).count(shape, window)
                index = rng.integers(0, math.prod(window), count).astype(POSITION)
                values = uniform(-2, 2)(rng, dtype, count if shaped else shape)
                yield Sample((values, index), {**attributes, **({"shape": shape} if shaped else {})})

    kinds = {"window": INTS, **ATTRIBUTES, **({"shape": INTS} if shaped else {})}
    return register(
        OpDef(
            name=name,
            doc=doc,
            operands=operands,
            attributes=kinds,
            jvp=jvp,
            transpose=transpose,
            batch=batch,
            samples=draw,
            family="reduce_window",
            **rules,
        )
    )


window_take = _positional(
    "window_take",
    "window_put",
    "The element of each window of x whose position in the window is `index`; 0 where that is padding.",
    ("x", "index"),
    shaped=False,
    infer=_take_infer,
    reference=_take_reference,
    lower=_take_lower,
)
window_put = _positional(
    "window_put",
    "window_take",
    "An array of zeros to which the element of `ct` for each window is added in the place that `index` names in it.",
    ("ct", "index"),
    shaped=True,
    infer=_put_infer,
    reference=_put_reference,
    lower=_put_lower,
)
