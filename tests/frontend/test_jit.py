"""jit: caching, static arguments, structure, errors, threads, memory, devices."""

from __future__ import annotations

import gc
import logging
import os
import re
import subprocess
import sys
import threading
import weakref

import numpy as np
import pytest

import lamina as la
from lamina import errors, lax
from lamina_compiler import backend
from lamina_compiler.backend import driver


def test_compiles_once_per_signature():
    traces = []

    @la.jit
    def f(x):
        traces.append(x.shape)
        return lax.add(x, x)

    f(np.ones(3))
    f(np.zeros(3))
    f(la.device_put(np.ones(3)))
    f(np.ones(4))
    f(1.0)
    f(2.0)
    assert traces == [(3,), (4,), ()]


def test_static_arguments():
    @la.jit
    def plain(x, n):
        return lax.mul(x, n)

    power = la.jit(
        lambda x, n, *, mode="a": lax.integer_pow(x, n) if mode == "a" else x, static_argnums=1, static_argnames="mode"
    )
    assert float(power(2.0, 3)) == 8.0
    assert float(power(2.0, 5)) == 32.0
    assert float(power(2.0, 5, mode="b")) == 2.0
    assert float(power(2.0, n=2)) == 4.0
    assert int(plain(2, 3)) == 6


def test_identity_and_shared_results_do_not_alias_user_memory():
    x = np.arange(100_000, dtype=np.float32)
    y = la.jit(lambda v: v)(x)
    z = la.jit(lambda v: lax.reshape(v, (10, 10_000)))(x)
    x[:] = -1
    assert float(np.asarray(y)[5]) == 5.0 and float(np.asarray(z)[0, 5]) == 5.0


@pytest.mark.parametrize("shape", [(), (0,), (0, 3), (1,), (3, 0, 2)])
def test_empty_and_scalar_shapes(shape):
    x = np.ones(shape, np.float32)
    np.testing.assert_array_equal(np.asarray(la.jit(lambda v: lax.add(v, v))(x)), x + x)


def test_results_without_arguments_and_constants():
    table = np.arange(1000, dtype=np.int32)
    assert np.array_equal(la.jit(lambda: la.device_put(table))(), table)
    assert np.array_equal(la.jit(lambda i: lax.dynamic_slice(la.device_put(table), [i], [2]))(5), [5, 6])
    none, empty, tree = la.jit(lambda: (None, [], {"a": 1}))()
    assert none is None and empty == [] and int(tree["a"]) == 1


def test_keywords_in_any_order_are_one_program():
    traced = []

    @la.jit
    def f(x, **others):
        traced.append(sorted(others))
        return x - others["b"], others["a"]

    one, two, three = np.float32(1), np.float32(2), np.float32(3)
    for got in (f(one, a=two, b=three), f(one, b=three, a=two), f(b=three, x=one, a=two)):
        assert [float(x) for x in got] == [-2, 2]
    assert [float(x) for x in f(one, a=two, b={"b": three}["b"], c=[one])] == [-2, 2]
    assert traced == [["a", "b"], ["a", "b"], ["a", "b", "c"]]  # the second with x by keyword


def test_more_arrays_than_a_dispatch_can_bind():
    xs = [np.arange(4, dtype=np.float32) + i for i in range(40)]

    def f(*xs):
        return sum(xs), sum(x * x for x in xs).sum(), [x + xs[0] for x in xs]

    for got, want in zip(la.tree.leaves(la.jit(f)(*xs)), la.tree.leaves(f(*xs)), strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-6)


def test_more_gradients_than_a_dispatch_can_bind():
    """Forty numbers that are computed before a sum and read after it, and their forty gradients."""

    def loss(parameters, v):
        many = [lax.tanh(p) for p in parameters]
        total = lax.reduce_sum(lax.mul(v, lax.add(many[0], many[1])), (0,))
        out = total
        for x in many:
            out = lax.add(lax.mul(out, np.float32(0.5)), lax.mul(x, total))
        return out

    args = [np.float32(k / 40) for k in range(40)], np.arange(3, dtype=np.float32)
    f = la.value_and_grad(loss)
    for got, want in zip(la.tree.leaves(la.jit(f)(*args)), la.tree.leaves(f(*args)), strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-5)


def test_a_long_chain_of_numbers():
    """The gradient of an unrolled recurrence: IREE would take minutes if it saw all of it at once."""

    def recurrence(x, y):
        for _ in range(16):
            x, y = x * 0.9 + 0.1 * y * y / (2 + x * x), y * 0.9 - 0.1 * x * x / (2 + y * y)
        return x + y

    gradient = la.grad(recurrence)
    np.testing.assert_allclose(la.jit(gradient)(1.0, 2.0), gradient(1.0, 2.0), rtol=1e-4)


def test_nan_and_inf_flow_through():
    x = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0], np.float32)
    np.testing.assert_array_equal(np.asarray(la.jit(lambda v: lax.add(v, 0.0))(x)), x)


def test_key_includes_weak_type_dtype_and_options():
    @la.jit
    def f(x):
        return lax.mul(x, 2)

    assert f(np.int8(3)).dtype == np.int8
    assert f(3).dtype == np.int32 and f(3).weak_type
    with la.config.options["enable_x64"](True):
        assert f(np.float64(3)).dtype == np.float64
    assert f(np.float64(3)).dtype == np.float32


def test_log_compiles_says_what_changed(caplog):
    f = la.jit(lambda x: lax.neg(x))
    with la.config.options["log_compiles"](True), caplog.at_level(logging.WARNING, "lamina"):
        f(np.ones((8, 3), np.float32))
        f(np.ones((9, 3), np.float32))
    assert "recompiling `<lambda>`: `x` went from f32[8,3] to f32[9,3]" in caplog.text


def doubled(x):
    return lax.add(x, x)


@pytest.mark.parametrize(
    ("error", "times"),
    [(backend.CompileError, 4), (backend.CompilerCrash, 2), (backend.CompileTimeout, 1)],
    ids=["error", "crash", "timeout"],
)
def test_what_fails_is_compiled_again_for_its_line_and_with_kernels_of_ours(monkeypatch, error, times):
    calls = []

    def compiling(*args, **kwargs):
        calls.append(args)
        raise error("said so")

    monkeypatch.setattr(backend, "compile", compiling)
    with pytest.raises(error, match="said so"):
        la.jit(lambda x: lax.add(x, 7.5))(1.0)
    assert len(calls) == times


OPTIONS = {"opt_level": "O1", "iree-opt-const-eval": False}
WITH_OPTIONS = la.jit(doubled, compiler_options=OPTIONS, backend="cpu", in_shardings=(None,), out_shardings=None)


def test_compiler_options(monkeypatch):
    used = []
    monkeypatch.setattr(
        backend, "compile", lambda m, t, options, **k: (used.append(options), compiling(m, t, options, **k))[1]
    )
    compiling = driver.compile
    assert float(WITH_OPTIONS(np.float32(3))) == 6
    assert float(la.jit(doubled).lower(1.0).compile(compiler_options={"data_tiling": True})(2.0)) == 4
    assert used == [
        backend.CompileOptions("O1", flags=("--iree-opt-const-eval=false",)),
        backend.CompileOptions(data_tiling=True),
    ]


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: la.jit(lambda x: x if x > 0 else -x)(1.0), errors.TracerBoolConversionError, "It depends on the argument `x`."),
        (lambda: la.jit(lambda x, y: [1, 2][y])(1, 1), errors.TracerIntegerConversionError, "It depends on the argument `y`."),
        (lambda: la.jit(lambda x: np.sin(x))(1.0), errors.TracerArrayConversionError, "lamina.numpy"),
        (lambda: la.jit(lambda x: float(x))(1.0), errors.ConcretizationTypeError, "`float()` needs the value"),
        (lambda: la.jit(lambda x: x)("text"), errors.NonArrayArgumentError, "the argument `x` is a str: 'text'"),
        (lambda: la.jit(lambda x: x)({"a": [1, object()]}), errors.NonArrayArgumentError, "the argument `x['a'][1]` is a object"),
        (lambda: la.jit(lambda x, n: x, static_argnums=1)(1.0, [2]), errors.StaticArgumentError, "The static argument `n` of `<lambda>` is a list, which cannot be hashed."),
        (lambda: la.jit(lambda x: x, static_argnames="n"), errors.StaticArgumentError, "static_argnames names `n`, but `<lambda>` has no such argument."),
        (lambda: la.jit(lambda x: x, static_argnums=1), errors.StaticArgumentError, "static_argnums names the argument 1, but `<lambda>` has 1 positional arguments."),
        (lambda: la.jit(lambda x: x, donate_argnums=-2), errors.StaticArgumentError, "donate_argnums names the argument -2, but `<lambda>` has 1 positional arguments."),
        (lambda: la.jit(lambda x: x, static_argnums=0, donate_argnames="x"), errors.StaticArgumentError, "`0` of `<lambda>` is static, so it has no memory to donate."),
        (lambda: la.jit(3), TypeError, "jit takes a function, not a int: 3"),
        (lambda: la.jit(lambda x: lax.add(x, np.ones(4, np.float32)))(np.ones(3, np.float32)), errors.ShapeError, "f32[3]"),
        (lambda: la.jit(lambda x: lax.add(x, np.ones(3, np.int32)))(np.ones(3, np.float32)), errors.DTypeError, "float32 and int32"),
        (lambda: la.jit(lambda x: x, device="abacus")(1.0), RuntimeError, "no device 'abacus' on this machine; there are cpu:0"),
        (lambda: la.jit(lambda x: x, device="cpu", backend="cpu"), ValueError, "jit takes a device or a backend, not both; got device='cpu' and backend='cpu'"),
        (lambda: la.jit(lambda x: x, in_shardings=("x",)), NotImplementedError, "jit: in_shardings= lays arrays out over several devices, which programs do not span yet."),
        (lambda: la.jit(lambda x: x, out_shardings=["x"]), NotImplementedError, "jit: out_shardings= lays arrays out over several devices, which programs do not span yet."),
        (lambda: la.jit(lambda x: x, compiler_options={"xla_cpu_enable_fast_math": True}), backend.FlagRefused, "The IREE flag '--xla_cpu_enable_fast_math' is not one that Lamina passes on"),
        (lambda: la.jit(lambda x: x, compiler_options={"iree-opt-const-eval": "no"}), backend.FlagRefused, "The IREE flag '--iree-opt-const-eval' takes true, false, 0, 1; got '--iree-opt-const-eval=no'."),
        (lambda: la.jit(lambda x: x, compiler_options={"opt_level": 3}), ValueError, "opt_level must be one of 'O0', 'O1', 'O2', 'O3', not 3."),
        (lambda: la.jit(lambda x: x, compiler_options=["O3"]), TypeError, "compiler options are a mapping of names to values, not ['O3']"),
        (lambda: la.jit(lambda x: WITH_OPTIONS(x))(1.0), ValueError, "compiler_options were given to `doubled`, which is called inside of another jitted function"),
        (lambda: la.jit(lambda: lax.full((1 << 20, 1 << 20), 1.0))(), MemoryError, "GiB, more than this machine has"),
        (lambda: lax.full((1 << 40, 1 << 40), 1.0), MemoryError, "which no computer can hold"),
    ],
)  # fmt: skip
def test_errors(call, error, text):
    with pytest.raises(error, match=re.escape(text)):
        call()


def test_leaked_array_names_function_and_lines():
    kept = []

    @la.jit
    def leaky(x):
        kept.append(lax.sin(x))
        return x

    leaky(1.0)
    with pytest.raises(errors.UnexpectedTracerError) as caught:
        lax.add(kept[0], 1.0)
    text = str(caught.value)
    assert "an intermediate value of `leaky`, which jit traced" in text
    assert len(re.findall(rf"{re.escape(__file__)}:\d+", text)) == 2
    with pytest.raises(errors.UnexpectedTracerError):
        la.jit(lambda x: lax.add(x, kept[0]))(1.0)
    assert "ended" in repr(kept[0])


def test_error_in_user_code_leaves_lamina_usable():
    def broken(x):
        raise KeyError("mine")

    for transformed in (la.jit(broken), la.grad(broken), la.vmap(broken)):
        with pytest.raises(KeyError, match="mine"):
            transformed(np.ones(2, np.float32))
        assert float(lax.add(1.0, 1.0)) == 2.0


def test_threads():
    f = la.jit(lambda x: lax.sin(lax.mul(x, 2.0)))
    wrong = []

    def work(n):
        for i in range(20):
            x = np.full(n + 1, i, np.float32)
            got = np.asarray(f(x))
            slope = la.grad(lambda v: lax.reduce_sum(lax.sin(v), (0,)))(x)
            if not np.allclose(got, np.sin(2 * x), atol=1e-6) or not np.allclose(slope, np.cos(x), atol=1e-6):
                wrong.append((n, i))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert not wrong


def test_functions_and_arrays_are_freed():
    class Model:
        def __init__(self):
            self.call = la.jit(lambda x: lax.add(x, 1.0))

    model = Model()
    model.call(np.ones(3))
    gone = weakref.ref(model.call)
    del model
    gc.collect()
    assert gone() is None


def test_jit_of_method_and_partial():
    class Scale:
        def __init__(self, by):
            self.by = by

        def __hash__(self):
            return hash(self.by)

        def __eq__(self, other):
            return self.by == other.by

        def apply(self, x):
            return lax.mul(x, self.by)

    assert float(la.jit(Scale(3.0).apply)(2.0)) == 6.0


def test_nested_jit_is_traced_once_per_program():
    calls = []

    @la.jit
    def inner(x):
        calls.append(1)
        return lax.sin(x)

    def outer(x):
        for _ in range(5):
            x = inner(x)
        return x

    text = la.make_ir(outer, 1.0)
    assert calls == [1] and text.count("call @inner") == 5


def test_stages_by_name():
    f = lambda x: lax.sin(x)  # noqa: E731
    for stage, expected in [
        ("trace", "lamina.sin"),
        ("derive", "lamina.sin"),
        ("simplify", "lamina.sin"),
        ("linalg", "linalg.generic"),
    ]:
        assert expected in la.make_ir(f, 1.0, stage=stage)
    with pytest.raises(
        ValueError, match="there is no stage 'wat'; the stages are trace, derive, simplify, fuse, hoist, linalg"
    ):
        la.make_ir(f, 1.0, stage="wat")


SECOND_RUN = """
import lamina as la, numpy as np
from lamina import lax
from lamina_compiler import backend
la.jit(lambda x: lax.tanh(lax.mul(x, 3.0)))(np.ones(7, np.float32))
print(backend.statistics().compiles, backend.statistics().hits)
"""


def test_second_process_compiles_nothing_even_when_lines_move(tmp_path):
    def run(source):
        environment = os.environ | {"LAMINA_CACHE_DIR": str(tmp_path)}
        done = subprocess.run(
            [sys.executable, "-c", source], env=environment, capture_output=True, text=True, check=True
        )
        assert done.stderr == ""
        return done.stdout.split()

    assert run(SECOND_RUN) == ["1", "0"]
    assert run("\n\n\n" + SECOND_RUN) == ["0", "1"]


def test_backend_failure_names_the_users_line(monkeypatch):
    def refuse(module, target="cpu", *args, **kwargs):
        raise backend.CompileError("no")

    from lamina import program

    monkeypatch.setattr(program.backend, "compile", refuse)
    with pytest.raises(backend.CompileError):
        la.jit(lambda x: lax.neg(x))(np.ones(11))


def test_order_of_dict_keys_does_not_matter():
    order = []

    @la.jit
    def f(tree):
        order.append(list(tree))
        return tree["b"] - tree["a"]

    assert float(f({"b": 3.0, "a": 1.0})) == 2.0
    assert float(f({"a": 1.0, "b": 5.0})) == 4.0
    assert order == [["a", "b"]]
