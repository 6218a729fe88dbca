"""Random numbers, bit for bit JAX's: keys, and samplers that take a key.

A key gives the same numbers each time, so every use wants its own: `split` makes fresh keys of one, `fold_in` one for
each integer.
"""

from lamina.random._continuous import (
    cauchy,
    exponential,
    gumbel,
    laplace,
    logistic,
    pareto,
    rayleigh,
    triangular,
    weibull_min,
)
from lamina.random._counts import binomial, multinomial, poisson
from lamina.random._discrete import bernoulli, categorical, geometric, rademacher
from lamina.random._gamma import (
    ball,
    beta,
    chisquare,
    dirichlet,
    f,
    gamma,
    generalized_normal,
    loggamma,
    random_gamma_p,
    t,
)
from lamina.random._keys import (
    PRNGKey,
    clone,
    fold_in,
    key,
    key_data,
    key_dtype,
    key_impl,
    split,
    wrap_key_data,
)
from lamina.random._matrices import multivariate_normal, orthogonal
from lamina.random._normal import double_sided_maxwell, lognormal, maxwell, normal, truncated_normal, wald
from lamina.random._selection import choice, permutation
from lamina.random._uniform import bits, randint, uniform

__all__ = [
    "PRNGKey", "ball", "bernoulli", "beta", "binomial", "bits", "categorical", "cauchy", "chisquare", "choice",
    "clone", "dirichlet", "double_sided_maxwell", "exponential", "f", "fold_in", "gamma", "generalized_normal",
    "geometric", "gumbel", "key", "key_data", "key_dtype", "key_impl", "laplace", "loggamma", "logistic",
    "lognormal", "maxwell", "multinomial", "multivariate_normal", "normal", "orthogonal", "pareto", "permutation",
    "poisson", "rademacher", "randint", "random_gamma_p", "rayleigh", "split", "t", "triangular",
    "truncated_normal", "uniform", "wald", "weibull_min", "wrap_key_data",
]  # fmt: skip
