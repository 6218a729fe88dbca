"""The table and the plot of a benchmark."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from .runner import Comparison, Measured, geometric_mean


def table(outcomes: Sequence[Comparison], libraries: Sequence[str]) -> Table:
    """A row for each workload, and the geometric means of the groups."""
    shown = Table("workload", *(f"{name} ms" for name in libraries), "ratio", "first calls s", "peak MiB", "results")
    for outcome in outcomes:
        shown.add_row(*_cells(outcome, libraries), outcome.difference or _errors(outcome))
    shown.add_section()
    for group in dict.fromkeys(outcome.group for outcome in outcomes):
        mean = geometric_mean(o.ratio for o in outcomes if o.group == group)
        shown.add_row(f"geometric mean: {group}", *[""] * len(libraries), _number(mean))
    shown.add_row("geometric mean", *[""] * len(libraries), _number(geometric_mean(o.ratio for o in outcomes)))
    return shown


def markdown(outcomes: Sequence[Comparison]) -> str:
    """The figures as tables of a page: geometric means of the groups, then every workload."""
    lines = ["| group | workloads | geometric mean of Lamina / JAX |", "|---|---|---|"]
    for group in dict.fromkeys(outcome.group for outcome in outcomes):
        ratios = [o.ratio for o in outcomes if o.group == group]
        lines.append(f"| {group} | {len(ratios)} | {_number(geometric_mean(ratios))} |")
    lines.append(f"| all | {len(outcomes)} | {_number(geometric_mean(o.ratio for o in outcomes))} |")
    lines += ["", "| workload | Lamina ms | JAX ms | ratio | first calls s | peak MiB |", "|---|---|---|---|---|---|"]
    lines += [f"| {' | '.join(_cells(outcome, ('lamina', 'jax')))} |" for outcome in outcomes]
    return "\n".join(lines) + "\n"


def _cells(outcome: Comparison, libraries: Sequence[str]) -> list[str]:
    """Milliseconds of each library, the ratio, and of the first two libraries seconds of the first call and memory."""
    known = [outcome.measured.get(name) for name in libraries]
    first = " / ".join(f"{m.first:.2f}" for m in known[:2] if m is not None)
    peak = " / ".join(f"{m.peak / 2**20:.0f}" for m in known[:2] if m is not None)
    return [outcome.name, *map(_milliseconds, known), _number(outcome.ratio), first, peak]


def _milliseconds(measured: Measured | None) -> str:
    if measured is None:
        return ""
    return "failed" if measured.error else f"{measured.median * 1e3:.3g}"


def _number(ratio: float) -> str:
    return "" if math.isnan(ratio) else f"{ratio:.2f}"


def _errors(outcome: Comparison) -> str:
    return "; ".join(f"{name}: {m.error}" for name, m in outcome.measured.items() if m.error) or "agree"


def plot(outcomes: Sequence[Comparison], path: Path) -> None:
    """Ratios as bars on a logarithmic axis, by group; below 1 Lamina is faster."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    known = [o for o in outcomes if not math.isnan(o.ratio)]
    figure, axes = plt.subplots(figsize=(8, 1 + 0.2 * len(known)), layout="constrained")
    colors = {group: f"C{i % 10}" for i, group in enumerate(dict.fromkeys(o.group for o in known))}
    places = range(len(known))[::-1]
    axes.barh(places, [o.ratio - 1 for o in known], left=1, color=[colors[o.group] for o in known])
    axes.set(xscale="log", xlabel="time of Lamina / time of JAX", title="Left of the line Lamina is faster")
    axes.set_yticks(places, [o.name for o in known], fontsize=7)
    axes.axvline(1, color="black", linewidth=1)
    axes.margins(y=0.01)
    figure.savefig(path)
    plt.close(figure)
