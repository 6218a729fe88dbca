"""Devices of this machine, and the one IREE instance of the process."""

from __future__ import annotations

import atexit
import ctypes
import threading
from typing import Any

import iree.runtime as rt

from .errors import DeviceError

PLATFORMS = ("cpu", "vulkan", "cuda")

_lock = threading.RLock()
_instance: rt.VmInstance | None = None
_opened: dict[str, tuple[Device, ...]] = {}


class Device:
    """A device that programs run on, such as `cpu:0` or `vulkan:0`; get one from `device()` or `devices()`.

    There is one object per device, so devices compare and hash by identity.
    `platform` is "cpu", "vulkan" or "cuda"; `index` counts within the platform; `name` is what its driver calls it.
    """

    def __init__(self, platform: str, index: int, name: str, hal: rt.HalDevice) -> None:
        self.platform = platform
        self.index = index
        self.name = name
        self.hal = _immortal(hal)
        self.allocator: Any = hal.allocator  # Any: IREE's stubs have fewer overloads than it has
        self._large_hal = None if platform == "cpu" else hal

    @property
    def large_hal(self) -> rt.HalDevice:
        """The HAL device for large work: on the CPU a pool of threads, started on first use.

        `hal` on the CPU runs on the calling thread (a call costs a few µs); both share their buffers.
        """
        with _lock:
            if self._large_hal is None:
                self._large_hal = _immortal(rt.get_device("local-task", cache=False))
            return self._large_hal

    def __str__(self) -> str:
        return f"{self.platform}:{self.index}"

    def __repr__(self) -> str:
        return f"Device({str(self)!r}, name={self.name!r})"

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return device, (str(self),)


def devices(platform: str | None = None) -> list[Device]:
    """The devices of `platform` (default: of all platforms, the CPU first) that can be opened on this machine.

    >>> [str(d) for d in devices("cpu")]
    ['cpu:0']
    """
    return [d for p in PLATFORMS if platform in (None, p) for d in _open(p)]


def device(spec: str | Device) -> Device:
    """The device named by "cpu", "vulkan:0", …; without an index the first of the platform. A `Device` is itself.

    Raises `DeviceError`, which lists the devices there are.
    """
    if isinstance(spec, Device):
        return spec
    platform, _, index = str(spec).partition(":")
    for candidate in _open(platform) if platform in PLATFORMS else ():
        if (index or "0") == str(candidate.index):
            return candidate
    there_are = ", ".join(f"{d} ({d.name})" for d in devices())
    raise DeviceError(f"no device {str(spec)!r} on this machine; there are {there_are}. {_remedy(platform)}")


def instance() -> rt.VmInstance:
    """The one IREE VM instance of this process."""
    global _instance
    with _lock:
        if _instance is None:
            _instance = rt.VmInstance()
        return _instance


def _open(platform: str) -> tuple[Device, ...]:
    with _lock:
        if platform not in _opened:
            _opened[platform] = tuple(_open_all(platform))
        return _opened[platform]


def _open_all(platform: str) -> list[Device]:
    if platform == "cpu":
        return [Device("cpu", 0, "CPU", rt.get_device("local-sync", cache=False))]
    found: list[Device] = []
    try:
        driver = rt.get_driver(platform)
        infos = driver.query_available_devices()
    except (RuntimeError, ValueError):  # no driver, or a driver without devices: simply none
        return found
    for info in infos:
        try:
            found.append(Device(platform, len(found), info["name"], driver.create_device(info, None)))
        except (RuntimeError, ValueError):  # listed but unusable, e.g. without the features IREE needs
            continue
    return found


def _remedy(platform: str) -> str:
    if platform == "vulkan":
        return "Vulkan needs a driver (ICD): the GPU vendor's, or Mesa's lavapipe on a machine without GPU"
    if platform == "cuda":
        return "CUDA needs an NVIDIA GPU and its driver library (libcuda)"
    return f"A name is a platform ({', '.join(PLATFORMS)}) and an optional index, as in 'cpu' or 'vulkan:0'"


def _immortal(hal: rt.HalDevice) -> rt.HalDevice:
    """`hal`, never destroyed: a buffer that outlives its device, as arrays do at exit, crashes the process."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(hal))
    return hal


# Arrays and programs may live until the very end; nanobind would print a page about them.
atexit.register(rt._binding.disable_leak_checker)
