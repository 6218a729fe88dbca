"""Lets the tests of this folder import their table of cases, and run them in double precision."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import lamina as la

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(autouse=True)
def x64() -> Iterator[None]:
    with la.enable_x64(True):
        yield
