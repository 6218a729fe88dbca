"""Run what Lamina compiled: load a `.lamina` file and call its functions. Needs NumPy and IREE's runtime only."""

from .artifact import Artifact, read, write
from .buffer import aligned_empty, to_device, to_host
from .call import Executable, Function
from .device import Device, device, devices
from .errors import ArgumentError, ArtifactError, DeviceError, DeviceMemoryError, ExecutionError
from .host import HostModule
from .program import Program, load
from .signature import Signature
from .tree import Leaf, describe

__all__ = [
    "ArgumentError",
    "Artifact",
    "ArtifactError",
    "Device",
    "DeviceError",
    "DeviceMemoryError",
    "Executable",
    "ExecutionError",
    "Function",
    "HostModule",
    "Leaf",
    "Program",
    "Signature",
    "aligned_empty",
    "describe",
    "device",
    "devices",
    "load",
    "read",
    "to_device",
    "to_host",
    "write",
]
