"""What a call costs: eager operations, jitted functions of few and many arguments."""

from __future__ import annotations

import numpy as np

from ..workload import floats, workload

for _count in (1, 10, 100):

    @workload(f"call_{_count}_arguments", "latency")
    def call(lib, rng, count=_count):
        return lambda *xs: [x + 1 for x in xs], tuple(floats(rng, 16) for _ in range(count))


@workload("call_numpy_argument", "latency", convert=False)
def call_numpy(lib, rng):
    return lambda x: x * np.float32(2), (floats(rng, 1024),)


@workload("eager_add_1024", "latency", eager=True, numpy=True)
def eager_add(lib, rng):
    return lambda x, y: x + y, (floats(rng, 1024), floats(rng, 1024))


@workload("eager_chain_1024", "latency", eager=True, numpy=True)
def eager_chain(lib, rng):
    return lambda x: lib.np.sum(lib.np.exp(x * 2 - 1)), (floats(rng, 1024),)
