"""Random bits: counter-based generators, and keys made of two words."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from ..opdef import NotDifferentiable
from ..scalar import counter_based
from ..types import BY_SHORT_NAME, KEY, KEY_DTYPE
from .elementwise import elementwise, uniform

_U32 = frozenset({BY_SHORT_NAME["u32"]})
_BLOCK = 1 << 14  # elements whose arrays fit into the L2 cache

random = partial(
    elementwise,
    jvp=NotDifferentiable("it works on bits, not on real numbers"),
    samples=uniform(0, 2**32),
    family="random",
)


def _threefry_reference(k0: np.ndarray, k1: np.ndarray, x0: np.ndarray, x1: np.ndarray) -> Any:
    """Block by block, since a hundred passes over memory would cost several times the arithmetic."""
    results = np.empty(np.shape(x0), np.uint32), np.empty(np.shape(x0), np.uint32)
    y0, y1 = (y.reshape(-1) for y in results)
    # a key that is repeated for all counters stays one element
    inputs: list[Any] = [
        x.reshape(-1)[:1] if x.size and not any(x.strides) else x.reshape(-1) for x in (k0, k1, x0, x1)
    ]
    encrypt: Any = counter_based.threefry2x32  # its operators are those of arrays too
    for start in range(0, y0.size, _BLOCK):
        block = slice(start, start + _BLOCK)
        y0[block], y1[block] = encrypt(*(x if x.size == 1 else x[block] for x in inputs))
    return results


threefry2x32 = random(
    "threefry2x32",
    doc="The words (x0, x1) encrypted under the key (k0, k1) by Threefry-2x32 with 20 rounds (Salmon et al., 2011).",
    operands=("k0", "k1", "x0", "x1"),
    results=("y0", "y1"),
    accepts=_U32,
    reference=_threefry_reference,
    scalar=counter_based.threefry2x32,
)


def _product(x: np.ndarray, factor: int) -> tuple[np.ndarray, np.ndarray]:
    wide = x.astype(np.uint64) * factor
    return wide.astype(np.uint32), (wide >> 32).astype(np.uint32)


philox4x32 = random(
    "philox4x32",
    doc="Four words encrypted under the key (k0, k1) by Philox-4x32 with 10 rounds (Salmon et al., 2011).",
    operands=("k0", "k1", "x0", "x1", "x2", "x3"),
    results=("y0", "y1", "y2", "y3"),
    accepts=_U32,
    reference=partial(counter_based.philox_rounds, _product),
    scalar=counter_based.philox4x32,
)


def _wrap_reference(k0: np.ndarray, k1: np.ndarray) -> np.ndarray:
    keys = np.empty(np.shape(k0), KEY_DTYPE)
    keys["k0"], keys["k1"] = k0, k1
    return keys


random_wrap = random(
    "random_wrap",
    doc="Keys of their two words.",
    operands=("k0", "k1"),
    accepts=_U32,
    result=KEY_DTYPE,
    reference=_wrap_reference,
    scalar=counter_based.wrap,
)
for _name, _doc, _word, _scalar in [
    ("random_word0", "First words of keys.", "k0", counter_based.word0),
    ("random_word1", "Second words of keys.", "k1", counter_based.word1),
]:
    random(
        _name,
        doc=_doc,
        operands=("keys",),
        accepts=KEY,
        result=BY_SHORT_NAME["u32"],
        reference=lambda keys, word=_word: keys[word].copy(),
        scalar=_scalar,
    )
