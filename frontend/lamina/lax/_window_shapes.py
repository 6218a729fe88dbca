"""Shapes of convolutions and windows: which dimension means what, padding given by name, sizes of results."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any, NamedTuple

from lamina import errors
from lamina_compiler.ops.window_geometry import dilated

Pads = list[tuple[int, int]]


class ConvDimensionNumbers(NamedTuple):
    """Positions of the dimensions: (batch, channels, places…) of lhs and out, (out channels, in channels, window…) of
    rhs.

    >>> import lamina.lax as lax
    >>> lax.conv_dimension_numbers((1, 8, 8, 3), (3, 3, 3, 16), ("NHWC", "HWIO", "NHWC"))
    ConvDimensionNumbers(lhs_spec=(0, 3, 1, 2), rhs_spec=(3, 2, 0, 1), out_spec=(0, 3, 1, 2))
    """

    lhs_spec: Sequence[int]
    rhs_spec: Sequence[int]
    out_spec: Sequence[int]


ConvGeneralDilatedDimensionNumbers = tuple[str, str, str] | ConvDimensionNumbers | None

_LETTERS = ("NC", "OI", "NC")


def conv_dimension_numbers(
    lhs_shape: Sequence[int], rhs_shape: Sequence[int], dimension_numbers: Any
) -> ConvDimensionNumbers:
    """Dimension numbers given as None (batch, channels, places…), as three strings or as themselves.

    Raises: ShapeError where ranks differ or the strings are not such a description.

    >>> conv_dimension_numbers((1, 8, 8, 3), (3, 3, 3, 16), ("NHWC", "HWIO", "NHWC"))
    ConvDimensionNumbers(lhs_spec=(0, 3, 1, 2), rhs_spec=(3, 2, 0, 1), out_spec=(0, 3, 1, 2))
    """
    if isinstance(dimension_numbers, ConvDimensionNumbers):
        return dimension_numbers
    if len(lhs_shape) != len(rhs_shape):
        raise _problem("lhs and rhs must have the same rank", lhs=tuple(lhs_shape), rhs=tuple(rhs_shape))
    if dimension_numbers is None:
        order = tuple(range(len(lhs_shape)))
        return ConvDimensionNumbers(order, order, order)
    if not isinstance(dimension_numbers, (list, tuple)):
        raise _problem(f"dimension_numbers is None, three strings or ConvDimensionNumbers, not {dimension_numbers!r}")
    if len(dimension_numbers) != 3 or not all(isinstance(each, str) for each in dimension_numbers):
        raise _problem(f"dimension_numbers must be three strings, not {dimension_numbers!r}")
    for i, each in enumerate(dimension_numbers):
        if len(each) != len(lhs_shape):
            raise _problem(
                f"dimension_numbers[{i}] = {each!r} must have a letter for each dimension",
                lhs=tuple(lhs_shape),
                rhs=tuple(rhs_shape),
            )
    return ConvDimensionNumbers(*conv_general_permutations(dimension_numbers))


def conv_general_permutations(dimension_numbers: Sequence[str]) -> tuple[tuple[int, ...], ...]:
    """Positions of (N, C, places…), (O, I, window…) and (N, C, places…) in three strings; places in the order of the
    second.

    >>> conv_general_permutations(("NWHC", "HWIO", "NCHW"))
    ((0, 3, 2, 1), (3, 2, 0, 1), (0, 1, 2, 3))
    """
    for i, (spec, letters) in enumerate(zip(dimension_numbers, _LETTERS, strict=True)):
        if any(spec.count(letter) != 1 for letter in letters):
            raise _problem(f"dimension_numbers[{i}] must have {letters[0]} and {letters[1]} once each, not {spec!r}")
        if len(set(spec)) != len(spec):
            raise _problem(f"dimension_numbers[{i}] = {spec!r} repeats a letter")
    places = [[c for c in spec if c not in letters] for spec, letters in zip(dimension_numbers, _LETTERS, strict=True)]
    if any(set(each) != set(places[1]) for each in places):
        raise _problem(f"dimension_numbers {tuple(dimension_numbers)} must name the same places in all three strings")
    return tuple(
        tuple(spec.index(c) for c in (*letters, *places[1]))
        for spec, letters in zip(dimension_numbers, _LETTERS, strict=True)
    )


def padtype_to_pads(
    in_shape: Sequence[int], window_shape: Sequence[int], window_strides: Sequence[int], padding: Any
) -> Pads:
    """The (low, high) padding that a name means.

    "VALID" is none; "SAME" gives ⌈size / stride⌉ windows, with the odd element at the end, "SAME_LOWER" at the start.

    >>> padtype_to_pads((5,), (4,), (1,), "SAME")
    [(1, 2)]
    """
    name = getattr(padding, "name", padding)
    if not isinstance(name, str):
        raise TypeError(f"`lax.padtype_to_pads`: padding is a name, not {padding!r}.")
    if name.upper() not in ("VALID", "SAME", "SAME_LOWER"):
        raise RuntimeError(f"The padding is 'VALID', 'SAME', 'SAME_LOWER' or (low, high) pairs, not {padding!r}.")
    if name.upper() == "VALID":
        return [(0, 0)] * len(in_shape)
    pads = []
    for n, window, stride in zip(in_shape, window_shape, window_strides, strict=True):
        total = max((-(-n // stride) - 1) * stride + window - n, 0)
        half = total // 2
        pads.append((half, total - half) if name.upper() == "SAME" else (total - half, half))
    return pads


def pads_of(function: str, padding: Any, rank: int) -> Pads:
    """Explicit padding as pairs of ints."""
    try:
        pads = [(operator.index(low), operator.index(high)) for low, high in padding]
    except (TypeError, ValueError, AttributeError):
        raise ValueError(
            f"`lax.{function}`: padding is 'SAME', 'SAME_LOWER', 'VALID' or a (low, high) pair of ints for each of "
            f"{rank} dimensions, not {padding!r}."
        ) from None
    if len(pads) != rank:
        raise errors.ShapeError(f"lax.{function}", f"{len(pads)} pairs of padding are given for {rank} dimensions")
    return pads


def conv_shape_tuple(
    lhs_shape: Sequence[int], rhs_shape: Sequence[int], strides: Sequence[int], pads: Any, batch_group_count: int = 1
) -> tuple[int, ...]:
    """Shape (batch, channels, places…) of the convolution of (batch, channels, places…) and (out, in, window…).

    >>> import lamina.lax as lax
    >>> lax.conv_shape_tuple((1, 3, 8, 8), (16, 3, 3, 3), (1, 1), "VALID")
    (1, 16, 6, 6)
    """
    places, window = tuple(lhs_shape[2:]), tuple(rhs_shape[2:])
    pads = padtype_to_pads(places, window, strides, pads) if isinstance(pads, str) else pads
    pads = pads_of("conv_shape_tuple", pads, len(places))
    count = window_count(places, window, strides, pads)
    return (lhs_shape[0] // batch_group_count, rhs_shape[0], *count)


def window_count(places: Sequence[int], window: Sequence[int], strides: Sequence[int], pads: Pads) -> tuple[int, ...]:
    """How many windows fit along each dimension.

    Raises: ShapeError where negative padding cuts off more than there is.
    """
    count = []
    for n, w, stride, (low, high) in zip(places, window, strides, pads, strict=True):
        padded = n + low + high
        if padded < 0:
            raise errors.ShapeError("lax windows", f"the padding ({low}, {high}) cuts more off than the size {n}")
        count.append(0 if padded < w else (padded - w) // stride + 1)
    return tuple(count)


def conv_general_shape_tuple(
    lhs_shape: Sequence[int], rhs_shape: Sequence[int], window_strides: Sequence[int], padding: Any,
    dimension_numbers: Sequence[str],
) -> tuple[int, ...]:  # fmt: skip
    """Shape of a convolution of the given layout.

    >>> import lamina.lax as lax
    >>> lax.conv_general_shape_tuple((1, 8, 8, 3), (3, 3, 3, 16), (2, 2), "SAME", ("NHWC", "HWIO", "NHWC"))
    (1, 4, 4, 16)
    """
    lhs, rhs, out = conv_general_permutations(dimension_numbers)
    shape = conv_shape_tuple([lhs_shape[d] for d in lhs], [rhs_shape[d] for d in rhs], window_strides, padding)
    return tuple(shape[out.index(d)] for d in range(len(shape)))


def conv_transpose_shape_tuple(
    lhs_shape: Sequence[int], rhs_shape: Sequence[int], window_strides: Sequence[int], padding: Any,
    dimension_numbers: Sequence[str],
) -> tuple[int, ...]:  # fmt: skip
    """Shape of a transposed convolution of the given layout.

    >>> import lamina.lax as lax
    >>> lax.conv_transpose_shape_tuple((1, 4, 4, 3), (3, 3, 3, 16), (2, 2), "SAME", ("NHWC", "HWIO", "NHWC"))
    (1, 8, 8, 16)
    """
    lhs, rhs, out = conv_general_permutations(dimension_numbers)
    left, right = [lhs_shape[d] for d in lhs], [rhs_shape[d] for d in rhs]
    if isinstance(padding, str):
        padding = [transposed_padding(k, s, padding) for k, s in zip(right[2:], window_strides, strict=True)]
    places = [
        (n - 1) * s - k + 2 + low + high
        for n, k, s, (low, high) in zip(left[2:], right[2:], window_strides, padding, strict=True)
    ]
    shape = (left[0], right[0], *places)
    return tuple(shape[out.index(d)] for d in range(len(shape)))


def transposed_padding(window: int, stride: int, padding: Any) -> tuple[int, int]:
    """Padding of the dilated input that undoes `padding` of the convolution which is transposed."""
    if padding == "SAME":
        total = window + stride - 2
        low = window - 1 if stride > window - 1 else -(-total // 2)
    elif padding == "VALID":
        total = window + stride - 2 + max(window - stride, 0)
        low = window - 1
    elif isinstance(padding, tuple):
        low, high = (window - p - 1 for p in padding)
        total = low + high
    else:
        raise ValueError(f"The padding is 'SAME', 'VALID' or a (low, high) tuple, not {padding!r}.")
    return low, total - low


def reduce_window_shape_tuple(
    operand_shape: Sequence[int], window_dimensions: Sequence[int], window_strides: Sequence[int], padding: Any,
    base_dilation: Sequence[int] | None = None, window_dilation: Sequence[int] | None = None,
) -> tuple[int, ...]:  # fmt: skip
    """How many windows there are along each dimension.

    >>> reduce_window_shape_tuple((5, 8), (2, 2), (1, 2), [(0, 0), (1, 1)])
    (4, 5)
    """
    places, window = tuple(operand_shape), tuple(window_dimensions)
    if base_dilation is not None:
        places = tuple(map(dilated, places, base_dilation))
    if window_dilation is not None:
        window = tuple(map(dilated, window, window_dilation))
    pads = padtype_to_pads(places, window, window_strides, padding) if isinstance(padding, str) else padding
    pads = pads_of("reduce_window_shape_tuple", pads, len(places))
    return window_count(places, window, window_strides, pads)


def _problem(problem: str, **operands: Any) -> Exception:
    return errors.ShapeError("lax.conv_dimension_numbers", problem, **operands)
