"""Arrays: the common base of concrete and traced arrays, and the concrete one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

import lamina_runtime as runtime
from lamina import dtypes
from lamina._key_dtype import EXTENDED, refuse_keys, words
from lamina_compiler.types import TensorType

if TYPE_CHECKING:
    from lamina._array_interface import ArrayInterface
else:
    ArrayInterface = object


class Array(ArrayInterface):
    """An immutable n-dimensional array; concrete, or traced while a transformation runs a function.

    Operators and methods are those of `numpy.ndarray` that make sense for an immutable array; `x.at[i].set(y)` gives an
    updated copy. Make arrays with `lamina.numpy`.

    >>> import lamina.numpy as lnp
    >>> x = lnp.array([1.0, 2.0])
    >>> x * 2 + 1
    Array([3., 5.], dtype=float32)
    """

    __slots__ = ("__weakref__", "type", "weak_type")
    __array_priority__ = 100

    type: TensorType
    weak_type: bool

    @property
    def shape(self) -> tuple[int, ...]:
        return self.type.shape

    @property
    def dtype(self) -> Any:
        found = self.type.dtype
        return found if found.names is None else EXTENDED.get(found, found)

    @property
    def ndim(self) -> int:
        return len(self.type.shape)

    @property
    def size(self) -> int:
        return self.type.size

    @property
    def nbytes(self) -> int:
        return self.type.nbytes

    @property
    def itemsize(self) -> int:
        return self.type.dtype.itemsize

    def __len__(self) -> int:
        if not self.type.shape:
            raise TypeError("len() of a 0-d array")
        return self.type.shape[0]

    def __iter__(self) -> Iterator[Array]:
        if not self.type.shape:
            raise TypeError("iteration over a 0-d array")
        return (self[i] for i in range(self.type.shape[0]))  # type: ignore[index]

    __hash__ = None  # type: ignore[assignment]  (equality is elementwise)


class ConcreteArray(Array):
    """An array with a value: in host memory, on a device, or both (the copies are made when needed)."""

    __slots__ = ("_device", "_value", "_view")

    def __init__(
        self,
        value: np.ndarray | None,
        type: TensorType,
        weak_type: bool = False,
        device: runtime.Device | None = None,
        view: Any = None,
    ):
        self._value = value
        self._view = view
        self._device = device
        self.type = type
        self.weak_type = weak_type

    @property
    def device(self) -> runtime.Device:
        """The device the array lives on."""
        return self._device or runtime.device("cpu")

    @property
    def is_on_host(self) -> bool:
        return self._device is None or self._device.platform == "cpu"

    def host(self) -> np.ndarray:
        """The value as a read-only NumPy array, fetched from the device once."""
        value = self._value
        if value is None:
            if self._view is None:
                raise RuntimeError(f"this array {self.type} has been deleted (it was donated to a jitted function)")
            value = self._value = runtime.to_host(self._view, self.type.dtype, self.type.shape, self.device)
        return value

    def view_on(self, device: runtime.Device) -> Any:
        """A buffer of `device` with the value; kept where the array lives, so that the next call finds it."""
        if self._view is not None and device is self._device:
            return self._view
        view = runtime.to_device(self.host(), device, alias=True)
        if self._device is None and device.platform == "cpu":  # elsewhere it would take later results along
            self._device, self._view = device, view
        return view

    def delete(self) -> None:
        """Give up the memory; using the array afterwards is an error."""
        self._value = self._view = None

    def is_deleted(self) -> bool:
        """Whether `delete` was called, or the array was donated."""
        return self._value is None and self._view is None

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        refuse_keys(self.type, "converted to a NumPy array")
        value = self.host()
        if dtype is not None and np.dtype(dtype) != value.dtype:
            return value.astype(dtype)
        return value.copy() if copy else value

    def __dlpack__(
        self, *, stream: Any = None, max_version: Any = None, dl_device: Any = None, copy: bool | None = None
    ) -> Any:
        """The value for another library, as a copy: it may be changed there."""
        options = {"max_version": max_version, "dl_device": dl_device, "copy": None if copy is None else bool(copy)}
        return self.host().copy().__dlpack__(stream=stream, **options)

    def __dlpack_device__(self) -> tuple[int, int]:
        return self.host().__dlpack_device__()

    def __repr__(self) -> str:
        value = self.host()
        if self.type.dtype in EXTENDED:
            return f"Array({self.shape}, dtype={self.dtype.name}) overlaying:\n{words(value)}"
        body = np.array2string(value, separator=", ", prefix="Array(") if value.size else "[]"
        shape = f", shape={value.shape}" if value.size == 0 and value.shape != (0,) else ""
        weak = ", weak_type=True" if self.weak_type else ""
        return f"Array({body}{shape}, dtype={value.dtype.name}{weak})"

    def __str__(self) -> str:
        return repr(self) if self.type.dtype in EXTENDED else str(self.host())

    def __format__(self, spec: str) -> str:
        return format(self.host()[()], spec) if self.ndim == 0 else format(self.host(), spec)

    def __bool__(self) -> bool:
        refuse_keys(self.type, "converted to a boolean")
        return bool(self.host())

    def __int__(self) -> int:
        return int(self.host())

    def __float__(self) -> float:
        return float(self.host())

    def __complex__(self) -> complex:
        return complex(self.host())

    def __index__(self) -> int:
        if self.type.shape or self.type.dtype.kind not in "iub":
            raise TypeError(f"only an integer 0-d array can be an index, not {self.type}")
        return int(self.host())

    def item(self, *index: int) -> Any:
        """The element as a Python number."""
        return self.host().item(*index)

    def tolist(self) -> Any:
        return self.host().tolist()

    def tobytes(self, order: str = "C") -> bytes:
        """The elements as bytes, row after row."""
        return self.host().tobytes(order)  # type: ignore[arg-type]

    def devices(self) -> set[runtime.Device]:
        """The device the array lives on."""
        return {self.device}

    def copy_to_host_async(self) -> None:
        """Starts to fetch the value; there is nothing to start, since fetching is a copy."""

    @property
    def is_fully_addressable(self) -> bool:
        """Whether this process can see all of the array."""
        return True

    @property
    def is_fully_replicated(self) -> bool:
        """Whether every device of the array holds all of it."""
        return True

    @property
    def committed(self) -> bool:
        """Whether computations with the array must run where it lives."""
        return not self.is_on_host

    def block_until_ready(self) -> ConcreteArray:
        """Calls are finished when they return, so this is the array itself."""
        return self

    def is_ready(self) -> bool:
        """Whether the values are there: always."""
        return True

    def __reduce__(self) -> tuple[Any, ...]:
        return from_numpy, (np.array(self.host()), self.weak_type)

    def __copy__(self) -> ConcreteArray:
        return self

    def __deepcopy__(self, memo: Any) -> ConcreteArray:
        return self


_types: dict[tuple[tuple[int, ...], np.dtype], TensorType] = {}


def from_numpy(value: np.ndarray, weak_type: bool = False) -> ConcreteArray:
    """A concrete array over `value`, which nobody may change from now on."""
    value.flags.writeable = False
    return ConcreteArray(value, TensorType(value.shape, value.dtype), weak_type)


def to_concrete(x: Any, dtype: Any = None) -> ConcreteArray:
    """A concrete array of anything NumPy takes, under the dtype rules (64-bit becomes 32-bit without x64)."""
    weak = dtype is None and type(x) in (int, float, complex)
    if dtype is None and isinstance(x, ConcreteArray):
        return x
    value = np.asarray(x)
    target = dtypes.canonicalize_dtype(dtypes.check_supported(value.dtype)) if dtype is None else np.dtype(dtype)
    if value.dtype != target:
        if isinstance(x, int) and value.dtype.kind in "iuO" and target.kind in "iu":
            _check_fits(x, target)
        with np.errstate(all="ignore"):
            value = value.astype(target)
    elif not isinstance(x, (int, float, complex, list, tuple)):
        value = value.copy()
    return from_numpy(value, weak)


def _check_fits(number: int, dtype: np.dtype) -> None:
    info = np.iinfo(dtype)
    if not info.min <= number <= info.max:
        raise OverflowError(f"the integer {number} does not fit into {dtype.name}; with 64-bit types on it may")
