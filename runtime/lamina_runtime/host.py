"""A module of Python functions that compiled code calls."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import iree.runtime as rt
import numpy as np

from .buffer import is_borrowed, to_device, to_host
from .device import Device
from .dtypes import dtype_of, short_name

HostFunction = Callable[..., Any]


class _Type(NamedTuple):
    """Type of an argument or result; `shape` is None where the signature leaves it open."""

    dtype: np.dtype
    shape: tuple[int, ...] | None

    def __str__(self) -> str:
        shape = "" if self.shape is None else f"[{','.join(map(str, self.shape))}]"
        return f"{short_name(self.dtype)}{shape}"


class HostModule:
    """Python functions under `name`, callable from compiled code as `@name.function`.

    `functions` maps each name to `(signature, fn)`. A signature gives the dtypes (short names) of arguments and
    results, as in "f32, i32 -> f32" or "f32 ->", or the types with their shapes, "f32[3,3], f32[3] -> f32[3]". `fn`
    gets read-only arrays and returns an array-like, a sequence of them if there are several results, and nothing if
    there are none. Results are converted to a dtype alone, but must be of a type with a shape (numbers and lists of
    them are converted); what is wrong makes the call fail with `ExecutionError`. In MLIR one of

        func.func private @host.cholesky(tensor<3x3xf32>) -> tensor<3x3xf32>
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
        self, export: str, arguments: Sequence[_Type], results: Sequence[_Type], fn: HostFunction, device: Device
    ) -> HostFunction:
        def call(_state: _State, *refs: rt.VmRef) -> Any:
            try:
                views: list[Any] = [ref.deref(rt.HalBufferView) for ref in refs]
                values = fn(*(_argument(v, type.dtype, device) for v, type in zip(views, arguments, strict=True)))
                returned = zip(_returned(export, values, len(results)), results, strict=True)
                out = [to_device(_result(export, value, type), device).ref for value, type in returned]
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


def _result(export: str, value: Any, type: _Type) -> np.ndarray:
    """`value` as an array of the type. Raises TypeError if it is an array of another one."""
    array = np.asarray(value, type.dtype if type.shape is None or isinstance(value, _CONVERTED) else None)
    if type.shape is not None and (array.shape, array.dtype) != (type.shape, type.dtype):
        raise TypeError(f"host function {export!r} has to return {type}, it returned {_Type(array.dtype, array.shape)}")
    return array


_CONVERTED = (bool, int, float, complex, list, tuple)


def _parse(signature: str) -> tuple[list[_Type], list[_Type]]:
    arguments, arrow, results = signature.partition("->")
    if not arrow:
        raise ValueError(f"signature {signature!r} of a host function has no '->'; write it as in 'f32, i32 -> f32'")
    return _types(arguments), _types(results)


def _types(text: str) -> list[_Type]:
    found = re.findall(r"(\w+)(?:\[([\d, ]*)(\]))?", text)  # a name, and sizes in brackets
    return [
        _Type(dtype_of(name), tuple(map(int, filter(None, sizes.split(",")))) if bracket else None)
        for name, sizes, bracket in found
    ]
