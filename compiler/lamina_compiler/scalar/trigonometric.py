"""sin, cos, tan and their inverses.  Arguments are reduced by multiples of π/2, exactly for every finite float."""

from __future__ import annotations

from .coefficients import TWO_OVER_PI, TWO_OVER_PI_SCALE
from .dispatch import elementary
from .formats import (
    FORMATS,
    INF,
    NAN,
    PI,
    Pair,
    divide,
    fast_two_sum,
    flip_sign,
    format_of,
    fused,
    is_negative,
    is_zero,
    lifted,
    lowered,
    multiply,
    nearest_integer,
    pair_add,
    pair_divide,
    pair_multiply,
    polynomial,
    two_product,
    two_sum,
)
from .payne_hanek_u32 import reduce_f32
from .value import Value, fma, select


def _chunks_of_two_over_pi(shift: int, drop: int, widths: tuple[int, ...]) -> list[float]:
    """2/π · 2**shift without the bits of weight >= 2**drop, cut into consecutive chunks of the given widths."""
    scale = TWO_OVER_PI_SCALE
    rest = (TWO_OVER_PI << shift) & ((1 << (scale + drop)) - 1)
    chunks, top = [], scale + drop
    for width in widths:
        top -= width
        chunk = rest >> top
        rest -= chunk << top
        chunks.append(float(chunk) * 2.0 ** (top - scale))  # chunk < 2**53: exact
    return chunks


def _modulo_4(p: Value) -> Value:
    """p minus a multiple of 4, in (-4, 4); exact for every p."""
    return fma((p * 0.25).trunc(), -4.0, p)


def _reduce_wide(x: Value) -> tuple[Value, Value, Value]:
    """A f32 in f64: 24 bits by chunks of 29 bits give exact products."""
    first, *rest = _chunks_of_two_over_pi(0, 0, (29, 29, 29, 29, 29, 53))
    s, e = _modulo_4(x * first), x.lift(0.0)
    for chunk in rest:
        s, error = two_sum(s, _modulo_4(x * chunk))
        e = e + error
    n, k = nearest_integer(s)
    return k, ((s - n) + e) * float(PI / 2), x.lift(0.0)


def _reduce_f64(x: Value) -> tuple[Value, Value, Value]:
    """Payne-Hanek.  The exponent is cut into 8 ranges of 128 binades; in each, x' = x * 2**-128j meets the bits of
    2/π * 2**128j of weight < 2**54, since higher ones give multiples of 4."""
    bits = x.bits()
    clamped = select(x.abs() < 1.0, 1.0, x).bits() + (1 << 52)
    scaled = (bits - (clamped & (7 << 59))).bitcast(x.type)
    range_bits = [(clamped & (1 << (59 + i))).ne(0) for i in range(3)]
    rows = [_chunks_of_two_over_pi(128 * j, 54, (53,) * 6) for j in range(8)]
    terms: list[Value] = []
    for column in zip(*rows, strict=True):
        levels: list[Value] = [x.lift(v) for v in column]
        for bit in range_bits:
            levels = [select(bit, odd, even) for even, odd in zip(levels[::2], levels[1::2], strict=True)]
        terms += two_product(scaled, levels[0])
    # Magnitudes are at most 2**182, 129, 129, 76, 76, 23, 23, then below 2**-30.
    terms = [_modulo_4(t) if i < 7 else t for i, t in enumerate(terms[:11])]
    rough = terms[6]
    for t in terms[5::-1]:
        rough = rough + t
    n, k = nearest_integer(rough)
    # s + t + u, three floats, since up to 62 leading bits may cancel.
    s, t = two_sum(terms[0], -n)
    u = terms[10] + terms[9]
    for term in terms[1:9]:
        s, e = two_sum(s, term)
        t, e = two_sum(t, e)
        u = u + e
    s, t = two_sum(s, t)
    s, t = fast_two_sum(s, t + u)
    high, low = FORMATS["f64"].split(PI / 2)
    r, r_low = two_product(s, high)
    return k, r, fma(s, low, fma(t, high, r_low))


def _reduce(x: Value) -> tuple[Value, Value, Value]:
    """x = k π/2 + r + low: k as an integer modulo 4, |r| <= π/4."""
    return {"w32": _reduce_wide, "f64": _reduce_f64, "f32": reduce_f32}[x.type](x)


def _sin_tail(r: Value, low: Value, z: Value) -> Value:
    """sin(r + low) - r for z = r²."""
    return fma(r * z, polynomial(z, format_of(r).table("sin")), fma(low * -0.5, z, low))


def _cos_pair(r: Value, low: Value, z: Value, z_low: Value) -> tuple[Value, Value]:
    """cos(r + low) = 1 - z/2 + ... for z + z_low = r², as an unevaluated sum."""
    half = multiply(z, 0.5)
    w, error = fast_two_sum(r.lift(1.0), -half)
    tail = fma(z * z, polynomial(z, format_of(r).table("cos")), fma(z_low, -0.5, -(r * low)))
    return fast_two_sum(w, error + tail)


def sin_and_cos(r: Value, low: Value) -> tuple[Value, Value]:
    """Sine and cosine of r + low for |r| <= π/4; `low` is ignored where bits are spare."""
    z = multiply(r, r)
    if format_of(r).spare:
        c = fma(z * z, polynomial(z, format_of(r).table("cos")), fma(z, -0.5, 1.0))
        return fma(r * z, polynomial(z, format_of(r).table("sin")), r), c
    # z need not be the exact square here: its error shifts both results by a fraction of an ulp.
    return r + _sin_tail(r, low, z), _cos_pair(r, low, z, _square_error(r, z))[0]


def _square_error(r: Value, z: Value) -> Value:
    return fused(r, r, -z)


def _sign_of_bit_1(k: Value) -> Value:
    """Bit 1 of k in the place of the sign bit."""
    return (k & 2) << (k.width - 2)


def sin_cos_pi(turns: Value, low: Value) -> tuple[Value, Value]:
    """sin πt and cos πt for t = turns + low >= 0, |low| below an ulp of turns."""
    f = format_of(turns)
    v = turns - (turns * 0.5).floor() * 2.0
    quarter, k = nearest_integer(v * 2.0)
    high, high_low = f.split(PI)
    d, d_low = fast_two_sum(v - quarter * 0.5, low)
    r, r_low = two_product(d, high)
    s, c = sin_and_cos(r, r_low + (d * high_low + d_low * high))
    odd = (k & 1).ne(0)
    sine = flip_sign(select(odd, c, s), _sign_of_bit_1(k))
    return sine, flip_sign(select(odd, s, c), _sign_of_bit_1(k + 1))


@elementary(identity=True)
def sin(x: Value) -> Value:
    """Sine of x, in radians."""
    k, r, low = _reduce(x)
    s, c = sin_and_cos(r, low)
    result = flip_sign(select((k & 1).ne(0), c, s), _sign_of_bit_1(k))
    return select(x.abs() < INF, result, NAN)


@elementary()
def cos(x: Value) -> Value:
    """Cosine of x, in radians."""
    k, r, low = _reduce(x)
    s, c = sin_and_cos(r, low)
    result = flip_sign(select((k & 1).ne(0), s, c), _sign_of_bit_1(k + 1))
    return select(x.abs() < INF, result, NAN)


@elementary(identity=True)
def tan(x: Value) -> Value:
    """Tangent of x, in radians."""
    k, r, low = _reduce(x)
    odd = (k & 1).ne(0)
    if format_of(x).spare:
        s, c = sin_and_cos(r, low)
        result = divide(select(odd, -c, s), select(odd, s, c))
    else:
        z = multiply(r, r)
        s, s_low = fast_two_sum(r, _sin_tail(r, low, z))
        c, c_low = _cos_pair(r, low, z, _square_error(r, z))
        n, n_low = select(odd, -c, s), select(odd, -c_low, s_low)
        d, d_low = select(odd, s, c), select(odd, s_low, c_low)
        inverse = 1.0 / d
        q = n * inverse
        result = fma((fused(-q, d, n) + n_low) - q * d_low, inverse, q)
    return select(x.abs() < INF, result, NAN)


def _atan_quotient(n: Value, d: Value) -> tuple[Value, Value, Value, Value]:
    """atan(n / d) for n, d >= 0, n <= d or d = 1, as the sum of four terms, falling in size but for the last, which
    belongs to the first."""
    f = format_of(n)
    big, middle = n > d * 2.414213562373095, n > d * 0.4142135623730950
    t = divide(select(big, -d, select(middle, n - d, n)), select(big, n, select(middle, n + d, d)))
    z = t * t
    v = t * z * polynomial(z, f.table("atan"))
    (half_pi, half_pi_low), (quarter_pi, quarter_pi_low) = f.split(PI / 2), f.split(PI / 4)
    base = select(big, half_pi, select(middle, quarter_pi, n.lift(0.0)))
    base_low = select(big, half_pi_low, select(middle, quarter_pi_low, n.lift(0.0)))
    return base, t, v, base_low


@elementary(identity=True)
def atan(x: Value) -> Value:
    """Arc tangent, in [-π/2, π/2]."""
    a = x.abs()
    base, t, v, base_low = _atan_quotient(a, a.lift(1.0))
    result = base + (t + (v + base_low))
    return select(a.eq(INF), format_of(x).split(PI / 2)[0], result).copysign(x)


@elementary(subnormals=True)
def atan2(y: Value, x: Value) -> Value:
    """Angle of the point (x, y), in [-π, π]; the signs of zeros count."""
    f = format_of(x)
    a, c = y.abs(), x.abs()
    swap = a.bits() > c.bits()
    least, most = select(swap, c, a), select(swap, a, c)
    equal, zero = least.bits().eq(most.bits()), is_zero(most)
    n, d = select(zero, 0.0, select(equal, 1.0, least)), select(equal, 1.0, most)
    if f.spare:  # a true division: d may lie outside the range of `divide`
        n, d = n / d, x.lift(1.0)
    else:  # away from overflow and underflow
        high, low = d > 2.0 ** (f.bias - 20), d < 2.0 ** (120 - f.bias)
        n, d = select(high, n * 2.0**-30, n), select(high, d * 2.0**-30, d)
        tiny_n, tiny_d = lifted(n), lifted(d)
        is_ratio = (tiny_n < d * 4.0) & (n < 1.0) & ~low & ~swap & ~is_negative(x)
        ratio = lowered(tiny_n / select(is_ratio, d, 1.0))  # the result where it may be subnormal
        n, d = select(low, tiny_n, n), select(low, tiny_d, d)
    base, t, v, base_low = _atan_quotient(n, d)
    negative = is_negative(x)
    # r, π/2 - r, π - r or π/2 + r
    (half_pi, half_pi_low), (pi, pi_low) = f.split(PI / 2), f.split(PI)
    offset = select(swap, half_pi, select(negative, pi, x.lift(0.0)))
    offset_low = select(swap, half_pi_low, select(negative, pi_low, x.lift(0.0)))
    sign = select(is_negative(select(swap, x, -x)), x.lift(1.0), -1.0)
    h, e = two_sum(offset, sign * base)
    result = h + fma(sign, t, e + fma(sign, v + base_low, offset_low))
    if not f.spare:
        result = select(is_ratio, ratio, result)  # type: ignore[possibly-undefined]
    result = select(y.is_nan(), y, select(x.is_nan(), x, result))
    return result.copysign(y)


def angle_pair(y: Value, x: Value) -> Pair:
    """atan2(y, x) as an unevaluated sum with 8 bits beyond the format; the plain angle at the ends of the range."""
    f = format_of(x)
    a, c = y.abs(), x.abs()
    swap = a > c
    most, least = select(swap, a, c), select(swap, c, a)
    usable = (most < 2.0 ** (f.bias - 20)) & (least > 2.0 ** (f.mantissa + 2 - f.bias))
    most, least = select(usable, most, 1.0), select(usable, least, 1.0)
    middle = least > most * 0.4142135623730950
    # t = least / most or (least - most) / (least + most)
    n = fast_two_sum(select(middle, -most, least), select(middle, least, 0.0))
    d = fast_two_sum(most, select(middle, least, 0.0))
    t, t_low = pair_divide(n, d)
    first, *rest = f.table("atan")
    z, z_low = two_product(t, t)
    cube = pair_multiply((z, fma(2.0 * t, t_low, z_low)), (t, t_low))
    v, v_low = two_product(cube[0], first)
    tail = fma(cube[0] * z, polynomial(z, rest), fma(cube[1], first, v_low))
    angle = pair_add((t, t_low), (v, tail))
    quarter, half, whole = (tuple(x.lift(part) for part in f.split(PI * k / 4)) for k in (1, 2, 4))
    none = x.lift(0.0)
    angle = pair_add(angle, (select(middle, quarter[0], none), select(middle, quarter[1], none)))
    # θ, π/2 - θ, π - θ or π/2 + θ
    negative = is_negative(x)
    flip = swap ^ negative
    offset = [select(swap, h, select(negative, w, none)) for h, w in zip(half, whole, strict=True)]
    angle = pair_add((offset[0], offset[1]), tuple(select(flip, -part, part) for part in angle))  # type: ignore
    high = select(usable, angle[0].copysign(y), atan2(y, x))
    return high, select(usable, flip_sign(angle[1], y.bits() & -(1 << (y.width - 1))), 0.0)


def _asin_reduced(x: Value) -> tuple[Value, Value, Value, Value]:
    """a = |x|, whether a < 1/2, s and t with asin s = s + t for s = a or sqrt((1 - a) / 2)."""
    a = x.abs()
    small = a < 0.5
    z = select(small, a * a, (1.0 - a) * 0.5)
    s = select(small, a, z.sqrt())
    return small, z, s, z * polynomial(z, format_of(x).table("asin"))


def _root_residue(s: Value, z: Value) -> Value:
    """sqrt(z) - s for s = round(sqrt z)."""
    return fused(-s, s, z) / (s + s + format_of(s).tiny)


@elementary(identity=True)
def asin(x: Value) -> Value:
    """Arc sine, in [-π/2, π/2]."""
    f = format_of(x)
    half_pi, half_pi_low = f.split(PI / 2)
    small, z, s, w = _asin_reduced(x)
    if f.spare:
        large = half_pi - (2.0 * fma(s, w, s) - half_pi_low)
    else:
        high, error = fast_two_sum(x.lift(half_pi), -2.0 * s)
        large = high + (error + (half_pi_low - 2.0 * fma(s, w, _root_residue(s, z))))
    return select(x.abs() > 1.0, NAN, select(small, fma(s, w, s), large)).copysign(x)


@elementary()
def acos(x: Value) -> Value:
    """Arc cosine, in [0, π]."""
    f = format_of(x)
    (half_pi, half_pi_low), (pi, pi_low) = f.split(PI / 2), f.split(PI)
    small, z, root, w = _asin_reduced(x)
    s = select(small, x, root)
    t = s * w
    high, error = fast_two_sum(x.lift(half_pi), -s)
    middle = high + (error + (half_pi_low - t))
    if f.spare:
        tail = t
        left = pi - 2.0 * (s + t)
    else:
        tail = t + _root_residue(s, z)
        left = (pi - 2.0 * s) - (2.0 * tail - pi_low)
    result = select(small, middle, select(x > 0.0, 2.0 * (s + tail), left))
    return select(x.abs() > 1.0, NAN, result)
