"""Which devices there are, and how they are named."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest

import lamina_runtime as lr
from lamina_runtime.device import Device


def test_the_cpu_is_always_there_and_first() -> None:
    assert [str(d) for d in lr.devices("cpu")] == ["cpu:0"]
    assert lr.devices()[0] is lr.device("cpu")
    assert (lr.device("cpu").platform, lr.device("cpu").index) == ("cpu", 0)


def test_one_object_per_device() -> None:
    cpu = lr.device("cpu:0")
    assert lr.device(cpu) is cpu
    assert pickle.loads(pickle.dumps(cpu)) is cpu
    assert copy.deepcopy({cpu: 1}) == {cpu: 1}
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lr.device, ["cpu"] * 50)) == {cpu}


def test_a_device_that_cannot_be_opened() -> None:
    def fails() -> None:
        raise RuntimeError("no such feature")

    device = Device("vulkan", 7, "some GPU", fails)
    for _ in range(2):
        with pytest.raises(lr.DeviceError, match=r"the device vulkan:7 \(some GPU\) cannot be opened: no such feature"):
            device.hal  # noqa: B018


def test_an_unknown_platform_is_no_device() -> None:
    assert lr.devices("tpu") == []


@pytest.mark.parametrize("spec", ["cpu:1", "cpu:x", "tpu", "", "cuda:99", "vulkan:99"])
def test_a_missing_device(spec: str) -> None:
    with pytest.raises(lr.DeviceError) as raised:
        lr.device(spec)
    assert str(raised.value).startswith(f"no device {spec!r} on this machine; there are cpu:0 (CPU)")


def test_the_remedy_for_a_misspelt_platform() -> None:
    with pytest.raises(lr.DeviceError, match=r"A name is a platform \(cpu, vulkan, cuda\) and an optional index"):
        lr.device("gpu")
