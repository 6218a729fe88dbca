"""Runs the array API standard's own tests on `lamina.numpy`: `python -m lamina_tools.array_api CHECKOUT [-k WORDS]`.

CHECKOUT is a clone, with its submodule, of github.com/data-apis/array-api-tests (which needs pytest, hypothesis and
ndindex). 64-bit types are on, since the standard asks for them.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import click

STANDARD = "2024.12"


class Outcome(NamedTuple):
    """How the tests ended."""

    passed: int
    failed: int
    skipped: int
    failures: list[str]


def environment() -> dict[str, str]:
    """Of the process that runs the tests; each argument of it is in the suite's own manual."""
    return os.environ | {
        "ARRAY_API_TESTS_MODULE": "lamina.numpy",
        "ARRAY_API_TESTS_VERSION": STANDARD,
        "LAMINA_ENABLE_X64": "1",
    }


def outcome(report: str) -> Outcome:
    """What the last lines of pytest say."""
    counts = {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|skipped|error)", report)}
    failures = re.findall(r"^(?:FAILED|ERROR) (\S+)", report, re.MULTILINE)
    failed = counts.get("failed", 0) + counts.get("error", 0)
    return Outcome(counts.get("passed", 0), failed, counts.get("skipped", 0), failures)


@click.command()
@click.argument("checkout", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--examples", default=5, show_default=True, help="Random examples a test.")
@click.option("-k", "words", default="", help="Only tests whose names have these words, as pytest's -k.")
def main(checkout: Path, examples: int, words: str) -> None:
    """Run the suite in CHECKOUT and print how many tests pass, and which fail."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "--tb=no", "-rfE"]
    command += ["--max-examples", str(examples), "array_api_tests", *(["-k", words] if words else [])]
    done = subprocess.run(command, cwd=checkout, env=environment(), capture_output=True, text=True)
    result = outcome(done.stdout)
    if not result.passed and not result.failed:
        raise click.ClickException(f"pytest ran no test:\n{done.stdout}{done.stderr}")
    click.echo(f"{result.passed} passed, {result.failed} failed, {result.skipped} skipped")
    for name in result.failures:
        click.echo(f"  {name}")


if __name__ == "__main__":
    main()
