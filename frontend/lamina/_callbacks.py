"""Python functions that a compiled program calls while it runs."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from lamina import dtypes, errors, tree_util
from lamina._frames import api_boundary
from lamina._transform import flatten_arguments, function_name
from lamina.array import Array
from lamina.tracer import as_array
from lamina.tracing import Trace, current_trace
from lamina_compiler.host_calls import Callback
from lamina_compiler.types import TensorType

_METHODS = ("sequential", "sequential_unrolled", "expand_dims", "broadcast_all", "legacy_vectorized")


@api_boundary
def pure_callback(
    callback: Callable[..., Any],
    result_shape_dtypes: Any,
    *args: Any,
    sharding: Any = None,
    vectorized: bool | None = None,
    vmap_method: str | None = None,
    **kwargs: Any,
) -> Any:
    """Call a Python function on the values of arrays, also from a compiled program.

    Args:
        callback: gets NumPy arrays in the structure of `args` and `kwargs`; has no side effects: it may be called any
            number of times, or not at all where its result is not used.
        result_shape_dtypes: a container of ShapeDtypeStructs (or arrays) that says what it returns.
        vmap_method: "sequential" (once for every example), "expand_dims" or "broadcast_all" (once, with a leading
            batch axis: of size 1, or of full size, on arguments that are the same for all examples).

    Has no derivative: give it one with `custom_jvp`. Exceptions of the function come out of the program as they are.

    >>> import lamina as la, numpy as np
    >>> f = la.jit(lambda x: la.pure_callback(np.negative, la.ShapeDtypeStruct((), "float32"), x))
    >>> f(27.0)
    Array(-27., dtype=float32)
    """
    del sharding
    if vectorized is not None:
        vmap_method = "broadcast_all" if vectorized else "sequential"
    if vmap_method is not None and vmap_method not in _METHODS:
        raise errors.OptionValueError("vmap_method", vmap_method, ", ".join(_METHODS))
    batching = {"legacy_vectorized": "broadcast_all", "sequential_unrolled": "sequential"}.get(
        vmap_method or "none", vmap_method or "none"
    )
    return call_python(callback, result_shape_dtypes, args, kwargs, effect="pure", batching=batching)


@api_boundary
def io_callback(
    callback: Callable[..., Any],
    result_shape_dtypes: Any,
    *args: Any,
    sharding: Any = None,
    ordered: bool = False,
    **kwargs: Any,
) -> Any:
    """Like `pure_callback` for a function with side effects: it is called once each time the program comes by.

    Calls happen in the order of the program. Under `vmap` it is called for every example.

    >>> import lamina as la
    >>> seen = []
    >>> la.jit(lambda x: la.experimental.io_callback(lambda v: seen.append(int(v)), None, x))(3)
    >>> seen
    [3]
    """
    del sharding
    batching = "ordered" if ordered else "sequential"
    return call_python(callback, result_shape_dtypes, args, kwargs, effect="io", batching=batching)


def call_python(
    callback: Callable[..., Any], results: Any, args: Any, kwargs: Any, *, effect: str, batching: str
) -> Any:
    """Call a function on NumPy arrays, now or when the program runs."""
    specs, tree = tree_util.tree_flatten(results)
    types = [_type(spec) for spec in specs]
    arguments = flatten_arguments(callback, args, kwargs)

    @functools.wraps(callback)  # its attributes say more about it (checkify)
    def on_arrays(*arrays: np.ndarray) -> Any:
        given, named = arguments.rebuild(arrays)
        return _checked(callback, callback(*given, **named), types, tree)

    trace = current_trace()
    if trace is None:
        given = on_arrays(*(np.asarray(x) for x in arguments.arrays))
        values = [given] if len(types) == 1 else list(given or ())
        return tree_util.tree_unflatten(
            tree, [as_array(np.array(x), dtype=t.dtype) for x, t in zip(values, types, strict=True)]
        )
    return tree_util.tree_unflatten(
        tree, _traced(trace, callback, on_arrays, arguments.arrays, types, effect, batching)
    )


def _traced(
    trace: Trace,
    callback: Callable[..., Any],
    on_arrays: Callable[..., Any],
    arrays: list[Array],
    types: list[TensorType],
    effect: str,
    batching: str,
) -> list[Any]:
    registered = Callback(on_arrays, function_name(callback))
    trace.root.cache[("callback", registered.name)] = registered  # it lives while the program is made
    details = {"callback": registered.name, "results": types, "effect": effect, "batching": batching}
    return list(trace.apply("callback", details, arrays))


def _type(spec: Any) -> TensorType:
    if not hasattr(spec, "shape") or not hasattr(spec, "dtype"):
        spec = as_array(spec)
    return TensorType(tuple(spec.shape), dtypes.canonicalize_dtype(spec.dtype))


def _checked(callback: Callable[..., Any], result: Any, types: list[TensorType], tree: Any) -> Any:
    """The flat results of a callback: one, a list, or None. Raises CallbackResultError where they do not fit."""
    name = function_name(callback)
    leaves, got = tree_util.tree_flatten(result)
    if len(leaves) != len(types) or (len(types) != 1 and got != tree):
        if not types and tree_util.tree_structure(None) == tree:
            return None  # what a function for its effects returns is of no interest
        raise errors.CallbackResultError(name, f"returned the structure {got}, but {tree} was announced")
    out = []
    for leaf, type in zip(leaves, types, strict=True):
        value = np.asarray(leaf)
        if value.shape[max(value.ndim - type.rank, 0) :] != type.shape:  # vmap may have put a batch in front
            raise errors.CallbackResultError(
                name, f"returned an array of shape {value.shape}, but {type.shape} was announced"
            )
        out.append(value.astype(type.dtype, copy=False))
    return None if not out else out[0] if len(out) == 1 else out
