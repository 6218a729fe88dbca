"""The logarithm of the beta function and the regularized incomplete beta function."""

from __future__ import annotations

from .dispatch import elementary
from .exponential import exp_of_pair
from .formats import (
    INF,
    LOG_SQRT_2PI,
    NAN,
    Pair,
    choose,
    exact,
    format_of,
    is_zero,
    pair_add,
    pair_divide,
    pair_multiply,
    two_sum,
)
from .gamma import lgamma, lgamma_pair, stirling_series
from .incomplete_gamma import log_density
from .logarithm import log_of_pair, log_positive
from .value import Value, fma, loop, select

_MOST_TERMS = 10_000.0


def _fraction(a: Value, b: Value, x: Value, excess: Value) -> Value:
    """h with I_x(a, b) = x**a (1 - x)**b / B(a, b) · h, for excess = a - (a + b) x >= 0 (DiDonato & Morris 1992, 9).

    Lentz's method finds how many terms it takes; the value is computed from the end, where rounding errors die out.
    """
    f = format_of(x)
    small = 2.0**-30 if f.spare else 2.0 ** -(f.mantissa + 1)

    def terms(n: Value) -> tuple[Value, Value]:
        """α and β of index n + 1."""
        d = a + 2.0 * n
        rest = n * (b - n) * x / (d - 1.0)
        alpha = ((a + n - 1.0) / (d - 1.0)) * ((a + b + n - 1.0) * x) * rest
        return alpha, n + rest + (a + n) * ((excess + 1.0) + n * (2.0 - x)) / (d + 1.0)

    def goes_on(n: Value, c: Value, d: Value, step: Value) -> Value:
        return (step > small) & (n < _MOST_TERMS)

    def extend(n: Value, c: Value, d: Value, step: Value) -> tuple[Value, ...]:
        n = n + 1.0
        alpha, beta = terms(n)
        d = 1.0 / fma(alpha, d, beta)
        c = beta + alpha / c
        return n, c, d, (c * d - 1.0).abs()

    first = a * (excess + 1.0) / (a + 1.0)
    depth = loop(goes_on, extend, x.lift(0.0), x.lift(INF), 1.0 / first, x.lift(1.0))[0]

    def fold(n: Value, alpha: Value, denominator: Value) -> tuple[Value, ...]:
        n = n - 1.0
        next_alpha, beta = terms(n)
        return n, next_alpha, beta + alpha / denominator

    state = loop(lambda n, alpha, denominator: n > 1.0, fold, depth, *terms(depth))
    return 1.0 / (first + state[1] / state[2])


def _log_power(a: Value, b: Value, x: Pair, y: Pair) -> Pair:
    """log(x**a y**b / B(a, b)) for x + y = 1: densities of gamma variates at (a + b) x, (a + b) y and a + b."""
    total = two_sum(a, b)
    parts = [log_density(a, pair_multiply(total, x)), log_density(b, pair_multiply(total, y))]
    whole = log_density(total[0], exact(total[0])).total
    result = pair_add(parts[0].total, parts[1].total)
    return pair_add(result, (-whole[0], -whole[1]))


@elementary(subnormals=True)
def betainc(a: Value, b: Value, x: Value) -> Value:
    """Regularized incomplete beta function I_x(a, b)."""
    usable = (a.bits() > 0) & (a < INF) & (b.bits() > 0) & (b < INF) & (x.bits() > 0) & (x < 1.0)
    p, q, u = (select(usable, v, default) for v, default in ((a, 1.0), (b, 1.0), (x, 0.5)))
    left, right = exact(u), two_sum(u.lift(1.0), -u)
    swap = u * (p + q) > p
    p, q = select(swap, q, p), select(swap, p, q)
    left, right = choose(swap, right, left), choose(swap, left, right)
    excess = pair_add(exact(p), tuple(-part for part in pair_multiply(two_sum(p, q), left)))  # type: ignore[arg-type]
    least = exp_of_pair(_log_power(p, q, left, right)) * _fraction(
        p, q, left[0], select(excess[0] > 0.0, excess[0], 0.0)
    )
    inside = select(swap, 1.0 - least, least)
    at_zero, at_one = is_zero(x), x.eq(1.0)
    all_left, all_right = is_zero(a) | b.eq(INF), is_zero(b) | a.eq(INF)  # the mass lies at 0 or at 1
    end = select(at_zero | (all_right & ~at_one), x.lift(0.0), 1.0)
    valid = (a >= 0.0) & (b >= 0.0) & (x >= 0.0) & (x <= 1.0) & ~(all_left & all_right)
    return select(usable, inside, select(valid, end, NAN))


def _stirling_ratio(p: Value, q: Value) -> Pair:
    """log(Γ(q) / Γ(p + q)) + p log(p + q) for q >= 8, without the large terms that cancel."""
    total = two_sum(p, q)
    # (q - 1/2) log(q / (p + q)) + p, and the difference of what Stirling's series adds
    logarithm = log_of_pair(pair_divide(exact(q), total))
    main = pair_add(pair_multiply(exact(q - 0.5), logarithm), exact(p))
    return pair_add(main, exact(stirling_series(q) - stirling_series(total[0])))


@elementary()
def betaln(a: Value, b: Value) -> Value:
    """log |B(a, b)|."""
    if format_of(a).spare:  # near its zeros an f32 needs all of f64
        return betaln.function(a.bitcast("f64"), b.bitcast("f64")).bitcast(a.type)
    swap = a > b
    p, q = select(swap, b, a), select(swap, a, b)
    positive = (p > 0.0) & (q < INF)
    p_in, q_in = select(positive, p, 1.0), select(positive, q, 1.0)
    big, both = q_in >= 8.0, p_in >= 8.0
    large_q, large_p = select(big, q_in, 8.0), select(big, p_in, 1.0)
    total = two_sum(large_p, large_q)
    log_total = log_of_pair(total)
    ratio = _stirling_ratio(large_p, large_q)
    powers = pair_multiply(exact(large_p), log_total)
    # log Γ(p) beside it: for large p, (p - 1/2) log(p / (p + q)) - p + log(2π) / 2 - log(p + q) / 2 + …
    r = select(both, large_p, 8.0)
    share = log_of_pair(pair_divide(exact(r), total))
    far = pair_add(pair_multiply(exact(r - 0.5), share), exact(-r))
    half_log = (log_total[0] * -0.5, log_total[1] * -0.5)
    constant = tuple(a.lift(part) for part in format_of(a).split(LOG_SQRT_2PI))
    far = pair_add(far, pair_add(half_log, (constant[0], constant[1])))
    far = pair_add(far, exact(stirling_series(r)))
    near = pair_add(lgamma_pair(select(both, 1.0, large_p)), (-powers[0], -powers[1]))
    with_ratio = pair_add(ratio, choose(both, far, near))
    small_p, small_q = select(big, 1.0, p_in), select(big, 1.0, q_in)
    small_total, low = two_sum(small_p, small_q)
    whole = lgamma_pair(small_total)
    whole = pair_add(whole, exact(low * (log_positive(small_total) - 0.5 / small_total)))
    plain = pair_add(pair_add(lgamma_pair(small_p), lgamma_pair(small_q)), (-whole[0], -whole[1]))
    result = choose(big, with_ratio, plain)
    elsewhere = lgamma.function(p) + (lgamma.function(q) - lgamma.function(p + q))
    elsewhere = select(is_zero(p) | is_zero(q), INF, select((p > 0.0) & q.eq(INF), -INF, elsewhere))
    elsewhere = select(a.is_nan() | b.is_nan(), NAN, elsewhere)
    return select(positive, result[0] + result[1], elsewhere)
