"""Integer division, powers, shifts and bit counts, with the cases guarded that MLIR leaves undefined.

An unguarded x / 0 or MIN / -1 would kill the process with SIGFPE; an oversized shift gives arbitrary bits.
"""

from __future__ import annotations

from .value import Value, select


def _require_integer(x: Value, what: str) -> None:
    if x.kind not in ("int", "uint"):
        raise TypeError(f"{what} takes integers, got {x.type}")


def _safe_divisor(x: Value, y: Value) -> Value:
    """1 in place of the divisors that trap; MIN / 1 and MIN % 1 are what MIN / -1 and MIN % -1 wrap to."""
    traps = y.eq(0)
    if x.kind == "int":
        traps = traps | (y.eq(-1) & x.eq(-(1 << (x.width - 1))))
    return select(traps, 1, y)


def divide(x: Value, y: Value) -> Value:
    """x / y towards zero; x / 0 is -1 (unsigned: all ones), MIN / -1 is MIN."""
    _require_integer(x, "integer division")
    name = "arith.divsi" if x.kind == "int" else "arith.divui"
    return select(y.eq(0), -1, x.binary(name, _safe_divisor(x, y)))


def remainder(x: Value, y: Value) -> Value:
    """x - y (x / y) with the sign of x; x rem 0 is x."""
    _require_integer(x, "integer remainder")
    name = "arith.remsi" if x.kind == "int" else "arith.remui"
    return select(y.eq(0), x, x.binary(name, _safe_divisor(x, y)))


def power(x: Value, y: Value) -> Value:
    """x**y modulo 2**width by repeated squaring; a negative y gives 1 / x**|y| cut towards zero, and 0 for x = 0."""
    _require_integer(x, "integer power")
    signed = y.kind == "int"
    result, base = x.lift(1), x
    digits = y.width - signed
    for i in range(digits):
        result = select((y & (1 << i)).ne(0), result * base, result)
        if i + 1 < digits:
            base = base * base
    if not signed:
        return result
    inverse = select(x.eq(1), x.lift(1), 0)
    if x.kind == "int":
        inverse = select(x.eq(-1), select((y & 1).ne(0), x, 1), inverse)
    return select(y < 0, inverse, result)


def _shift(x: Value, amount: Value, name: str, outside: Value) -> Value:
    _require_integer(x, "a shift")
    inside = amount.bitcast(f"u{x.width}") < x.width
    return select(inside, x.binary(name, select(inside, amount, 0)), outside)


def shift_left(x: Value, amount: Value) -> Value:
    """x * 2**amount modulo 2**width; 0 for amounts outside [0, width)."""
    return _shift(x, amount, "arith.shli", x.lift(0))


def shift_right_logical(x: Value, amount: Value) -> Value:
    """Zeros move in from the left; 0 for amounts outside [0, width)."""
    return _shift(x, amount, "arith.shrui", x.lift(0))


def shift_right_arithmetic(x: Value, amount: Value) -> Value:
    """Copies of the sign of a signed x (zeros for unsigned) move in from the left, and fill for amounts outside
    [0, width)."""
    if x.kind == "uint":
        return shift_right_logical(x, amount)
    return _shift(x, amount, "arith.shrsi", x >> (x.width - 1))


def bitwise_and(x: Value, y: Value) -> Value:
    return x & y


def bitwise_or(x: Value, y: Value) -> Value:
    return x | y


def bitwise_xor(x: Value, y: Value) -> Value:
    return x ^ y


def bitwise_not(x: Value) -> Value:
    """Complement of all bits; logical for bool."""
    return ~x


def population_count(x: Value) -> Value:
    """Number of bits that are set."""
    _require_integer(x, "population_count")
    return x.unary("math.ctpop")


def count_leading_zeros(x: Value) -> Value:
    """Number of zero bits above the highest one; the width for 0."""
    _require_integer(x, "count_leading_zeros")
    return x.unary("math.ctlz")


def count_trailing_zeros(x: Value) -> Value:
    """Number of zero bits below the lowest one; the width for 0."""
    _require_integer(x, "count_trailing_zeros")
    return population_count(~x & (x - 1))
