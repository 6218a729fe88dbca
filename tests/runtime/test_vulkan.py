"""Vulkan: upload, run, download."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import lamina_runtime as lr
from lamina_runtime.dtypes import DTYPES

from .conftest import BIG, VULKAN_FLAGS, binary, compiled, host_results, sample
from .test_artifact import SIGNATURES

NAMES = [name for name in DTYPES if name not in ("f64", "c128")]


@pytest.mark.parametrize("shape", [(), (2, 3), (0, 3), (3, BIG)], ids=str)
@pytest.mark.parametrize("name", DTYPES)
def test_every_dtype_comes_back(name: str, shape: tuple[int, ...], vulkan: lr.Device) -> None:
    array = sample(name, shape) if shape else sample(name, (3,))[1:2].reshape(())
    back = lr.to_host(lr.to_device(array, vulkan), array.dtype, shape, vulkan)
    assert back.shape == shape and back.tobytes() == array.tobytes()


@pytest.mark.parametrize("name", NAMES)
def test_every_dtype_passes(name: str, vulkan_executable: lr.Executable) -> None:
    array = sample(name, (2, 3))
    (result,) = host_results(vulkan_executable, f"identity_{name.partition('<')[0]}", array, dtype=array.dtype)
    assert result.tobytes() == array.tobytes()


def test_arithmetic(vulkan_executable: lr.Executable) -> None:
    a, b = np.array([0, 0, 1, 1], bool), np.array([0, 1, 0, 1], bool)
    np.testing.assert_array_equal(host_results(vulkan_executable, "xor", a, b, dtype=bool)[0], a ^ b)
    base = np.arange(2 * BIG, dtype="f4")
    for x in (base[::2], base[:BIG].astype(">f4"), base[1 : BIG + 1]):
        np.testing.assert_array_equal(host_results(vulkan_executable, "add_big", x, x)[0], x + x)
    assert host_results(vulkan_executable, "add_scalar", np.float32(1), np.float32(2))[0] == 3
    assert host_results(vulkan_executable, "add_empty", np.ones((0, 3), "f4"), np.ones((0, 3), "f4"))[0].shape == (0, 3)


def test_results_do_not_alias_arguments(vulkan_executable: lr.Executable) -> None:
    x = lr.aligned_empty((BIG,), np.dtype("f4"))
    x[:] = 1
    (result,) = host_results(vulkan_executable, "identity_big", x)
    x[:] = 2
    assert (result == 1).all()


def test_threads(vulkan_executable: lr.Executable) -> None:
    def work(i: int) -> bool:
        x = np.full(BIG, i, "f4")
        return all(bool((host_results(vulkan_executable, "add_big", x, x)[0] == 2 * i).all()) for _ in range(5))

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(8)))


def test_a_buffer_of_another_device(vulkan_executable: lr.Executable, cpu: lr.Device) -> None:
    x = np.ones(4, "f4")
    with pytest.raises(lr.ExecutionError, match="add failed on vulkan:0: buffer is not backed by the Vulkan HAL"):
        vulkan_executable.function("add")((lr.to_device(x, cpu), x))


def test_more_memory_than_there_is(vulkan: lr.Device, tmp_path: Path) -> None:
    huge = np.memmap(tmp_path / "sparse", np.uint8, "w+", shape=1 << 40)  # takes no memory on the host
    with pytest.raises(lr.DeviceMemoryError, match="copying 1099511627776 bytes to vulkan:0 failed"):
        lr.to_device(huge, vulkan)


def test_mappable_results(vulkan: lr.Device) -> None:
    """Compiled with mappable external resources, results are read in place."""
    flags = (*VULKAN_FLAGS, "--iree-hal-external-resources-mappable")
    program = lr.Executable(compiled(binary("add_big", "arith.addf", f"tensor<{BIG}xf32>"), flags), vulkan)
    x = np.arange(BIG, dtype="f4")
    (view,) = program.function("add_big")((x, x))
    first, second = (lr.to_host(view, x.dtype, x.shape, vulkan) for _ in range(2))
    np.testing.assert_array_equal(first, x + x)
    assert np.shares_memory(first, second)


def test_an_artifact_with_two_targets(vulkan_vmfb: bytes, vmfb: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.lamina"
    targets = {"cpu": vmfb, "vulkan": vulkan_vmfb}
    lr.write(path, lr.Artifact({n: SIGNATURES[n] for n in ("add", "add_dynamic")}, targets, b""))
    a, b = np.arange(4, dtype="f4"), np.full(4, 0.5, "f4")
    for device in ("cpu", "vulkan:0"):
        program = lr.load(path, device)
        assert str(program.device).startswith(device)
        np.testing.assert_array_equal(program.add(a, b), a + b)
