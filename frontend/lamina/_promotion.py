"""The promotion table: which dtypes, and Python's weak types, become which when they meet.

The rules are those of https://docs.jax.dev/en/latest/type_promotion.html: the result of two types is the first type
that both reach by following the table.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import ml_dtypes  # noqa: F401  (gives NumPy the names bfloat16, float8_e5m2, int4, …)
import numpy as np

from lamina.errors import TypePromotionError

SMALL_INTS = ("int1", "int2", "int4", "uint1", "uint2", "uint4")
SMALL_FLOATS = (
    "float4_e2m1fn", "float6_e2m3fn", "float6_e3m2fn", "float8_e3m4", "float8_e4m3", "float8_e4m3b11fnuz",
    "float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz", "float8_e8m0fnu",
)  # fmt: skip

# type → the types it may become in one step; "int", "float", "complex" are Python's weak types.
_PROMOTES_TO: dict[str, tuple[str, ...]] = {
    "bool": ("int",),
    "int": ("uint8", "int8", *SMALL_INTS),
    "uint8": ("uint16", "int16"),
    "uint16": ("uint32", "int32"),
    "uint32": ("uint64", "int64"),
    "uint64": ("float",),
    "int8": ("int16",),
    "int16": ("int32",),
    "int32": ("int64",),
    "int64": ("float",),
    "float": ("bfloat16", "float16", "complex", *SMALL_FLOATS),
    "bfloat16": ("float32",),
    "float16": ("float32",),
    "float32": ("float64", "complex64"),
    "float64": ("complex128",),
    "complex": ("complex64",),
    "complex64": ("complex128",),
    "complex128": (),
    **dict.fromkeys(SMALL_INTS + SMALL_FLOATS, ()),
}
# "strict": only a weak type becomes something else, and only something of its own kind or above.
_WEAK_PROMOTES_TO_STRICTLY: dict[str, Callable[[str], bool]] = {
    "int": lambda name: name != "bool",
    "float": lambda name: "float" in name or "complex" in name,
    "complex": lambda name: "complex" in name,
}

Node = Any  # a place in the table: an np.dtype, or the Python type int, float or complex
WEAK: dict[type, np.dtype] = {int: np.dtype("int64"), float: np.dtype("float64"), complex: np.dtype("complex128")}


def _node(name: str) -> Node:
    return {"int": int, "float": float, "complex": complex}.get(name) or np.dtype(name)


def _reachable(name: str) -> set[str]:
    return {name}.union(*(_reachable(step) for step in _PROMOTES_TO[name]))


_UPPER_BOUNDS: dict[str, dict[Node, set[Node]]] = {
    "standard": {_node(name): {_node(bound) for bound in _reachable(name)} for name in _PROMOTES_TO},
    "strict": {
        _node(name): {
            _node(bound)
            for bound in _PROMOTES_TO
            if bound == name or (name in _WEAK_PROMOTES_TO_STRICTLY and _WEAK_PROMOTES_TO_STRICTLY[name](bound))
        }
        for name in _PROMOTES_TO
    },
}
SUPPORTED_DTYPES: tuple[np.dtype, ...] = tuple(node for node in _UPPER_BOUNDS["standard"] if node not in WEAK)


@functools.lru_cache(1024)
def least_upper_bound(mode: str, nodes: frozenset[Node]) -> Node:
    """The first node that all `nodes` reach, with the promotions of `mode`, "standard" or "strict".

    Raises: TypePromotionError when there is none.
    """
    bounds = _UPPER_BOUNDS[mode]
    for node in nodes - bounds.keys():
        raise TypePromotionError(_names(nodes), f"{node} takes part in no promotion.")
    common = set.intersection(*(bounds[node] for node in nodes))
    least = [node for node in common if common <= bounds[node]]
    if least:
        return least[0]
    names = _names(nodes)
    if mode == "strict":
        raise TypePromotionError(
            names,
            'The option numpy_dtype_promotion is "strict".',
            cure='Convert explicitly, for instance with x.astype(dtype), or set numpy_dtype_promotion to "standard".',
        )
    raise TypePromotionError(
        names, "Floats of 8 bits or less and integers of 4 bits or less are never converted silently."
    )


def _names(nodes: frozenset[Node]) -> list[str]:
    return sorted(f"Python {node.__name__}" if node in WEAK else str(node) for node in nodes)
