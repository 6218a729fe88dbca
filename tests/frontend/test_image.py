"""Resampling of images, against what is known about the methods, and golden values from JAX 0.10.2."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina import errors, image

METHODS = ["linear", "cubic", "lanczos3", "lanczos5", "cubic-pytorch", "area"]
IMAGE = np.random.default_rng(0).normal(size=(2, 6, 4, 3)).astype(np.float32)


@pytest.mark.parametrize("method", [*METHODS, "nearest"])
def test_shapes_constants_and_identity(method: str) -> None:
    for shape in [(2, 12, 4, 3), (2, 3, 7, 3), (2, 6, 4, 3), (2, 0, 4, 3)]:
        assert image.resize(IMAGE, shape, method).shape == shape
    np.testing.assert_array_equal(image.resize(IMAGE, IMAGE.shape, method), IMAGE)
    for antialias in (False, True):
        flat = image.resize(np.full((5, 5), 3, np.float32), (8, 3), method, antialias)
        np.testing.assert_allclose(flat, np.full((8, 3), 3), rtol=1e-6)


def test_linear_is_interpolation() -> None:
    x = np.random.default_rng(1).normal(size=5).astype(np.float32)
    for size in (8, 13, 3):
        places = (np.arange(size) + 0.5) * 5 / size - 0.5
        want = np.interp(places, np.arange(5), x)
        np.testing.assert_allclose(image.resize(x, (size,), "bilinear", antialias=False), want, rtol=1e-5, atol=1e-6)


def test_shrinking_by_whole_numbers() -> None:
    blocks = IMAGE.reshape(2, 3, 2, 2, 2, 3).mean((2, 4))
    np.testing.assert_allclose(image.resize(IMAGE, (2, 3, 2, 3), "area"), blocks, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(image.resize(IMAGE, (2, 3, 4, 3), "nearest"), IMAGE[:, 1::2])
    ramp = np.arange(12, dtype=np.int32)
    np.testing.assert_array_equal(image.resize(ramp, (24,), image.ResizeMethod.NEAREST), ramp.repeat(2))
    assert image.resize(ramp, (24,), "nearest").dtype == np.int32
    assert image.resize(ramp, (24,), "linear").dtype == np.float32


# golden values from JAX 0.10.2: image.resize of [1, 4, 2, 0, 3] to 4 and to 7
GOLDEN = {
    ("linear", True): ([1.75, 3.1666665, 0.8333333, 2.25], [1, 2.7142856, 3.4285712, 2, 0.5714283, 1.2857144, 3]),
    ("cubic", True): (
        [1.6697134, 3.4386873, 0.5613141, 2.3302865],
        [0.8252427, 2.8116345, 3.7930038, 2, 0.2069967, 1.1883661, 3.174757],
    ),
    ("lanczos3", False): (
        [1.3095372, 3.9716599, 0.0283399, 2.6904628],
        [0.7089278, 2.7601762, 4.0960059, 2, -0.0960062, 1.2398239, 3.2910721],
    ),
    ("cubic-pytorch", False): (
        [1.3339844, 3.7407227, 0.2592773, 2.6660156],
        [0.7638475, 2.9504373, 3.8877544, 2, 0.1122458, 1.0495628, 3.2361524],
    ),
}


@pytest.mark.parametrize("case", GOLDEN)
def test_golden_values(case: tuple[str, bool]) -> None:
    x = np.float32([1, 4, 2, 0, 3])
    for want in GOLDEN[case]:
        np.testing.assert_allclose(image.resize(x, (len(want),), *case), want, rtol=2e-5, atol=1e-6)


def test_scale_and_translate() -> None:
    x = np.float32([1, 2, 3])
    move = lambda scale, shift, size=6: image.scale_and_translate(  # noqa: E731
        x, (size,), (0,), np.float32([scale]), np.float32([shift]), "linear"
    )
    np.testing.assert_allclose(move(1, 2), [0, 0, 1, 2, 3, 0])
    np.testing.assert_allclose(move(2, 0), image.resize(x, (6,), "linear"), rtol=1e-6)
    for method in METHODS:
        both = (np.float32([0.7, 1.6]), np.float32([1, -2.5]))
        f = lambda s, t, method=method: lnp.sum(  # noqa: E731
            lnp.sin(image.scale_and_translate(IMAGE, (2, 8, 8, 3), (1, -2), s, t, method, antialias=False))
        )
        for gradient in la.grad(f, (0, 1))(*both):
            assert gradient.shape == (2,) and np.all(np.isfinite(gradient))


def test_compiled_with_gradient_is_eager() -> None:
    def everything(x: Any) -> Any:
        resized = [image.resize(x, (2, 9, 3, 3), method) for method in ("linear", "cubic", "nearest")]
        return resized, la.grad(lambda x: lnp.sum(image.resize(x, (2, 9, 3, 3), "lanczos3") ** 2))(x)

    for got, want in zip(la.tree.leaves(la.jit(everything)(IMAGE)), la.tree.leaves(everything(IMAGE)), strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-5)


def test_errors() -> None:
    cases: list[tuple[Any, type[Exception], str]] = [
        (lambda: image.resize(IMAGE, (3, 3), "linear"), errors.ShapeError, "the shape must have a size for each axis"),
        (lambda: image.resize(IMAGE, IMAGE.shape, "sinc"), ValueError, "The method is one of area, bicubic"),
        (lambda: image.scale_and_translate(IMAGE, IMAGE.shape, (1,), 1.0, 0.0, "nearest"), ValueError, "image.resize"),
        (lambda: image.scale_and_translate(IMAGE, IMAGE.shape, (1,), lnp.ones(2), lnp.ones(1), "linear"),
         errors.ShapeError, "scale and translation have a number for each of 1 axes"),
    ]  # fmt: skip
    for call, kind, text in cases:
        with pytest.raises(kind) as caught:
            call()
        assert text in str(caught.value)
