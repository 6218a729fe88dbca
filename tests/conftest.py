"""The order of all tests."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of Vulkan come last: Mesa's software Vulkan keeps threads busy from its first use on."""
    items.sort(key=lambda item: "vulkan" in item.path.stem)
