"""lamina-bench: compares Lamina with JAX on this machine."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import click
from rich.console import Console

from . import report, runner, workloads  # noqa: F401  (`workloads` fills the table)
from .library import NAMES
from .workload import TABLE


@click.command()
@click.option("--only", multiple=True, metavar="TEXT", help="workloads whose name or group contains TEXT")
@click.option("--quick", is_flag=True, help="one short round instead of five: a look, not a measurement")
@click.option("--numpy/--no-numpy", default=True, help="NumPy as a third column, where it can do the job")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="write all figures to this file")
@click.option("--markdown", "markdown_file", type=click.Path(path_type=Path), help="write the tables as Markdown")
@click.option("--plot", "plot_file", type=click.Path(path_type=Path), help="write a bar chart (.png or .svg)")
@click.option("--list", "list_only", is_flag=True, help="print the names of the workloads, and exit")
def main(
    only: tuple[str, ...],
    quick: bool,
    numpy: bool,
    json_file: Path | None,
    markdown_file: Path | None,
    plot_file: Path | None,
    list_only: bool,
) -> None:
    """Run the same workloads in Lamina and in JAX, in processes of their own that take turns.

    A ratio below 1 means that Lamina is faster. Results are compared, too. Needs `pip install 'lamina[bench]'`.
    """
    chosen = [w for w in TABLE.values() if not only or any(text in w.name or text == w.group for text in only)]
    if not chosen:
        raise click.UsageError(f"no workload is called like {', '.join(only)}; lamina-bench --list shows them")
    if list_only:
        for each in chosen:
            click.echo(f"{each.group:12} {each.name}")
        return
    libraries = NAMES if numpy else NAMES[:2]
    rounds, seconds = (1, 0.1) if quick else (5, 0.4)
    outcomes: list[runner.Comparison] = []
    console = Console(width=max(Console().width, 130))
    with tempfile.TemporaryDirectory() as folder:
        for each in chosen:
            with console.status(each.name):
                outcomes.append(runner.compare(each, libraries, Path(folder), rounds, seconds))
    console.print(report.table(outcomes, libraries))
    if json_file is not None:
        json_file.write_text(json.dumps([outcome.as_json() for outcome in outcomes], indent=1))
    if markdown_file is not None:
        markdown_file.write_text(report.markdown(outcomes))
    if plot_file is not None:
        report.plot(outcomes, plot_file)
