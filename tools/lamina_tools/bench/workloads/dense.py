"""Matrix products, attention, convolutions, pooling."""

from __future__ import annotations

import numpy as np

from ..workload import floats, workload

for _n in (32, 64, 128, 256, 512, 1024, 2048):

    @workload(f"matmul_{_n}", "matmul", numpy=True, atol=1e-2)
    def matmul(lib, rng, n=_n):
        return lambda x, y: x @ y, (floats(rng, n, n), floats(rng, n, n))


@workload("matmul_bf16_512", "matmul", rtol=5e-2, atol=1)
def matmul_bf16(lib, rng):
    def product(x, y):
        return (x.astype(lib.np.bfloat16) @ y.astype(lib.np.bfloat16)).astype(lib.np.float32)

    return product, (floats(rng, 512, 512), floats(rng, 512, 512))


@workload("matmul_i8_512", "matmul")
def matmul_i8(lib, rng):
    def product(x, y):
        return lib.lax.dot_general(x, y, (((1,), (0,)), ((), ())), preferred_element_type=lib.np.int32)

    return product, tuple(rng.integers(-100, 100, (512, 512), dtype=np.int8) for _ in range(2))


@workload("matmul_batched_16x128", "matmul", numpy=True, atol=1e-2)
def matmul_batched(lib, rng):
    return lambda x, y: x @ y, (floats(rng, 16, 128, 128), floats(rng, 16, 128, 128))


@workload("matmul_skinny_4096x64x16", "matmul", numpy=True, atol=1e-2)
def matmul_skinny(lib, rng):
    return lambda x, y: x @ y, (floats(rng, 4096, 64), floats(rng, 64, 16))


@workload("matvec_2048", "matmul", numpy=True, atol=1e-2)
def matvec(lib, rng):
    return lambda x, y: x @ y, (floats(rng, 2048, 2048), floats(rng, 2048))


@workload("einsum_bilinear", "matmul", atol=1e-1)
def einsum(lib, rng):
    arrays = floats(rng, 64, 32), floats(rng, 32, 48, 24), floats(rng, 64, 48)
    return lambda x, w, y: lib.np.einsum("bi,ijk,bj->bk", x, w, y), arrays


def _attention(lib, q, k, v):
    scores = lib.np.einsum("bhqd,bhkd->bhqk", q, k) / np.float32(q.shape[-1] ** 0.5)
    return lib.np.einsum("bhqk,bhkd->bhqd", lib.nn.softmax(scores), v)


for _length in (64, 256, 1024):
    _heads = 8 if _length < 1024 else 2

    @workload(f"attention_{_length}", "attention")
    def attention(lib, rng, length=_length, heads=_heads):
        arrays = tuple(floats(rng, 2, heads, length, 64) for _ in range(3))
        return lambda q, k, v: _attention(lib, q, k, v), arrays

    @workload(f"attention_gradient_{_length}", "attention", atol=1e-3)
    def attention_gradient(lib, rng, length=_length, heads=_heads):
        arrays = tuple(floats(rng, 2, heads, length, 64) for _ in range(3))
        return lib.grad(lambda q, k, v: (_attention(lib, q, k, v) ** 2).sum(), argnums=(0, 1, 2)), arrays


def _conv2d(lib, x, w):
    return lib.lax.conv_general_dilated(x, w, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))


@workload("conv2d_3x3", "conv", atol=1e-2)
def conv2d(lib, rng):
    return lambda x, w: _conv2d(lib, x, w), (floats(rng, 8, 32, 32, 32), floats(rng, 3, 3, 32, 64))


@workload("conv2d_gradient", "conv", rtol=1e-2, atol=1)
def conv2d_gradient(lib, rng):
    arrays = floats(rng, 8, 32, 32, 16), floats(rng, 3, 3, 16, 32)
    return lib.grad(lambda x, w: (_conv2d(lib, x, w) ** 2).sum(), argnums=(0, 1)), arrays


@workload("conv1d_9", "conv", atol=1e-2)
def conv1d(lib, rng):
    def convolved(x, w):
        return lib.lax.conv_general_dilated(x, w, (1,), "SAME", dimension_numbers=("NWC", "WIO", "NWC"))

    return convolved, (floats(rng, 8, 1024, 16), floats(rng, 9, 16, 32))


@workload("max_pool_2x2", "conv")
def max_pool(lib, rng):
    def pooled(x):
        return lib.lax.reduce_window(x, -np.inf, lib.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")

    return pooled, (floats(rng, 8, 64, 64, 32),)
