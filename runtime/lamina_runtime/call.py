"""Load compiled programs and call their functions."""

from __future__ import annotations

import atexit
import threading
import weakref
from collections import deque
from collections.abc import Sequence
from typing import Any, cast

import iree.runtime as rt
from iree.runtime import HalBufferView, VmVariantList
from iree.runtime.function import ArgumentPacker, InvokeContext, _invoke_statics

from .buffer import CallMemory, is_borrowed, private_copy, upload
from .device import Device, instance
from .errors import ExecutionError, execution_error
from .host import HostModule
from .waiting import patient

_as_view = cast(Any, HalBufferView).__iree_vm_cast__  # half the time of `VmVariantList.get_as_object`
_NO_NAMES: dict[str, Any] = {}  # of arguments
# Work that was queued before a call failed may still read its arguments for a moment.
_failed: deque[CallMemory] = deque(maxlen=8)
_loaded: weakref.WeakSet[Executable] = weakref.WeakSet()


class Executable:
    """A compiled program (the bytes of a .vmfb) loaded on a device.

    `large` programs run on all cores; others on the calling thread, where a call costs a few µs only.
    `host_modules` are the Python functions the program calls. Calls from several threads take turns.

    The bytes are native code and are trusted: a damaged .vmfb can crash the process (`read` checks artifacts).
    Raises `ExecutionError` if the program does not load, e.g. because it was compiled for another kind of device.
    """

    def __init__(
        self, vmfb: bytes, device: Device, *, large: bool = False, host_modules: Sequence[HostModule] = ()
    ) -> None:
        self.device = device
        self.host_modules = tuple(host_modules)
        self.lock = threading.RLock()  # a host function may call the same program again
        vm, hal = instance(), device.large_hal if large else device.hal
        try:
            self._module: Any = rt.VmModule.copy_buffer(vm, vmfb)
            linked = [rt.create_hal_module(vm, hal), *(m.bind(device) for m in host_modules), self._module]
            self.context: Any = rt.VmContext(vm, linked)
        except (RuntimeError, ValueError, LookupError) as error:
            raise execution_error(f"the program cannot be loaded on {device}", error) from None
        self.invoke = patient(self.context.invoke) if hal is not device.hal else self.context.invoke
        _loaded.add(self)
        self.function_names = tuple(n for n in self._module.function_names if not n.startswith("__"))

    def function(self, name: str) -> Function:
        """The exported function `name`. Raises `ExecutionError` that lists the functions there are."""
        if name not in self.function_names:
            raise ExecutionError(f"the program has no function {name!r}; it has {', '.join(self.function_names)}")
        return Function(self, name, self._module.lookup_function(name))


class Function:
    """One function of an `Executable`."""

    __slots__ = ("_device", "_executable", "_function", "_invoke", "_lock", "_pack", "_pack_context", "name")

    def __init__(self, executable: Executable, name: str, function: rt.VmFunction) -> None:
        self.name = name
        self._executable = executable
        # What a call needs is at hand here: each lookup through the executable would cost a call 1 % of its time.
        self._function = function
        self._invoke = executable.invoke
        self._pack = ArgumentPacker(_invoke_statics, None).pack
        self._pack_context = InvokeContext(executable.device.hal)
        self._device = executable.device
        self._lock = executable.lock

    def __call__(self, args: Sequence[Any]) -> list[HalBufferView]:
        """Call with `args`: arrays (host) and `HalBufferView`s (this device), in the order of the compiled function.

        The results share no memory with arrays in `args`. Raises `ExecutionError` (`DeviceMemoryError` if memory
        is short) for wrong arguments and for failures while it runs.
        """
        outputs = VmVariantList(1)
        memory: CallMemory | None = None
        for arg in args:
            if type(arg) is not HalBufferView:
                memory = CallMemory()
                args = [x if type(x) is HalBufferView else upload(x, self._device, memory) for x in args]
                break
        inputs = self._pack(self._pack_context, args, _NO_NAMES)
        try:
            with self._lock:
                self._invoke(self._function, inputs, outputs)
        except Exception as error:
            if memory is not None:
                _failed.append(memory)
            failure = self._failure(error)
            raise failure from failure.__cause__
        if outputs.size == 1:
            results = [_as_view(outputs.get_variant(0))]
        else:
            results = list(map(_as_view, map(outputs.get_variant, range(outputs.size))))
        if memory:
            results = [private_copy(view, self._device) if is_borrowed(view) else view for view in results]
            memory.release()
        return results

    def _failure(self, error: Exception) -> ExecutionError:
        """The error to raise for what `invoke` raised; the exception of a host function becomes its cause."""
        action = f"{self.name} failed on {self._device}"
        raised = next(filter(None, (m.take_error() for m in self._executable.host_modules)), None)
        if raised is None:
            return execution_error(action, error)
        if not isinstance(raised, Exception):  # KeyboardInterrupt, SystemExit
            raise raised
        failure = ExecutionError(f"{action}: a Python function it calls raised {type(raised).__name__}: {raised}")
        failure.__cause__ = raised
        return failure


@atexit.register
def _finish_calls() -> None:
    """Let calls of other threads end and no new ones begin: one that returns after Python has ended would abort."""
    for executable in list(_loaded):
        executable.lock.acquire(timeout=10)
