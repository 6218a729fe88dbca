"""Measures the figures in the README: `python -m lamina_tools.figures`.

Call latency and trace time are medians over many repetitions in this process; the first call of a trivial jit is the
median over fresh processes with an empty cache.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

import click

FIRST_CALL = """
import time
import lamina as la
import numpy as np
x = np.ones(16, np.float32)
start = time.perf_counter()
la.jit(lambda x: x + 1)(x)
print(time.perf_counter() - start)
"""


def median_us(call: Callable[[], object], repetitions: int) -> float:
    """Median time of a call, in µs."""
    times = []
    for _ in range(repetitions):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1e6 * statistics.median(times)


def call_latency() -> tuple[float, float, float]:
    """µs of a jitted add of two 16-float arrays: Lamina arrays, NumPy arrays; and of an eager add."""
    import numpy as np

    import lamina as la
    import lamina.numpy as lnp

    add = la.jit(lambda x, y: x + y)
    a, b = lnp.ones(16), np.ones(16, np.float32)
    add(a, a)
    add(b, b)
    return median_us(lambda: add(a, a), 20_000), median_us(lambda: add(b, b), 20_000), median_us(lambda: a + a, 20_000)


def trace_time(ops: int = 1000) -> float:
    """µs per op of tracing a function of `ops` ops."""
    import lamina as la
    import lamina.numpy as lnp

    def chain(x: la.Array) -> la.Array:
        for _ in range(ops // 2):
            x = lnp.sin(x) * x
        return x

    return median_us(lambda: la.jit(chain).lower(1.0), 9) / ops


def first_call(processes: int) -> float:
    """Seconds of the first call of a trivial jit in a fresh process with an empty cache."""
    times = []
    for _ in range(processes):
        with tempfile.TemporaryDirectory() as folder:
            environment = os.environ | {"LAMINA_CACHE_DIR": folder}
            done = subprocess.run(
                [sys.executable, "-c", FIRST_CALL], env=environment, check=True, capture_output=True, text=True
            )
            times.append(float(done.stdout))
    return statistics.median(times)


@click.command()
@click.option("--processes", default=5, help="Fresh processes for the first call.")
def main(processes: int) -> None:
    """Print the README's figures."""
    lamina_arrays, numpy_arrays, eager = call_latency()
    click.echo(f"jitted add of two 16-float arrays   {lamina_arrays:6.1f} µs (NumPy arguments {numpy_arrays:.1f} µs)")
    click.echo(f"eager add of two 16-float arrays    {eager:6.1f} µs")
    click.echo(f"trace time per op                   {trace_time():6.1f} µs")
    click.echo(f"first call of a trivial jit         {first_call(processes):6.2f} s")


if __name__ == "__main__":
    main()
