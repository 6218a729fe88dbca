"""Special functions of mathematical physics and statistics, elementwise, with derivatives."""

from lamina.scipy.special._bessel import bessel_jn, i0, i0e, i1, i1e
from lamina.scipy.special._beta import beta, betainc, betaln, comb
from lamina.scipy.special._entropy import boxcox, boxcox1p, entr, expit, kl_div, logit, rel_entr, xlog1py, xlogy
from lamina.scipy.special._error_function import dawsn, erf, erfc, erfcx, erfinv, log_ndtr, ndtr, ndtri, owens_t
from lamina.scipy.special._faddeeva import wofz
from lamina.scipy.special._gamma import (
    digamma,
    factorial,
    gamma,
    gammainc,
    gammaincc,
    gammaln,
    gammasgn,
    loggamma,
    multigammaln,
    poch,
    polygamma,
)
from lamina.scipy.special._harmonics import sph_harm_y
from lamina.scipy.special._hypergeometric import hyp1f1, hyp2f1
from lamina.scipy.special._integrals import exp1, expi, expn, fresnel, sici, spence
from lamina.scipy.special._softmax import log_softmax, logsumexp, softmax
from lamina.scipy.special._zeta import bernoulli, zeta

__all__ = [
    "bernoulli", "bessel_jn", "beta", "betainc", "betaln", "boxcox", "boxcox1p", "comb", "dawsn", "digamma", "entr",
    "erf", "erfc", "erfcx", "erfinv", "exp1", "expi", "expit", "expn", "factorial", "fresnel", "gamma", "gammainc",
    "gammaincc", "gammaln", "gammasgn", "hyp1f1", "hyp2f1", "i0", "i0e", "i1", "i1e", "kl_div", "log_ndtr",
    "log_softmax", "loggamma", "logit", "logsumexp", "multigammaln", "ndtr", "ndtri", "owens_t", "poch", "polygamma",
    "rel_entr", "sici", "softmax", "spence", "sph_harm_y", "wofz", "xlog1py", "xlogy", "zeta",
]  # fmt: skip
