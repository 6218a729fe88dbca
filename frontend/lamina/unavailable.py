"""Names of JAX that make no sense here, each with the reason. They exist; calling them raises NotImplementedError."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_REFERENCES = (
    "arrays are immutable, and programs have no references to memory. Pass state in and return it, for instance as the "
    "carry of lax.scan; donate_argnums lets a program reuse the memory."
)
_TRANSFERS = (
    "arrays move between devices only by device_put and where a value is looked at, so there is nothing to guard."
)
_TOKENS = "effects of a program happen in the order in which Python traced them, without tokens."

UNAVAILABLE: dict[str, dict[str, str]] = {
    "lamina": {
        "Ref": _REFERENCES,
        "ad": _REFERENCES,
        "ds": _REFERENCES,
        "empty_ref": _REFERENCES,
        "free_ref": _REFERENCES,
        "freeze": _REFERENCES,
        "new_ref": _REFERENCES,
        "allow_f16_reductions": "sums of float16 and bfloat16 are always computed in float32.",
        "array_garbage_collection_guard": "arrays take part in no reference cycles of Lamina's making.",
        "enable_checks": "programs are verified after every stage, always.",
        "jax2tf_associative_scan_reductions": "there is no conversion to TensorFlow.",
        "memory": "a device has one memory space.",
        "no_execution": "eager operations and compiled programs run in the same process, at once.",
        "softmax_custom_jvp": "softmax has one derivative, that of its definition.",
        "thread_guard": "programs may be called from several threads.",
        "transfer_guard": _TRANSFERS,
        "transfer_guard_device_to_device": _TRANSFERS,
        "transfer_guard_device_to_host": _TRANSFERS,
        "transfer_guard_host_to_device": _TRANSFERS,
    },
    "lamina.numpy": {
        "fromfile": "reading a file is no function of arrays. Read it with np.fromfile, then make an array.",
        "fromiter": "an iterator is no array. Read it with np.fromiter, then make an array.",
    },
    "lamina.lax": {"after_all": _TOKENS, "create_token": _TOKENS},
    "lamina.debug": {"DebugEffect": _TOKENS, "OrderedDebugEffect": _TOKENS},
}


def unavailable(module: str) -> dict[str, Callable[..., Any]]:
    """The names of a module that only raise, for its namespace.

    >>> import lamina as la
    >>> la.transfer_guard("disallow")
    Traceback (most recent call last):
    NotImplementedError: lamina.transfer_guard is not available: arrays move between devices only by device_put ...
    """
    return {name: _refusal(module, name, reason) for name, reason in UNAVAILABLE[module].items()}


def _refusal(module: str, name: str, reason: str) -> Callable[..., Any]:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(f"{module}.{name} is not available: {reason}")

    refuse.__name__ = refuse.__qualname__ = name
    refuse.__module__ = module
    refuse.__doc__ = f"Not available: {reason}"
    return refuse
