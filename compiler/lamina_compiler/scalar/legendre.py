"""Associated Legendre functions, normalized as the spherical harmonics have them."""

from __future__ import annotations

from .dispatch import elementary
from .formats import NAN
from .trigonometric import cos, sin
from .value import Value, loop, select


@elementary()
def legendre_harmonic(n: Value, m: Value, theta: Value) -> Value:
    """Y(θ, 0) = √((2 n + 1) (n - m)! / (4π (n + m)!)) Pₙᵐ(cos θ) for whole n >= 0; 0 for |m| > n.

    Pₘᵐ by multiplication, then up in n (DLMF 14.10.3 with the norms divided in).
    """
    order = m.abs()
    valid = (n >= 0.0) & (n.floor().eq(n)) & (m.floor().eq(m))
    inside = valid & (order <= n)
    top, k_end = select(inside, n, 0.0), select(inside, order, 0.0)
    x, s = cos.function(theta), sin.function(theta)

    def multiply(k: Value, p: Value) -> tuple[Value, Value]:
        return k + 1.0, -p * s * ((2.0 * k + 1.0) / (2.0 * k)).sqrt()

    one = theta.lift(1.0)
    start = loop(lambda k, p: k <= k_end, multiply, one, one * 0.28209479177387814)[1]
    square = k_end * k_end

    def raise_degree(degree: Value, before: Value, p: Value) -> tuple[Value, Value, Value]:
        gap = degree * degree - square
        rise = ((4.0 * degree * degree - 1.0) / gap).sqrt()
        lower = degree - 1.0
        fall = ((2.0 * degree + 1.0) * (lower * lower - square) / ((2.0 * degree - 3.0) * gap)).sqrt()
        return degree + 1.0, p, x * rise * p - select(lower > k_end, fall * before, 0.0)

    result = loop(lambda degree, before, p: degree <= top, raise_degree, k_end + 1.0, theta.lift(0.0), start)[2]
    half = order * 0.5
    result = select((m < 0.0) & half.floor().ne(half), -result, result)
    return select(inside, result, select(valid & ~theta.is_nan(), theta.lift(0.0), NAN))
