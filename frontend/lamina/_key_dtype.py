"""The element type of random keys: what users see of it, and the NumPy dtype that carries it."""

from __future__ import annotations

import numpy as np

from lamina import dtypes
from lamina.errors import JAXTypeError
from lamina_compiler.types import KEY, KEY_DTYPE, SHORT_NAME, TensorType


class KeyDType(dtypes.ExtendedDType):
    """``key<fry>``: keys of one generator. Equal to the NumPy dtype that carries the keys, which takes its place."""

    type = dtypes.prng_key
    kind = "k"
    names = KEY_DTYPE.names

    def __init__(self, carrier: np.dtype, impl: str):
        self.dtype = carrier  # NumPy looks here when it is asked for a dtype
        self.impl = impl  # name of the generator
        self.name = SHORT_NAME[carrier]
        self.itemsize = carrier.itemsize

    def __repr__(self) -> str:
        return self.name

    def __eq__(self, other: object) -> bool:
        return self.dtype == other

    def __hash__(self) -> int:
        return hash(self.dtype)


THREEFRY = KeyDType(KEY_DTYPE, "threefry2x32")
EXTENDED: dict[np.dtype, KeyDType] = {THREEFRY.dtype: THREEFRY}


def words(keys: np.ndarray) -> np.ndarray:
    """The words of keys, as a new last dimension."""
    return np.ascontiguousarray(keys)[..., None].view(np.uint32).reshape(*keys.shape, 2)


def refuse_keys(type: TensorType, what: str) -> None:
    """JAXTypeError if `type` is one of keys, which cannot be `what`."""
    if type.dtype in KEY:
        raise JAXTypeError(
            f"Random keys of type {type} cannot be {what}.",
            cure="Use lamina.random.key_data(keys) for their words as unsigned integers.",
        )
