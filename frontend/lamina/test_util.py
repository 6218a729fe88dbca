"""Checks of derivatives against finite differences, to any order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from lamina import tree_util
from lamina._float0 import is_float0, zeros_float0
from lamina.linear_maps import jvp, vjp
from lamina.tracer import as_array

__all__ = ["check_grads", "check_jvp", "check_vjp"]

_EPS = 1e-4
_TOLERANCE = {
    "bfloat16": 1e-1,
    "float16": 1e-2,
    "float32": 2e-3,
    "complex64": 1e-3,
    "float64": 1e-5,
    "complex128": 1e-5,
}


def check_grads(
    f: Callable[..., Any],
    args: Sequence[Any],
    order: int,
    modes: Sequence[str] = ("fwd", "rev"),
    atol: float | None = None,
    rtol: float | None = None,
    eps: float | None = None,
) -> None:
    """Check the derivatives of a function, up to `order`, in random directions. Raises AssertionError.

    Args:
        args: where: float arrays or containers of them.
        modes: "fwd" (jvp against a central difference), "rev" (vjp against it); each order is checked in all of them.
        atol, rtol: tolerances; default: by the dtype of the result.
        eps: step of the central difference.

    >>> import lamina.numpy as lnp
    >>> check_grads(lnp.sin, (0.5,), order=2)
    """
    unknown = set(modes) - {"fwd", "rev"} if not isinstance(modes, str) else {modes}
    if unknown:
        raise ValueError(f'modes is a sequence of "fwd" and "rev", not {modes!r}')
    args = tuple(args)
    rng = np.random.default_rng(0)
    _check(f, args, order, modes, atol, rtol, eps or _EPS, rng, "")


def _check(f: Any, args: Any, order: int, modes: Any, atol: Any, rtol: Any, eps: float, rng: Any, path: str) -> None:
    if "fwd" in modes:
        _check_jvp(f, partial(jvp, f), args, atol, rtol, eps, rng, f"{path}jvp")
        if order > 1:
            directions = _random_like(rng, args)
            f_jvp = lambda *xs: jvp(f, xs, directions)[1]  # noqa: E731
            _check(f_jvp, args, order - 1, modes, atol, rtol, eps, rng, f"{path}jvp of ")
    if "rev" in modes:
        _check_vjp(f, partial(vjp, f), args, atol, rtol, eps, rng, f"{path}vjp")
        if order > 1:
            cotangent = _random_like(rng, f(*args))
            f_vjp = lambda *xs: vjp(f, *xs)[1](cotangent)  # noqa: E731
            _check(f_vjp, args, order - 1, modes, atol, rtol, eps, rng, f"{path}vjp of ")


def check_jvp(
    f: Callable[..., Any],
    f_jvp: Callable[..., Any],
    args: Sequence[Any],
    atol: float | None = None,
    rtol: float | None = None,
    eps: float = _EPS,
    err_msg: str = "",
) -> None:
    """Check ``f_jvp(args, tangents) -> (result, tangent)`` against central differences of `f`.

    >>> import lamina as la, lamina.numpy as lnp
    >>> from functools import partial
    >>> f = lambda x: lnp.sin(x) * x
    >>> la.test_util.check_jvp(f, partial(la.jvp, f), (lnp.array(1.5),))
    """
    _check_jvp(f, f_jvp, tuple(args), atol, rtol, eps, np.random.default_rng(0), err_msg or "jvp")


def check_vjp(
    f: Callable[..., Any],
    f_vjp: Callable[..., Any],
    args: Sequence[Any],
    atol: float | None = None,
    rtol: float | None = None,
    eps: float = _EPS,
    err_msg: str = "",
) -> None:
    """Check ``f_vjp(*args) -> (result, pullback)`` against central differences of `f`.

    >>> import lamina as la, lamina.numpy as lnp
    >>> from functools import partial
    >>> f = lambda x: lnp.sin(x) * x
    >>> la.test_util.check_vjp(f, partial(la.vjp, f), (lnp.array(1.5),))
    """
    _check_vjp(f, f_vjp, tuple(args), atol, rtol, eps, np.random.default_rng(0), err_msg or "vjp")


def _check_jvp(f: Any, f_jvp: Any, args: Any, atol: Any, rtol: Any, eps: float, rng: Any, what: str) -> None:
    directions = _random_like(rng, args)
    value, tangent = f_jvp(args, directions)
    _assert_close(value, f(*args), atol, rtol, f"{what}: result")
    _assert_close(tangent, _difference(f, args, directions, eps), atol, rtol, f"{what}: tangent")


def _check_vjp(f: Any, f_vjp: Any, args: Any, atol: Any, rtol: Any, eps: float, rng: Any, what: str) -> None:
    """The cotangent applied to a direction is the cotangent of the result applied to the change."""
    directions = _random_like(rng, args)
    value, pullback = f_vjp(*args)
    _assert_close(value, f(*args), atol, rtol, f"{what}: result")
    cotangent = _random_like(rng, value)
    back = _inner(pullback(cotangent), directions)
    along = _inner(cotangent, _difference(f, args, directions, eps))
    kinds = [np.asarray(x).dtype for x in tree_util.tree_leaves(value)]
    loose = max(
        (dtype.name for dtype in kinds if dtype.name in _TOLERANCE), key=_TOLERANCE.__getitem__, default="float64"
    )
    _assert_near(back, along, atol, rtol, _TOLERANCE[loose], f"{what}: cotangent")


def _difference(f: Any, args: Any, directions: Any, eps: float) -> Any:
    """Central difference of `f` in a direction."""

    def moved(step: float) -> Any:
        return f(*tree_util.tree_map(lambda x, d: _plus(x, d, step), args, directions))

    forward, backward = moved(eps / 2), moved(-eps / 2)
    return tree_util.tree_map(lambda a, b: _over(a, b, eps), forward, backward)


def _plus(x: Any, direction: Any, step: float) -> Any:
    value = np.asarray(x)
    return value if is_float0(direction) else (value + step * np.asarray(direction)).astype(value.dtype)


def _over(a: Any, b: Any, eps: float) -> Any:
    a, b = np.asarray(a), np.asarray(b)
    if not _differentiable(a):
        return zeros_float0(a.shape)
    wide = np.complex128 if a.dtype.kind == "c" else np.float64
    return ((a.astype(wide) - b.astype(wide)) / eps).astype(a.dtype)


def _differentiable(x: Any) -> bool:
    return not is_float0(x) and as_array(x).type.differentiable


def _random_like(rng: np.random.Generator, tree: Any) -> Any:
    def draw(x: Any) -> Any:
        if not _differentiable(x):
            return zeros_float0(np.shape(x))
        type = as_array(x).type
        values = rng.normal(size=type.shape)
        if type.dtype.kind == "c":
            values = values + 1j * rng.normal(size=type.shape)
        return np.asarray(values).astype(type.dtype)

    return tree_util.tree_map(draw, tree)


def _inner(xs: Any, ys: Any) -> float:
    """Σ x·y over all leaves, the real part: what transposition keeps."""
    total = 0.0
    for x, y in zip(tree_util.tree_leaves(xs), tree_util.tree_leaves(ys), strict=True):
        if _differentiable(x) and _differentiable(y):
            total += float(np.sum(np.asarray(x).astype(complex) * np.asarray(y).astype(complex)).real)
    return total


def _assert_close(got: Any, want: Any, atol: Any, rtol: Any, what: str) -> None:
    for g, w in zip(tree_util.tree_leaves(got), tree_util.tree_leaves(want), strict=True):
        g, w = np.asarray(g), np.asarray(w)
        if g.dtype.itemsize:
            _assert_near(g, w, atol, rtol, _TOLERANCE.get(g.dtype.name, 0), what)


def _assert_near(got: Any, want: Any, atol: Any, rtol: Any, default: float, what: str) -> None:
    got, want = (x.astype(np.float32) if getattr(x, "dtype", None) == "bfloat16" else x for x in (got, want))
    np.testing.assert_allclose(
        got, want, atol=default if atol is None else atol, rtol=default if rtol is None else rtol, err_msg=what
    )
