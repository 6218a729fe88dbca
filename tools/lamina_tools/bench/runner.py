"""Runs workloads in both libraries in alternation, and compares times and results."""

from __future__ import annotations

import json
import math
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .workload import Workload

PAUSE = 0.15  # seconds before a turn: idle threads of the other processes (OpenBLAS's, Eigen's) stop to poll by then


@dataclass
class Measured:
    """A library on a workload: seconds of the first call and of a later one, peak bytes; or what went wrong."""

    first: float = math.nan
    median: float = math.nan
    peak: int = 0
    error: str = ""


@dataclass
class Comparison:
    """A workload in all libraries; `ratio` is Lamina's time over JAX's, the median over the rounds."""

    name: str
    group: str
    measured: dict[str, Measured] = field(default_factory=dict)
    ratio: float = math.nan
    difference: str = ""  # how the results differ, if they do

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class _Process:
    """A worker for one library."""

    def __init__(self, library: str, name: str, results: Path):
        command = [sys.executable, "-m", "lamina_tools.bench.worker", library, name, str(results)]
        self._worker = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def reply(self) -> dict[str, float]:
        """The next answer. Raises RuntimeError with the worker's last words if there is none."""
        assert self._worker.stdout is not None and self._worker.stderr is not None
        line = self._worker.stdout.readline()
        if not line:
            words = self._worker.stderr.read().strip().splitlines()
            self.close()
            raise RuntimeError(words[-1] if words else "the process ended")
        return json.loads(line)

    def run(self, seconds: float) -> dict[str, float]:
        assert self._worker.stdin is not None
        self._worker.stdin.write(f"{seconds}\n")
        self._worker.stdin.flush()
        return self.reply()

    def close(self) -> None:
        self._worker.communicate()


def compare(workload: Workload, libraries: Sequence[str], folder: Path, rounds: int, seconds: float) -> Comparison:
    """Run a workload in alternation."""
    outcome = Comparison(workload.name, workload.group)
    processes: dict[str, _Process] = {}
    for library in libraries:
        if library == "numpy" and not workload.numpy:
            continue
        found = outcome.measured[library] = Measured()
        process = _Process(library, workload.name, folder / f"{library}.npz")
        try:
            found.first = process.reply()["first"]
            processes[library] = process
        except RuntimeError as error:
            found.error = str(error)
    times: dict[str, list[float]] = {library: [] for library in processes}
    for _ in range(rounds):
        for library, process in processes.items():
            time.sleep(PAUSE)
            reply = process.run(seconds)
            times[library].append(reply["median"])
            outcome.measured[library].peak = int(reply["peak"])
    for library, process in processes.items():
        outcome.measured[library].median = statistics.median(times[library])
        process.close()
    if {"lamina", "jax"} <= processes.keys():
        outcome.ratio = statistics.median(a / b for a, b in zip(times["lamina"], times["jax"], strict=True))
        if workload.rtol is not None:
            outcome.difference = _difference(folder, workload)
    return outcome


def _difference(folder: Path, workload: Workload) -> str:
    """What is wrong with Lamina's results, with JAX's as the measure; nothing if they agree."""
    ours, theirs = (list(np.load(folder / f"{library}.npz").values()) for library in ("lamina", "jax"))
    if len(ours) != len(theirs):
        return f"{len(ours)} results instead of {len(theirs)}"
    assert workload.rtol is not None
    for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        if a.shape != b.shape:
            return f"result {i} has the shape {a.shape} instead of {b.shape}"
        if not np.allclose(a, b, rtol=workload.rtol, atol=workload.atol, equal_nan=True):
            return f"result {i} differs by up to {np.nanmax(np.abs(a.astype(complex) - b)):.2g}"
    return ""


def geometric_mean(ratios: Iterable[float]) -> float:
    """Of those that are numbers."""
    known = [math.log(r) for r in ratios if not math.isnan(r)]
    return math.exp(sum(known) / len(known)) if known else math.nan
