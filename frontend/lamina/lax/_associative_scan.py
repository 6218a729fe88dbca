"""Prefix combinations by an associative function, in logarithmic depth."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lamina import errors, tree_util
from lamina._frames import api_boundary
from lamina._transform import function_name
from lamina._tree_compare import check_same_structure
from lamina.array import Array
from lamina.lax._bodies import check_callable, leaves_of
from lamina.tracer import as_array

__all__ = ["associative_scan"]


@api_boundary
def associative_scan(fn: Callable[[Any, Any], Any], elems: Any, reverse: bool = False, axis: int = 0) -> Any:
    """All prefix combinations ``x0, fn(x0, x1), fn(fn(x0, x1), x2), …`` along an axis, for an associative function.

    Args:
        fn: combines two containers like `elems` elementwise along the axis: it gets many elements at once.
        reverse: combine from the end.

    Takes O(n) applications in O(log n) steps (Blelloch 1990), where `scan` takes n steps. With `lnp.add`, `multiply`,
    `maximum`, `minimum` or `logaddexp` on one array it is `cumsum`, `cumprod`, …, which are faster.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.associative_scan(lnp.add, lnp.arange(5))
    Array([ 0,  1,  3,  6, 10], dtype=int32)
    """
    from lamina import numpy as lnp

    leaves = leaves_of(elems, "elems", "lax.associative_scan")
    if not leaves.arrays:
        return elems
    check_callable("lax.associative_scan", "fn", fn)
    axes = [lnp.moveaxis(x, axis, 0) for x in leaves.arrays]
    running = _cumulative(fn, leaves.arrays)
    if running is not None:
        out = lnp.moveaxis(running(axes[0], 0, reverse), 0, axis)
        return tree_util.tree_unflatten(leaves.tree, [out])
    lengths = {x.shape[0] for x in axes}
    if len(lengths) > 1:
        listed = ", ".join(f"{name}: {x.shape[0]}" for name, x in zip(leaves.names, axes, strict=True))
        raise errors.LoopOperandError("lax.associative_scan", f"the arrays have different lengths: {listed}")

    def combine(a: list[Array], b: list[Array]) -> list[Array]:
        ours, theirs = (
            tree_util.tree_unflatten(leaves.tree, [lnp.moveaxis(x, 0, axis) for x in side]) for side in (a, b)
        )
        out, tree = tree_util.tree_flatten(fn(ours, theirs))
        names = ("elems", f"what `{function_name(fn)}` returns")
        check_same_structure("lax.associative_scan", leaves.tree, tree, names)
        for name, x, y in zip(leaves.names, tree_util.tree_leaves(ours), out, strict=True):
            if lnp.shape(y) != x.shape:
                raise errors.LoopOperandError(
                    "lax.associative_scan",
                    f"`{function_name(fn)}` gets `{name}` as {x.type} but returns it as {as_array(y).type}",
                    "It works on many elements at once and keeps the shape.",
                )
        return [lnp.moveaxis(x, axis, 0) for x in out]

    ordered = [lnp.flip(x, 0) for x in axes] if reverse else axes
    out = _scanned(combine, ordered)
    out = [lnp.flip(x, 0) for x in out] if reverse else out
    return tree_util.tree_unflatten(leaves.tree, [lnp.moveaxis(x, 0, axis) for x in out])


def _cumulative(fn: Callable[[Any, Any], Any], arrays: Sequence[Array]) -> Callable[[Array, int, bool], Array] | None:
    """The cumulative operation that combines an array by the function, if there is one."""
    from lamina import lax
    from lamina import numpy as lnp
    from lamina.lax._elementwise import mul

    if len(arrays) != 1 or arrays[0].ndim == 0 or arrays[0].dtype == np.bool_:
        return None
    found: list[tuple[Callable[..., Array], Sequence[Any]]] = [
        (lax.cumsum, (lnp.add, lax.add, operator.add)),
        (lax.cumprod, (lnp.multiply, mul, operator.mul)),
        (lax.cummax, (lnp.maximum, lax.max)),
        (lax.cummin, (lnp.minimum, lax.min)),
        (lax.cumlogsumexp, (lnp.logaddexp,) if lnp.issubdtype(arrays[0].dtype, lnp.floating) else ()),
    ]
    return next((operation for operation, names in found if any(fn is name for name in names)), None)


def _scanned(combine: Callable[[list[Array], list[Array]], list[Array]], xs: list[Array]) -> list[Array]:
    """Combine neighbours, scan the pairs, and fill in what lies between."""
    count = xs[0].shape[0]
    if count < 2:
        return xs
    pairs = combine([x[: count - 1 : 2] for x in xs], [x[1::2] for x in xs])
    odd = _scanned(combine, pairs)
    known = [y[:-1] for y in odd] if count % 2 == 0 else odd
    even = combine(known, [x[2::2] for x in xs]) if count > 2 else [x[2::2] for x in xs]
    even = [_joined(x[:1], y) for x, y in zip(xs, even, strict=True)]
    return [_interleaved(a, b, count) for a, b in zip(even, odd, strict=True)]


def _joined(x: Array, y: Array) -> Array:
    from lamina import numpy as lnp

    return lnp.concatenate([x, y])


def _interleaved(even: Array, odd: Array, count: int) -> Array:
    """even[0], odd[0], even[1], … , of `count` elements in all."""
    from lamina import numpy as lnp

    if even.shape[0] > odd.shape[0]:
        odd = _joined(odd, even[-1:])
    both = lnp.stack([even, odd], axis=1)
    return both.reshape(2 * even.shape[0], *even.shape[1:])[:count]
