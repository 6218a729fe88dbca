"""Vulkan behind the public interface: a train step, eager operations, arrays on two devices, and no float64."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
import lamina_runtime
from lamina import errors
from lamina.config import enable_x64

pytestmark = pytest.mark.skipif(not lamina_runtime.devices("vulkan"), reason="this machine has no Vulkan driver")


def _loss(parameters, x, labels):
    for w, b in parameters[:-1]:
        x = lnp.tanh(x @ w + b)
    w, b = parameters[-1]
    return lnp.mean((x @ w + b - labels) ** 2)


def _step(parameters, x, labels):
    value, gradient = la.value_and_grad(_loss)(parameters, x, labels)
    return value, la.tree_util.tree_map(lambda p, g: p - 0.1 * g, parameters, gradient)


def test_train_steps_are_those_of_the_cpu():
    rng = np.random.default_rng(0)
    sizes = [20, 16, 3]
    parameters = [
        (rng.normal(size=(m, n)).astype(np.float32) / np.float32(m) ** 0.5, np.zeros(n, np.float32))
        for m, n in pairwise(sizes)
    ]
    x, labels = rng.normal(size=(48, 20)).astype(np.float32), rng.normal(size=(48, 3)).astype(np.float32)
    losses, trained = {}, {}
    for device in ("cpu", "vulkan"):
        step, current, losses[device] = la.jit(_step, device=device), parameters, []
        for _ in range(3):
            value, current = step(current, x, labels)
            losses[device].append(float(value))
        trained[device] = la.device_get(current)
        assert value.device.platform == device
    assert losses["cpu"][-1] < losses["cpu"][0]
    np.testing.assert_allclose(losses["vulkan"], losses["cpu"], rtol=2e-6)
    for got, want in zip(*(la.tree_util.tree_leaves(trained[d]) for d in ("vulkan", "cpu")), strict=True):
        np.testing.assert_allclose(got, want, rtol=2e-5, atol=2e-6)


def test_eager_operations_stay_on_the_device():
    x = la.device_put(np.arange(6, dtype=np.float32).reshape(2, 3), "vulkan")
    y = lnp.sin(x * 2 + 1).sum(axis=0)
    assert y.device.platform == "vulkan"
    np.testing.assert_allclose(np.asarray(y), np.sin(np.arange(6).reshape(2, 3) * 2 + 1).sum(0), rtol=1e-6)
    flags = x > 2
    assert flags.device.platform == "vulkan"
    np.testing.assert_array_equal(np.asarray(flags), [[False, False, False], [True, True, True]])
    assert float(x[1, 2]) == 5.0


def test_arrays_on_the_cpu_go_where_the_others_are():
    there = la.device_put(np.float32([1, 2, 3]), "vulkan")
    here = lnp.array([10.0, 20.0, 30.0])
    for total in (here + there, there + here, la.jit(lnp.add)(here, there), there + np.float32([10, 20, 30])):
        assert total.device.platform == "vulkan"
        np.testing.assert_array_equal(np.asarray(total), [11, 22, 33])
    back = la.device_put(there, "cpu") + here
    assert back.device.platform == "cpu"
    np.testing.assert_array_equal(np.asarray(back), [11, 22, 33])


def test_float64_names_the_argument():
    with enable_x64(True):
        f = la.jit(lambda x, weights: x + weights["b"], device="vulkan")
        with pytest.raises(errors.DeviceDTypeError, match=r"no float64: the argument `weights\['b'\]`"):
            f(np.ones(2, np.float32), {"b": np.ones(2)})
        with pytest.raises(errors.DeviceDTypeError, match="no complex128: the argument `x`"):
            la.jit(lambda x: -x, device="vulkan")(np.ones(2, complex))


def test_float64_names_the_line():
    def widened(x):
        return lnp.sin(x.astype("float64"))

    with enable_x64(True), pytest.raises(errors.DeviceDTypeError) as caught:
        la.jit(widened, device="vulkan")(np.ones(2, np.float32))
    line = widened.__code__.co_firstlineno + 1
    assert str(caught.value).startswith("`widened` cannot run on vulkan, which has no float64: the result of `convert`")
    assert f"{__file__}:{line}" in str(caught.value) and "x.astype('float32')" in str(caught.value)


def test_float64_in_eager_operations_names_the_operation():
    with enable_x64(True):
        x = la.device_put(np.ones(2), "vulkan")
        assert x.dtype == np.float64  # storing is possible
        with pytest.raises(errors.DeviceDTypeError, match="`sin` cannot run on vulkan"):
            lnp.sin(x)


def test_python_numbers_do_not_make_a_program_float64():
    with enable_x64(True):
        y = la.jit(lambda x: x * 2.0 + 1, device="vulkan")(np.ones(2, np.float32))
        np.testing.assert_array_equal(np.asarray(y), np.float32([3, 3]))
