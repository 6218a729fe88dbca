"""What type checkers are told about arrays: operators and methods that `_array_methods` installs at run time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lamina.array import Array


class ArrayInterface:
    """Never instantiated: the base of `Array` under TYPE_CHECKING only."""

    def __getattr__(self, name: str) -> Any: ...
    def __getitem__(self, index: Any) -> Array: ...  # type: ignore[empty-body]
    def __add__(self, other: Any) -> Array: ...  # type: ignore[empty-body]
    def __radd__(self, other: Any) -> Array: ...  # type: ignore[empty-body]
    def __sub__(self, other: Any) -> Array: ...  # type: ignore[empty-body]
    def __rsub__(self, other: Any) -> Array: ...  # type: ignore[empty-body]
    def __mul__(self, other: Any) -> Array: ...  # type: ignore[empty-body]
    def __rmul__(self, other: Any) -> Array: ...  # type: ignore[empty-body]
    def __truediv__(self, other: Any) -> Array: ...  # type: ignore[empty-body]
    def __rtruediv__(self, other: Any) -> Array: ...  # type: ignore[empty-body]
    def __floordiv__(self, other: Any) -> Array: ...  # type: ignore[empty-body]
    def __rfloordiv__(self, other: Any) -> Array: ...  # type: ignore[empty-body]
    def __mod__(self, other: Any) -> Array: ...  # type: ignore[empty-body]
    def __rmod__(self, other: Any) -> Array: ...  # type: ignore[empty-body]
    def __pow__(self, other: Any) -> Array: ...  # type: ignore[empty-body]
    def __rpow__(self, other: Any) -> Array: ...  # type: ignore[empty-body]
    def __matmul__(self, other: Any) -> Array: ...  # type: ignore[empty-body]
    def __rmatmul__(self, other: Any) -> Array: ...  # type: ignore[empty-body]
    def __and__(self, other: Any) -> Array: ...  # type: ignore[empty-body]
    def __rand__(self, other: Any) -> Array: ...  # type: ignore[empty-body]
    def __or__(self, other: Any) -> Array: ...  # type: ignore[empty-body]
    def __ror__(self, other: Any) -> Array: ...  # type: ignore[empty-body]
    def __xor__(self, other: Any) -> Array: ...  # type: ignore[empty-body]
    def __rxor__(self, other: Any) -> Array: ...  # type: ignore[empty-body]
    def __lshift__(self, other: Any) -> Array: ...  # type: ignore[empty-body]
    def __rlshift__(self, other: Any) -> Array: ...  # type: ignore[empty-body]
    def __rshift__(self, other: Any) -> Array: ...  # type: ignore[empty-body]
    def __rrshift__(self, other: Any) -> Array: ...  # type: ignore[empty-body]
    def __neg__(self) -> Array: ...  # type: ignore[empty-body]
    def __pos__(self) -> Array: ...  # type: ignore[empty-body]
    def __abs__(self) -> Array: ...  # type: ignore[empty-body]
    def __invert__(self) -> Array: ...  # type: ignore[empty-body]
    def __eq__(self, other: Any) -> Array: ...  # type: ignore
    def __ne__(self, other: Any) -> Array: ...  # type: ignore
    def __lt__(self, other: Any) -> Array: ...  # type: ignore
    def __le__(self, other: Any) -> Array: ...  # type: ignore
    def __gt__(self, other: Any) -> Array: ...  # type: ignore
    def __ge__(self, other: Any) -> Array: ...  # type: ignore
