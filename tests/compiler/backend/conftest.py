"""Every test has a cache directory of its own, and so starts with nothing compiled."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def cache_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    directory = tmp_path / "cache"
    monkeypatch.setenv("LAMINA_CACHE_DIR", str(directory))
    for name in ("LAMINA_CACHE", "LAMINA_CACHE_MAX_BYTES", "LAMINA_COMPILE_TIMEOUT"):
        monkeypatch.delenv(name, raising=False)
    return directory
