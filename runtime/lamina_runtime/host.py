"""A module of Python functions that compiled code calls."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import iree.runtime as rt
import numpy as np

from .buffer import is_borrowed, to_device, to_host
from .device import Device
from .dtypes import dtype_of

HostFunction = Callable[..., Any]


class HostModule:
    """Python functions under `name`, callable from compiled code as `@name.function`.

    `functions` maps each name to `(signature, fn)`. A signature gives the dtypes (short names) of arguments and
    results, as in "f32, i32 -> f32" or "f32 ->". `fn` gets read-only arrays and returns an array-like, a
    sequence of them if there are several results, and nothing if there are none. Results are converted to the
    dtypes of the signature; a wrong shape makes the call fail with `ExecutionError`. In MLIR:

        util.func private @host.cholesky(!hal.buffer_view) -> !hal.buffer_view

    >>> HostModule("host", {"cholesky": ("f32 -> f32", np.linalg.cholesky)}).name
    'host'
    """

    def __init__(self, name: str, functions: Mapping[str, tuple[str, HostFunction]]) -> None:
        self.name = name
        self._functions = {export: (*_parse(signature), fn) for export, (signature, fn) in functions.items()}
        self._raised = threading.local()

    def take_error(self) -> BaseException | None:
        """The exception a function raised in this thread's last call, once."""
        error = getattr(self._raised, "error", None)
        self._raised.error = None
        return error

    def bind(self, device: Device) -> rt.VmModule:
        """The VM module whose functions exchange buffers with `device`."""
        interface = rt.PyModuleInterface(module_name=self.name, ctor=_State)
        for export, (arguments, results, fn) in self._functions.items():
            convention = f"0{'r' * len(arguments) or 'v'}_{'r' * len(results) or 'v'}"
            interface.export(export, convention, self._wrap(export, arguments, results, fn, device))
        return interface.create()

    def _wrap(
        self, export: str, arguments: Sequence[np.dtype], results: Sequence[np.dtype], fn: HostFunction, device: Device
    ) -> HostFunction:
        def call(_state: _State, *refs: rt.VmRef) -> Any:
            try:
                views: list[Any] = [ref.deref(rt.HalBufferView) for ref in refs]
                values = fn(*(_argument(v, dtype, device) for v, dtype in zip(views, arguments, strict=True)))
                returned = _returned(export, values, len(results))
                out = [to_device(np.asarray(v, dtype), device).ref for v, dtype in zip(returned, results, strict=True)]
            except BaseException as error:  # IREE keeps only its text; the caller of the program gets it whole
                self._raised.error = error
                raise
            return None if not out else out[0] if len(out) == 1 else out

        return call


class _State:
    """IREE wants one object per context; our functions need none."""

    def __init__(self, _interface: rt.PyModuleInterface) -> None: ...


def _argument(view: rt.HalBufferView, dtype: np.dtype, device: Device) -> np.ndarray:
    array = to_host(view, dtype, tuple(view.shape), device)
    return array.copy() if is_borrowed(view) else array  # fn may keep it longer than the call lasts


def _returned(export: str, values: Any, count: int) -> Sequence[Any]:
    if count == 1:
        return [values]
    values = [] if values is None else values
    if not isinstance(values, (tuple, list)) or len(values) != count:
        raise TypeError(f"host function {export!r} has to return {count} arrays, it returned {values!r:.80}")
    return values


def _parse(signature: str) -> tuple[list[np.dtype], list[np.dtype]]:
    arguments, arrow, results = signature.partition("->")
    if not arrow:
        raise ValueError(f"signature {signature!r} of a host function has no '->'; write it as in 'f32, i32 -> f32'")
    return _dtypes(arguments), _dtypes(results)


def _dtypes(names: str) -> list[np.dtype]:
    return [dtype_of(name.strip()) for name in names.split(",") if name.strip()]
