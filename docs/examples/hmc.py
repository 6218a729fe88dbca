"""Hamiltonian Monte Carlo: many chains at once sample a distribution with the help of its gradient.

    python docs/examples/hmc.py [--samples 500] [--chains 64]

Each chain is a `lax.scan` of leapfrog trajectories with random momenta (Duane et al. 1987; Neal, "MCMC using
Hamiltonian dynamics", 2011); `vmap` runs all chains in one program. The distribution is a correlated Gaussian, whose
moments are known.
"""

from __future__ import annotations

import argparse

import lamina as la
import lamina.numpy as lnp
from lamina import lax, random

MEAN = (1.0, -2.0)
COVARIANCE = ((2.0, 1.2), (1.2, 1.0))
STEP_SIZE, LEAPFROGS = 0.35, 6


def log_density(x):
    """Of the Gaussian, without its constant."""
    (a, b), (_, d) = COVARIANCE
    precision = lnp.array([[d, -b], [-b, a]]) / (a * d - b * b)
    centered = x - lnp.array(MEAN)
    return -0.5 * centered @ precision @ centered


def leapfrog(x, momentum):
    """The end of a trajectory of the Hamiltonian dynamics, by a symplectic method."""
    force = la.grad(log_density)

    def step(state, _):
        x, p = state
        p = p + 0.5 * STEP_SIZE * force(x)
        x = x + STEP_SIZE * p
        return (x, p + 0.5 * STEP_SIZE * force(x)), None

    return lax.scan(step, (x, momentum), None, LEAPFROGS)[0]


def transition(x, key):
    """The next state of a chain, and whether the proposal was accepted."""
    momentum_key, accept_key = random.split(key)
    momentum = random.normal(momentum_key, x.shape)
    proposal, end_momentum = leapfrog(x, momentum)

    def energy(x, p):
        return 0.5 * p @ p - log_density(x)

    log_ratio = energy(x, momentum) - energy(proposal, end_momentum)
    accepted = lnp.log(random.uniform(accept_key)) < log_ratio
    x = lnp.where(accepted, proposal, x)
    return x, (x, accepted)


def chain(key, samples):
    start_key, key = random.split(key)
    start = random.normal(start_key, (2,))
    return lax.scan(transition, start, random.split(key, samples))[1]


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=500)
    parser.add_argument("--chains", type=int, default=64)
    options = parser.parse_args(argv)
    keys = random.split(random.PRNGKey(0), options.chains)
    run = la.jit(la.vmap(lambda key: chain(key, options.samples)))
    draws, accepted = run(keys)
    kept = draws[:, options.samples // 5 :].reshape(-1, 2)  # without the beginnings of the chains
    mean, covariance = kept.mean(0), lnp.cov(kept, rowvar=False)
    print(f"{options.chains} chains of {options.samples} samples, {float(accepted.mean()):.0%} accepted")
    print(f"mean        {mean}, should be {MEAN}")
    print(f"covariance  {covariance.tolist()}, should be {COVARIANCE}")
    return mean, covariance


if __name__ == "__main__":
    main()
