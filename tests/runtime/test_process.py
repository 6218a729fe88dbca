"""What only a process of its own can show: imports, exit, missing drivers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SETUP = """
import sys, threading
import numpy as np
import lamina_runtime as lr
program = lr.Executable(open(sys.argv[1], "rb").read(), lr.device("cpu"), large=sys.argv[2] == "large")
f, x = program.function("add_big"), lr.aligned_empty((65536,), np.dtype("f4"))
x[:] = 1
view, = f((x, x))
array = lr.to_host(view, np.dtype("f4"), (65536,), program.device)
"""


@pytest.fixture(scope="module")
def vmfb_path(vmfb: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("process") / "module.vmfb"
    path.write_bytes(vmfb)
    return path


def run(code: str, *args: str | Path, **environment: str) -> str:
    """Standard output of a Python process; it has to end well, without a word on standard error."""
    process = subprocess.run(
        [sys.executable, "-c", code, *map(str, args)],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | environment,
    )
    assert (process.returncode, process.stderr) == (0, "")
    return process.stdout.strip()


@pytest.mark.parametrize(
    ("size", "ending"),
    [
        ("small", ""),
        ("large", "del view, array, f, program"),
        ("large", "import builtins; builtins.keep = [view, array, f, program, lr.devices()]"),
        ("large", "cycle = [view, array, program]; cycle.append(cycle)"),
        ("small", "import atexit; atexit.register(lambda: f((x, x)))"),
        ("small", "threading.Thread(target=lambda: [f((x, x)) for _ in range(100000)], daemon=True).start()"),
        ("large", "threading.Thread(target=lambda: [f((x, x)) for _ in range(100000)], daemon=True).start()"),
        ("large", "t = threading.Thread(target=f, args=((x, x),)); t.start(); t.join()"),
    ],
)
def test_a_clean_exit(size: str, ending: str, vmfb_path: Path) -> None:
    assert run(f"{SETUP}\n{ending}\nprint('end')", vmfb_path, size) == "end"


def test_a_clean_exit_with_a_vulkan_program(vulkan_vmfb: bytes, tmp_path: Path) -> None:
    path = tmp_path / "vulkan.vmfb"
    path.write_bytes(vulkan_vmfb)
    ending = "import builtins; builtins.keep = [view, array, f, program]; print(array[0])"
    assert run(f"{SETUP}\n{ending}".replace('"cpu"', '"vulkan"'), path, "small") == "2.0"


def test_import_brings_no_compiler() -> None:
    heavy = "iree.compiler", "torch_mlir", "lamina_compiler", "lamina", "scipy", "optree", "jax"
    code = f"import lamina_runtime, sys; print([m for m in {heavy} if m in sys.modules])"
    assert run(code) == "[]"


def test_without_a_vulkan_driver() -> None:
    code = """
import lamina_runtime as lr
print(lr.devices("vulkan"), [str(d) for d in lr.devices()][0])
try:
    lr.device("vulkan")
except lr.DeviceError as error:
    print(error)
"""
    out = run(code, VK_DRIVER_FILES="/nowhere", VK_ICD_FILENAMES="/nowhere")
    first, second = out.splitlines()
    assert first == "[] cpu:0"
    assert second.startswith("no device 'vulkan' on this machine; there are cpu:0 (CPU)")
    assert second.endswith("Vulkan needs a driver (ICD): the GPU vendor's, or Mesa's lavapipe on a machine without GPU")


def test_the_cpu_does_not_look_for_vulkan() -> None:
    code = (
        "import sys, lamina_runtime as lr; lr.device('cpu'); print(list(sys.modules['lamina_runtime.device']._listed))"
    )
    assert run(code) == "['cpu']"


def test_listing_opens_nothing() -> None:
    """An open Vulkan device has threads, and those of Mesa's lavapipe are busy for ever."""
    assert run("import lamina_runtime as lr; print([d for d in lr.devices() if 'hal' in vars(d)])") == "[]"
