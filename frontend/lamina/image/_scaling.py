"""Resampling along axes: along each, every new element is a weighted sum of old ones, so a product with a matrix."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from lamina import errors
from lamina import numpy as lnp
from lamina.array import Array
from lamina.lax._types import Precision, check_precision
from lamina.numpy._operands import as_shape, normal_axis, operand, promoted
from lamina.tracing import suspended


class ResizeMethod(enum.Enum):
    """How elements between others are computed.

    >>> import lamina as la, lamina.numpy as lnp
    >>> la.image.resize(lnp.array([[0.0, 1.0]]), (1, 4), la.image.ResizeMethod.NEAREST)
    Array([[0., 0., 1., 1.]], dtype=float32)
    """

    NEAREST = 0
    LINEAR = 1
    LANCZOS3 = 2
    LANCZOS5 = 3
    CUBIC = 4
    CUBIC_PYTORCH = 5
    AREA = 6

    @staticmethod
    def from_string(s: str) -> ResizeMethod:
        """The method of a name such as "bilinear". Raises ValueError for an unknown one."""
        if s not in _NAMES:
            raise ValueError(f"The method is one of {', '.join(sorted(_NAMES))}, not {s!r}.")
        return _NAMES[s]


_NAMES = {
    "nearest": ResizeMethod.NEAREST,
    **dict.fromkeys(["linear", "bilinear", "trilinear", "triangle"], ResizeMethod.LINEAR),
    "lanczos3": ResizeMethod.LANCZOS3,
    "lanczos5": ResizeMethod.LANCZOS5,
    **dict.fromkeys(["cubic", "bicubic", "tricubic"], ResizeMethod.CUBIC),
    **dict.fromkeys(["cubic-pytorch", "bicubic-pytorch"], ResizeMethod.CUBIC_PYTORCH),
    "area": ResizeMethod.AREA,
}

# ---- kernels: weights at a distance ≥ 0, in elements -----------------------------------------------------------------


def _triangle(x: Array) -> Array:
    return lnp.maximum(0, 1 - x)


def _cubic(a: float) -> Callable[[Array], Array]:
    """Cubic convolution (Keys 1981) with slope `a` at 1."""

    def kernel(x: Array) -> Array:
        near = ((a + 2) * x - (a + 3)) * x * x + 1
        far = ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
        return lnp.where(x >= 2, 0, lnp.where(x >= 1, far, near))

    return kernel


def _lanczos(radius: int) -> Callable[[Array], Array]:
    """sinc(x) · sinc(x / radius) within the radius (Duchon 1979)."""

    def kernel(x: Array) -> Array:
        wave = radius * lnp.sin(np.pi * x) * lnp.sin(np.pi * x / radius)
        inner = lnp.where(x > 1e-3, wave / lnp.where(x != 0, np.pi**2 * x**2, 1), 1)
        return lnp.where(x > radius, 0, inner)

    return kernel


class _Kernel(NamedTuple):
    radius: int
    weight: Callable[[Array], Array] | None  # None: the overlap of old and new elements


_KERNELS = {
    ResizeMethod.LINEAR: _Kernel(1, _triangle),
    ResizeMethod.LANCZOS3: _Kernel(3, _lanczos(3)),
    ResizeMethod.LANCZOS5: _Kernel(5, _lanczos(5)),
    ResizeMethod.CUBIC: _Kernel(2, _cubic(-0.5)),
    ResizeMethod.CUBIC_PYTORCH: _Kernel(2, _cubic(-0.75)),
    ResizeMethod.AREA: _Kernel(1, None),
}

# ---- weights --------------------------------------------------------------------------------------------------------


def _weights(size: int, new_size: int, scale: Array, translation: Array, kernel: _Kernel, method: _Method) -> Array:
    """Weight of each of `size` old elements in each of `new_size` new ones."""
    step = 1 / scale
    new = lnp.arange(new_size, dtype=scale.dtype)
    center = (new + 0.5) * step - translation * step - 0.5  # of the new elements, in old ones
    outside = kernel.radius if method.repeats_edge else 0
    places = lnp.arange(-outside, size + outside, dtype=scale.dtype)[:, None]
    if kernel.weight is None:
        start = new * step - translation * step
        overlap = lnp.minimum(start + step, places + 1) - lnp.maximum(start, places)
        weights = lnp.maximum(0, overlap)
    else:
        width = lnp.maximum(step, 1) if method.antialias else 1
        weights = kernel.weight(lnp.abs(center - places) / width)
    if outside:  # elements outside are those at the edge
        low, inner, high = weights[:outside], weights[outside:-outside], weights[-outside:]
        edges = [lnp.sum(low, 0, keepdims=True), lnp.sum(high, 0, keepdims=True)]
        at = lnp.arange(size)[:, None]
        weights = inner + lnp.where(at == 0, edges[0], 0) + lnp.where(at == size - 1, edges[1], 0)
    total = lnp.sum(weights, 0, keepdims=True)
    enough = lnp.abs(total) > 1000 * float(np.finfo(np.float32).eps)
    weights = lnp.where(enough, weights / lnp.where(total != 0, total, 1), 0)
    if outside:
        return weights
    return lnp.where(lnp.logical_and(center >= -0.5, center <= size - 0.5), weights, 0)


class _Method(NamedTuple):
    """A method as it is carried out."""

    kind: ResizeMethod
    antialias: bool

    @property
    def repeats_edge(self) -> bool:
        return self.kind is ResizeMethod.CUBIC_PYTORCH


def _method(given: Any, antialias: bool) -> _Method:
    kind = ResizeMethod.from_string(given) if isinstance(given, str) else ResizeMethod(given)
    if kind is ResizeMethod.CUBIC_PYTORCH and antialias:
        kind = ResizeMethod.CUBIC
    return _Method(kind, bool(antialias))


def _all_weights(
    image: Array, shape: Sequence[int], axes: Sequence[int], scale: Any, translation: Any, method: _Method
) -> list[Array]:
    kernel = _KERNELS[method.kind]
    return [_weights(image.shape[d], shape[d], scale[i], translation[i], kernel, method) for i, d in enumerate(axes)]


def _resampled(image: Array, axes: Sequence[int], weights: Sequence[Array]) -> Array:
    for axis, weight in zip(axes, weights, strict=True):
        image = lnp.moveaxis(lnp.tensordot(image, weight.astype(image.dtype), ((axis,), (0,))), -1, axis)
    return image


def resize(
    image: Any, shape: Any, method: str | ResizeMethod, antialias: bool = True, precision: Any = Precision.HIGHEST
) -> Array:
    """The image in another shape; axes whose size stays are left alone. Integers become floats (not for "nearest").

    Args:
        shape: a size for each axis.
        method: "nearest", "linear" ("bilinear", …), "cubic" ("bicubic", …; Keys' kernel), "cubic-pytorch", "lanczos3",
            "lanczos5" or "area".
        antialias: whether the kernel is widened where the image shrinks, so that no element is skipped.

    Raises: ShapeError, ValueError for an unknown method.

    >>> import lamina.numpy as lnp
    >>> resize(lnp.array([0.0, 1.0]), (4,), "linear")
    Array([0.  , 0.25, 0.75, 1.  ], dtype=float32)
    """
    check_precision(precision)
    image, shape = operand("image.resize", image, "image"), as_shape("image.resize", shape)
    _check_rank("resize", image, shape)
    chosen = _method(method, antialias)
    axes = [d for d in range(image.ndim) if image.shape[d] != shape[d]]
    if chosen.kind is ResizeMethod.NEAREST:
        return _nearest(image, shape, axes)
    (image,) = promoted("image.resize", image, names=("image",), inexact=True)
    with suspended():  # they depend on sizes only: constants of a program
        scale = [lnp.asarray(shape[d] / image.shape[d] if shape[d] else 1.0) for d in axes]
        weights = _all_weights(image, shape, axes, scale, [lnp.zeros_like(s) for s in scale], chosen)
    return _resampled(image, axes, weights)


def _nearest(image: Array, shape: Sequence[int], axes: Sequence[int]) -> Array:
    for axis in axes:
        old, new = image.shape[axis], shape[axis]
        places = np.floor((np.arange(new, dtype=np.float32) + np.float32(0.5)) * np.float32(old) / np.float32(new))
        image = lnp.take(image, lnp.asarray(places.astype(np.int32)), axis, mode="clip")
    return image


def scale_and_translate(
    image: Any,
    shape: Any,
    spatial_dims: Sequence[int],
    scale: Any,
    translation: Any,
    method: str | ResizeMethod,
    antialias: bool = True,
    precision: Any = Precision.HIGHEST,
) -> Array:
    """The image scaled and then moved along some axes, within a frame of another shape; 0 outside of the image.

    Args:
        shape: of the frame, a size for each axis.
        spatial_dims: the axes.
        scale, translation: a number for each of them: x becomes scale · x + translation. Both have derivatives.
        method, antialias: as those of `resize`; "nearest" does not exist here.

    >>> import lamina.numpy as lnp
    >>> scale_and_translate(lnp.array([1.0, 2.0]), (4,), (0,), lnp.array([1.0]), lnp.array([1.0]), "linear")
    Array([0., 1., 2., 0.], dtype=float32)
    """
    check_precision(precision)
    name = "image.scale_and_translate"
    image, shape = operand(name, image, "image"), as_shape(name, shape)
    _check_rank("scale_and_translate", image, shape)
    chosen = _method(method, antialias)
    if chosen.kind is ResizeMethod.NEAREST:
        raise ValueError(f"`{name}`: the method 'nearest' does not exist here. Use image.resize.")
    (image,) = promoted(name, image, names=("image",), inexact=True)
    scale, translation = promoted(name, scale, translation, names=("scale", "translation"), inexact=True)
    axes = [normal_axis(name, d, image.ndim) for d in spatial_dims]
    if scale.shape != (len(axes),) or translation.shape != (len(axes),):
        raise errors.ShapeError(
            name, f"scale and translation have a number for each of {len(axes)} axes",
            scale=scale.shape, translation=translation.shape,
        )  # fmt: skip
    return _resampled(image, axes, _all_weights(image, shape, axes, scale, translation, chosen))


def _check_rank(function: str, image: Array, shape: tuple[int, ...]) -> None:
    if len(shape) != image.ndim:
        raise errors.ShapeError(
            f"image.{function}", "the shape must have a size for each axis", image=image.shape, shape=shape
        )
