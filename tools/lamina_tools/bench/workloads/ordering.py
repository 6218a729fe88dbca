"""Sorting, searching, cumulative operations, gather and scatter."""

from __future__ import annotations

import numpy as np

from ..workload import floats, workload

for _exponent in (3, 5, 6):

    @workload(f"sort_1e{_exponent}", "sort", numpy=True)
    def sort(lib, rng, n=10**_exponent):
        return lambda x: lib.np.sort(x), (floats(rng, n),)

    @workload(f"argsort_1e{_exponent}", "sort", numpy=True)
    def argsort(lib, rng, n=10**_exponent):
        return lambda x: lib.np.argsort(x), (floats(rng, n),)


@workload("top_k_1e5", "sort")
def top_k(lib, rng):
    return lambda x: lib.lax.top_k(x, 32), (floats(rng, 10**5),)


@workload("unique_1e5", "sort")
def unique(lib, rng):
    return lambda x: lib.np.unique(x, size=1000, fill_value=-1), (rng.integers(0, 1000, 10**5, dtype=np.int32),)


@workload("searchsorted_1e5", "sort", numpy=True)
def searchsorted(lib, rng):
    return lambda x, y: lib.np.searchsorted(x, y), (np.sort(floats(rng, 10**5)), floats(rng, 10**5))


@workload("cumsum_1e6", "cumulative", numpy=True, rtol=1e-2, atol=1)
def cumsum(lib, rng):
    return lambda x: lib.np.cumsum(x), (floats(rng, 10**6),)


@workload("cumsum_rows_1024", "cumulative", numpy=True, atol=1e-2)
def cumsum_rows(lib, rng):
    return lambda x: lib.np.cumsum(x, axis=1), (floats(rng, 1024, 1024),)


@workload("cummax_1e6", "cumulative")
def cummax(lib, rng):
    return lambda x: lib.lax.cummax(x), (floats(rng, 10**6),)


@workload("embedding_gather", "gather", numpy=True)
def embedding(lib, rng):
    return lambda table, i: table[i], (floats(rng, 10**4, 64), rng.integers(0, 10**4, 8192, dtype=np.int32))


@workload("embedding_gradient", "gather")
def embedding_gradient(lib, rng):
    arrays = floats(rng, 10**4, 64), rng.integers(0, 10**4, 8192, dtype=np.int32)
    return lib.grad(lambda table, i: (table[i] ** 2).sum()), arrays


@workload("segment_sum_1e5", "gather")
def segment_sum(lib, rng):
    def summed(x, i):
        return lib.np.zeros(1000, x.dtype).at[i].add(x)

    return summed, (floats(rng, 10**5), rng.integers(0, 1000, 10**5, dtype=np.int32))


@workload("random_uniform_1e6", "random")
def uniform(lib, rng):
    return lambda key: lib.random.uniform(key, (10**6,)), (np.array([0, 7], np.uint32),)


@workload("random_normal_1e6", "random")
def normal(lib, rng):
    return lambda key: lib.random.normal(key, (10**6,)), (np.array([0, 7], np.uint32),)


@workload("random_permutation_1e6", "random")
def permutation(lib, rng):
    return lambda key: lib.random.permutation(key, 10**6), (np.array([0, 7], np.uint32),)
