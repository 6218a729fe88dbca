"""Options of operations: precision, rounding, accuracy. What they may ask for, and what Lamina makes of it."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from lamina import errors


class Precision(enum.Enum):
    """How exactly products are summed. Lamina computes in the dtype of the operands or wider, whatever is asked.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> x = lnp.ones((2, 2))
    >>> lax.dot(x, x, precision=lax.Precision.HIGHEST)
    Array([[2., 2.],
           [2., 2.]], dtype=float32)
    """

    DEFAULT = 0
    HIGH = 1
    HIGHEST = 2

    @classmethod
    def _missing_(cls, value: object) -> Precision | None:
        return _PRECISION_NAMES.get(value)

    def __str__(self) -> str:
        return self.name


_PRECISION_NAMES: dict[Any, Precision] = {
    None: Precision.DEFAULT,
    "default": Precision.DEFAULT,
    "fastest": Precision.DEFAULT,
    "bfloat16": Precision.DEFAULT,
    "high": Precision.HIGH,
    "bfloat16_3x": Precision.HIGH,
    "tensorfloat32": Precision.HIGH,
    "highest": Precision.HIGHEST,
    "float32": Precision.HIGHEST,
}


class DotAlgorithm(NamedTuple):
    """The dtypes and number of passes of a product on matrix units.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.DotAlgorithm(lnp.bfloat16, lnp.bfloat16, lnp.float32).accumulation_type.__name__
    'float32'
    """

    lhs_precision_type: Any
    rhs_precision_type: Any
    accumulation_type: Any
    lhs_component_count: int = 1
    rhs_component_count: int = 1
    num_primitive_operations: int = 1
    allow_imprecise_accumulation: bool = False


class DotAlgorithmPreset(enum.Enum):
    """Names of the common `DotAlgorithm`s.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> x = lnp.ones((2, 2))
    >>> lax.dot(x, x, precision=lax.DotAlgorithmPreset.F32_F32_F32)
    Array([[2., 2.],
           [2., 2.]], dtype=float32)
    """

    DEFAULT = 0
    ANY_F8_ANY_F8_F32 = 1
    ANY_F8_ANY_F8_F32_FAST_ACCUM = 2
    ANY_F8_ANY_F8_ANY = 3
    ANY_F8_ANY_F8_ANY_FAST_ACCUM = 4
    F16_F16_F16 = 5
    F16_F16_F32 = 6
    BF16_BF16_BF16 = 7
    BF16_BF16_F32 = 8
    BF16_BF16_F32_X3 = 9
    BF16_BF16_F32_X6 = 10
    BF16_BF16_F32_X9 = 11
    TF32_TF32_F32 = 12
    TF32_TF32_F32_X3 = 13
    F32_F32_F32 = 14
    F64_F64_F64 = 15


PrecisionLike: TypeAlias = (
    str | Precision | tuple[str, str] | tuple[Precision, Precision] | DotAlgorithm | DotAlgorithmPreset | None
)
"""What a ``precision=`` argument takes."""


def check_precision(precision: Any) -> None:
    """Whether `precision` is one: Lamina's products are as precise as their dtype, so nothing else follows from it.

    Raises: ValueError for an unknown name, TypeError for what is no precision.
    """
    if isinstance(precision, (DotAlgorithm, DotAlgorithmPreset, Precision)) or precision is None:
        return
    if isinstance(precision, tuple) and len(precision) == 2:
        for each in precision:
            check_precision(each)
    elif not isinstance(precision, str):
        raise TypeError(f"precision is None, a name, a lax.Precision or a pair of them, not {precision!r}")
    elif precision not in _PRECISION_NAMES and precision not in DotAlgorithmPreset.__members__:
        names = ", ".join(repr(name) for name in _PRECISION_NAMES if name)
        raise errors.OptionValueError("precision", precision, f"one of {names}")


class RoundingMethod(enum.IntEnum):
    """Where a number half-way between two integers goes.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.round(lnp.array([0.5, 1.5]), lax.RoundingMethod.TO_NEAREST_EVEN)
    Array([0., 2.], dtype=float32)
    """

    AWAY_FROM_ZERO = 0
    TO_NEAREST_EVEN = 1


class AccuracyMode(enum.Enum):
    """How accurate an elementary function shall be. Lamina's are always accurate to a few ulp.

    >>> import lamina.lax as lax
    >>> lax.exp(0.0, accuracy=lax.AccuracyMode.HIGHEST)
    Array(1., dtype=float32, weak_type=True)
    """

    HIGHEST = 1
    DEFAULT = 2


@dataclass(frozen=True)
class Tolerance:
    """The error an elementary function may have. Lamina's are always accurate to a few ulp.

    >>> import lamina.lax as lax
    >>> lax.exp(0.0, accuracy=lax.Tolerance(ulps=2))
    Array(1., dtype=float32, weak_type=True)
    """

    atol: float = 0.0
    rtol: float = 0.0
    ulps: int = 0

    def __post_init__(self) -> None:
        if min(self.atol, self.rtol, self.ulps) < 0:
            raise ValueError("Tolerance: the errors allowed must not be negative")


Pair: TypeAlias = tuple[Sequence[int], Sequence[int]]
DotDimensionNumbers: TypeAlias = tuple[Pair, Pair]
"""What a product sums over and what it pairs: ((lhs, rhs) contracting dimensions, (lhs, rhs) batch dimensions)."""
