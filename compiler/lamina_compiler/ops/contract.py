"""Contractions of two arrays: dot_general, of which matrix products, inner and outer products are cases."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from .. import scalar, targeting
from ..attributes import DTYPE, INTS
from ..kernels.integer_product import integer_product
from ..kernels.matrix_product import Change, matrix_product
from ..kernels.strided_product import Products
from ..opdef import OpDef, OpError, Sample, register, require_axes, require_dtype
from ..types import BOOL_DTYPE, BY_SHORT_NAME, COMPLEX, INTEGER, NUMERIC, SHORT_NAME, TensorType
from .elementwise import quiet, uniform
from .shape import inverse

Dims = tuple[int, ...]

_SMALL = {BY_SHORT_NAME[name] for name in ("i8", "u8", "i16")}  # integers that fit into 16 bits with sign
_LARGE = 1 << 20  # multiply-adds
_WORTH, _WORTH_IN_LOOP = 1 << 14, 1 << 22  # of complex numbers
ACCUMULATOR = {BY_SHORT_NAME["f16"]: BY_SHORT_NAME["f32"], BY_SHORT_NAME["bf16"]: BY_SHORT_NAME["f32"]}


def _free(rank: int, contracting: Dims, batch: Dims) -> Dims:
    return tuple(d for d in range(rank) if d not in contracting and d not in batch)


def _infer(
    x: TensorType,
    y: TensorType,
    lhs_contracting: Dims,
    rhs_contracting: Dims,
    lhs_batch: Dims,
    rhs_batch: Dims,
    dtype: np.dtype,
) -> TensorType:
    require_dtype("x", x, NUMERIC | {BOOL_DTYPE})
    if x.dtype != y.dtype:
        raise OpError(f"operands must have the same dtype, but 'x' is {x} and 'y' is {y}")
    require_axes((*lhs_batch, *lhs_contracting), x.rank, "batch and contracting dimensions of x")
    require_axes((*rhs_batch, *rhs_contracting), y.rank, "batch and contracting dimensions of y")
    for what, left, right in (("contracting", lhs_contracting, rhs_contracting), ("batch", lhs_batch, rhs_batch)):
        sizes = [x.shape[d] for d in left], [y.shape[d] for d in right]
        if sizes[0] != sizes[1]:
            raise OpError(f"{what} dimensions of {x} and {y} have different sizes: {sizes[0]} and {sizes[1]}")
    batch = [x.shape[d] for d in lhs_batch]
    left = [x.shape[d] for d in _free(x.rank, lhs_contracting, lhs_batch)]
    right = [y.shape[d] for d in _free(y.rank, rhs_contracting, rhs_batch)]
    return TensorType((*batch, *left, *right), dtype)


def _reference(
    x: np.ndarray,
    y: np.ndarray,
    lhs_contracting: Dims,
    rhs_contracting: Dims,
    lhs_batch: Dims,
    rhs_batch: Dims,
    dtype: np.dtype,
) -> np.ndarray:
    """Batched matrix product after moving batch, free and contracting dimensions together."""
    left, right = _free(x.ndim, lhs_contracting, lhs_batch), _free(y.ndim, rhs_contracting, rhs_batch)
    batch = [x.shape[d] for d in lhs_batch]
    shape = (*batch, *(x.shape[d] for d in left), *(y.shape[d] for d in right))
    wide = ACCUMULATOR.get(dtype, dtype)
    k = math.prod(x.shape[d] for d in lhs_contracting)
    sizes = [math.prod(a.shape[d] for d in dims) for a, dims in ((x, left), (y, right))]
    a = x.transpose((*lhs_batch, *left, *lhs_contracting)).reshape((*batch, sizes[0], k)).astype(wide, copy=False)
    b = y.transpose((*rhs_batch, *rhs_contracting, *right)).reshape((*batch, k, sizes[1])).astype(wide, copy=False)
    return np.matmul(a, b).reshape(shape).astype(dtype, copy=False)


def _jvp(b: Any, tangents: Any, primals: Any, result: Any, **attributes: Any) -> Any:
    (dx, dy), (x, y) = tangents, primals
    return b.sum_of(
        [
            None if dx is None else b.dot_general(dx, y, **attributes),
            None if dy is None else b.dot_general(x, dy, **attributes),
        ]
    )


def _transpose(
    b: Any,
    ct: Any,
    operands: Any,
    types: Any,
    lhs_contracting: Dims,
    rhs_contracting: Dims,
    lhs_batch: Dims,
    rhs_batch: Dims,
    dtype: np.dtype,
) -> list[Any]:
    x, y = operands
    n, left = len(lhs_batch), _free(types[0].rank, lhs_contracting, lhs_batch)
    batch = tuple(range(n))
    right = _free(types[1].rank, rhs_contracting, rhs_batch)
    left_out, right_out = tuple(range(n, n + len(left))), tuple(range(n + len(left), n + len(left) + len(right)))

    def transposed(
        known: Any, own: tuple[Dims, Dims, Dims], other: tuple[Dims, Dims, Dims], out: Dims, type: Any
    ) -> Any:
        """Contract the cotangent with the known operand over its free dimensions; put the result in the own order."""
        own_batch, own_free, own_contracting = own
        other_batch, other_free, other_contracting = other
        known_type = b.type(known)
        cotangent = ct if b.type(ct).dtype == known_type.dtype else b.convert(ct, dtype=known_type.dtype)
        product = b.dot_general(
            cotangent,
            known,
            lhs_contracting=out,
            rhs_contracting=other_free,
            lhs_batch=batch,
            rhs_batch=other_batch,
            dtype=type.dtype,
        )
        # product dimensions: batch, own free, then the known operand's contracting dimensions in increasing order
        pairs = sorted(zip(other_contracting, own_contracting, strict=True))
        order = inverse((*own_batch, *own_free, *(mine for _, mine in pairs)))
        return product if order == tuple(range(len(order))) else b.transpose(product, permutation=order)

    lhs, rhs = (lhs_batch, left, lhs_contracting), (rhs_batch, right, rhs_contracting)
    return [
        transposed(y, lhs, rhs, right_out, types[0]) if x is None else None,
        transposed(x, rhs, lhs, left_out, types[1]) if y is None else None,
    ]


def _batch(
    b: Any,
    operands: Any,
    batched: Sequence[bool],
    size: int,
    lhs_contracting: Dims,
    rhs_contracting: Dims,
    lhs_batch: Dims,
    rhs_batch: Dims,
    dtype: np.dtype,
) -> Any:
    """Both batched: one more batch dimension. One batched: its batch dimension is a free one, moved to the front."""
    x, y = operands
    lc, lb = (tuple(d + batched[0] for d in dims) for dims in (lhs_contracting, lhs_batch))
    rc, rb = (tuple(d + batched[1] for d in dims) for dims in (rhs_contracting, rhs_batch))
    if all(batched):
        lb, rb = (0, *lb), (0, *rb)
    result = b.dot_general(x, y, lhs_contracting=lc, rhs_contracting=rc, lhs_batch=lb, rhs_batch=rb, dtype=dtype)
    if all(batched):
        return result
    position = len(lb) if batched[0] else len(lb) + len(_free(len(b.shape(x)), lc, lb))
    return b.move_dimension(result, position, 0)


def multiply_add(dtype: np.dtype) -> Any:
    """total + a·b as a scalar function; or and and of booleans."""
    name = SHORT_NAME[dtype]
    multiply: Any = scalar.bitwise_and if dtype == BOOL_DTYPE else scalar.multiply
    combine: Any = scalar.bitwise_or if dtype == BOOL_DTYPE else scalar.add

    def step(a: Any, b: Any, total: Any) -> Any:
        return combine(total, multiply(scalar.convert(a, name), scalar.convert(b, name)))

    return step


def _is_integer_kernel(lw: Any, types: Sequence[TensorType], result: TensorType, length: int) -> bool:
    """Whether a large product is one of small integers whose sums may be modulo 2³², on a CPU."""
    small = all(type.dtype in _SMALL for type in types) and result.dtype in INTEGER and result.dtype.itemsize <= 4
    return small and targeting.has_vectors(lw.scalars.module) and result.size * length >= _LARGE


def _is_complex_kernel(lw: Any, result: TensorType, length: int) -> bool:
    """Whether a product is one of so many complex numbers, on a CPU. A loop with fewer in a step may be one kernel."""
    worth = _WORTH_IN_LOOP if lw.ip.block.owner.name != "func.func" else _WORTH
    return result.dtype in COMPLEX and targeting.has_vectors(lw.scalars.module) and result.size * length >= worth


def dot_general_lower(
    lw: Any,
    operands: Any,
    types: Any,
    result: TensorType,
    lhs_contracting: Dims,
    rhs_contracting: Dims,
    lhs_batch: Dims,
    rhs_batch: Dims,
    dtype: np.dtype,
) -> Any:
    """One contraction as linalg.generic; f16 and bf16 accumulate in f32."""
    x, y = types
    left, right = _free(x.rank, lhs_contracting, lhs_batch), _free(y.rank, rhs_contracting, rhs_batch)
    orders = (*lhs_batch, *left, *lhs_contracting), (*rhs_batch, *rhs_contracting, *right)
    sizes = {"batch": len(lhs_batch), "depth": len(lhs_contracting)}
    length = math.prod(x.shape[d] for d in lhs_contracting)
    columns = math.prod(y.shape[d] for d in right)
    if lhs_contracting and columns > 1 and _is_complex_kernel(lw, result, length):
        changes = [Change(dtype)] * 2
        return matrix_product(lw, operands, types, orders, changes, result, Products(dtype), **sizes)
    if lhs_contracting and _is_integer_kernel(lw, types, result, length):
        wide = TensorType(result.shape, BY_SHORT_NAME["i32"])
        total = integer_product(lw, operands, types, orders, wide, **sizes)
        return lw.elementwise(lambda v: scalar.convert(v, SHORT_NAME[dtype]), [total], [wide], result)
    accumulator = TensorType(result.shape, ACCUMULATOR.get(dtype, dtype))
    lhs_map, rhs_map = [0] * x.rank, [0] * y.rank
    for loop, (i, j) in enumerate(zip(lhs_batch, rhs_batch, strict=True)):
        lhs_map[i] = rhs_map[j] = loop
    for offset, dims, target in ((len(lhs_batch), left, lhs_map), (len(lhs_batch) + len(left), right, rhs_map)):
        for loop, d in enumerate(dims):
            target[d] = offset + loop
    for loop, (i, j) in enumerate(zip(lhs_contracting, rhs_contracting, strict=True)):
        lhs_map[i] = rhs_map[j] = result.rank + loop
    loops = result.rank + len(lhs_contracting)
    total = lw.generic(
        operands,
        [lhs_map, rhs_map],
        [lw.splat(accumulator, 0)],
        [range(result.rank)],
        loops=loops,
        reductions=range(result.rank, loops),
        body=lambda inner, args: [
            inner.apply(multiply_add(accumulator.dtype), args, [x.dtype, y.dtype, accumulator.dtype])
        ],
    )[0]
    if accumulator == result:
        return total
    narrow = SHORT_NAME[dtype]
    return lw.elementwise(lambda v: scalar.convert(v, narrow), [total], [accumulator], result)


_CASES: list[tuple[tuple[int, ...], tuple[int, ...], tuple[Dims, Dims, Dims, Dims]]] = [
    ((2, 3), (3, 4), ((1,), (0,), (), ())),
    ((2, 3), (4, 3), ((1,), (1,), (), ())),
    ((5, 2, 3), (5, 3, 4), ((2,), (1,), (0,), (0,))),
    ((3, 2, 4), (4, 5, 3), ((0, 2), (2, 0), (), ())),
    ((3,), (3,), ((0,), (0,), (), ())),
    ((2,), (3,), ((), (), (), ())),
    ((2, 0), (0, 3), ((1,), (0,), (), ())),
]


def _samples(rng: np.random.Generator) -> Iterable[Sample]:
    for dtype in sorted(NUMERIC | {BOOL_DTYPE}, key=str):
        for x, y, (lc, rc, lb, rb) in _CASES:
            attributes = {
                "lhs_contracting": lc,
                "rhs_contracting": rc,
                "lhs_batch": lb,
                "rhs_batch": rb,
                "dtype": dtype,
            }
            yield Sample((uniform(-2, 2)(rng, dtype, x), uniform(-2, 2)(rng, dtype, y)), attributes)
    wide = {"lhs_contracting": (1,), "rhs_contracting": (0,), "lhs_batch": (), "rhs_batch": ()}
    for narrow, result in (("bf16", "f32"), ("i8", "i32")):
        values = [uniform(-2, 2)(rng, BY_SHORT_NAME[narrow], shape) for shape in ((2, 3), (3, 4))]
        yield Sample(tuple(values), {**wide, "dtype": BY_SHORT_NAME[result]})


dot_general = register(
    OpDef(
        name="dot_general",
        doc="Σ x·y over the contracting dimensions; result dimensions: batch, free of x, free of y. `dtype` is the "
        "result's; f16 and bf16 accumulate in f32.",
        operands=("x", "y"),
        attributes={
            "lhs_contracting": INTS,
            "rhs_contracting": INTS,
            "lhs_batch": INTS,
            "rhs_batch": INTS,
            "dtype": DTYPE,
        },
        infer=_infer,
        reference=quiet(_reference),
        jvp=_jvp,
        transpose=_transpose,
        product=True,
        batch=_batch,
        lower=dot_general_lower,
        samples=_samples,
        family="contract",
    )
)
