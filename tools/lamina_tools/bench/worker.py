"""One library runs one workload in a process of its own, when it is told to.

    python -m lamina_tools.bench.worker LIBRARY WORKLOAD RESULTS.npz

Prints a line of JSON with the time of the first call, then, for every number of seconds it reads, one with the median
time of a call over about that long, and its peak memory.
"""

from __future__ import annotations

import json
import resource
import statistics
import sys
import time

import numpy as np

from . import workloads  # noqa: F401  (fills the table)
from .library import Library
from .workload import TABLE


def main(argv: list[str]) -> None:
    library, name, results = argv
    lib, chosen = Library(library), TABLE[name]
    function, arguments = chosen.make(lib, np.random.default_rng(0))
    if chosen.convert:
        arguments = lib.arrays(arguments)
    call = (lib.eager if chosen.eager else lib.compiled)(function)
    started = time.perf_counter()
    out = lib.results(call(*arguments))
    first = time.perf_counter() - started
    np.savez(results, *out)
    del out
    call(*arguments)
    print(json.dumps({"first": first}), flush=True)
    for line in sys.stdin:
        times, budget = [], float(line)
        end = time.perf_counter() + budget
        while len(times) < 3 or (time.perf_counter() < end and len(times) < 10000):
            started = time.perf_counter()
            call(*arguments)
            times.append(time.perf_counter() - started)
        print(json.dumps({"median": statistics.median(times), "peak": _peak_memory()}), flush=True)


def _peak_memory() -> int:
    """Bytes that this program has used at most. (ru_maxrss would count what its parent used before starting it.)"""
    try:
        with open("/proc/self/status") as status:
            return 1024 * next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main(sys.argv[1:])
