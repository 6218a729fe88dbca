"""The examples in docs/ run, in processes of their own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import lamina_runtime

DIGITS = Path(__file__).parents[2] / "docs" / "examples" / "digits.py"

COUNT_COMPILES = """
import runpy, sys
from lamina_compiler import backend
sys.argv = [sys.argv[1], *sys.argv[2:]]
runpy.run_path(sys.argv[0], run_name="__main__")
print("compiles:", backend.statistics().compiles)
"""


def run(folder: Path, *options: str) -> str:
    environment = os.environ | {"LAMINA_CACHE_DIR": str(folder / "cache"), "COLUMNS": "100"}
    command = [sys.executable, "-c", COUNT_COMPILES, str(DIGITS), *options]
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_digits_and_its_second_run(tmp_path: Path) -> None:
    first = run(tmp_path, "--epochs", "15")
    accuracy = re.search(r"test accuracy +│ ([\d.]+)%", first)
    assert accuracy and float(accuracy[1]) >= 96
    assert "fresh process agrees         │ yes" in first
    assert int(first.rsplit("compiles: ")[1]) > 0
    second = run(tmp_path, "--epochs", "15")
    assert int(second.rsplit("compiles: ")[1]) == 0
    program = lamina_runtime.load(tmp_path / "digits.lamina")
    assert program.signature("predict") == "predict(x: f32[357,64]) -> i32[357]"
    assert program.predict(np.zeros((357, 64), np.float32)).shape == (357,)


@pytest.mark.slow
def test_digits_on_vulkan(tmp_path: Path) -> None:
    if not lamina_runtime.devices("vulkan"):
        pytest.skip("no Vulkan driver on this machine")
    assert "fresh process agrees         │ yes" in run(tmp_path, "--device", "vulkan", "--epochs", "15")
