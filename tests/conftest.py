"""What holds for all tests: their order, and what saves time."""

from __future__ import annotations

import gc
import os
import tempfile
from pathlib import Path

import pytest


def pytest_configure() -> None:
    """The hundreds of processes that the tests start find Lamina's bytecode, also where Python may not write it."""
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
        os.environ["PYTHONPYCACHEPREFIX"] = str(Path(tempfile.gettempdir()) / "lamina-tests-bytecode")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of Vulkan come last: Mesa's software Vulkan keeps threads busy from its first use on."""
    items.sort(key=lambda item: "vulkan" in item.nodeid or "vulkan" in getattr(item, "fixturenames", ()))


def pytest_collection_finish() -> None:
    """Garbage collections need not visit the thousands of tests again and again."""
    gc.freeze()
