"""The array API standard's own tests on lamina.numpy: `python -m lamina_tools.array_api CHECKOUT [-- pytest options]`.

CHECKOUT is a clone of github.com/data-apis/array-api-tests with its submodules. The tests run with 64-bit types and
five examples each, in a process of their own; what passed is counted, what failed is listed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import click

SUITE = "array_api_tests"
ENVIRONMENT = {"ARRAY_API_TESTS_MODULE": "lamina.numpy", "LAMINA_ENABLE_X64": "1"}
OPTIONS = (
    *("-p", "no:cacheprovider", "-q", "--max-examples", "5", "-W", "ignore", "--disable-warnings"),
    "--disable-deadline",  # which would test how busy the machine is
)


class Report(NamedTuple):
    """What became of the tests."""

    passed: int
    skipped: int
    failed: list[str]

    @property
    def summary(self) -> str:
        total = self.passed + self.skipped + len(self.failed)
        return f"{self.passed} passed, {len(self.failed)} failed, {self.skipped} skipped, of {total}"


def run(checkout: Path, options: Sequence[str] = ()) -> Report:
    """Run the suite of a checkout. Raises ClickException if there is none, or if pytest could not run it."""
    if not (checkout / SUITE).is_dir():
        raise click.ClickException(f"{checkout} is no checkout of array-api-tests: it has no folder {SUITE}")
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.xml"
        command = [sys.executable, "-m", "pytest", *OPTIONS, f"--junit-xml={results}", *(options or [SUITE])]
        done = subprocess.run(command, cwd=checkout, env=os.environ | ENVIRONMENT)
        if not results.exists():
            raise click.ClickException(f"pytest ended with {done.returncode} and without results")
        return read(results)


def read(results: Path) -> Report:
    """The report of a results file in JUnit's format."""
    passed, skipped, failed = 0, 0, []
    for case in ElementTree.parse(results).getroot().iter("testcase"):
        kinds = {child.tag for child in case}
        if kinds & {"failure", "error"}:
            failed.append(f"{case.get('classname', '')}::{case.get('name')}")
        elif "skipped" in kinds:
            skipped += 1
        else:
            passed += 1
    return Report(passed, skipped, failed)


@click.command()
@click.argument("checkout", type=click.Path(file_okay=False, exists=True, path_type=Path))
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def main(checkout: Path, options: tuple[str, ...]) -> None:
    """Run the array API standard's tests from CHECKOUT on lamina.numpy. OPTIONS are pytest's, such as tests to run."""
    report = run(checkout, options)
    for name in report.failed:
        click.echo(f"failed: {name}")
    click.echo(report.summary)


if __name__ == "__main__":
    main()
