"""Devices of this machine, and the one IREE instance of the process."""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import functools
import os
import threading
from collections.abc import Callable, Iterator
from typing import Any

import iree.runtime as rt

from .errors import DeviceError

PLATFORMS = ("cpu", "vulkan", "cuda")

_NICENESS = 10  # a tenth of the time of others where there are not enough cores
_lock = threading.RLock()
_instance: rt.VmInstance | None = None
_listed: dict[str, tuple[Device, ...]] = {}


class Device:
    """A device that programs run on, such as `cpu:0` or `vulkan:0`; get one from `device()` or `devices()`.

    There is one object per device, so devices compare and hash by identity.
    `platform` is "cpu", "vulkan" or "cuda"; `index` counts within the platform; `name` is what its driver calls it.
    Naming and listing devices is cheap: one is opened when it is first used.

    >>> import lamina_runtime
    >>> cpu = lamina_runtime.devices("cpu")[0]
    >>> cpu.platform, cpu.id, cpu.process_index
    ('cpu', 0, 0)
    """

    process_index = 0

    def __init__(self, platform: str, index: int, name: str, create: Callable[[], rt.HalDevice]) -> None:
        self.platform = platform
        self.index = index
        self.name = name
        self._create = create

    @property
    def id(self) -> int:
        """The index."""
        return self.index

    @property
    def device_kind(self) -> str:
        """The name."""
        return self.name

    @functools.cached_property
    def hal(self) -> rt.HalDevice:
        """IREE's device. Raises `DeviceError` if it cannot be opened, e.g. for a lack of features that IREE needs."""
        with _lock:
            if "hal" not in self.__dict__:
                try:
                    with _polite_threads() if _polls(self.name) else contextlib.nullcontext():
                        self.__dict__["hal"] = _immortal(self._create())
                except (RuntimeError, ValueError) as error:
                    raise DeviceError(f"the device {self} ({self.name}) cannot be opened: {error}") from None
            return self.__dict__["hal"]

    @functools.cached_property
    def allocator(self) -> Any:  # Any: IREE's stubs have fewer overloads than it has
        return self.hal.allocator

    @functools.cached_property
    def large_hal(self) -> rt.HalDevice:
        """The HAL device for large work: on the CPU a pool of threads, started on first use.

        `hal` on the CPU runs on the calling thread (a call costs a few µs); both share their buffers.
        """
        if self.platform != "cpu":
            return self.hal
        with _lock:
            if "large_hal" not in self.__dict__:
                self.__dict__["large_hal"] = _immortal(rt.get_device("local-task", cache=False))
            return self.__dict__["large_hal"]

    def __str__(self) -> str:
        return f"{self.platform}:{self.index}"

    def __repr__(self) -> str:
        return f"Device({str(self)!r}, name={self.name!r})"

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return device, (str(self),)


def devices(platform: str | None = None) -> list[Device]:
    """The devices of `platform` (default: of all platforms, the CPU first) that its driver finds on this machine.

    >>> [str(d) for d in devices("cpu")]
    ['cpu:0']
    """
    return [d for p in PLATFORMS if platform in (None, p) for d in _known(p)]


def device(spec: str | Device) -> Device:
    """The device named by "cpu", "vulkan:0", …; without an index the first of the platform. A `Device` is itself.

    Raises `DeviceError`, which lists the devices there are.
    """
    if isinstance(spec, Device):
        return spec
    platform, _, index = str(spec).partition(":")
    for candidate in _known(platform) if platform in PLATFORMS else ():
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


def _known(platform: str) -> tuple[Device, ...]:
    with _lock:
        if platform not in _listed:
            _listed[platform] = tuple(_found(platform))
        return _listed[platform]


def _found(platform: str) -> list[Device]:
    if platform == "cpu":
        return [Device("cpu", 0, "CPU", lambda: rt.get_device("local-sync", cache=False))]
    try:
        driver = rt.get_driver(platform)
        infos = driver.query_available_devices()
    except (RuntimeError, ValueError):  # no driver, or a driver without devices: simply none
        return []
    return [
        Device(platform, i, info["name"], functools.partial(driver.create_device, info, None))
        for i, info in enumerate(infos)
    ]


def _polls(name: str) -> bool:
    """Whether a device's driver waits by polling: Mesa's software Vulkan keeps two threads busy while it is open."""
    return "llvmpipe" in name


@contextlib.contextmanager
def _polite_threads() -> Iterator[None]:
    """Threads that are started meanwhile get what time the others leave."""
    before = set(_threads())
    yield
    for thread in set(_threads()) - before:
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, thread, _NICENESS)


def _threads() -> list[int]:
    """The threads of this process; none where the system has no /proc."""
    try:
        return [int(name) for name in os.listdir("/proc/self/task")]
    except OSError:
        return []


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
