"""Discrete Fourier transforms over the last dimensions."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from ..attributes import INTS, STRING
from ..kernels.fft import fft_lower
from ..opdef import KernelOrReference, OpDef, OpError, Sample, register, require_dtype
from ..types import COMPLEX, COMPLEX_OF, REAL_OF, Shape, TensorType
from .elementwise import quiet
from .matrix import random_matrix
from .shape import linear_jvp

_FLOAT = frozenset(COMPLEX_OF)
_TRANSFORMS: dict[str, Callable[..., np.ndarray]] = {
    "fft": np.fft.fftn,
    "ifft": np.fft.ifftn,
    "rfft": np.fft.rfftn,
    "irfft": np.fft.irfftn,
}


def _infer(x: TensorType, kind: str, lengths: Shape) -> TensorType:
    if kind not in _TRANSFORMS:
        raise OpError(f"there is no transform '{kind}'; there are {', '.join(_TRANSFORMS)}")
    require_dtype("x", x, _FLOAT if kind == "rfft" else COMPLEX)
    if not 1 <= len(lengths) <= x.rank or min(lengths) < 1:
        raise OpError(f"lengths {tuple(lengths)} must be one or more positive sizes of the last dimensions of {x}")
    half = (*lengths[:-1], lengths[-1] // 2 + 1)
    batch, expected = x.shape[: -len(lengths)], half if kind == "irfft" else tuple(lengths)
    if x.shape[-len(lengths) :] != expected:
        raise OpError(f"{kind} of lengths {tuple(lengths)} takes an operand with last dimensions {expected}, not {x}")
    if kind == "rfft":
        return TensorType((*batch, *half), COMPLEX_OF[x.dtype])
    return TensorType((*batch, *lengths), REAL_OF[x.dtype] if kind == "irfft" else x.dtype)


def _reference(x: np.ndarray, kind: str, lengths: Shape) -> np.ndarray:
    if 0 in x.shape:
        result = _infer(TensorType(x.shape, x.dtype), kind, lengths)
        return np.empty(result.shape, result.dtype)
    return _TRANSFORMS[kind](x, lengths, axes=range(-len(lengths), 0))


def _transpose(b: Any, ct: Any, operands: Any, types: Any, kind: str, lengths: Shape) -> list[Any]:
    """fft and ifft are symmetric; of a pair of conjugate frequencies the real transforms keep one, for two."""
    if kind in ("fft", "ifft"):
        return [b.fft(ct, kind=kind, lengths=lengths)]
    count = math.prod(lengths)
    if kind == "rfft":
        halved = b.div(b.conj(ct), _multiplicity(b, ct, lengths[-1]))
        return [b.mul(b.fft(halved, kind="irfft", lengths=lengths), count)]
    spectrum = b.fft(ct, kind="rfft", lengths=lengths)
    return [b.conj(b.mul(b.mul(spectrum, _multiplicity(b, spectrum, lengths[-1])), 1 / count))]


def _multiplicity(b: Any, like: Any, length: int) -> Any:
    """For how many frequencies an element of a half spectrum stands: one for 0 and the middle of even lengths."""
    size = length // 2 + 1
    number = np.full(size, 2, REAL_OF[b.type(like).dtype])
    number[0] = 1
    if length % 2 == 0:
        number[-1] = 1
    line = b.convert(b.constant_array(number), dtype=b.type(like).dtype)
    shape = b.shape(like)
    return b.broadcast_in_dim(line, shape=shape, dimensions=(len(shape) - 1,))


_CASES: list[tuple[str, Shape, Shape]] = [
    ("fft", (2, 5), (5,)),
    ("ifft", (3, 4), (3, 4)),
    ("fft", (1,), (1,)),
    ("ifft", (0, 3), (3,)),
    ("rfft", (2, 6), (6,)),
    ("rfft", (3, 5), (3, 5)),
    ("rfft", (1, 2), (2,)),
    ("irfft", (2, 4), (6,)),
    ("irfft", (3, 3), (3, 5)),
    ("irfft", (2, 1), (1,)),
]


def _samples(rng: np.random.Generator) -> Iterable[Sample]:
    for real in sorted(_FLOAT, key=str):
        for kind, shape, lengths in _CASES:
            dtype = real if kind == "rfft" else COMPLEX_OF[real]
            yield Sample((random_matrix(rng, dtype, shape),), {"kind": kind, "lengths": lengths})


fft = register(
    OpDef(
        name="fft",
        doc="Σ x[j] exp(∓2πi j k / n) over the last dimensions: `kind` is fft, ifft (divided by the number of "
        "elements), rfft (of real numbers: the first half of the last dimension's frequencies) or irfft, its inverse.",
        operands=("x",),
        attributes={"kind": STRING, "lengths": INTS},
        infer=_infer,
        reference=quiet(_reference),
        jvp=linear_jvp("fft"),
        transpose=_transpose,
        batch=lambda b, operands, batched, size, **attributes: b.fft(*operands, **attributes),
        lower=KernelOrReference(fft_lower),
        samples=_samples,
        family="fft",
    )
)
