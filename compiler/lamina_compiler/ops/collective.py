"""Collectives: ops that work across the examples of a batch, which `axis_name` names.

vmap replaces them when it makes that batch dimension (their `collective` rule). One that no vmap has replaced acts on a
batch of one example; the frontend refuses names that are not bound.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..attributes import INT, INTS, STRING
from ..opdef import Collective, NotDifferentiable, OpDef, OpError, Sample, register, require_axes, require_dtype
from ..types import ANY, BY_SHORT_NAME, KEY, NUMERIC, REAL, TensorType
from .shape import counting, reshape_lower

_NAMES = {"axis_name": STRING}


def _samples(dtypes: Iterable[np.dtype], shape: tuple[int, ...], **attributes: Any) -> Any:
    def draw(rng: np.random.Generator) -> Iterable[Sample]:
        for dtype in sorted(dtypes, key=str):
            yield Sample((counting(dtype, shape),), {"axis_name": "i", **attributes})

    return draw


def _like(x: TensorType, **attributes: Any) -> TensorType:
    return x


def _reduction(name: str, doc: str, accepts: Any, jvp: Any, transpose: Any, over: Any) -> OpDef:
    """A reduction over the batch, whose result all examples share. `over(b, x, batched, size)` computes it."""

    def infer(x: TensorType, axis_name: str) -> TensorType:
        if x.dtype not in accepts:
            raise OpError(f"{name} does not take {x}")
        return x

    return register(
        OpDef(
            name=name,
            doc=doc,
            operands=("x",),
            attributes=_NAMES,
            infer=infer,
            reference=_like,
            jvp=jvp,
            transpose=transpose,
            batch=lambda b, operands, batched, size, axis_name: getattr(b, name)(*operands, axis_name=axis_name),
            lower=lambda lw, operands, types, result, axis_name: operands[0],
            samples=_samples(accepts, (2, 3)),
            collective=Collective(
                lambda b, operands, batched, size, axis_name: over(b, operands[0], batched[0], size), varies=False
            ),
            family="collective",
        )
    )


def _sum_over(b: Any, x: Any, batched: bool, size: int) -> Any:
    return b.reduce_sum(x, axes=(0,)) if batched else b.mul(x, size)


psum = _reduction(
    "psum",
    "Sum of x over the examples.",
    NUMERIC,
    lambda b, tangents, primals, result, axis_name: (
        None if tangents[0] is None else b.psum(tangents[0], axis_name=axis_name)
    ),
    lambda b, ct, operands, types, axis_name: [b.psum(ct, axis_name=axis_name)],
    _sum_over,
)


def _extreme_jvp(b: Any, tangents: Any, primals: Any, result: Any, axis_name: str) -> Any:
    """Mean of the tangents of the examples that attain the extreme."""
    (dx,), (x,) = tangents, primals
    if dx is None:
        return None
    hit = b.convert(b.eq(x, result), dtype=b.type(x).dtype)
    return b.div(b.psum(b.mul(dx, hit), axis_name=axis_name), b.psum(hit, axis_name=axis_name))


for _name, _which in (("max", "Largest"), ("min", "Smallest")):

    def _extreme_over(b: Any, x: Any, batched: bool, size: int, reduction: str = f"reduce_{_name}") -> Any:
        return getattr(b, reduction)(x, axes=(0,)) if batched else x

    _reduction(f"p{_name}", f"{_which} x of all examples.", REAL, _extreme_jvp, None, _extreme_over)


# ---- gathering and scattering ---------------------------------------------------------------------------------------


def _inserted(x: TensorType, axis: int, count: int) -> TensorType:
    return TensorType((*x.shape[:axis], count, *x.shape[axis:]), x.dtype)


def _removed(x: TensorType, axis: int) -> TensorType:
    return TensorType((*x.shape[:axis], *x.shape[axis + 1 :]), x.dtype)


def _gather_infer(x: TensorType, axis_name: str, axis: int, count: int) -> TensorType:
    require_axes((axis,), x.rank + 1, "axis")
    return _inserted(x, axis, count)


def _gather_over(b: Any, operands: Any, batched: Any, size: int, axis_name: str, axis: int, **_: Any) -> Any:
    x = operands[0] if batched[0] else b.add_batch(operands[0], size)
    return b.move_dimension(x, 0, axis)


def _linear(name: str) -> Any:
    return lambda b, tangents, primals, result, **attributes: (
        None if tangents[0] is None else getattr(b, name)(tangents[0], **attributes)
    )


all_gather = register(
    OpDef(
        name="all_gather",
        doc="x of all examples, stacked along a new axis.",
        operands=("x",),
        attributes={**_NAMES, "axis": INT, "count": INT},
        infer=_gather_infer,
        reference=lambda x, axis_name, axis, count: np.repeat(np.expand_dims(x, axis), count, axis),
        jvp=_linear("all_gather"),
        transpose=lambda b, ct, operands, types, **attributes: [b.psum_scatter(ct, **attributes)],
        batch=lambda b, operands, batched, size, axis_name, axis, **rest: b.all_gather(
            *operands, axis_name=axis_name, axis=axis + 1, **rest
        ),
        lower=lambda lw, operands, types, result, axis_name, axis, count: reshape_lower(lw, operands, types, result),
        samples=_samples(ANY | KEY, (2, 3), axis=1, count=1),
        collective=Collective(_gather_over, varies=False),
        family="collective",
    )
)


def _scatter_infer(x: TensorType, axis_name: str, axis: int, count: int) -> TensorType:
    require_axes((axis,), x.rank, "axis")
    require_dtype("x", x, NUMERIC)
    if x.shape[axis] != count:
        raise OpError(
            f"psum_scatter wants an axis of {count}, one place for each example, but axis {axis} of {x} is not"
        )
    return _removed(x, axis)


def _scatter_over(b: Any, operands: Any, batched: Any, size: int, axis_name: str, axis: int, **_: Any) -> Any:
    return b.move_dimension(_sum_over(b, operands[0], batched[0], size), axis, 0)


psum_scatter = register(
    OpDef(
        name="psum_scatter",
        doc="Sum of x over the examples, of which each gets its place along the axis.",
        operands=("x",),
        attributes={**_NAMES, "axis": INT, "count": INT},
        infer=_scatter_infer,
        reference=lambda x, axis_name, axis, count: np.take(x, 0, axis),
        jvp=_linear("psum_scatter"),
        transpose=lambda b, ct, operands, types, **attributes: [b.all_gather(ct, **attributes)],
        batch=lambda b, operands, batched, size, axis_name, axis, **rest: b.psum_scatter(
            *operands, axis_name=axis_name, axis=axis + 1, **rest
        ),
        lower=lambda lw, operands, types, result, axis_name, axis, count: reshape_lower(lw, operands, types, result),
        samples=_samples(NUMERIC, (2, 1), axis=1, count=1),
        collective=Collective(_scatter_over, varies=True),
        family="collective",
    )
)


def _exchange_infer(x: TensorType, axis_name: str, split: int, concat: int, count: int) -> TensorType:
    require_axes((split,), x.rank, "split")
    require_axes((concat,), x.rank, "concat")
    if x.shape[split] != count:
        raise OpError(
            f"all_to_all wants an axis of {count}, one place for each example, but axis {split} of {x} is not"
        )
    return _inserted(_removed(x, split), concat, count)


def _exchange_over(
    b: Any, operands: Any, batched: Any, size: int, axis_name: str, split: int, concat: int, **_: Any
) -> Any:
    """The place along `split` becomes the example, the example the place along `concat`."""
    x = operands[0] if batched[0] else b.add_batch(operands[0], size)
    x = b.move_dimension(x, split + 1, 0)  # now [place, example, …]
    return b.move_dimension(x, 1, concat + 1)


all_to_all = register(
    OpDef(
        name="all_to_all",
        doc="Example j gets place j along `split` of every example, stacked along `concat`.",
        operands=("x",),
        attributes={**_NAMES, "split": INT, "concat": INT, "count": INT},
        infer=_exchange_infer,
        reference=lambda x, axis_name, split, concat, count: np.expand_dims(np.take(x, 0, split), concat),
        jvp=_linear("all_to_all"),
        transpose=lambda b, ct, operands, types, axis_name, split, concat, count: [
            b.all_to_all(ct, axis_name=axis_name, split=concat, concat=split, count=count)
        ],
        batch=lambda b, operands, batched, size, axis_name, split, concat, **rest: b.all_to_all(
            *operands, axis_name=axis_name, split=split + 1, concat=concat + 1, **rest
        ),
        lower=lambda lw, operands, types, result, **attributes: reshape_lower(lw, operands, types, result),
        samples=_samples(ANY | KEY, (2, 1, 3), split=1, concat=0, count=1),
        collective=Collective(_exchange_over, varies=True),
        family="collective",
    )
)


def _permute_over(
    b: Any, operands: Any, batched: Any, size: int, axis_name: str, sources: Any, destinations: Any
) -> Any:
    """The slice of each source at its destination, zeros where nothing arrives."""
    x = operands[0] if batched[0] else b.add_batch(operands[0], size)
    shape = b.shape(x)
    arrives = dict(zip(destinations, sources, strict=True))
    zero = None
    pieces = []
    for i in range(size):
        if i in arrives:
            first = (arrives[i], *[0] * (len(shape) - 1))
            limit = (arrives[i] + 1, *shape[1:])
            pieces.append(b.slice(x, start=first, limit=limit, strides=(1,) * len(shape)))
        else:
            zero = b.zeros(TensorType((1, *shape[1:]), b.type(x).dtype)) if zero is None else zero
            pieces.append(zero)
    while len(pieces) > 1:  # a balanced tree
        pairs = [pieces[i : i + 2] for i in range(0, len(pieces), 2)]
        pieces = [b.concatenate(*pair, dimension=0) if len(pair) == 2 else pair[0] for pair in pairs]
    return pieces[0] if pieces else x


ppermute = register(
    OpDef(
        name="ppermute",
        doc="x of example `sources[k]` goes to example `destinations[k]`; where nothing arrives there are zeros.",
        operands=("x",),
        attributes={**_NAMES, "sources": INTS, "destinations": INTS},
        infer=_like,
        reference=_like,
        jvp=_linear("ppermute"),
        transpose=lambda b, ct, operands, types, axis_name, sources, destinations: [
            b.ppermute(ct, axis_name=axis_name, sources=destinations, destinations=sources)
        ],
        batch=lambda b, operands, batched, size, **attributes: b.ppermute(*operands, **attributes),
        lower=lambda lw, operands, types, result, **attributes: operands[0],
        samples=_samples(ANY | KEY, (2, 3), sources=(0,), destinations=(0,)),
        collective=Collective(_permute_over, varies=True),
        family="collective",
    )
)

axis_index = register(
    OpDef(
        name="axis_index",
        doc="The number of the example.",
        operands=(),
        attributes=_NAMES,
        infer=lambda axis_name: TensorType((), BY_SHORT_NAME["i32"]),
        reference=lambda axis_name: np.int32(0),
        jvp=NotDifferentiable("it is an integer"),
        transpose=None,
        batch=lambda b, operands, batched, size, axis_name: b.axis_index(axis_name=axis_name),
        lower=lambda lw, operands, types, result, axis_name: lw.constant(np.zeros((), np.int32)),
        samples=lambda rng: [Sample((), {"axis_name": "i"})],
        collective=Collective(
            lambda b, operands, batched, size, axis_name: b.iota(
                shape=(size,), dimension=0, dtype=BY_SHORT_NAME["i32"]
            ),
            varies=True,
        ),
        family="collective",
    )
)
