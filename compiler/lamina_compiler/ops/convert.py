"""Changes of element type."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from .. import scalar
from ..attributes import DTYPE, INT
from ..opdef import NotDifferentiable, OpDef, OpDTypeError, OpError, Sample, register, require_dtype
from ..types import ANY, BOOL_DTYPE, COMPLEX, FLOAT, INEXACT, INTEGER, KEY, SHORT_NAME, TensorType
from .elementwise import quiet, uniform


def _convert_reference(x: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """astype, with floats saturating to integers and nan giving 0, as XLA does."""
    if x.dtype in COMPLEX and dtype not in COMPLEX and dtype != np.bool_:
        x = np.real(x)
    if dtype in INTEGER and x.dtype in FLOAT:
        info = np.iinfo(dtype)
        wide = x.astype(np.float64) if x.dtype.itemsize < 8 else x
        whole = np.trunc(wide)
        # the bounds themselves need not be floats (2**63 − 1 is not): compare, then convert what is safe
        above, below = whole >= float(info.max), whole <= float(info.min)
        safe = np.where(above | below | np.isnan(whole), 0, whole).astype(dtype)
        return np.where(above, info.max, np.where(below, info.min, safe)).astype(dtype)
    return x.astype(dtype)


def _convert_infer(x: TensorType, dtype: np.dtype) -> TensorType:
    if x.dtype in KEY or dtype in KEY:
        raise OpDTypeError(f"{SHORT_NAME[x.dtype]} cannot be converted to {SHORT_NAME[dtype]}")
    return TensorType(x.shape, dtype)


def _convert_jvp(b: Any, tangents: Sequence[Any], primals: Sequence[Any], result: Any, dtype: np.dtype) -> Any:
    (dx,) = tangents
    return None if dx is None or dtype not in INEXACT else b.convert(dx, dtype=dtype)


def _convert_transpose(b: Any, ct: Any, operands: Any, types: Sequence[TensorType], dtype: np.dtype) -> list[Any]:
    return [b.convert(ct, dtype=types[0].dtype)]


def _convert_samples(rng: np.random.Generator) -> Iterable[Sample]:
    for source in sorted(ANY, key=str):
        for target in sorted(ANY, key=str):
            yield Sample((uniform(-3, 3)(rng, source, (2, 3)),), {"dtype": target})


def _convert_lower(lw: Any, operands: Any, types: Any, result: TensorType, dtype: np.dtype) -> Any:
    name = SHORT_NAME[dtype]
    return lw.elementwise(lambda x: scalar.convert(x, name), operands, types, result)


convert = register(
    OpDef(
        name="convert",
        doc="x as another dtype: floats to integers cut towards zero, saturate, nan gives 0; complex to real drops the "
        "imaginary part; anything to bool is x ≠ 0.",
        operands=("x",),
        attributes={"dtype": DTYPE},
        infer=_convert_infer,
        reference=quiet(_convert_reference),
        jvp=_convert_jvp,
        transpose=_convert_transpose,
        batch=lambda b, operands, batched, size, dtype: b.convert(*operands, dtype=dtype),
        lower=_convert_lower,
        samples=_convert_samples,
        family="convert",
    )
)


def _bitcast_infer(x: TensorType, dtype: np.dtype) -> TensorType:
    for each in (x.dtype, dtype):
        if each in COMPLEX | KEY or each == BOOL_DTYPE:
            raise OpError(f"bitcast_convert takes integers and floats, not {SHORT_NAME[each]}")
    if x.dtype.itemsize != dtype.itemsize:
        raise OpError(
            f"bitcast_convert needs dtypes of one width, but {SHORT_NAME[x.dtype]} and {SHORT_NAME[dtype]} differ"
        )
    return TensorType(x.shape, dtype)


def _bitcast_samples(rng: np.random.Generator) -> Iterable[Sample]:
    plain = sorted(ANY - COMPLEX - {BOOL_DTYPE}, key=str)
    for source in plain:
        for target in plain:
            if source.itemsize == target.itemsize:
                yield Sample((uniform(-3, 3)(rng, source, (2, 3)),), {"dtype": target})


def _bitcast_lower(lw: Any, operands: Any, types: Any, result: TensorType, dtype: np.dtype) -> Any:
    name = SHORT_NAME[dtype]
    return lw.elementwise(lambda x: scalar.bitcast(x, name), operands, types, result)


bitcast_convert = register(
    OpDef(
        name="bitcast_convert",
        doc="The bits of x read as another dtype of the same width.",
        operands=("x",),
        attributes={"dtype": DTYPE},
        infer=_bitcast_infer,
        reference=lambda x, dtype: np.asarray(x, order="C").view(dtype),
        jvp=NotDifferentiable("it works on bits, not on real numbers"),
        transpose=None,
        batch=lambda b, operands, batched, size, dtype: b.bitcast_convert(*operands, dtype=dtype),
        lower=_bitcast_lower,
        samples=_bitcast_samples,
        family="convert",
    )
)


def _reduce_precision_infer(x: TensorType, exponent_bits: int, mantissa_bits: int) -> TensorType:
    require_dtype("x", x, FLOAT)
    if exponent_bits < 1 or mantissa_bits < 0:
        raise OpError(
            f"a float has at least 1 exponent bit and 0 mantissa bits, not {exponent_bits} and {mantissa_bits}"
        )
    return x


def _reduce_precision(x: Any, exponent_bits: int, mantissa_bits: int) -> Any:
    return scalar.reduce_precision(x, exponent_bits, mantissa_bits)


def _reduce_precision_jvp(b: Any, tangents: Sequence[Any], primals: Any, result: Any, **bits: int) -> Any:
    return None if tangents[0] is None else b.reduce_precision(tangents[0], **bits)


reduce_precision = register(
    OpDef(
        name="reduce_precision",
        doc="x rounded to nearest even as a float of so many exponent and mantissa bits would hold it; beyond its "
        "range 0 or infinity. Derivatives are rounded in the same way.",
        operands=("x",),
        attributes={"exponent_bits": INT, "mantissa_bits": INT},
        infer=_reduce_precision_infer,
        reference=lambda x, **bits: scalar.evaluate(lambda v: _reduce_precision(v, **bits), x),
        jvp=_reduce_precision_jvp,
        transpose=lambda b, ct, operands, types, **bits: [b.reduce_precision(ct, **bits)],
        batch=lambda b, operands, batched, size, **bits: b.reduce_precision(*operands, **bits),
        lower=lambda lw, operands, types, result, **bits: lw.elementwise(
            lambda x: _reduce_precision(x, **bits), operands, types, result
        ),
        samples=lambda rng: [
            Sample((uniform(-3, 3)(rng, dtype, (2, 3)),), {"exponent_bits": e, "mantissa_bits": m})
            for dtype in sorted(FLOAT, key=str)
            for e, m in (((11, 52),) if dtype.itemsize == 8 else ((5, 10), (4, 3), (8, 0)))  # f64 is differentiated
        ],
        family="convert",
    )
)
