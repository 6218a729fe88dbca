"""How the commands say that they cannot do what they were asked for."""

from __future__ import annotations

import sys
from typing import IO, Any

import click


class Failure(click.ClickException):
    """Ends a command with ``<command>: <message>`` on standard error and exit code 1."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.command = click.get_current_context().info_name  # gone by the time the message is shown

    def show(self, file: IO[Any] | None = None) -> None:
        print(f"{self.command}: {self.message}", file=file or sys.stderr)
