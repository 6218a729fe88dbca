"""Random numbers: JAX's bit for bit, and the behaviour of keys."""

from __future__ import annotations

import numpy as np
import pytest
from random_cases import (
    CLOSE,
    EXACT,
    GENERATORS,
    GENERATORS_WIDE,
    GOLDEN,
    INITIALIZERS,
    LEGACY,
    LEGACY_WIDE,
    SEED,
    WIDE,
    results,
)

import lamina as la
import lamina.numpy as lnp
from lamina import errors, random
from lamina.config import (
    debug_key_reuse,
    enable_custom_prng,
    enable_x64,
    high_dynamic_range_gumbel,
    legacy_prng_key,
    threefry_partitionable,
)


@pytest.fixture(scope="module")
def golden() -> dict[str, np.ndarray]:
    return dict(np.load(GOLDEN))


def assert_golden(golden, group, cases, module=random, rtol=0.0, atol=0.0):
    wrong = []
    for name, got in results(cases, module, lnp, random.key(SEED)).items():
        want = golden[f"{group}: {name}"]
        try:
            assert (got.shape, got.dtype) == (want.shape, want.dtype)
            np.testing.assert_allclose(got, want, rtol, atol)
        except AssertionError as difference:
            wrong.append(f"{name}: {difference}")
    assert not wrong, "\n".join(wrong)


def test_bits_and_uniform_numbers_are_jax_s(golden):
    assert_golden(golden, "exact", EXACT)


def test_numbers_through_functions_are_jax_s_but_for_roundings(golden):
    # JAX's erf_inv errs by up to 63 ulp
    assert_golden(golden, "close", CLOSE, rtol=1e-5, atol=1e-6)


def test_64_bits(golden):
    with enable_x64(True):
        assert_golden(golden, "wide", WIDE, rtol=1e-9)


def test_counting_in_pairs(golden):
    with threefry_partitionable(False):
        assert_golden(golden, "legacy", LEGACY)
        with enable_x64(True):
            assert_golden(golden, "legacy wide", LEGACY_WIDE)


def test_generators_of_xla(golden):
    assert_golden(golden, "generators", GENERATORS, la.lax)
    with enable_x64(True):
        assert_golden(golden, "generators wide", GENERATORS_WIDE, la.lax)
        words = la.lax.rng_bit_generator(np.array([2**32 + 1, 5], np.uint64), (3,))
        halves = la.lax.rng_bit_generator(np.array([1, 1, 5, 0], np.uint32), (3,))
        np.testing.assert_array_equal(words[1], halves[1])
        np.testing.assert_array_equal(words[0], [2**32 + 1, 6])
    first, second = la.jit(lambda: (la.lax.rng_uniform(2.0, 3.0, (4,)), la.lax.rng_uniform(0, 9, (4,))))()
    assert ((first >= 2) & (first < 3)).all()
    assert ((second >= 0) & (second < 9)).all()
    assert (la.lax.rng_uniform(0.0, 1.0, (4,)) != la.lax.rng_uniform(0.0, 1.0, (4,))).all()


def test_initializers(golden):
    assert_golden(golden, "initializers", INITIALIZERS, la.nn.initializers, rtol=2e-5, atol=1e-6)


def test_compiled_numbers_are_the_eager_ones():
    """One program with both kinds of keys, mapped and not."""
    draws = {
        "uniform": lambda k: random.uniform(k, (50,), minval=-2.5, maxval=3.7),
        "normal": lambda k: random.normal(k, (3, 5)),
        "randint": lambda k: random.randint(k, (9,), 0, 7),
        "bits": lambda k: random.bits(k, (4,), "uint8"),
        "fold_in": lambda k: random.normal(random.fold_in(k, 3)),
        "gamma": lambda k: random.gamma(k, 0.7, (4,)),
        "poisson": lambda k: random.poisson(k, lnp.array([1.0, 30.0])),
    }

    def every(raw, typed):
        return {name: (draw(raw), draw(typed), la.vmap(draw)(random.split(typed, 3))) for name, draw in draws.items()}

    raw, typed = random.PRNGKey(3), random.key(3)
    got = la.jit(every)(raw, typed)
    for name, draw in draws.items():
        for one, want in zip(
            got[name], (draw(raw), draw(typed), [draw(k) for k in random.split(typed, 3)]), strict=True
        ):
            np.testing.assert_allclose(np.asarray(one), np.asarray(want), rtol=1e-6, err_msg=name)


# ---- keys -----------------------------------------------------------------------------------------------------------


def test_typed_keys_are_arrays():
    keys = random.split(random.key(0), (2, 3))
    assert isinstance(keys, la.Array)
    assert (keys.shape, keys.ndim, keys.size, keys.itemsize, keys.nbytes) == ((2, 3), 2, 6, 8, 48)
    assert la.dtypes.issubdtype(keys.dtype, la.dtypes.prng_key)
    assert not la.dtypes.issubdtype(keys.dtype, np.integer)
    assert str(keys.dtype) == repr(keys.dtype) == keys.dtype.name == "key<fry>"
    assert keys.dtype == random.key_dtype() == random.key_dtype("threefry2x32") == random.key_dtype(keys.dtype)
    assert hash(keys.dtype) == hash(random.key_dtype())
    assert random.key_impl(keys) == random.key_impl(random.PRNGKey(0)) == "threefry2x32"
    data = np.asarray(random.key_data(keys))
    assert (data.shape, data.dtype) == ((2, 3, 2), np.uint32)
    assert (random.wrap_key_data(random.key_data(keys)) == keys).all()
    words = lambda x: np.asarray(random.key_data(x))  # noqa: E731
    for got, want in {
        "index": (keys[1, -1], data[1, -1]),
        "slice": (keys[:, ::-2], data[:, ::-2]),
        "gather": (keys[lnp.array([1, 1, 0])], data[[1, 1, 0]]),
        "reshape": (keys.reshape(6), data.reshape(6, 2)),
        "transpose": (keys.T, data.transpose(1, 0, 2)),
        "stack": (lnp.stack([keys, keys], 1), np.stack([data, data], 1)),
        "concatenate": (lnp.concatenate([keys, keys[:1]]), np.concatenate([data, data[:1]])),
        "where": (lnp.where(lnp.array([[True], [False]]), keys, keys[::-1]), data[[0, 0]]),
        "broadcast": (lnp.broadcast_to(keys[0, 0], (2,)), data[[0, 0], 0]),
        "at": (keys.at[0].set(keys[1]), data[[1, 1]]),
        "squeeze": (lnp.squeeze(keys[:1]), data[0]),
        "iterate": (next(iter(keys)), data[0]),
    }.values():
        np.testing.assert_array_equal(words(got), want)
    assert keys[0, 0] != keys[0, 1]
    assert la.tree_util.tree_leaves({"k": keys})[0] is keys
    assert repr(keys[0, 0]) == f"Array((), dtype=key<fry>) overlaying:\n{data[0, 0]}"


def test_typed_keys_are_permuted():
    keys = random.split(random.key(0), 5)
    order = np.asarray(random.permutation(random.key(7), 5))
    shuffled = random.permutation(random.key(7), keys)
    np.testing.assert_array_equal(random.key_data(shuffled), np.asarray(random.key_data(keys))[order])


def test_typed_keys_go_through_transformations():
    key = random.key(1)

    def walk(key, n):
        def step(key, x):
            key, subkey = random.split(key)
            return key, random.normal(subkey) * x

        key, xs = la.lax.scan(step, key, lnp.ones(n))
        return la.lax.cond(xs.sum() > 0, lambda k: random.split(k)[0], lambda k: k, key), xs, random.split(key, 2)

    want = walk(key, 4)
    got = la.jit(walk, static_argnums=1)(key, 4)
    for one, other in zip(got, want, strict=True):
        if one.dtype == key.dtype:
            one, other = random.key_data(one), random.key_data(other)
        np.testing.assert_allclose(np.asarray(one), np.asarray(other), rtol=1e-6)
    loss = lambda w, key: (w * random.normal(key, (3,))).sum()  # noqa: E731
    noise = random.normal(key, (3,))
    np.testing.assert_allclose(np.asarray(la.grad(loss)(2.0, key)), np.asarray(noise.sum()), rtol=1e-6)
    per_example = la.vmap(la.grad(loss), in_axes=(None, -1))(2.0, random.split(key, 3))
    np.testing.assert_allclose(
        np.asarray(per_example), [random.normal(k, (3,)).sum() for k in random.split(key, 3)], rtol=1e-5
    )
    assert la.eval_shape(random.split, key).dtype == key.dtype
    assert la.eval_shape(random.normal, la.ShapeDtypeStruct((), key.dtype)).dtype == np.float32
    closed = la.jit(lambda x: x + random.uniform(key))(1.0)  # a constant of the program
    np.testing.assert_allclose(np.asarray(closed), np.asarray(1 + random.uniform(key)), rtol=1e-6)


def test_gradients_through_samplers():
    key = random.key(2)
    u = random.uniform(key, (5,))
    span = la.grad(lambda high: random.uniform(key, (5,), maxval=high).sum())(2.0)
    np.testing.assert_allclose(np.asarray(span), np.asarray(u.sum()), rtol=1e-6)
    noise = random.normal(key, (5,))
    slope = la.grad(lambda sigma: lnp.log(random.lognormal(key, sigma, (5,))).sum())(0.5)
    np.testing.assert_allclose(np.asarray(slope), np.asarray(noise.sum()), rtol=1e-5)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: random.key([0]), TypeError, "random.key takes one seed, not an array of shape (1,)"),
        (lambda: random.key(1.5), TypeError, "random.key takes an integer as seed, not 1.5 of dtype float32"),
        (lambda: random.key(True), TypeError, "random.key takes an integer as seed"),
        (lambda: random.PRNGKey(random.key(0)), TypeError, "random.PRNGKey takes an integer as seed, not a random key"),
        (lambda: random.key(2**80), OverflowError, ""),
        (lambda: random.key(0, impl="rbg"), ValueError, "There is no random generator 'rbg'. Lamina has 'threefry2x32'."),
        (lambda: random.key(0, impl=3), TypeError, "A generator is given by its name or a key dtype, not by 3."),
        (lambda: random.key(0, impl="a", dtype="b"), ValueError, "Give the generator as `impl` or as `dtype`, not both."),
        (lambda: random.normal(5), TypeError, "random.normal takes a random key, not an array i32[]."),
        (lambda: random.normal([1, 2]), TypeError, "`random.normal` takes arrays, but the argument `key` is a list"),
        (lambda: random.normal(np.zeros(3, np.uint32)), TypeError, "random.normal takes a random key, not an array u32[3]."),
        (lambda: random.normal(random.split(random.key(0))), ValueError, "random.normal takes one key, not keys of shape (2,). Use vmap"),
        (lambda: random.split(random.split(random.PRNGKey(0))), ValueError, "random.split takes one key, not keys of shape (2,)."),
        (lambda: random.fold_in(random.key(0), [1, 2]), TypeError, "random.fold_in takes a scalar, not data of shape (2,)"),
        (lambda: random.fold_in(random.key(0), -1), OverflowError, ""),
        (lambda: random.wrap_key_data(np.zeros((2, 3), np.uint32)), TypeError, "random.wrap_key_data takes a random key"),
        (lambda: random.normal(random.key(0), dtype="int32"), ValueError, "random.normal gives float or complex numbers: its dtype cannot be int32."),
        (lambda: random.uniform(random.key(0), dtype=complex), ValueError, "random.uniform gives float numbers: its dtype cannot be complex64."),
        (lambda: random.bits(random.key(0), dtype="int8"), ValueError, "random.bits gives unsigned integers: its dtype cannot be int8."),
        (lambda: random.randint(random.key(0), (), 0, 1, float), TypeError, "random.randint gives integers: its dtype cannot be float32."),
        (lambda: random.uniform(random.key(0), (3,), minval=lnp.zeros(2)), ValueError, "shape"),
        (lambda: random.uniform(random.key(0), (-1,)), ValueError, "random.uniform: the shape (-1,) has a negative size."),
        (lambda: random.uniform(random.key(0), (1.5,)), TypeError, "random.uniform: a shape is an int or a sequence of ints, not (1.5,)."),
        (lambda: random.gamma(random.key(0), lnp.ones((2, 3)), (3,)), ValueError, "random.gamma: parameters of shape (2, 3) do not broadcast to the shape (3,)."),
        (lambda: random.bernoulli(random.key(0), 1), TypeError, "random.bernoulli: the probability `p` is a float, not int32."),
        (lambda: random.bernoulli(random.key(0), mode="x"), ValueError, "random.bernoulli: mode is 'low' or 'high', not 'x'."),
        (lambda: random.gumbel(random.key(0), mode="x"), ValueError, "random.gumbel: mode is 'low', 'high' or 'highest', not 'x'."),
        (lambda: random.dirichlet(random.key(0), 1.0), ValueError, "random.dirichlet: `alpha` is a vector"),
        (lambda: random.pareto(random.key(0), np.float32(1), dtype="float16"), TypeError, "random.pareto would lose digits of its parameter `b`."),
        (lambda: random.permutation(random.key(0), 2.5), TypeError, "random.permutation: `x` is an array or a number of elements, not a scalar of float32."),
        (lambda: random.permutation(random.key(0), lnp.ones(3), 1), ValueError, "random.permutation"),
        (lambda: random.choice(random.key(0), 5, (6,), replace=False), ValueError, "random.choice: 6 draws without replacement from 5 elements."),
        (lambda: random.choice(random.key(0), 0, (2,)), ValueError, "random.choice: `a` has no elements to draw from."),
        (lambda: random.choice(random.key(0), 5, 3), TypeError, "random.choice: the shape is a sequence of ints, not 3."),
        (lambda: random.choice(random.key(0), 5, (2,), p=lnp.ones(3)), ValueError, "random.choice: `p` has the shape (3,), but there are 5 elements"),
        (lambda: random.categorical(random.key(0), lnp.zeros(3), shape=(4,), replace=False), ValueError, "random.categorical: 4 different draws of 3 categories."),
        (lambda: random.multivariate_normal(random.key(0), 0.0, lnp.eye(2)), ValueError, "but they are () and (2, 2)."),
        (lambda: random.multivariate_normal(random.key(0), lnp.zeros(2), lnp.eye(2), method="qr"), ValueError, "method is one of 'cholesky', 'eigh', 'svd', not 'qr'."),
        (lambda: la.nn.initializers.orthogonal()(random.key(0), (3,)), ValueError, "the weights are two-dimensional at least, not (3,)."),
        (lambda: la.nn.initializers.delta_orthogonal()(random.key(0), (1, 3, 2)), ValueError, "no fewer outputs (the last) than inputs; it is (1, 3, 2)."),
        (lambda: la.lax.rng_bit_generator(np.zeros(2, np.uint32), (3,)), TypeError, "lax.rng_bit_generator: the state is u32[2]."),
        (lambda: la.lax.rng_bit_generator(np.zeros(4, np.uint32), (3,), "int32"), TypeError, "its dtype cannot be int32"),
        (lambda: la.lax.rng_uniform(0, 1.0, (3,)), TypeError, "lax.rng_uniform: `a` is of dtype int32, `b` of float32."),
        (lambda: la.lax.rng_uniform(np.zeros(2), np.zeros(2), (3,)), ValueError, "the bounds must be scalars"),
        (lambda: random.key(0) + 1, TypeError, "key<fry>"),
        (lambda: random.key(0) < random.key(1), TypeError, "operand 'x' has dtype key<fry>"),
        (lambda: np.asarray(random.key(0)), TypeError, "Random keys of type key<fry>[] cannot be converted to a NumPy array.\nUse lamina.random.key_data(keys)"),
        (lambda: bool(random.key(0)), TypeError, "cannot be converted to a boolean"),
        (lambda: random.key(0).astype("uint32"), TypeError, "key<fry> cannot be converted to u32"),
        (lambda: la.grad(lambda k: 1.0)(random.key(0)), TypeError, "the argument `k` is key<fry>"),
        (lambda: la.nn.initializers.lecun_normal()(random.key(0), (3,)), ValueError, "weights of shape (3,) have no axis of inputs"),
        (lambda: la.nn.initializers.variance_scaling(1.0, "x", "normal")(random.key(0), (3, 3)), ValueError, "mode is one of 'fan_in', 'fan_out', 'fan_avg', 'fan_geo_avg', not 'x'."),
    ],
)  # fmt: skip
def test_wrong_arguments(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)


def test_key_reuse_is_found():
    with debug_key_reuse(True):
        key = random.key(0)
        first, second = random.split(key)
        random.fold_in(first, 1)  # may be done many times
        random.normal(first)
        with pytest.raises(
            errors.KeyReuseError, match=r"The random key `key<fry>\[\]` was already used.\nFirst use: .*test_random.py"
        ):
            random.normal(first)
        with pytest.raises(errors.KeyReuseError):
            random.split(key)
        random.normal(random.clone(first))
        with pytest.raises(errors.KeyReuseError):
            la.jit(lambda k: random.normal(k) + random.uniform(k))(second)
        draw = la.jit(lambda k: random.normal(k))
        third = random.key(3)
        draw(third)
        with pytest.raises(errors.KeyReuseError):
            draw(third)
        draw(random.key(3))
        raw = random.PRNGKey(0)
        random.normal(raw)
        random.normal(raw)
    random.normal(first)


def test_options_of_keys():
    with legacy_prng_key("error"), pytest.raises(ValueError, match="A plain uint32 array is used as a random key"):
        random.normal(random.PRNGKey(0))
    with legacy_prng_key("warn"), pytest.warns(UserWarning, match="A plain uint32 array is used as a random key"):
        random.normal(random.PRNGKey(0))
    with enable_custom_prng(True):
        assert random.PRNGKey(0).dtype == random.key_dtype()
    with high_dynamic_range_gumbel(True):
        np.testing.assert_array_equal(
            random.gumbel(random.key(0), (3,)), random.gumbel(random.key(0), (3,), mode="high")
        )


def test_moments():
    """Against the distributions, should the golden values have been made with a mistake that was repeated here."""
    keys = iter(random.split(random.key(5), 20))
    n = 20_000
    table = [
        (random.uniform(next(keys), (n,)), 1 / 2, 1 / 12),
        (random.normal(next(keys), (n,)), 0, 1),
        (random.exponential(next(keys), (n,)), 1, 1),
        (random.gumbel(next(keys), (n,)), np.euler_gamma, np.pi**2 / 6),
        (random.laplace(next(keys), (n,)), 0, 2),
        (random.logistic(next(keys), (n,)), 0, np.pi**2 / 3),
        (random.gamma(next(keys), 0.5, (n,)), 0.5, 0.5),
        (random.poisson(next(keys), 20.0, (n,)), 20, 20),
        (random.binomial(next(keys), 50, 0.4, (n,)), 20, 12),
        (random.geometric(next(keys), 0.25, (n,)), 4, 12),
        (random.rademacher(next(keys), (n,)), 0, 1),
        (random.beta(next(keys), 2.0, 3.0, (n,)), 0.4, 0.04),
    ]
    for sample, mean, variance in table:
        sample = np.asarray(sample, np.float64)
        assert abs(sample.mean() - mean) < 5 * np.sqrt(variance / n)
        assert abs(sample.var() / variance - 1) < 0.1
