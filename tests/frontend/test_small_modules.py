"""flatten_util, dlpack, stages, the process, user contexts, options as top-level names, and what is not available."""

import importlib
import io
import logging
import subprocess
import sys
from functools import partial
from typing import get_args

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina import errors
from lamina.unavailable import UNAVAILABLE


def test_ravel_pytree():
    tree = {"w": lnp.ones((2, 3)), "n": lnp.array([1, 2]), "b": (0.5, np.float16(2))}
    flat, unravel = la.flatten_util.ravel_pytree(tree)
    assert flat.shape == (10,) and flat.dtype == np.float32
    back = unravel(flat + 1)
    assert la.tree.structure(back) == la.tree.structure(tree)
    assert back["n"].tolist() == [2, 3] and back["n"].dtype == np.int32 and back["b"][1].dtype == np.float16
    empty, restore = la.flatten_util.ravel_pytree([])
    assert empty.shape == (0,) and restore(empty) == []
    gradient = la.jit(la.grad(lambda v: (unravel(v * v)["w"] * 3).sum()))(flat)
    assert sorted(gradient.tolist()) == [0] * 4 + [6] * 6
    with pytest.raises(errors.ShapeError, match=r"`unravel`: the container has 10 elements: flat has the shape \(9,\)"):
        unravel(flat[1:])
    with pytest.raises(errors.DTypeError, match="must be float32 as the one it was made of, not int32"):
        unravel(flat.astype(int))


def test_dlpack():
    assert la.dlpack.from_dlpack(np.arange(3.0, dtype=np.float32)).tolist() == [0, 1, 2]
    supported = [la.dlpack.is_supported_dtype(d) for d in ("bool", "int8", "float16", "complex64", "int4", "bfloat16")]
    assert supported == [True, True, True, True, False, False]
    with pytest.raises(ValueError, match="copy=False is impossible"):
        la.dlpack.from_dlpack(np.zeros(2, np.float32), copy=False)


def test_process():
    assert (la.process_index(), la.process_count(), la.process_indices()) == (0, 1, [0])
    assert (la.host_id(), la.host_count(), la.host_ids()) == (0, 1, [0])
    assert la.local_devices(backend="cpu") == la.devices("cpu") and la.local_device_count("cpu") == 1
    with pytest.raises(ValueError, match="there is no process 3"):
        la.local_devices(3)
    assert isinstance(la.devices("cpu")[0], la.Device)
    text = la.print_environment_info(return_string=True)
    assert "iree-base-compiler: " in text and "device: cpu:0" in text
    x = lnp.arange(7)
    assert any(y is x for y in la.live_arrays("cpu"))
    assert la.copy_to_host_async({"x": x})["x"] is x and la.effects_barrier() is None
    assert la.typeof(x) == la.ShapeDtypeStruct((7,), "int32") and la.typeof(1.0).weak_type
    assert ".".join(map(str, la.__version_info__)) == la.__version__ and la.float0 == la.dtypes.float0


def test_devices_and_waiting():
    assert la.default_backend() in ("cpu", "vulkan", "cuda") and la.device_count("cpu") == len(la.devices("cpu"))
    tree = {"x": lnp.arange(3), "n": 1}
    assert la.block_until_ready(tree)["x"] is tree["x"]

    def f(x):
        with la.ensure_compile_time_eval():
            size = int(lnp.sum(lnp.array([1, 2])))  # a value although f is traced
        return x * size

    assert la.jit(f)(lnp.ones(2)).tolist() == [3, 3]
    by_platform = la.jit(lambda x: la.lax.platform_dependent(x, cpu=lambda x: x + 1, default=lambda x: x))
    assert by_platform(lnp.zeros(1)).tolist() == [float(la.default_backend() == "cpu")]
    with pytest.raises(NotImplementedError, match=r"no function for the platform .* \(only tpu\)"):
        la.lax.platform_dependent(1.0, tpu=lambda x: x)


def test_breakpoint_without_a_terminal(capfd, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())

    def f(x):
        la.debug.breakpoint()
        return x + 1

    assert la.jit(f)(1.0) == 2
    assert "standard input is no terminal" in capfd.readouterr().out


def test_derivative_checks_find_mistakes():
    args = (np.array([0.5, 1.5]),)
    f, wrong = lnp.sin, lambda x: lnp.sin(x) + x - la.lax.stop_gradient(x)
    la.test_util.check_jvp(f, partial(la.jvp, f), args)
    la.test_util.check_vjp(f, partial(la.vjp, f), args)
    with pytest.raises(AssertionError, match="mine: tangent"):
        la.test_util.check_jvp(f, partial(la.jvp, wrong), args, err_msg="mine")
    with pytest.raises(AssertionError, match="mine: cotangent"):
        la.test_util.check_vjp(f, partial(la.vjp, wrong), args, err_msg="mine")


def test_modules_that_come_with_lamina():
    """``import lamina`` is enough, as with JAX; SciPy's functions are imported when first used."""
    program = "import sys, lamina; assert 'lamina.scipy' not in sys.modules; print(lamina.scipy.stats.norm.pdf(0.0))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("0.398942") and la.typing.ArrayLike
    with pytest.raises(AttributeError, match="module 'lamina' has no attribute 'scpy'"):
        la.scpy  # noqa: B018


def test_of_arrays():
    x = lnp.array([[1, 2], [3, 4]])
    assert 3 in x and 5 not in x and x.is_ready() and x.aval == la.typeof(x)
    assert la.jit(lambda x: x.reshape(-1) * (x.aval.ndim + x.aval.shape[1]))(x).tolist() == [4, 8, 12, 16]
    device = la.devices("cpu")[0]
    assert (device.id, device.process_index, device.device_kind) == (0, 0, device.name)
    assert la.device_put(x, device, donate=True, may_alias=False).tolist() == x.tolist()
    with la.disable_jit(disable=False), pytest.raises(errors.TracerBoolConversionError):
        la.jit(lambda x: 1 if x else 0)(1)
    with la.disable_jit():
        assert la.jit(lambda x: 1 if x else 0)(1) == 1


def test_types_for_annotations():
    for value in (np.ones(2), np.float32(1), True, 1, 1.0, 1j):
        assert isinstance(value, la.typing.ArrayLike)
    assert not isinstance("text", la.typing.ArrayLike)
    assert str in get_args(la.typing.DTypeLike)


def test_clear_caches(caplog):
    f = la.jit(lambda x: x + 1)
    f(1.0)
    la.clear_caches()
    with caplog.at_level(logging.WARNING, "lamina"), la.log_compiles():
        assert f(1.0).item() == 2
    assert "compiling" in caplog.text


def test_explain_cache_misses(caplog):
    f = la.jit(lambda x: x * 2)
    with caplog.at_level(logging.WARNING, "lamina"), la.explain_cache_misses():
        f(lnp.ones(2))
        assert not caplog.text
        f(lnp.ones(3))
    assert "`x` went from f32[2] to f32[3]" in caplog.text


def test_no_tracing():
    f = la.jit(lambda x: x + 1)
    f(1.0)
    with la.no_tracing():
        assert f(2.0).item() == 3
        with pytest.raises(RuntimeError, match="the option no_tracing is on"):
            f(lnp.ones(2))


def test_make_jaxpr():
    text = la.make_jaxpr(lambda x, n: lnp.sin(x) * n, static_argnums=1)(1.0, 3)
    assert "lamina.sin" in text and "%arg1" not in text
    text, shape = la.make_jaxpr(lambda x: {"y": x @ x}, return_shape=True)(lnp.ones(3))
    assert shape == {"y": la.ShapeDtypeStruct((), "float32")}


def test_stages():
    lowered = la.jit(lambda x: x + 1).lower(1.0)
    assert isinstance(lowered, la.stages.Lowered) and isinstance(lowered.compile(), la.stages.Compiled)
    assert isinstance(la.jit(lambda x: x), la.stages.Wrapped)
    (info,), _ = lowered.args_info
    assert la.stages.ArgInfo(info.shape, info.dtype) == la.stages.ArgInfo((), np.dtype("float32"), donated=False)
    options: la.stages.CompilerOptions = {}
    assert lowered.compile(compiler_options=options)(1.0) == 2


def test_user_context():
    scale = la.make_user_context(2.0)
    f = la.jit(lambda x: x * scale.value)
    assert f(3.0).item() == 6
    with scale(5.0):
        assert f(3.0).item() == 15
        with pytest.raises(TypeError, match="unhashable"), scale([1]):
            pass
    assert f(3.0).item() == 6 and scale.value == 2.0
    assert all("user_context" not in name for name in la.config.options)


def test_options_are_names():
    with la.enable_x64(True):
        assert lnp.ones(1).dtype == np.float64
    with la.checking_leaks():
        assert la.config.check_tracer_leaks
    with la.numpy_dtype_promotion("strict"), pytest.raises(errors.TypePromotionError):
        lnp.ones(1) + lnp.ones(1, "int8")


def test_rank_promotion():
    x, y = lnp.ones(3), lnp.ones((2, 3))
    with la.numpy_rank_promotion("raise"):
        assert (y + 1 + lnp.float32(2)).shape == (2, 3)
        with pytest.raises(
            errors.ShapeError,
            match=r"not broadcast, x has the shape \(3,\), y has the shape \(2, 3\).*\n.*x\[None, :\]",
        ):
            x + y
    with (
        la.numpy_rank_promotion("warn"),
        pytest.warns(UserWarning, match="lnp.multiply broadcasts arrays of different"),
    ):
        x * y


@pytest.mark.parametrize("module", UNAVAILABLE)
def test_unavailable(module):
    for name, reason in UNAVAILABLE[module].items():
        with pytest.raises(NotImplementedError) as caught:
            getattr(importlib.import_module(module), name)(1)
        assert str(caught.value) == f"{module}.{name} is not available: {reason}"
