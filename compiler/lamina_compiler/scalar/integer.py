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
    return select(y.eq(0), -1, _quotient(x, _safe_divisor(x, y)))


def remainder(x: Value, y: Value) -> Value:
    """x - y (x / y) with the sign of x; x rem 0 is x."""
    _require_integer(x, "integer remainder")
    d = _safe_divisor(x, y)
    # IREE's remainder on SPIR-V has the wrong sign for x = MIN
    rest = x.binary(_signed("rem", x), d) if x.emitter.has_f64 else x - _quotient(x, d) * d
    return select(y.eq(0), x, rest)


def _signed(operation: str, x: Value) -> str:
    return f"arith.{operation}{'si' if x.kind == 'int' else 'ui'}"


def _divides_by_words(x: Value) -> bool:
    """IREE emulates 64-bit integers on the targets without f64, but not their division."""
    return x.width == 64 and not x.emitter.has_f64


def _quotient(x: Value, y: Value) -> Value:
    if not _divides_by_words(x):
        return x.binary(_signed("div", x), y)
    if x.kind == "uint":
        return _quotient_u64(x, y)
    q = _quotient_u64(*(select(v < 0, -v, v).bitcast("u64") for v in (x, y))).bitcast("i64")
    return select((x ^ y) < 0, -q, q)


def _quotient_u64(x: Value, y: Value) -> Value:
    """Four estimates of the quotient in f32, each low by at most 2**-17 of itself and one; the rest is below 2 y."""
    inverse = (1.0 - 2.0**-18) / _u64_to_f32(y)  # the estimate's six roundings come to less than 2**-20
    q, rest = x.lift(0), x
    for _ in range(4):
        estimate = _u64_from_f32(_u64_to_f32(rest) * inverse)
        q, rest = q + estimate, rest - estimate * y
    return select(rest >= y, q + 1, q)


def _u64_to_f32(x: Value) -> Value:
    low, high = (word.cast("uitofp", "f32") for word in _halves(x))
    return high * 2.0**32 + low


def _u64_from_f32(x: Value) -> Value:
    high = (x * 2.0**-32).cast("fptoui", "u32")
    low = (x - high.cast("uitofp", "f32") * 2.0**32).cast("fptoui", "u32")
    return (high.cast("extui", "u64") << 32) | low.cast("extui", "u64")


def multiply_high(x: Value, y: Value) -> Value:
    """The upper half of the product of twice the width."""
    _require_integer(x, "multiply_high")
    if x.width <= 16 or (x.width == 32 and x.emitter.has_f64):
        wide = f"{x.type[0]}{2 * x.width}" if x.width > 8 else f"{x.type[0]}32"
        extension = "extsi" if x.kind == "int" else "extui"
        product = x.cast(extension, wide) * y.cast(extension, wide)
        return product.shift_right_logical(x.width).cast("trunci", x.type)
    half = x.width // 2
    low_mask = (1 << half) - 1
    xl, yl = x & low_mask, y & low_mask
    xh, yh = x >> half, y >> half  # with the sign, so that only the lowest product is unsigned
    low = xl * yl
    middle = xh * yl + low.shift_right_logical(half)
    cross = xl * yh + (middle & low_mask)
    return xh * yh + (middle >> half) + (cross >> half)


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
    """Copies of the highest bit move in from the left, also of an unsigned x; all are copies outside [0, width)."""
    return _shift(x, amount, "arith.shrsi", x.binary("arith.shrsi", x.width - 1))


def bitwise_and(x: Value, y: Value) -> Value:
    return x & y


def bitwise_or(x: Value, y: Value) -> Value:
    return x | y


def bitwise_xor(x: Value, y: Value) -> Value:
    return x ^ y


def bitwise_not(x: Value) -> Value:
    """Complement of all bits; logical for bool."""
    return ~x


def _as_word(x: Value) -> Value:
    """8 to 32 bits as an unsigned 32-bit integer, the only one whose bits SPIR-V counts."""
    return x.bitcast(f"u{x.width}").cast("extui", "u32") if x.width < 32 else x.bitcast("u32")


def _from_word(count: Value, x: Value) -> Value:
    """A count in the type of x."""
    name = "trunci" if x.width < 32 else "extui"
    return count.bitcast(x.type) if x.width == 32 else count.cast(name, x.type)


def _halves(x: Value) -> tuple[Value, Value]:
    """Low and high word of 64 bits."""
    return x.cast("trunci", "u32"), x.shift_right_logical(32).cast("trunci", "u32")


def population_count(x: Value) -> Value:
    """Number of bits that are set."""
    _require_integer(x, "population_count")
    if x.emitter.has_f64:
        return x.unary("math.ctpop")
    words = _halves(x) if x.width == 64 else [_as_word(x)]
    counts = [word.unary("math.ctpop") for word in words]
    return _from_word(sum(counts[1:], counts[0]), x)


def count_leading_zeros(x: Value) -> Value:
    """Number of zero bits above the highest one; the width for 0."""
    _require_integer(x, "count_leading_zeros")
    if x.emitter.has_f64:
        return x.unary("math.ctlz")
    if x.width < 64:
        return _from_word(_as_word(x).unary("math.ctlz") - (32 - x.width), x)
    low, high = (word.unary("math.ctlz") for word in _halves(x))
    return _from_word(select(high.eq(32), low + 32, high), x)


def count_trailing_zeros(x: Value) -> Value:
    """Number of zero bits below the lowest one; the width for 0."""
    _require_integer(x, "count_trailing_zeros")
    return population_count(~x & (x - 1))
