"""Evaluation of scalar code with NumPy: the reference the compiled code is compared with.

Operations mean what MLIR says; where MLIR says "undefined" (division by zero, shifts beyond the width, a float that
does not fit its integer type) evaluation raises: a missing guard shows up in a test and not in a user's process.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .value import TYPES, Emitter, Value, select

Array = Any  # np.ndarray | np.generic


def _two_sum(a: Array, b: Array) -> tuple[Array, Array]:
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


def _round_to_odd(high: Array, low: Array) -> Array:
    """high + low, where low is the rounding error of high, rounded to odd."""
    bits = np.asarray(high).view(np.int64)
    step = np.where((low > 0) == (high > 0), 1, -1)
    return np.where((low != 0) & (bits & 1 == 0), bits + step, bits).view(np.float64)


def fused_multiply_add(a: Array, b: Array, c: Array) -> Array:
    """a * b + c rounded once (Boldo & Melquiond 2008), but for results that are subnormal in f64."""
    if a.dtype == np.float32:
        wide = np.float64
        product = a.astype(wide) * b.astype(wide)
        total = np.asarray(product + c)
        if not np.any(total.view(np.int64) & 0x1FFFFFFF == 0x10000000):  # no tie in f32: it rounds correctly
            return total.astype(np.float32)
        high, low = _two_sum(product, c.astype(wide))
        low = np.where(np.isfinite(high), low, 0.0)
        return _round_to_odd(np.asarray(high), low).astype(np.float32)
    a, b, c = np.broadcast_arrays(a, b, c)
    ma, ea = np.frexp(a)
    mb, eb = np.frexp(b)
    shift = ea + eb
    mc = np.ldexp(c, np.clip(-shift, -3000, 3000))
    product = ma * mb
    ah = (ma * 134217729.0) - (ma * 134217729.0 - ma)
    bh = (mb * 134217729.0) - (mb * 134217729.0 - mb)
    al, bl = ma - ah, mb - bh
    error = ((ah * bh - product) + ah * bl + al * bh) + al * bl
    th, tl = _two_sum(mc, error)
    vh, vl = _two_sum(product, th)
    exact = np.ldexp(vh + _round_to_odd(*map(np.asarray, _two_sum(tl, vl))), shift)
    plain = a * b + c
    usable = np.isfinite(ma) & np.isfinite(mb) & np.isfinite(mc) & np.isfinite(c) & (ma != 0) & (mb != 0)
    usable &= (np.abs(mc) < 2.0**200) & ((np.abs(mc) > 2.0**-900) | (c == 0))
    far = (np.abs(mc) >= 2.0**200) & np.isfinite(c) & np.isfinite(ma) & np.isfinite(mb)
    return np.where(usable, exact, np.where(far, c, plain))


def _require(valid: Array, what: str) -> None:
    if not np.all(valid):
        raise ArithmeticError(f"unguarded {what} in scalar code: compiled code would be undefined here")


def _divide(a: Array, b: Array) -> Array:
    _require(b != 0, "integer division by zero")
    if a.dtype.kind == "i":
        _require(~((b == -1) & (a == np.iinfo(a.dtype).min)), "integer division MIN / -1")
        quotient = a // b
        return (quotient + ((quotient < 0) & (quotient * b != a))).astype(a.dtype)
    return a // b


def _remainder(a: Array, b: Array) -> Array:
    return a - _divide(a, b) * b


def _shifted(shift: Callable[[Array, Array], Array]) -> Callable[[Array, Array], Array]:
    def guarded(a: Array, b: Array) -> Array:
        _require((b >= 0) & (b < 8 * a.dtype.itemsize), "shift beyond the width")
        return shift(a, b)

    return guarded


def _maximum(a: Array, b: Array) -> Array:
    """NaN if either is; -0 below +0."""
    larger = np.maximum(a, b)
    return np.where(larger == 0, np.where((a == 0) & np.signbit(b), a, np.where(b == 0, b, a)), larger)


def _leading_zeros(a: Array) -> Array:
    unsigned = np.asarray(a).view(np.dtype(f"u{a.dtype.itemsize}"))
    width = 8 * a.dtype.itemsize
    return sum((unsigned >> np.array(i, unsigned.dtype) == 0).astype(a.dtype) for i in range(width))


def _join(real: Array, imag: Array) -> Array:
    real, imag = np.broadcast_arrays(real, imag)
    out = np.empty(real.shape, np.complex64 if real.dtype == np.float32 else np.complex128)
    out.real, out.imag = real, imag
    return out


_OPERATIONS: dict[str, Callable[..., Array]] = {
    "arith.addf": np.add,
    "arith.subf": np.subtract,
    "arith.mulf": np.multiply,
    "arith.divf": np.divide,
    "arith.addi": np.add,
    "arith.subi": np.subtract,
    "arith.muli": np.multiply,
    "arith.andi": np.bitwise_and,
    "arith.ori": np.bitwise_or,
    "arith.xori": np.bitwise_xor,
    "arith.divsi": _divide,
    "arith.divui": _divide,
    "arith.remsi": _remainder,
    "arith.remui": _remainder,
    "arith.shli": _shifted(np.left_shift),
    "arith.shrsi": _shifted(np.right_shift),
    "arith.shrui": _shifted(np.right_shift),
    "arith.maxsi": np.maximum,
    "arith.maxui": np.maximum,
    "arith.minsi": np.minimum,
    "arith.minui": np.minimum,
    "arith.maximumf": _maximum,
    "arith.minimumf": lambda a, b: -_maximum(-a, -b),
    "arith.negf": np.negative,
    "arith.select": np.where,
    "math.absf": np.abs,
    "math.sqrt": np.sqrt,
    "math.floor": np.floor,
    "math.ceil": np.ceil,
    "math.trunc": np.trunc,
    "math.roundeven": np.rint,
    "math.copysign": np.copysign,
    "math.fma": fused_multiply_add,
    "math.ctpop": lambda a: np.bitwise_count(_as_sign(a, "ui")).astype(a.dtype),
    "math.ctlz": _leading_zeros,
    "complex.re": np.real,
    "complex.im": np.imag,
    "complex.create": _join,
}
_RELATIONS = {
    "eq": np.equal,
    "ne": np.not_equal,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
}
_CASTS = {"arith." + n for n in ("extf", "truncf", "extsi", "extui", "trunci", "sitofp", "uitofp", "fptosi", "fptoui")}


def _as_sign(a: Array, suffix: str) -> Array:
    """Integers reinterpreted as signed ("si") or unsigned ("ui")."""
    if a.dtype.kind not in "iu":
        return a
    return np.asarray(a).view(np.dtype(f"{'i' if suffix == 'si' else 'u'}{a.dtype.itemsize}"))


class NumpyEmitter(Emitter):
    """Payloads are NumPy arrays and scalars, broadcast against each other."""

    def constant(self, value: Any, type: str) -> Value:
        element = TYPES[type]
        with np.errstate(over="ignore"):
            if element.kind in ("int", "uint"):
                bits = np.array(int(value) & ((1 << element.width) - 1), f"u{element.width // 8}")
                return Value(self, type, bits.view(element.dtype)[()])
            return Value(self, type, element.dtype.type(value))

    def argument(self, payload: Any, type: str) -> Any:
        return super().argument(np.asarray(payload, TYPES[type].dtype), type)

    def operation(self, name: str, operands: tuple[Value, ...], type: str, predicate: str = "") -> Value:
        dtype = TYPES[type].dtype
        arrays = [np.asarray(v.payload) for v in operands]
        with np.errstate(all="ignore"):
            if name == "arith.bitcast":
                result = arrays[0].view(dtype)
            elif predicate:
                if name == "arith.cmpi" and predicate[0] in "su" and len(predicate) == 3:
                    arrays = [_as_sign(a, predicate[0] + "i") for a in arrays]
                result = _RELATIONS[predicate[-2:]](*arrays)
            elif name in _CASTS:
                result = self._cast(name, arrays[0], dtype)
            elif name == "math.fma" and not self.has_fma:
                result = arrays[0] * arrays[1] + arrays[2]
            else:
                if name[-2:] in ("si", "ui"):
                    arrays = [_as_sign(a, name[-2:]) for a in arrays]
                result = np.asarray(_OPERATIONS[name](*arrays))
                if result.dtype.kind in "iu" and result.dtype.itemsize == dtype.itemsize:
                    result = result.view(dtype)
        return Value(self, type, np.asarray(result).astype(dtype, copy=False))

    def operation_pair(self, name: str, operands: tuple[Value, ...], type: str) -> tuple[Value, Value]:
        if name != "arith.mului_extended":
            raise NotImplementedError(f"NumPy evaluation of {name}")
        a, b = (_as_sign(np.asarray(v.payload), "ui").astype(np.uint64) for v in operands)
        dtype, product = TYPES[type].dtype, a * b  # of 32-bit operands
        low, high = product.astype(np.uint32), (product >> np.uint64(32)).astype(np.uint32)
        return Value(self, type, low.view(dtype)), Value(self, type, high.view(dtype))

    def loop(
        self, condition: Callable[..., Value], body: Callable[..., Sequence[Value]], state: Sequence[Value]
    ) -> list[Value]:
        """Until all elements are done; those that are done keep their values."""
        values = list(state)
        while np.any((running := condition(*values)).payload):
            values = [select(running, new, old) for new, old in zip(body(*values), values, strict=True)]
        return values

    @staticmethod
    def _cast(name: str, a: Array, dtype: np.dtype[Any]) -> Array:
        if name in ("arith.fptosi", "arith.fptoui"):
            kind = "i" if name == "arith.fptosi" else "u"
            target = np.iinfo(f"{kind}{dtype.itemsize}")
            valid = (np.trunc(a) >= float(target.min)) & (np.trunc(a) < float(target.max) + (target.max < 2**31))
            _require(valid & (a == a), "conversion of a float beyond its integer type")
            return a.astype(target.dtype).view(dtype)
        if a.dtype.kind == "b":
            return (-a.astype(np.int8) if name in ("arith.extsi", "arith.sitofp") else a.astype(np.int8)).astype(dtype)
        if name in ("arith.extsi", "arith.extui", "arith.sitofp", "arith.uitofp"):
            a = _as_sign(a, "si" if name[6:] in ("extsi", "sitofp") else "ui")
        if name == "arith.trunci" and dtype.kind == "b":
            return (a & 1).astype(bool)
        return a.astype(dtype)
