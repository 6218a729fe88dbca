"""Devices, and moving arrays between them."""

from __future__ import annotations

from typing import Any

import lamina_runtime
from lamina import tree_util
from lamina._frames import api_boundary
from lamina.array import Array, ConcreteArray
from lamina.config import config
from lamina.tracer import Tracer, as_array
from lamina_runtime import Device


@api_boundary
def devices(backend: str | None = None) -> list[Device]:
    """The devices of this machine, the CPU first; of one backend ("cpu", "vulkan", "cuda") if given.

    >>> import lamina as la
    >>> la.devices("cpu")[0].platform
    'cpu'
    """
    found = lamina_runtime.devices(backend)
    if not found and backend is not None:
        lamina_runtime.device(backend)  # raises, and says which devices there are
    return found


def device_count(backend: str | None = None) -> int:
    """How many devices there are.

    >>> import lamina as la
    >>> la.device_count("cpu")
    1
    """
    return len(devices(backend))


def default_backend() -> str:
    """Platform of the device that programs run on when nothing else is said.

    >>> import lamina as la
    >>> la.default_backend()
    'cpu'
    """
    return lamina_runtime.device(config.default_device or "cpu").platform


@api_boundary
def device_put(
    x: Any, device: str | Device | None = None, *, src: Any = None, donate: bool = False, may_alias: bool | None = None
) -> Any:
    """The arrays of a container on a device: "cpu", "vulkan", "cuda:1", or a Device. Traced arrays stay where they are.

    `src`, `donate` and `may_alias` are accepted: arrays know where they are, and are copied only where they have to be.
    Raises DeviceError if there is no such device; it lists those there are.

    >>> import lamina as la
    >>> la.device_put({"w": 1.0}, "cpu")
    {'w': Array(1., dtype=float32, weak_type=True)}
    """
    target = lamina_runtime.device(device or config.default_device or "cpu")
    return tree_util.tree_map(lambda leaf: _put(as_array(leaf), target), x)


def _put(x: Array, device: Device) -> Array:
    if isinstance(x, Tracer):
        return x
    assert isinstance(x, ConcreteArray)
    if x.device is device:
        return x
    view = lamina_runtime.to_device(x.host(), device)
    return ConcreteArray(None, x.type, x.weak_type, device, view)


@api_boundary
def device_get(x: Any) -> Any:
    """The arrays of a container as NumPy arrays.

    >>> import lamina as la, lamina.numpy as lnp
    >>> la.device_get({"a": lnp.ones(2)})
    {'a': array([1., 1.], dtype=float32)}
    """
    return tree_util.tree_map(lambda leaf: leaf.host() if isinstance(leaf, ConcreteArray) else leaf, x)


@api_boundary
def block_until_ready(x: Any) -> Any:
    """The container itself: programs are finished when their call returns.

    >>> import lamina as la, lamina.numpy as lnp
    >>> x = la.block_until_ready({"a": lnp.ones(2)})
    >>> x["a"]
    Array([1., 1.], dtype=float32)
    """
    return x


def placed(x: Array, device: Any) -> Array:
    """A new array on the device its maker asked for with ``device=``; None: where it is."""
    return x if device is None else device_put(x, device)


def refuse_sharding(function: str, out_sharding: Any) -> None:
    """JAX's ``out_sharding=`` lays a result out over several devices."""
    if out_sharding is not None:
        raise NotImplementedError(f"{function}: out_sharding= needs several devices, which programs do not span yet.")
