"""What holds for all tests: their order, and what saves time."""

from __future__ import annotations

import dataclasses
import gc
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from lamina_compiler import backend
from lamina_compiler.vectors import AVX2, AVX512, NEON


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


@pytest.fixture
def written_for(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Has kernels written for another CPU's vectors, one of three by number; this machine runs them all."""

    def choose(number: int) -> None:
        target = dataclasses.replace(backend.TARGETS["cpu"], vectors=(AVX512, AVX2, NEON)[number % 3])
        monkeypatch.setitem(backend.TARGETS, "cpu", target)

    return choose
