"""Calls of random functions with keys, and the golden results of JAX 0.10.2 in random_golden.npz.

The cases are functions of the module (`lamina.random` or `jax.random`), of the array module, and of a key. Golden values
are made by this file where JAX is installed:  python tests/frontend/random_cases.py
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

GOLDEN = Path(__file__).with_name("random_golden.npz")
SEED = 7

Case = Callable[[Any, Any, Any], Any]

EXACT: dict[str, Case] = {
    "key": lambda r, np_, k: r.key_data(k),
    "PRNGKey": lambda r, np_, k: r.PRNGKey(42),
    "PRNGKey negative": lambda r, np_, k: r.PRNGKey(-5),
    "PRNGKey large": lambda r, np_, k: r.PRNGKey(2**40 + 3),
    "PRNGKey array": lambda r, np_, k: r.PRNGKey(np.int16(-3)),
    "split": lambda r, np_, k: r.key_data(r.split(k)),
    "split 5": lambda r, np_, k: r.key_data(r.split(k, 5)),
    "split shape": lambda r, np_, k: r.key_data(r.split(k, (2, 3))),
    "split 0": lambda r, np_, k: r.key_data(r.split(k, 0)),
    "split raw": lambda r, np_, k: r.split(r.key_data(k), 3),
    "fold_in": lambda r, np_, k: r.key_data(r.fold_in(k, 12345)),
    "fold_in raw": lambda r, np_, k: r.fold_in(r.key_data(k), 2**32 - 1),
    "fold_in array": lambda r, np_, k: r.key_data(r.fold_in(k, np_.asarray(-1))),
    "bits": lambda r, np_, k: r.bits(k, (3, 4)),
    "bits scalar": lambda r, np_, k: r.bits(k),
    "bits empty": lambda r, np_, k: r.bits(k, (0, 3)),
    "bits u8": lambda r, np_, k: r.bits(k, (7,), "uint8"),
    "bits u16": lambda r, np_, k: r.bits(k, (7,), "uint16"),
    "bits odd": lambda r, np_, k: r.bits(k, (3, 3)),
    "uniform": lambda r, np_, k: r.uniform(k, (40,)),
    "uniform interval": lambda r, np_, k: r.uniform(k, (40,), minval=-2.5, maxval=3.7),
    "uniform arrays": lambda r, np_, k: r.uniform(k, (20, 2), minval=np_.asarray([-1.3, 5.0]), maxval=np_.asarray([9.1, 6.0])),
    "uniform swapped": lambda r, np_, k: r.uniform(k, (20,), minval=3, maxval=1),
    "uniform f16": lambda r, np_, k: r.uniform(k, (40,), "float16"),
    "uniform bf16": lambda r, np_, k: r.uniform(k, (40,), "bfloat16").astype("float32"),
    "randint": lambda r, np_, k: r.randint(k, (40,), -10, 1000),
    "randint i8": lambda r, np_, k: r.randint(k, (40,), -128, 128, "int8"),
    "randint u8": lambda r, np_, k: r.randint(k, (40,), 0, 256, "uint8"),
    "randint u8 clipped": lambda r, np_, k: r.randint(k, (40,), -20, 1000, "uint8"),
    "randint i16": lambda r, np_, k: r.randint(k, (40,), -7, 8, "int16"),
    "randint u32": lambda r, np_, k: r.randint(k, (40,), 5, 2**31 - 1, "uint32"),
    "randint widest": lambda r, np_, k: r.randint(k, (40,), -(2**31), 2**31 - 1),
    "randint empty range": lambda r, np_, k: r.randint(k, (4,), 5, 5),
    "randint arrays": lambda r, np_, k: r.randint(k, (3, 4), np_.asarray([0, 5, -7, 9]), np_.asarray([[3], [9], [1]])),
    "randint floats": lambda r, np_, k: r.randint(k, (9,), 0.5, 9.9),
    "bernoulli": lambda r, np_, k: r.bernoulli(k, 0.3, (40,)),
    "bernoulli high": lambda r, np_, k: r.bernoulli(k, np_.asarray([0.3, 1e-3]), (20, 2), "high"),
    "bernoulli f16": lambda r, np_, k: r.bernoulli(k, np_.asarray(0.3, "float16"), (40,)),
    "rademacher": lambda r, np_, k: r.rademacher(k, (40,)),
    "rademacher f32": lambda r, np_, k: r.rademacher(k, (40,), "float32"),
    "geometric": lambda r, np_, k: r.geometric(k, np_.asarray([0.3, 1e-2]), (20, 2)),
    "categorical": lambda r, np_, k: r.categorical(k, np_.asarray([[-1.0, 0.0, 2.0], [1.0, 0.3, 0.1]]), shape=(9, 2)),
    "categorical axis": lambda r, np_, k: r.categorical(k, np_.asarray([[-1.0, 0.0, 2.0], [1.0, 0.3, 0.1]]), axis=0),
    "categorical high": lambda r, np_, k: r.categorical(k, np_.asarray([-1.0, 0.0, 2.0]), shape=(20,), mode="high"),
    "poisson": lambda r, np_, k: r.poisson(k, np_.asarray([0.0, 0.1, 1.0, 9.0, 11.0, 300.0, np.nan, -1.0]), (20, 8)),
    "poisson i8": lambda r, np_, k: r.poisson(k, 3.0, (9,), "int8"),
    "binomial": lambda r, np_, k: r.binomial(
        k,
        np_.asarray([0.0, 1.0, 10.0, 100.0, 1000.0, np.nan, -1.0, np.inf, 20.0, 3.0]),
        np_.asarray([0.5, 0.1, 0.9, 0.4, 0.7, 0.5, 0.5, 0.5, 1.5, np.nan]),
        (20, 10),
    ),
    "multinomial": lambda r, np_, k: r.multinomial(k, np_.asarray([10.0, 20.0]), np_.asarray([[0.5, 0.1, 0.4], [0.4, 0.3, 0.3]])),
    "multinomial shape": lambda r, np_, k: r.multinomial(k, 10, np_.asarray([0.5, 0.1, 0.4]), shape=(9, 3)),
    "permutation": lambda r, np_, k: r.permutation(k, 20),
    "permutation array": lambda r, np_, k: r.permutation(k, np_.arange(12.0).reshape(4, 3)),
    "permutation axis": lambda r, np_, k: r.permutation(k, np_.arange(12).reshape(4, 3), axis=-1),
    "permutation independent": lambda r, np_, k: r.permutation(k, np_.arange(12).reshape(4, 3), 1, independent=True),
    "permutation twice": lambda r, np_, k: r.permutation(k, 3000),
    "permutation empty": lambda r, np_, k: r.permutation(k, np_.zeros((0, 3))),
    "choice": lambda r, np_, k: r.choice(k, 100, (3, 4)),
    "choice scalar": lambda r, np_, k: r.choice(k, np_.arange(5.0)),
    "choice axis": lambda r, np_, k: r.choice(k, np_.arange(12).reshape(4, 3), (2, 2), axis=1),
    "choice once": lambda r, np_, k: r.choice(k, np_.arange(12).reshape(4, 3), (2,), replace=False),
    "choice once int": lambda r, np_, k: r.choice(k, 30, (7,), replace=False),
    "choice p": lambda r, np_, k: r.choice(k, 4, (30,), p=np_.asarray([0.1, 0.0, 0.5, 0.4])),
    "choice p once": lambda r, np_, k: r.choice(k, 4, (3,), replace=False, p=np_.asarray([0.1, 0.01, 0.5, 0.4])),
    "choice none": lambda r, np_, k: r.choice(k, 5, (0, 2)),
    "categorical once": lambda r, np_, k: r.categorical(k, np_.asarray([[-1.0, 0.0, 2.0], [1.0, 0.3, 0.1]]), shape=(3, 2), replace=False),
    "categorical once axis": lambda r, np_, k: r.categorical(k, np_.asarray([[-1.0, 0.0, 2.0], [1.0, 0.3, 0.1]]), axis=0, shape=(2, 3), replace=False),
}  # fmt: skip

# within a few roundings: JAX's elementary functions are less exact than ours
CLOSE: dict[str, Case] = {
    "normal": lambda r, np_, k: r.normal(k, (40,)),
    "normal scalar": lambda r, np_, k: r.normal(k),
    "normal complex": lambda r, np_, k: r.normal(k, (20,), "complex64"),
    "truncated_normal": lambda r, np_, k: r.truncated_normal(k, -1.0, np_.asarray([1.0, 2.0, 3.0]), (20, 3)),
    "truncated_normal shape": lambda r, np_, k: r.truncated_normal(k, -3, np_.asarray([1.0, 2.0])),
    "lognormal": lambda r, np_, k: r.lognormal(k, 0.5, (20,)),
    "maxwell": lambda r, np_, k: r.maxwell(k, (20,)),
    "double_sided_maxwell": lambda r, np_, k: r.double_sided_maxwell(k, 1.0, np_.asarray([2.0, 3.0]), (3,)),
    "double_sided_maxwell shape": lambda r, np_, k: r.double_sided_maxwell(k, 1.0, np_.asarray([2.0, 3.0])),
    "wald": lambda r, np_, k: r.wald(k, np_.asarray([2.0, 3.0]), (20, 2)),
    "exponential": lambda r, np_, k: r.exponential(k, (40,)),
    "laplace": lambda r, np_, k: r.laplace(k, (40,)),
    "logistic": lambda r, np_, k: r.logistic(k, (40,)),
    "cauchy": lambda r, np_, k: r.cauchy(k, (40,)),
    "gumbel": lambda r, np_, k: r.gumbel(k, (40,)),
    "gumbel high": lambda r, np_, k: r.gumbel(k, (40,), mode="high"),
    "gumbel highest": lambda r, np_, k: r.gumbel(k, (40,), mode="highest"),
    "weibull_min": lambda r, np_, k: r.weibull_min(k, 2.0, 1.7, (20,)),
    "pareto": lambda r, np_, k: r.pareto(k, np_.asarray([1.7, 3.0])),
    "rayleigh": lambda r, np_, k: r.rayleigh(k, np_.asarray([1.7, 2.0]), (20, 2)),
    "triangular": lambda r, np_, k: r.triangular(k, -1.0, 0.5, np_.asarray([2.0, 3.0]), (20, 2)),
    "gamma": lambda r, np_, k: r.gamma(k, np_.asarray([0.1, 0.9, 1.0, 2.5, 100.0]), (20, 5)),
    "loggamma": lambda r, np_, k: r.loggamma(k, np_.asarray([1e-3, 0.9, 1.0, 2.5, 100.0]), (20, 5)),
    "beta": lambda r, np_, k: r.beta(k, np_.asarray([0.1, 2.0]), 3.0, (20, 2)),
    "dirichlet": lambda r, np_, k: r.dirichlet(k, np_.asarray([0.1, 2.0, 3.0]), (20,)),
    "dirichlet shape": lambda r, np_, k: r.dirichlet(k, np_.asarray([[1.0, 2.0], [3.0, 0.4]])),
    "chisquare": lambda r, np_, k: r.chisquare(k, np_.asarray([1.0, 2.0, 3.0]), (20, 3)),
    "f": lambda r, np_, k: r.f(k, 3.0, 5.0, (20,)),
    "t": lambda r, np_, k: r.t(k, np_.asarray([1.0, 2.0, 3.0]), (20, 3)),
    "generalized_normal": lambda r, np_, k: r.generalized_normal(k, 1.5, (20, 3)),
    "multivariate_normal": lambda r, np_, k: r.multivariate_normal(k, np_.asarray([1.0, 2.0]), np_.asarray([[2.0, 1.0], [1.0, 3.0]]), (9,)),
    "multivariate_normal eigh": lambda r, np_, k: abs(r.multivariate_normal(k, np_.zeros(2), np_.asarray([[2.0, 0.0], [0.0, 3.0]]), method="eigh")),
    "multivariate_normal svd": lambda r, np_, k: abs(r.multivariate_normal(k, np_.zeros((3, 2)), np_.asarray([[2.0, 0.0], [0.0, 3.0]]), method="svd")),
    "orthogonal": lambda r, np_, k: r.orthogonal(k, 4),
    "orthogonal wide": lambda r, np_, k: r.orthogonal(k, 3, (2,), m=5),
    "orthogonal tall": lambda r, np_, k: r.orthogonal(k, 5, m=2),
    "orthogonal complex": lambda r, np_, k: r.orthogonal(k, 3, dtype="complex64"),
    "ball": lambda r, np_, k: r.ball(k, 4, 1.5, (20,)),
}  # fmt: skip

WIDE: dict[str, Case] = {
    "PRNGKey": EXACT["PRNGKey negative"],
    "PRNGKey large": EXACT["PRNGKey large"],
    "bits": EXACT["bits"],
    "uniform": EXACT["uniform interval"],
    "randint": EXACT["randint"],
    "randint widest": lambda r, np_, k: r.randint(k, (40,), -(2**63), 2**63 - 1),
    "randint u32": lambda r, np_, k: r.randint(k, (40,), 5, 2**32, "uint32"),
    "normal": CLOSE["normal"],
    "gamma": CLOSE["gamma"],
    "poisson": EXACT["poisson"],
}
LEGACY = {
    name: EXACT[name]
    for name in ("split", "split 5", "fold_in", "bits", "bits odd", "bits u8", "bits u16", "bits empty", "uniform", "randint")
}  # fmt: skip
LEGACY_WIDE = {"bits": EXACT["bits"], "uniform": EXACT["uniform"]}

INITIALIZERS: dict[str, Case] = {
    **{
        f"{name}{options}": lambda i, np_, k, name=name, options=options: getattr(i, name)(**options)(k, (3, 2, 4))
        for name in ("glorot_uniform", "glorot_normal", "lecun_uniform", "lecun_normal", "he_uniform", "he_normal")
        for options in ({}, {"in_axis": (0, 1), "out_axis": 2}, {"batch_axis": 0}, {"dtype": "complex64"})
    },
    "kaiming_normal": lambda i, np_, k: i.kaiming_normal()(k, (3, 4), "float16"),
    "geometric mean": lambda i, np_, k: i.variance_scaling(0.3, "fan_geo_avg", "normal")(k, (3, 5)),
    "fan_out complex": lambda i, np_, k: i.variance_scaling(0.3, "fan_out", "normal", dtype="complex64")(k, (3, 5)),
    "normal": lambda i, np_, k: i.normal(0.3)(k, (5,)),
    "uniform": lambda i, np_, k: i.uniform(0.3)(k, (5,)),
    "truncated_normal": lambda i, np_, k: i.truncated_normal(0.3, lower=-1.0)(k, (5,)),
    "constant": lambda i, np_, k: i.constant(7, "int32")(k, (2, 2)),
    "orthogonal": lambda i, np_, k: i.orthogonal(0.3)(k, (2, 3, 4)),
    "orthogonal columns": lambda i, np_, k: i.orthogonal(column_axis=0)(k, (5, 2, 2)),
    "delta_orthogonal": lambda i, np_, k: i.delta_orthogonal()(k, (3, 2, 3)),
    "delta_orthogonal 2d": lambda i, np_, k: i.delta_orthogonal(2.0)(k, (3, 4, 2, 2)),
    "zeros": lambda i, np_, k: i.zeros(k, (2, 2)),
    "ones": lambda i, np_, k: i.ones(k, (2, 2), "bfloat16").astype("float32"),
}  # fmt: skip

_STATE = np.array([1, 2, 2**32 - 2, 4], np.uint32)


def _generator(algorithm: str, shape: tuple[int, ...], dtype: str) -> Case:
    def both(lax: Any, np_: Any, k: Any) -> Any:
        state, bits = lax.rng_bit_generator(_STATE, shape, dtype, getattr(lax.RandomAlgorithm, f"RNG_{algorithm}"))
        return np_.concatenate([np_.ravel(bits), state.astype(dtype)])

    return both


GENERATORS = {
    f"{algorithm} {shape} {dtype}": _generator(algorithm, shape, dtype)
    for algorithm in ("DEFAULT", "THREE_FRY", "PHILOX")
    for shape in ((8,), (5,), (2, 3), (3, 5), (5, 3, 4), (), (0, 3))
    for dtype in ("uint32", "uint8")
}
GENERATORS_WIDE = {
    f"{algorithm} {shape}": _generator(algorithm, shape, "uint64")
    for algorithm in ("THREE_FRY", "PHILOX")
    for shape in ((3,), (2, 3))
}


def results(cases: dict[str, Case], module: Any, arrays: Any, key: Any) -> dict[str, np.ndarray]:
    """Every case, as NumPy arrays."""
    return {name: np.asarray(case(module, arrays, key)) for name, case in cases.items()}


def main() -> None:
    """Write the golden values with JAX."""
    import warnings

    import jax  # pyright: ignore[reportMissingImports]
    import jax.nn.initializers  # pyright: ignore[reportMissingImports]
    import jax.numpy  # pyright: ignore[reportMissingImports]

    warnings.simplefilter("ignore")
    random, arrays = jax.random, jax.numpy
    golden = {}

    def add(group: str, cases: dict[str, Case], module: Any = random) -> None:
        found = results(cases, module, arrays, random.key(SEED))
        golden.update({f"{group}: {name}": value for name, value in found.items()})

    add("exact", EXACT)
    add("close", CLOSE)
    add("initializers", INITIALIZERS, jax.nn.initializers)
    add("generators", GENERATORS, jax.lax)
    with jax.enable_x64(True):
        add("wide", WIDE)
        add("generators wide", GENERATORS_WIDE, jax.lax)
    with jax.threefry_partitionable(False):
        add("legacy", LEGACY)
        with jax.enable_x64(True):
            add("legacy wide", LEGACY_WIDE)
    np.savez_compressed(GOLDEN, **golden)


if __name__ == "__main__":
    main()
