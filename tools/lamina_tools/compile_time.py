"""How long Lamina's stages take, by the size of the program.

    python -m lamina_tools.compile_time [--plot FILE]

A deep network, unrolled: products, elementwise functions, and every few layers a norm. IREE's own time, which follows,
is not counted; it depends on the dispatches that are left.
"""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import click
import numpy as np
from rich.console import Console
from rich.table import Table

import lamina.numpy as lnp
from lamina._transform import flatten_arguments
from lamina.program import trace_main
from lamina_compiler import functions, pipeline

SIZES = (500, 1000, 2000, 3500, 5000, 8000)
OPERATIONS_A_LAYER = 7.3  # on average


def network(x, w, *, layers):
    """Layers with a product, a bias, an activation and a residual; each fifth one is normalized."""
    for layer in range(layers):
        y = lnp.tanh(x @ w + 0.1) * 0.5
        x = x + y * lnp.exp(-y)
        if layer % 5 == 4:
            x = x / lnp.sqrt(lnp.mean(x * x, -1, keepdims=True) + 1e-5)
    return x


def measure(layers: int) -> tuple[int, dict[str, float]]:
    """How many operations were traced, and seconds of every stage."""
    x, w = np.ones((64, 64), np.float32), np.ones((64, 64), np.float32)
    start = time.perf_counter()
    function = partial(network, layers=layers)
    trace, *_ = trace_main(function, flatten_arguments(function, (x, w), {}))
    times = {"trace": time.perf_counter() - start}
    (main,) = (f for f in functions.functions(trace.module) if functions.symbol(f) == "main")
    operations = len(functions.operations(main)) - 1
    for name in list(pipeline.STAGES)[1:]:
        start = time.perf_counter()
        pipeline.run_stage(trace.module, name)
        times[name] = time.perf_counter() - start
    return operations, times


def plot(found: list[tuple[int, dict[str, float]]], path: Path) -> None:
    """Seconds over operations, stage above stage."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(6, 3.5), layout="constrained")
    names = list(found[0][1])
    axes.stackplot([n for n, _ in found], [[times[name] for _, times in found] for name in names], labels=names)
    axes.set(xlabel="traced operations", ylabel="seconds", xlim=0, ylim=0)
    axes.legend(loc="upper left", fontsize=7)
    figure.savefig(path)
    plt.close(figure)


@click.command()
@click.option("--plot", "plot_file", type=click.Path(path_type=Path), help="draw the figures (.png or .svg)")
def main(plot_file: Path | None) -> None:
    """Seconds of Lamina's stages for programs of several sizes."""
    measure(10)  # imports
    found = [measure(round(size / OPERATIONS_A_LAYER)) for size in SIZES]
    table = Table("operations", *found[0][1], "all", "ms / operation")
    for operations, times in found:
        total = sum(times.values())
        row = [
            str(operations),
            *(f"{t:.2f}" for t in times.values()),
            f"{total:.2f}",
            f"{1e3 * total / operations:.2f}",
        ]
        table.add_row(*row)
    Console(width=150).print(table)
    if plot_file is not None:
        plot(found, plot_file)


if __name__ == "__main__":
    main()
