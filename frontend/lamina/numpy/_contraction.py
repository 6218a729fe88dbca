"""Products that sum over axes: matrix products, inner and outer products, einsum."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from lamina import errors
from lamina.array import Array
from lamina.devices import refuse_sharding
from lamina.lax._contraction import contracted, preferred_dtype
from lamina.lax._types import check_precision
from lamina.numpy import _elementwise as e
from lamina.numpy._manipulation import moveaxis, ravel
from lamina.numpy._operands import broadcast_shape, converted, expanded, normal_axes, operand, promoted, refuse_out
from lamina.numpy._reductions import sum
from lamina.numpy._steps import permuted, reshaped


def _factors(
    function: str, a: Any, b: Any, precision: Any, preferred: Any, out_sharding: Any = None,
    names: tuple[str, str] = ("a", "b"),
) -> tuple[Array, Array, Any]:  # fmt: skip
    """The factors in their common dtype, and the dtype wanted for the result."""
    refuse_sharding(f"lnp.{function}", out_sharding)
    check_precision(precision)
    a, b = promoted(function, a, b, names=names)
    return a, b, preferred_dtype(function, preferred)


def _mismatch(function: str, axes: tuple[int, int], **shapes: Any) -> Exception:
    first, second = shapes
    problem = (
        f"axis {axes[0]} of {first} and axis {axes[1]} of {second} must have one size, since it is summed over them"
    )
    return errors.ShapeError(f"lnp.{function}", problem, **shapes)


def _scaled(a: Array, b: Array, dtype: Any) -> Array:
    """The product with a number."""
    return e.multiply(a, b) if dtype is None else e.multiply(converted(a, dtype), converted(b, dtype))


def matmul(
    a: Any, b: Any, *, precision: Any = None, preferred_element_type: Any = None, out_sharding: Any = None
) -> Array:
    """Matrix product: ``[..., n, k] @ [..., k, m] → [..., n, m]``. A vector is a row on the left, a column on the
    right. Leading axes are broadcast.

    Raises: ShapeError where the sizes k differ or an operand is a number.

    >>> import lamina.numpy as lnp
    >>> lnp.matmul(lnp.array([[1.0, 2.0], [3.0, 4.0]]), lnp.array([1.0, 1.0]))
    Array([3., 7.], dtype=float32)
    """
    a, b, dtype = _factors("matmul", a, b, precision, preferred_element_type, out_sharding)
    if not (a.ndim and b.ndim):
        raise errors.ShapeError(
            "lnp.matmul", "the operands must have an axis at least", a=a.shape, b=b.shape, cure="Use *."
        )
    inner_b = max(b.ndim - 2, 0)
    if a.shape[-1] != b.shape[inner_b]:
        raise _mismatch("matmul", (a.ndim - 1, inner_b), a=a.shape, b=b.shape)
    if a.ndim <= 2 and b.ndim <= 2:
        return contracted(a, b, ((a.ndim - 1,), (inner_b,)), preferred=dtype)
    if b.ndim <= 2:  # one matrix for all: no batch
        return contracted(a, b, ((a.ndim - 1,), (inner_b,)), preferred=dtype)
    batch = broadcast_shape("matmul", [a.shape[:-2], b.shape[:-2]], ("a[..., :, :]", "b[..., :, :]"))
    n = len(batch)
    b = expanded(b, (*batch, *b.shape[-2:]))
    if a.ndim == 1:
        return contracted(b, a, ((n,), (0,)), preferred=dtype)
    a = expanded(a, (*batch, *a.shape[-2:]))
    return contracted(a, b, ((n + 1,), (n,)), (range(n), range(n)), preferred=dtype)


def dot(
    a: Any, b: Any, *, precision: Any = None, preferred_element_type: Any = None, out_sharding: Any = None
) -> Array:
    """Σ over the last axis of a and the last but one of b (the only one of a vector); a product if either is a number.

    >>> import lamina.numpy as lnp
    >>> lnp.dot(lnp.array([1, 2, 3]), lnp.array([4, 5, 6]))
    Array(32, dtype=int32)
    """
    a, b, dtype = _factors("dot", a, b, precision, preferred_element_type, out_sharding)
    if not (a.ndim and b.ndim):
        return _scaled(a, b, dtype)
    axis = max(b.ndim - 2, 0)
    if a.shape[-1] != b.shape[axis]:
        raise _mismatch("dot", (a.ndim - 1, axis), a=a.shape, b=b.shape)
    return contracted(a, b, ((a.ndim - 1,), (axis,)), preferred=dtype)


def vdot(a: Any, b: Any, *, precision: Any = None, preferred_element_type: Any = None) -> Array:
    """Σ conj(a)·b of the flattened arrays.

    >>> import lamina.numpy as lnp
    >>> lnp.vdot(lnp.array([1j, 2]), lnp.array([1j, 3]))
    Array(7.+0.j, dtype=complex64)
    """
    conjugated, flat = e.conj(ravel(operand("vdot", a, "a"))), ravel(operand("vdot", b, "b"))
    return dot(conjugated, flat, precision=precision, preferred_element_type=preferred_element_type)


def vecdot(x1: Any, x2: Any, /, *, axis: int = -1, precision: Any = None, preferred_element_type: Any = None) -> Array:
    """Σ conj(x1)·x2 over one axis; the others are broadcast.

    >>> import lamina.numpy as lnp
    >>> lnp.vecdot(lnp.array([[1, 2], [3, 4]]), lnp.array([1, 10]))
    Array([21, 43], dtype=int32)
    """
    a, b, dtype = _factors("vecdot", x1, x2, precision, preferred_element_type, names=("x1", "x2"))
    a, b = (moveaxis(v, axis, -1) for v in (a, b))
    if a.shape[-1] != b.shape[-1]:
        raise _mismatch("vecdot", (axis, axis), x1=a.shape, x2=b.shape)
    shape = broadcast_shape("vecdot", [a.shape, b.shape], ("x1", "x2"))
    batch, last = range(len(shape) - 1), (len(shape) - 1,)
    return contracted(e.conj(expanded(a, shape)), expanded(b, shape), (last, last), (batch, batch), dtype)


def inner(a: Any, b: Any, *, precision: Any = None, preferred_element_type: Any = None) -> Array:
    """Σ over the last axes of both; a product if either is a number.

    >>> import lamina.numpy as lnp
    >>> lnp.inner(lnp.array([[1, 2], [3, 4]]), lnp.array([1, 10]))
    Array([21, 43], dtype=int32)
    """
    a, b, dtype = _factors("inner", a, b, precision, preferred_element_type)
    if not (a.ndim and b.ndim):
        return _scaled(a, b, dtype)
    if a.shape[-1] != b.shape[-1]:
        raise _mismatch("inner", (a.ndim - 1, b.ndim - 1), a=a.shape, b=b.shape)
    return contracted(a, b, ((a.ndim - 1,), (b.ndim - 1,)), preferred=dtype)


def outer(a: Any, b: Any, out: None = None) -> Array:
    """All products aᵢ·bⱼ of the flattened arrays, as a matrix.

    >>> import lamina.numpy as lnp
    >>> lnp.outer(lnp.array([1, 2]), lnp.array([3, 4]))
    Array([[3, 4],
           [6, 8]], dtype=int32)
    """
    refuse_out("outer", out)
    a, b = promoted("outer", a, b, names=("a", "b"))
    return e.multiply(reshaped(a, (a.size, 1)), reshaped(b, (1, b.size)))


def matvec(x1: Any, x2: Any, /) -> Array:
    """Matrix times vector: ``[..., n, k], [..., k] → [..., n]``.

    >>> import lamina.numpy as lnp
    >>> lnp.matvec(lnp.array([[1, 2], [3, 4]]), lnp.array([1, 10]))
    Array([21, 43], dtype=int32)
    """
    x1, x2 = operand("matvec", x1, "x1"), operand("matvec", x2, "x2")
    if x1.ndim < 2 or x2.ndim < 1 or x1.shape[-1] != x2.shape[-1]:
        raise _mismatch("matvec", (-1, -1), x1=x1.shape, x2=x2.shape)
    return einsum("...nk,...k->...n", x1, x2)


def vecmat(x1: Any, x2: Any, /) -> Array:
    """Conjugated vector times matrix: ``[..., k], [..., k, m] → [..., m]``.

    >>> import lamina.numpy as lnp
    >>> lnp.vecmat(lnp.array([1, 10]), lnp.array([[1, 2], [3, 4]]))
    Array([31, 42], dtype=int32)
    """
    x1, x2 = operand("vecmat", x1, "x1"), operand("vecmat", x2, "x2")
    if x1.ndim < 1 or x2.ndim < 2 or x1.shape[-1] != x2.shape[-2]:
        raise _mismatch("vecmat", (-1, -2), x1=x1.shape, x2=x2.shape)
    return einsum("...k,...km->...m", e.conj(x1), x2)


def tensordot(
    a: Any, b: Any, axes: Any = 2, *, precision: Any = None, preferred_element_type: Any = None,
    out_sharding: Any = None,
) -> Array:  # fmt: skip
    """Σ over axes: the last n of a with the first n of b (`axes` = n), or the pairs of two lists of axes.

    >>> import lamina.numpy as lnp
    >>> lnp.tensordot(lnp.ones((2, 3, 4)), lnp.ones((4, 3, 5)), axes=([1, 2], [1, 0])).shape
    (2, 5)
    """
    a, b, dtype = _factors("tensordot", a, b, precision, preferred_element_type, out_sharding)
    if isinstance(axes, int):
        pairs = tuple(range(a.ndim - axes, a.ndim)), tuple(range(axes))
        if axes > min(a.ndim, b.ndim):
            raise errors.ShapeError(
                "lnp.tensordot", f"there are no {axes} axes to sum over in both", a=a.shape, b=b.shape
            )
    else:
        first, second = axes
        pairs = normal_axes("tensordot", first, a.ndim), normal_axes("tensordot", second, b.ndim)
    if len(pairs[0]) != len(pairs[1]):
        raise ValueError(f"lnp.tensordot: {len(pairs[0])} axes of a are paired with {len(pairs[1])} of b")
    for i, j in zip(*pairs, strict=True):
        if a.shape[i] != b.shape[j]:
            raise _mismatch("tensordot", (i, j), a=a.shape, b=b.shape)
    return contracted(a, b, pairs, preferred=dtype)


def kron(a: Any, b: Any) -> Array:
    """Kronecker product: every element of a times the whole of b.

    >>> import lamina.numpy as lnp
    >>> lnp.kron(lnp.array([1, 10]), lnp.array([[1, 2], [3, 4]]))
    Array([[ 1,  2, 10, 20],
           [ 3,  4, 30, 40]], dtype=int32)
    """
    a, b = promoted("kron", a, b, names=("a", "b"))
    rank = max(a.ndim, b.ndim)
    left, right = ((1,) * (rank - v.ndim) + v.shape for v in (a, b))
    apart = e.multiply(
        reshaped(a, tuple(n for size in left for n in (size, 1))),
        reshaped(b, tuple(n for size in right for n in (1, size))),
    )
    return reshaped(apart, tuple(m * n for m, n in zip(left, right, strict=True)))


def cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Array:
    """Cross product of vectors of 3 (or 2: then the third component, 0, is left out) along an axis.

    >>> import lamina.numpy as lnp
    >>> lnp.cross(lnp.array([1, 0, 0]), lnp.array([0, 1, 0]))
    Array([0, 0, 1], dtype=int32)
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = promoted("cross", a, b, names=("a", "b"))
    a, b = moveaxis(a, axisa, -1), moveaxis(b, axisb, -1)
    if not {a.shape[-1], b.shape[-1]} <= {2, 3}:
        raise errors.ShapeError("lnp.cross", "the vectors must have 2 or 3 components", a=a.shape, b=b.shape)
    x, y = ([v[..., i] for i in range(v.shape[-1])] for v in (a, b))
    third = e.subtract(e.multiply(x[0], y[1]), e.multiply(x[1], y[0]))
    if len(x) == len(y) == 2:
        return third
    from lamina.numpy._joining import stack

    x, y = (v if len(v) == 3 else [*v, e.multiply(v[0], 0)] for v in (x, y))
    first = e.subtract(e.multiply(x[1], y[2]), e.multiply(x[2], y[1]))
    second = e.subtract(e.multiply(x[2], y[0]), e.multiply(x[0], y[2]))
    return moveaxis(stack([first, second, third], -1), -1, axisc)


# ---- einsum ---------------------------------------------------------------------------------------------------------


def einsum(
    subscripts: Any, /, *operands: Any, out: None = None, optimize: Any = "auto", precision: Any = None,
    preferred_element_type: Any = None, out_sharding: Any = None,
) -> Array:  # fmt: skip
    """Sums of products in Einstein's notation, contracted in pairs in a good order (found by opt_einsum).

    ``"ij,jk->ik"`` is a matrix product, ``"ii->i"`` a diagonal, ``"...i->..."`` a sum over the last axis.

    >>> import lamina.numpy as lnp
    >>> lnp.einsum("ij,j->i", lnp.array([[1, 2], [3, 4]]), lnp.array([1, 1]))
    Array([3, 7], dtype=int32)
    """
    from opt_einsum import parser

    refuse_out("einsum", out)
    refuse_sharding("lnp.einsum", out_sharding)
    check_precision(precision)
    if not isinstance(subscripts, str):  # operands and lists of axis numbers in turn
        subscripts, operands = parser.convert_interleaved_input((subscripts, *operands))
    names = [f"operands[{i}]" for i in range(len(operands))]
    arrays = promoted("einsum", *operands, names=names)
    try:
        path = "optimal" if optimize is True else ("auto" if optimize is False else optimize)
        shapes = [x.shape for x in arrays]
        inputs, output, steps = _contraction_path(
            subscripts, tuple(shapes), path if isinstance(path, str) else tuple(path)
        )
    except ValueError as problem:
        named: dict[str, Any] = {name: x.shape for name, x in zip(names, arrays, strict=True)}
        raise errors.ShapeError(f"lnp.einsum({subscripts!r})", str(problem).rstrip("."), **named) from None
    terms = list(zip(inputs, arrays, strict=True))
    for step in steps:
        chosen = [terms.pop(i) for i in sorted(step, reverse=True)]
        needed = set(output).union(*(labels for labels, _ in terms))
        result = chosen[0]
        for i, other in enumerate(chosen[1:], start=2):
            after = needed.union(*(labels for labels, _ in chosen[i:]))
            first = _summed_alone(*result, after | set(other[0]))
            result = _pair_contracted(first, _summed_alone(*other, after | set(result[0])), after)
        terms.append(result)
    labels, result = terms[0]
    labels, result = _summed_alone(labels, result, set(output))
    result = permuted(result, [labels.index(label) for label in output])
    wanted = preferred_dtype("einsum", preferred_element_type)
    return result if wanted is None else converted(result, wanted)


@functools.lru_cache(maxsize=512)
def _contraction_path(subscripts: str, shapes: tuple[tuple[int, ...], ...], optimize: Any) -> Any:
    """Labels of the inputs and of the output, and which terms are contracted one after the other."""
    import opt_einsum
    from opt_einsum import parser

    inputs, output, _ = parser.parse_einsum_input((subscripts, *shapes), shapes=True)
    path, _ = opt_einsum.contract_path(subscripts, *shapes, shapes=True, optimize=optimize)
    steps = [step for step in path if len(step) > 1 or len(path) == 1]
    return inputs.split(","), output, steps


def _summed_alone(labels: str, x: Array, needed: set[str]) -> tuple[str, Array]:
    """Diagonals of repeated labels taken, and labels that nobody else needs summed over."""
    from lamina.numpy._matrices import diagonal

    for label in sorted(set(labels)):
        while labels.count(label) > 1:
            i = labels.index(label)
            j = labels.index(label, i + 1)
            x = diagonal(x, 0, i, j)
            labels = labels[:i] + labels[i + 1 : j] + labels[j + 1 :] + label
    axes = tuple(i for i, label in enumerate(labels) if label not in needed)
    if axes:
        x, labels = sum(x, axes, promote_integers=False), "".join(label for label in labels if label in needed)
    return labels, x


def _pair_contracted(left: tuple[str, Array], right: tuple[str, Array], needed: set[str]) -> tuple[str, Array]:
    """The product of two terms, summed over the labels nobody else needs."""
    (a, x), (b, y) = left, right
    x, y = (_stretch(a, x, b, y), _stretch(b, y, a, x))
    shared = [label for label in a if label in b]
    batch = [label for label in shared if label in needed]
    summed = [label for label in shared if label not in needed]
    dims = [a.index(label) for label in summed], [b.index(label) for label in summed]
    batch_dims = [a.index(label) for label in batch], [b.index(label) for label in batch]
    free = [label for label in a if label not in shared] + [label for label in b if label not in shared]
    result = contracted(x, y, dims, batch_dims)
    labels = "".join([*batch, *free])
    return _summed_alone(labels, result, needed)


def _stretch(labels: str, x: Array, other: str, y: Array) -> Array:
    """Axes of size 1 stretched to the size their label has in the other term."""
    shape = tuple(
        y.shape[other.index(label)] if n == 1 and label in other else n
        for label, n in zip(labels, x.shape, strict=True)
    )
    return expanded(x, shape)


def einsum_path(subscripts: Any, /, *operands: Any, optimize: Any = "auto") -> Any:
    """The order in which `einsum` contracts, and a description of its cost.

    >>> import lamina.numpy as lnp
    >>> path, _ = lnp.einsum_path("ij,jk,kl->il", lnp.ones((2, 9)), lnp.ones((9, 9)), lnp.ones((9, 3)))
    >>> path
    [(0, 1), (0, 1)]
    """
    import opt_einsum

    return opt_einsum.contract_path(
        subscripts, *[np.broadcast_to(np.float32(0), np.shape(x)) for x in operands], optimize=optimize
    )
