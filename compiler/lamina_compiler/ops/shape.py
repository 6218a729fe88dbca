"""Constants, and ops that rearrange all elements: broadcasting, reshaping, permuting, reversing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..attributes import ARRAY, DTYPE, INT, INTS
from ..kernels.batch import pays
from ..kernels.strided_copy import are_groups, copy_strided, is_worth_it, reverse_groups
from ..linalg_loops import source_of_transpose
from ..opdef import NotDifferentiable, OpDef, OpError, Sample, register, require_axes
from ..types import BY_SHORT_NAME, COMPLEX, KEY, NUMERIC, SHORT_NAME, Shape, TensorType

SAMPLE_DTYPES = list(BY_SHORT_NAME.values())


def counting(dtype: np.dtype, shape: Shape) -> np.ndarray:
    """Distinct small elements, so that a misplaced one shows."""
    values = np.arange(1, math.prod(shape) + 1).reshape(shape)
    return (values % 2 == 0) if dtype == np.bool_ else values.astype(dtype)


def shape_samples(*cases: tuple[Shape, dict[str, Any]]) -> Any:
    def draw(rng: np.random.Generator) -> Iterable[Sample]:
        for dtype in SAMPLE_DTYPES:
            for shape, attributes in cases:
                yield Sample((counting(dtype, shape),), attributes)

    return draw


def linear_jvp(name: str) -> Any:
    """JVP of a unary op that is linear: the op itself on the tangent."""

    def jvp(b: Any, tangents: Sequence[Any], primals: Any, result: Any, **attributes: Any) -> Any:
        return None if tangents[0] is None else getattr(b, name)(tangents[0], **attributes)

    return jvp


_COMPOSED = COMPLEX | KEY | {BY_SHORT_NAME["bf16"]}

# ---- constants ------------------------------------------------------------------------------------------------------

constant = register(
    OpDef(
        name="constant",
        doc="The given elements. Those of complex numbers and keys, and non-splat bf16 ones, are composed.",
        operands=(),
        attributes={"value": ARRAY},
        infer=lambda value: TensorType(value.shape, value.dtype),
        reference=lambda value: value,
        jvp=NotDifferentiable("it depends on nothing"),
        transpose=None,
        batch=lambda b, operands, batched, size, value: b.constant(value=value),
        lower=lambda lw, operands, types, result, value: lw.constant(value),
        samples=lambda rng: [
            Sample((), {"value": counting(dtype, (2, 3))}) for dtype in SAMPLE_DTYPES if dtype not in _COMPOSED
        ],
        family="shape",
    )
)


def _iota_infer(shape: Shape, dimension: int, dtype: np.dtype) -> TensorType:
    require_axes((dimension,), len(shape), "dimension")
    if dtype not in NUMERIC:
        raise OpError(f"iota has numeric elements, not {SHORT_NAME[dtype]}")
    return TensorType(tuple(shape), dtype)


def _iota_reference(shape: Shape, dimension: int, dtype: np.dtype) -> np.ndarray:
    line = np.arange(shape[dimension]).astype(dtype)
    return np.broadcast_to(line.reshape([-1 if i == dimension else 1 for i in range(len(shape))]), shape)


def _iota_lower(lw: Any, operands: Any, types: Any, result: TensorType, **attributes: Any) -> Any:
    return lw.parallel(
        [], [], result, lambda inner, _: inner.from_index(inner.loop_index(attributes["dimension"]), result.dtype)
    )


iota = register(
    OpDef(
        name="iota",
        doc="0, 1, 2, … along a dimension, the same along the others.",
        operands=(),
        attributes={"shape": INTS, "dimension": INT, "dtype": DTYPE},
        infer=_iota_infer,
        reference=_iota_reference,
        jvp=NotDifferentiable("it depends on nothing"),
        transpose=None,
        batch=lambda b, operands, batched, size, **attributes: b.iota(**attributes),
        lower=_iota_lower,
        samples=lambda rng: [
            Sample((), {"shape": (2, 3), "dimension": d, "dtype": dtype})
            for d in (0, 1)
            for dtype in sorted(NUMERIC, key=str)
        ],
        family="shape",
    )
)

# ---- broadcast_in_dim -----------------------------------------------------------------------------------------------


def _broadcast_infer(x: TensorType, shape: Shape, dimensions: Shape) -> TensorType:
    if len(dimensions) != x.rank:
        raise OpError(f"dimensions {dimensions} must name one result dimension for each of the operand's {x.rank}")
    require_axes(dimensions, len(shape), "dimensions")
    for operand_dim, result_dim in enumerate(dimensions):
        if x.shape[operand_dim] not in (1, shape[result_dim]):
            raise OpError(
                f"operand {x} cannot be broadcast to shape {tuple(shape)}: its dimension {operand_dim} has size "
                f"{x.shape[operand_dim]}, which is neither 1 nor {shape[result_dim]}"
            )
    return TensorType(tuple(shape), x.dtype)


def _broadcast_reference(x: np.ndarray, shape: Shape, dimensions: Shape) -> np.ndarray:
    aligned = [1] * len(shape)
    for operand_dim, result_dim in enumerate(dimensions):
        aligned[result_dim] = x.shape[operand_dim]
    order = np.argsort(dimensions)
    return np.broadcast_to(x.transpose(order).reshape(aligned), shape)


def _broadcast_transpose(b: Any, ct: Any, operands: Any, types: Any, shape: Shape, dimensions: Shape) -> list[Any]:
    """Sum over what was repeated."""
    (x,) = types
    stretched = {d for i, d in enumerate(dimensions) if x.shape[i] == 1 and shape[d] != 1}
    axes = tuple(d for d in range(len(shape)) if d not in dimensions or d in stretched)
    summed = b.reduce_sum(ct, axes=axes) if axes else ct
    kept = [d for d in range(len(shape)) if d not in axes]
    order = [kept.index(d) for d in dimensions if d not in stretched]
    if order != sorted(order):
        summed = b.transpose(summed, permutation=tuple(order))
    return [b.reshape(summed, shape=x.shape) if stretched else summed]


def _broadcast_batch(b: Any, operands: Any, batched: Any, size: int, shape: Shape, dimensions: Shape) -> Any:
    return b.broadcast_in_dim(*operands, shape=(size, *shape), dimensions=(0, *(d + 1 for d in dimensions)))


def _broadcast_lower(lw: Any, operands: Any, types: Any, result: TensorType, shape: Shape, dimensions: Shape) -> Any:
    (x,), (type,) = operands, types
    stretched = [type.shape[i] == 1 and shape[d] != 1 for i, d in enumerate(dimensions)]
    if any(stretched):
        kept = [i for i, s in enumerate(stretched) if not s]
        squeezed = TensorType(tuple(type.shape[i] for i in kept), type.dtype)
        x = reshape_lower(lw, [x], [type], squeezed)
        dimensions = tuple(dimensions[i] for i in kept)
    return lw.parallel([x], [dimensions], result, lambda inner, args: args[0])


broadcast_in_dim = register(
    OpDef(
        name="broadcast_in_dim",
        doc="Repeat x: its dimension i becomes result dimension dimensions[i]; size 1 stretches, new ones repeat.",
        operands=("x",),
        attributes={"shape": INTS, "dimensions": INTS},
        infer=_broadcast_infer,
        reference=_broadcast_reference,
        jvp=linear_jvp("broadcast_in_dim"),
        transpose=_broadcast_transpose,
        batch=_broadcast_batch,
        lower=_broadcast_lower,
        samples=shape_samples(
            ((3,), {"shape": (2, 3), "dimensions": (1,)}),
            ((1, 3), {"shape": (2, 3), "dimensions": (0, 1)}),
            ((), {"shape": (2,), "dimensions": ()}),
            ((2, 3), {"shape": (3, 4, 2), "dimensions": (2, 0)}),
        ),
        family="shape",
    )
)

# ---- reshape --------------------------------------------------------------------------------------------------------


def _reshape_infer(x: TensorType, shape: Shape) -> TensorType:
    if any(d < 0 for d in shape) or math.prod(shape) != x.size:
        raise OpError(f"{x} has {x.size} elements and cannot be reshaped to {tuple(shape)}")
    return TensorType(tuple(shape), x.dtype)


def _reassociation(fine: Shape, coarse: Shape) -> list[list[int]] | None:
    """Groups of `fine` dimensions whose products are the `coarse` sizes, or None."""
    groups: list[list[int]] = []
    position = 0
    for size in coarse:
        group, product = [], 1
        while position < len(fine) and (product != size or not group):
            product *= fine[position]
            group.append(position)
            position += 1
        if product != size or not group:
            return None
        groups.append(group)
    while position < len(fine):
        if fine[position] != 1 or not groups:
            return None
        groups[-1].append(position)
        position += 1
    return groups


def reshape_lower(lw: Any, operands: Any, types: Any, result: TensorType, **_: Any) -> Any:
    """collapse_shape, expand_shape, or one after the other."""
    (x,), (type,) = operands, types
    if type.shape == result.shape:
        return x
    if result.size == 0:
        return lw.empty(result)
    if type.rank >= result.rank and (type.rank == 0 or result.rank == 0 or _reassociation(type.shape, result.shape)):
        groups = _reassociation(type.shape, result.shape) if result.rank else []
        return lw.collapse(x, groups, result)
    if type.rank < result.rank:
        groups = _reassociation(result.shape, type.shape) if type.rank else []
        if groups is not None:
            return lw.expand(x, groups, result)
    flat = TensorType((type.size,), type.dtype)
    return reshape_lower(lw, [reshape_lower(lw, [x], [type], flat)], [flat], result)


reshape = register(
    OpDef(
        name="reshape",
        doc="The same elements in row-major order with another shape.",
        operands=("x",),
        attributes={"shape": INTS},
        infer=_reshape_infer,
        reference=lambda x, shape: np.reshape(x, shape),
        jvp=linear_jvp("reshape"),
        transpose=lambda b, ct, operands, types, shape: [b.reshape(ct, shape=types[0].shape)],
        batch=lambda b, operands, batched, size, shape: b.reshape(*operands, shape=(size, *shape)),
        lower=reshape_lower,
        samples=shape_samples(
            ((2, 3), {"shape": (6,)}),
            ((6,), {"shape": (2, 3)}),
            ((2, 3), {"shape": (3, 2)}),
            ((1, 1), {"shape": ()}),
            ((2, 1, 3), {"shape": (1, 2, 3, 1)}),
        ),
        family="shape",
    )
)

# ---- transpose, reverse ---------------------------------------------------------------------------------------------


def _transpose_infer(x: TensorType, permutation: Shape) -> TensorType:
    if sorted(permutation) != list(range(x.rank)):
        raise OpError(f"permutation {tuple(permutation)} must name each of the operand's {x.rank} dimensions once")
    return TensorType(tuple(x.shape[p] for p in permutation), x.dtype)


def inverse(permutation: Shape) -> Shape:
    out = [0] * len(permutation)
    for i, p in enumerate(permutation):
        out[p] = i
    return tuple(out)


def _transpose_lower(lw: Any, operands: Any, types: Any, result: TensorType, permutation: Shape) -> Any:
    """Of a transpose: one transpose, or none."""
    source, order = source_of_transpose(operands[0])
    moved = tuple(order[p] for p in permutation)
    if moved == tuple(range(result.rank)):
        return source
    return lw.parallel([source], [inverse(moved)], result, lambda inner, args: args[0])


transpose = register(
    OpDef(
        name="transpose",
        doc="Dimensions in another order: result dimension i is operand dimension permutation[i].",
        operands=("x",),
        attributes={"permutation": INTS},
        infer=_transpose_infer,
        reference=lambda x, permutation: np.transpose(x, permutation),
        jvp=linear_jvp("transpose"),
        transpose=lambda b, ct, operands, types, permutation: [b.transpose(ct, permutation=inverse(permutation))],
        batch=lambda b, operands, batched, size, permutation: b.transpose(
            *operands, permutation=(0, *(p + 1 for p in permutation))
        ),
        lower=_transpose_lower,
        samples=shape_samples(((2, 3), {"permutation": (1, 0)}), ((2, 3, 4), {"permutation": (2, 0, 1)})),
        family="shape",
    )
)


def ordered(lw: Any, x: Any, type: TensorType, order: Shape, target: TensorType) -> Any:
    """Dimensions in an order, then another shape, and another type of elements."""
    moved = TensorType(tuple(type.shape[d] for d in order), target.dtype)
    return reshape_lower(lw, [permuted(lw, x, type, order, target.dtype)], [moved], target)


def permuted(lw: Any, x: Any, type: TensorType, order: Shape, dtype: np.dtype) -> Any:
    """Dimensions in an order, and another type of elements."""
    if order == tuple(range(type.rank)) and dtype == type.dtype:
        return x
    moved = TensorType(tuple(type.shape[d] for d in order), dtype)
    return lw.parallel([x], [inverse(order)], moved, lambda inner, args: inner.convert(args[0], type.dtype, dtype))


def _rev_infer(x: TensorType, dimensions: Shape) -> TensorType:
    require_axes(dimensions, x.rank, "dimensions")
    return x


def rev_lower(lw: Any, operands: Any, types: Any, result: TensorType, dimensions: Shape) -> Any:
    steps = [-1 if d in dimensions else 1 for d in range(result.rank)]
    if pays(lw, result.size) and is_worth_it(result, steps):
        start = [n - 1 if step < 0 else 0 for n, step in zip(result.shape, steps, strict=True)]
        return copy_strided(lw, operands[0], types[0], result, start, steps)
    if pays(lw, result.size) and are_groups(result, dimensions):
        return reverse_groups(lw, operands[0], result)

    def body(inner: Any, _: Any) -> Any:
        indices = []
        for d, size in enumerate(result.shape):
            index = inner.loop_index(d)
            indices.append(inner.index_op("subi", inner.index(size - 1), index) if d in dimensions else index)
        return inner.extract(operands[0], indices)

    return lw.parallel([], [], result, body)


rev = register(
    OpDef(
        name="rev",
        doc="Elements in reverse order along the dimensions.",
        operands=("x",),
        attributes={"dimensions": INTS},
        infer=_rev_infer,
        reference=lambda x, dimensions: np.flip(x, dimensions),
        jvp=linear_jvp("rev"),
        transpose=lambda b, ct, operands, types, dimensions: [b.rev(ct, dimensions=dimensions)],
        batch=lambda b, operands, batched, size, dimensions: b.rev(
            *operands, dimensions=tuple(d + 1 for d in dimensions)
        ),
        lower=rev_lower,
        samples=shape_samples(((2, 3), {"dimensions": (1,)}), ((2, 3), {"dimensions": (0, 1)})),
        family="shape",
    )
)
