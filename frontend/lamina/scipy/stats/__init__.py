"""Distributions, a module each with their densities and probabilities, and statistics of samples."""

# ruff: noqa: F401  (the public names, nothing else)

from lamina.scipy.stats import (
    bernoulli,
    beta,
    betabinom,
    binom,
    cauchy,
    chi2,
    dirichlet,
    expon,
    gamma,
    gennorm,
    geom,
    gumbel_l,
    gumbel_r,
    laplace,
    logistic,
    multinomial,
    multivariate_normal,
    nbinom,
    norm,
    pareto,
    poisson,
    t,
    truncnorm,
    uniform,
    vonmises,
    wrapcauchy,
)
from lamina.scipy.stats._kernel_density import gaussian_kde
from lamina.scipy.stats._summaries import mode, rankdata, sem
