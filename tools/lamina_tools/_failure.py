"""How the commands say that they cannot do what they were asked for."""

from __future__ import annotations

import sys
from typing import IO, Any

import click


class Failure(click.ClickException):
    """Ends a command with ``<command>: <message>`` on standard error and exit code 1."""

    def show(self, file: IO[Any] | None = None) -> None:
        context = click.get_current_context(silent=True)
        command = context.info_name if context is not None else "lamina"
        print(f"{command}: {self.message}", file=file or sys.stderr)
