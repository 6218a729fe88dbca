"""The process: what runs here, which devices and arrays there are, and forgetting compiled programs."""

from __future__ import annotations

import gc
import platform
import sys
from collections.abc import Callable, Sequence
from typing import Any

from lamina import compilation, program
from lamina._shapes import ShapeDtypeStruct, struct_of
from lamina.array import Array, ConcreteArray
from lamina.devices import devices
from lamina.program import IRText, eval_shape, make_ir
from lamina.tracer import as_array
from lamina_runtime import Device


def process_index(backend: str | None = None) -> int:
    """Number of this process among those of a program: there is one, 0.

    >>> import lamina as la
    >>> la.host_id()
    0
    """
    return 0


def process_count(backend: str | None = None) -> int:
    """How many processes a program has: one.

    >>> import lamina as la
    >>> la.host_count()
    1
    """
    return 1


def process_indices(backend: str | None = None) -> list[int]:
    """Numbers of all processes of a program.

    >>> import lamina as la
    >>> la.host_ids()
    [0]
    """
    return [0]


host_id, host_count, host_ids = process_index, process_count, process_indices


def local_devices(
    process_index: int | None = None, backend: str | None = None, host_id: int | None = None
) -> list[Device]:
    """The devices of a process: of the only one, all.

    >>> import lamina as la
    >>> la.local_devices(backend="cpu")[0].platform
    'cpu'
    """
    wanted = host_id if process_index is None else process_index
    if wanted not in (None, 0):
        raise ValueError(f"local_devices: there is no process {wanted}, only process 0")
    return devices(backend)


def local_device_count(backend: str | None = None) -> int:
    """How many devices this process has.

    >>> import lamina as la
    >>> la.local_device_count("cpu")
    1
    """
    return len(local_devices(backend=backend))


def live_arrays(platform: str | None = None) -> list[Array]:
    """All arrays of this process that have a value; on the devices of one platform if given.

    >>> import lamina as la, lamina.numpy as lnp
    >>> x = lnp.ones(3)
    >>> any(y is x for y in la.live_arrays())
    True
    """
    found = [x for x in gc.get_objects() if isinstance(x, ConcreteArray) and not x.is_deleted()]
    return [x for x in found if platform in (None, x.device.platform)]


def clear_caches() -> None:
    """Forget all compiled programs of this process; they are compiled anew (or read from disk) when they are needed.

    >>> import lamina as la
    >>> la.clear_caches()
    """
    for jitted in list(compilation.JITTED):
        jitted.clear_cache()
    program.clear_single_ops()


def typeof(x: Any) -> ShapeDtypeStruct:
    """Shape and dtype of an array or number.

    >>> import lamina as la
    >>> la.typeof(1.0)
    ShapeDtypeStruct(shape=(), dtype=float32, weak_type=True)
    """
    return struct_of(as_array(x))


def copy_to_host_async(x: Any) -> Any:
    """The container itself: values of its arrays are fetched when they are looked at.

    >>> import lamina as la, lamina.numpy as lnp
    >>> la.copy_to_host_async(lnp.ones(2))
    Array([1., 1.], dtype=float32)
    """
    return x


def effects_barrier() -> None:
    """Waits for side effects of programs: they have happened when a call returns.

    >>> import lamina as la
    >>> la.effects_barrier()
    """


def make_jaxpr(
    fun: Callable[..., Any],
    static_argnums: int | Sequence[int] = (),
    axis_env: Any = None,
    return_shape: bool = False,
) -> Callable[..., Any]:
    """A function that gives the program of `fun` for its arguments: Lamina IR (see `make_ir`), as text.

    With `return_shape` also shapes and dtypes of the results.

    >>> import lamina as la
    >>> "lamina.sin" in la.make_jaxpr(la.numpy.sin)(1.0)
    True
    """
    if axis_env is not None:
        raise NotImplementedError("make_jaxpr: axis_env= is not supported; map the function with vmap(axis_name=...)")
    static = {static_argnums} if isinstance(static_argnums, int) else set(static_argnums)

    def made(*args: Any, **kwargs: Any) -> IRText | tuple[IRText, Any]:
        dynamic = [a for i, a in enumerate(args) if i not in static]

        def call(*arrays: Any, **named: Any) -> Any:
            given = iter(arrays)
            return fun(*(a if i in static else next(given) for i, a in enumerate(args)), **named)

        call.__name__ = getattr(fun, "__name__", "fun")
        text = make_ir(call, *dynamic, **kwargs)
        return (text, eval_shape(call, *dynamic, **kwargs)) if return_shape else text

    return made


def print_environment_info(return_string: bool = False) -> str | None:
    """Versions of what Lamina uses, the machine and its devices: what a bug report needs.

    >>> import lamina as la
    >>> text = la.print_environment_info(return_string=True)
    >>> "numpy" in text
    True
    """
    names = ("lamina", "numpy", "ml_dtypes", "iree-base-compiler", "iree-base-runtime", "torch-mlir")
    lines = [f"{name}: {_version(name)}" for name in names]
    lines += [f"python: {sys.version}", f"platform: {platform.platform()}"]
    lines += [f"device: {device}" for device in devices()]
    text = "\n".join(lines)
    if return_string:
        return text
    print(text)
    return None


def _version(distribution: str) -> str:
    from importlib import metadata  # brings `email` and takes a tenth of the time of `import lamina`

    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "not installed"
