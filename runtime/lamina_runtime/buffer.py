"""NumPy arrays to and from buffers of a device."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from iree.runtime import BufferUsage, HalBuffer, HalBufferView, HalElementType, HalFence, MappedMemory, MemoryType

from .device import Device
from .dtypes import DTYPES, ELEMENT_TYPES
from .errors import execution_error

# Plain ints: combining the enums costs more than an import does.
_MEMORY = int(MemoryType.DEVICE_LOCAL) | int(MemoryType.HOST_VISIBLE)
_USAGE = int(BufferUsage.DEFAULT) | int(BufferUsage.MAPPING)
_STAGING_MEMORY = int(MemoryType.HOST_LOCAL) | int(MemoryType.DEVICE_VISIBLE)
_STAGING_USAGE = int(BufferUsage.TRANSFER_TARGET) | int(BufferUsage.MAPPING)
_MAPPABLE = int(BufferUsage.MAPPING_SCOPED)
# Marks buffers that share memory of the user. It survives in what compiled code passes through (identity, reshape).
_BORROWED = int(BufferUsage.SHARING_IMMUTABLE)

ALIGNMENT = 64  # bytes; compiled CPU code segfaults on less
SMALL = 16 * 1024  # bytes; up to here a copy costs less than to find out whether it is needed
KEPT = 256 * 1024 * 1024  # bytes of aligned copies kept for the next calls
_BF16_CARRIER = np.dtype(np.uint16)  # NumPy cannot export bf16 through the buffer protocol


def aligned_empty(shape: Sequence[int], dtype: np.dtype) -> np.ndarray:
    """An uninitialized C-contiguous array whose memory a CPU device takes without a copy.

    Raises `MemoryError` if there is not enough memory.
    """
    dtype = np.dtype(dtype)
    nbytes = math.prod(shape) * dtype.itemsize
    raw = np.empty(nbytes + ALIGNMENT, np.uint8)
    start = -raw.ctypes.data % ALIGNMENT
    return raw[start : start + nbytes].view(dtype).reshape(shape)


def to_device(array: Any, device: Device, *, alias: bool = False) -> HalBufferView:
    """Put `array` (anything `np.asarray` takes, of a dtype in `dtypes.DTYPES`) on `device`.

    With `alias=True` the buffer of a CPU device shares the memory of an array that is 64-byte aligned,
    C-contiguous and writeable (see `aligned_empty`): the caller then must not change the array while the view, or
    a result that passes it through, lives. Otherwise the data is copied once.

    Raises `TypeError` for an unsupported dtype, `DeviceMemoryError` if the device is full.
    """
    array = _native(array)
    if device.platform == "cpu" and array.nbytes > SMALL:
        importable = _importable(array) if alias else None
        return _adopt(_aligned_copy(array) if importable is None else importable, device)
    element = ELEMENT_TYPES[array.dtype]
    if element == HalElementType.BFLOAT_16:
        array = array.view(_BF16_CARRIER)
    try:
        return device.allocator.allocate_buffer_copy(_MEMORY, _USAGE, device.hal, array, element)
    except RuntimeError as error:
        raise execution_error(f"copying {array.nbytes} bytes to {device} failed", error) from None


class CallMemory:
    """Memory that the arguments of one call borrow: arrays of the user, and aligned copies kept for the next calls.

    Fresh pages cost several times the copy itself, and NumPy's own large arrays are never aligned.
    """

    _free: ClassVar[list[np.ndarray]] = []
    _lock: ClassVar[threading.Lock] = threading.Lock()

    # Empty until something is borrowed: most calls have small arguments and pay nothing.
    _copies: tuple[np.ndarray, ...] = ()
    _buffers: tuple[HalBuffer, ...] = ()

    def __bool__(self) -> bool:
        return bool(self._buffers)

    def borrow(self, array: np.ndarray, device: Device) -> HalBuffer:
        """A buffer that shares the memory of a contiguous array, or of an aligned copy of it, until `release`."""
        shared = _importable(array)
        if shared is None:
            shared = self._take(array.nbytes)
            shared.view(array.dtype).reshape(array.shape)[...] = array
            self._copies += (shared,)
        buffer = device.allocator.import_host_allocation(shared, _MEMORY, _USAGE | _BORROWED)
        self._buffers += (buffer,)  # IREE's buffer does not keep the array alive, this object does
        return buffer

    def release(self) -> None:
        """The call has returned, and no result `is_borrowed` any more."""
        with self._lock:
            self._free.extend(self._copies)
            while sum(block.nbytes for block in self._free) > KEPT:
                self._free.pop(0)

    def _take(self, nbytes: int) -> np.ndarray:
        with self._lock:
            for i, block in enumerate(self._free):
                if block.nbytes == nbytes:
                    return self._free.pop(i)
        return aligned_empty((nbytes,), np.dtype(np.uint8))


def upload(array: Any, device: Device, memory: CallMemory) -> HalBufferView:
    """`to_device` for the length of a call, the fastest way: large arrays on the CPU only lend their memory."""
    try:
        if array.nbytes <= SMALL and array.flags.c_contiguous:
            element = ELEMENT_TYPES[array.dtype]
            return device.allocator.allocate_buffer_copy(_MEMORY, _USAGE, device.hal, array, element)
    except (AttributeError, KeyError, ValueError, RuntimeError):
        pass  # a list, a scalar, bf16, a foreign byte order, memory full: to_device knows
    if device.platform != "cpu":
        return to_device(array, device)
    array = _native(array)
    if array.nbytes <= SMALL:
        return to_device(array, device)
    return HalBufferView(memory.borrow(array, device), array.shape, ELEMENT_TYPES[array.dtype])


def to_host(view: HalBufferView, dtype: np.dtype, shape: tuple[int, ...], device: Device) -> np.ndarray:
    """The contents of `view` as a read-only array; on the CPU without a copy (it keeps the buffer alive).

    `dtype` and `shape` come from the signature: compiled code is signless, `view` does not know u32 from i32.
    Read-only because results may share memory with each other and with constants of the program.
    """
    if 0 in shape:
        array = np.empty(shape, dtype)
    elif device.platform == "cpu" or int(view.get_buffer().allowed_usage()) & _MAPPABLE:
        array = np.ndarray(shape, dtype, _map(view))
    else:
        array = np.ndarray(shape, dtype, _download(view, device))
    array.setflags(write=False)
    return array


def is_borrowed(view: HalBufferView) -> bool:
    """Whether `view` shares memory that `upload` borrowed, directly or through compiled code."""
    return bool(int(view.get_buffer().allowed_usage()) & _BORROWED)


def private_copy(view: HalBufferView, device: Device) -> HalBufferView:
    """A copy of `view` on the CPU device that shares memory with nothing."""
    contents = _aligned_copy(np.ndarray((view.byte_length,), np.uint8, _map(view)))
    return HalBufferView(_adopt(contents, device).get_buffer(), view.shape, view.element_type)


def _native(array: Any) -> np.ndarray:
    """`array` as a C-contiguous array in this machine's byte order; `TypeError` for an unsupported dtype."""
    array = np.asarray(array)
    native = array.astype(array.dtype.newbyteorder("="), order="C", copy=False)
    if native.dtype not in ELEMENT_TYPES:
        raise TypeError(f"arrays of dtype {array.dtype} cannot go to a device; supported are {' '.join(DTYPES)}")
    return native


def _aligned_copy(array: np.ndarray) -> np.ndarray:
    copy = aligned_empty(array.shape, array.dtype)
    copy[...] = array
    return copy


def _importable(array: np.ndarray) -> np.ndarray | None:
    """The contiguous `array` in the form an import asks for (aligned, writeable), or None if there is none."""
    if not array.flags.writeable:  # perhaps a result of `to_host`: its memory may be imported again
        base = array.base
        while isinstance(base, np.ndarray):
            base = base.base
        if not isinstance(base, MappedMemory):
            return None
        memory: Any = base
        offset = array.ctypes.data - np.ndarray((0,), np.uint8, memory).ctypes.data
        array = np.ndarray(array.shape, array.dtype, memory, offset)
    return array if array.ctypes.data % ALIGNMENT == 0 else None


def _adopt(array: np.ndarray, device: Device) -> HalBufferView:
    """A view of an importable array that owns it: DLPack hands the reference over, import_host_allocation does not."""
    capsule = array.reshape(-1).view(np.uint8).__dlpack__()
    buffer = device.hal.from_dlpack_capsule(capsule).get_buffer()
    return HalBufferView(buffer, array.shape, ELEMENT_TYPES[array.dtype])


def _map(view: HalBufferView) -> Any:
    return view.map()  # Any, since IREE's stubs do not know that it has the buffer protocol


def _download(view: HalBufferView, device: Device) -> Any:
    """Copy device memory to a staging buffer the host can map (results of GPU programs cannot be mapped)."""
    staging = device.allocator.allocate_buffer(_STAGING_MEMORY, _STAGING_USAGE, view.byte_length)
    semaphore = device.hal.create_semaphore(0)
    done = HalFence.create_at(semaphore, 1)
    device.hal.queue_copy(view.get_buffer(), staging, HalFence.create_at(semaphore, 0), done)
    done.wait()
    return staging.map()
