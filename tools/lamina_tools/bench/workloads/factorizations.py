"""FFT and linear algebra."""

from __future__ import annotations

import numpy as np

from ..workload import floats, workload

for _n in (1000, 1021, 1024, 65536):

    @workload(f"fft_{_n}", "fft", numpy=True, atol=1e-1)
    def fft(lib, rng, n=_n):
        return lambda x: lib.np.fft.fft(x), (floats(rng, max(1, 2**18 // n), n),)


def _positive(rng, *shape):
    x = floats(rng, *shape)
    return x @ np.swapaxes(x, -1, -2) + shape[-1] * np.eye(shape[-1], dtype=np.float32)


for _n in (16, 64, 256, 512):

    @workload(f"cholesky_{_n}", "linalg", numpy=True)
    def cholesky(lib, rng, n=_n):
        return lambda a: lib.np.linalg.cholesky(a), (_positive(rng, n, n),)

    @workload(f"solve_{_n}", "linalg", numpy=True, rtol=1e-2)
    def solve(lib, rng, n=_n):
        return lambda a, b: lib.np.linalg.solve(a, b), (_positive(rng, n, n), floats(rng, n, 1))


@workload("cholesky_batched_256x16", "linalg", numpy=True)
def cholesky_batched(lib, rng):
    return lambda a: lib.np.linalg.cholesky(a), (_positive(rng, 256, 16, 16),)


@workload("qr_256", "linalg", numpy=True, rtol=1e-2, atol=1e-2)
def qr(lib, rng):
    return lambda a: lib.np.abs(lib.np.linalg.qr(a)[1]), (floats(rng, 256, 256),)


@workload("eigh_128", "linalg", numpy=True, rtol=1e-2)
def eigh(lib, rng):
    return lambda a: lib.np.linalg.eigh(a)[0], (_positive(rng, 128, 128),)


@workload("svd_128", "linalg", numpy=True, rtol=1e-2, atol=1e-2)
def svd(lib, rng):
    return lambda a: lib.np.linalg.svd(a)[1], (floats(rng, 128, 128),)
