"""Attention with all its options against the definition in NumPy."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina import errors, lax, nn

RNG = np.random.default_rng(0)
QUERY = RNG.normal(size=(2, 5, 4, 8)).astype(np.float32)
KEY, VALUE = (RNG.normal(size=(2, 6, 2, 8)).astype(np.float32) for _ in range(2))
BIAS, MASK = RNG.normal(size=(1, 4, 5, 6)).astype(np.float32), RNG.random((2, 1, 5, 6)) > 0.3
HERE, THERE = np.arange(5)[:, None], np.arange(6)[None, :]
LENGTHS = np.array([3, 5], np.int32), np.array([6, 2], np.int32)

# options, what they add to the logits, and what is seen
CASES: list[tuple[dict[str, Any], Any, Any]] = [
    ({}, 0, True),
    ({"scale": 0.3}, 0, True),
    ({"bias": BIAS}, BIAS, True),
    ({"bias": BIAS[0, 0]}, BIAS[0, 0], True),
    ({"mask": MASK}, 0, MASK),
    ({"is_causal": True}, 0, THERE <= HERE),
    ({"local_window_size": 1}, 0, abs(THERE - HERE) <= 1),
    ({"local_window_size": (2, 0), "mask": MASK}, 0, MASK & (THERE <= HERE) & (HERE - THERE <= 2)),
    ({"key_value_seq_lengths": LENGTHS[1]}, 0, LENGTHS[1][:, None, None, None] > THERE),
    ({"mask": np.zeros((1, 4, 5, 6), bool)}, 0, False),
]


def direct(bias: Any, seen: Any, scale: float = 1 / math.sqrt(8)) -> np.ndarray:
    q, k, v = (x.astype(np.float64) for x in (QUERY, KEY.repeat(2, 2), VALUE.repeat(2, 2)))
    logits = np.einsum("btnh,bsnh->bnts", q, k) * scale + bias
    logits = np.where(seen, logits, -1e30)
    weights = np.exp(logits - logits.max(-1, keepdims=True))
    return np.einsum("bnts,bsnh->btnh", weights / weights.sum(-1, keepdims=True), v)


@pytest.mark.parametrize("case", CASES, ids=[", ".join(case[0]) for case in CASES])
def test_is_its_definition(case: tuple[dict[str, Any], Any, Any]) -> None:
    options, bias, seen = case
    got = nn.dot_product_attention(QUERY, KEY, VALUE, **options)
    want = direct(bias, seen, **({"scale": 0.3} if "scale" in options else {}))
    np.testing.assert_allclose(got, want, rtol=2e-5, atol=2e-6)


def test_lengths_of_the_query_and_residuals() -> None:
    got = np.asarray(nn.dot_product_attention(QUERY, KEY, VALUE, query_seq_lengths=LENGTHS[0]))
    counts = np.arange(5) < LENGTHS[0][:, None]
    np.testing.assert_allclose(got, direct(0, True) * counts[:, :, None, None], rtol=2e-5, atol=2e-6)
    _, residual = nn.dot_product_attention(QUERY, KEY, VALUE, return_residual=True)
    logits = np.einsum("btnh,bsnh->btns", QUERY, KEY.repeat(2, 2)) / math.sqrt(8)
    np.testing.assert_allclose(residual, np.log(np.exp(logits).sum(-1)), rtol=1e-5)


def test_without_a_batch_and_in_half_precision() -> None:
    whole = nn.dot_product_attention(QUERY, KEY, VALUE)
    np.testing.assert_allclose(nn.dot_product_attention(QUERY[0], KEY[0], VALUE[0]), whole[0], rtol=1e-6)
    half = nn.dot_product_attention(*(x.astype(np.float16) for x in (QUERY, KEY, VALUE)))
    assert half.dtype == np.float16
    np.testing.assert_allclose(half, whole, atol=4e-3)


def test_compiled_with_gradients_is_eager() -> None:
    def everything(q: Any, k: Any, v: Any) -> Any:
        loss = lambda q, k, v: lnp.sum(nn.dot_product_attention(q, k, v, BIAS, MASK, is_causal=True) ** 2)  # noqa: E731
        mapped = la.vmap(nn.dot_product_attention)(q, k, v)
        return loss(q, k, v), la.grad(loss, (0, 1, 2))(q, k, v), mapped

    for got, want in zip(
        la.tree.leaves(la.jit(everything)(QUERY, KEY, VALUE)),
        la.tree.leaves(everything(QUERY, KEY, VALUE)),
        strict=True,
    ):
        np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-5)


def test_scaled_products_and_log1mexp() -> None:
    a, b = RNG.normal(size=(2, 3, 8)).astype(np.float32), RNG.normal(size=(2, 4, 8)).astype(np.float32)
    sa, sb = RNG.random((2, 3, 2)).astype(np.float32), RNG.random((2, 4, 2)).astype(np.float32)
    want = np.einsum("bmk,bnk->bmn", a * sa.repeat(4, 2), b * sb.repeat(4, 2))
    np.testing.assert_allclose(nn.scaled_matmul(a, b, sa, sb), want, rtol=1e-5)
    small = np.arange(12, dtype=np.float32).reshape(3, 4)
    scale = np.float32([[1, 2], [0.5, 1], [2, 4]])
    got = lax.scaled_dot(small, small.T, lhs_scale=scale, preferred_element_type=np.float32)
    np.testing.assert_allclose(got, (small * scale.repeat(2, 1)) @ small.T)
    assert lax.scaled_dot(small, small.T).dtype == "bfloat16"
    x = np.array([1e-20, 1e-3, 0.5, 0.7, 2, 80])
    want = [math.log(-math.expm1(-v)) if v < 0.6 else math.log1p(-math.exp(-v)) for v in x]
    np.testing.assert_allclose(nn.log1mexp(x.astype(np.float32)), want, rtol=3e-7)
    np.testing.assert_allclose(la.grad(lambda x: nn.log1mexp(x))(np.float32(2)), 1 / np.expm1(2), rtol=1e-6)


def test_errors() -> None:
    q = lnp.zeros((2, 5, 4, 8))
    cases: list[tuple[Any, type[Exception], str]] = [
        (lambda: nn.dot_product_attention(q, q, q[:1]), errors.ShapeError, "key and value must have one shape"),
        (lambda: nn.dot_product_attention(q, q[:, :, :3], q[:, :, :3]), ValueError, "must be a multiple of those of"),
        (lambda: nn.dot_product_attention(q[0, 0], q, q), errors.ShapeError, "query has the shape [batch, positions"),
        (lambda: nn.dot_product_attention(q, q.astype("float16"), q), errors.DTypeError, "must have one dtype"),
        (lambda: nn.dot_product_attention(q, q, q, mask=lnp.ones((5, 5))), errors.DTypeError, "the mask is boolean"),
        (lambda: nn.dot_product_attention(q, q, q, bias=lnp.ones((3, 5, 5))), errors.ShapeError, "bias must broadcast"),
        (lambda: nn.dot_product_attention(q, q, q, query_seq_lengths=lnp.ones(2)), errors.ShapeError, "is an int32"),
        (lambda: nn.dot_product_attention(q, q, q, implementation="cudnn"), NotImplementedError, "Use None"),
        (lambda: lax.scaled_dot(q, q.mT, lhs_scale=q), errors.ShapeError, "has 2 elements at least"),
        (lambda: lax.scaled_dot(q, q.mT, lhs_scale=q[..., :3]), errors.ShapeError, "the sizes of lhs must be those of"),
        (lambda: nn.scaled_dot_general(q, q, None, configs=[1, 2]), NotImplementedError, "4 and 8 bit floats"),
        (lambda: nn.get_scaled_dot_general_config("mxfp8"), NotImplementedError, "the format mxfp8"),
    ]  # fmt: skip
    for call, kind, text in cases:
        with pytest.raises(kind) as caught:
            call()
        assert text in str(caught.value)
