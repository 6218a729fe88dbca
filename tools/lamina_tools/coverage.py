"""How much of JAX's public API there is: `python -m lamina_tools.coverage [--names FILE] [--write PAGE]`.

The names wanted are in docs/api-names.txt: a module a line, its names on the next, indented. A name is *present* if the
module has it, *implemented* unless it only raises with a reason (`lamina.unavailable`), *tested* if a test names it
(every function has an example besides, which is run).
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from lamina.unavailable import UNAVAILABLE

PROJECT = Path(__file__).parents[2]
NAMES = PROJECT / "docs" / "api-names.txt"


@dataclass(frozen=True)
class Coverage:
    """The names of one module, sorted by what is known of them."""

    module: str
    wanted: list[str]
    missing: list[str]
    unavailable: list[str]
    untested: list[str]

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Wanted, present, implemented, tested."""
        present = len(self.wanted) - len(self.missing)
        implemented = present - len(self.unavailable)
        return len(self.wanted), present, implemented, implemented - len(self.untested)


def wanted_names(text: str) -> Iterator[tuple[str, list[str]]]:
    """The modules and their names, as the file of names lists them."""
    module = ""
    for line in text.splitlines():
        if line.startswith(" "):
            yield module, line.split()
        elif line and not line.startswith("#"):
            module = line


def tested_words(project: Path = PROJECT) -> set[str]:
    """All identifiers in the tests and the tables of cases that they read."""
    files = [path for kind in ("*.py", "*.json") for path in (project / "tests").rglob(kind)]
    return {word for path in files for word in re.findall(r"\w+", path.read_text())}


def coverage(text: str, tested: set[str]) -> list[Coverage]:
    """What there is of the wanted names."""
    return [_module_coverage(module, names, tested) for module, names in wanted_names(text)]


def _module_coverage(name: str, wanted: list[str], tested: set[str]) -> Coverage:
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError:
        return Coverage(name, wanted, wanted, [], [])
    refused = UNAVAILABLE.get(name, {})
    missing = [n for n in wanted if not hasattr(module, n)]
    there = [n for n in wanted if n not in missing and n not in refused]
    untested = [n for n in there if n not in tested]
    return Coverage(name, wanted, missing, [n for n in wanted if n in refused], untested)


def table(results: list[Coverage]) -> Table:
    """The figures of every module, for the terminal."""
    shown = Table("module", "wanted", "present", "implemented", "tested", show_footer=True)
    totals = [str(sum(column)) for column in zip(*(r.counts for r in results), strict=True)]
    for column, total in zip(shown.columns, ["all", *totals], strict=True):
        column.footer = total
    for r in results:
        shown.add_row(r.module, *map(str, r.counts))
    return shown


def page(results: list[Coverage]) -> str:
    """The figures and the missing and unavailable names as a page of the docs."""
    totals = [sum(column) for column in zip(*(r.counts for r in results), strict=True)]
    lines = [
        "# Coverage of JAX's public API",
        "",
        "Made by `python -m lamina_tools.coverage --write docs/coverage.md` from the code and docs/api-names.txt, the",
        "public names of JAX 0.10.2.",
        "",
        "| module | wanted | present | implemented | tested |",
        "|---|---:|---:|---:|---:|",
        *(f"| `{r.module}` | {' | '.join(map(str, r.counts))} |" for r in results),
        f"| all | {' | '.join(map(str, totals))} |",
        "",
        "## Not available, and why",
        "",
        *(f"- `{module}.{name}`: {why}" for module, names in UNAVAILABLE.items() for name, why in names.items()),
        "",
        "## Missing",
        "",
        *(f"- `{r.module}`: {', '.join(r.missing)}" for r in results if r.missing),
    ]
    return "\n".join(lines) + "\n"


@click.command()
@click.option("--names", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=NAMES, show_default=True)
@click.option("--write", type=click.Path(dir_okay=False, path_type=Path), help="Write the page of the docs.")
@click.option("--missing", is_flag=True, help="List the names that there are not.")
@click.option("--untested", is_flag=True, help="List the names that no test names.")
def main(names: Path, write: Path | None, missing: bool, untested: bool) -> None:
    """Print which of JAX's public names there are."""
    results = coverage(names.read_text(), tested_words())
    if write is not None:
        write.write_text(page(results))
    Console().print(table(results))
    for listed, what in ((missing, "missing"), (untested, "untested")):
        for r in results if listed else []:
            found = getattr(r, what)
            if found:
                click.echo(f"{what} in {r.module}: {' '.join(found)}")


if __name__ == "__main__":
    main()
