"""Convolutions in every layout, made of the one op `convolution`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamina import dtypes, errors
from lamina.array import Array
from lamina.binding import bind
from lamina.devices import refuse_sharding
from lamina.lax._contraction import dot_general
from lamina.lax._operands import as_operand, same_dtype
from lamina.lax._shapes import pad as padded
from lamina.lax._shapes import reshape, rev, transpose
from lamina.lax._types import PrecisionLike, check_precision
from lamina.lax._window_shapes import (
    ConvDimensionNumbers,
    conv_dimension_numbers,
    pads_of,
    padtype_to_pads,
    transposed_padding,
    window_count,
)
from lamina.lax._windows import patches
from lamina_compiler.opdef import REGISTRY
from lamina_compiler.ops.window_geometry import dilated

_NAME = "lax.conv_general_dilated"


def conv_general_dilated(
    lhs: Any,
    rhs: Any,
    window_strides: Sequence[int],
    padding: str | Sequence[tuple[int, int]],
    lhs_dilation: Sequence[int] | None = None,
    rhs_dilation: Sequence[int] | None = None,
    dimension_numbers: Any = None,
    feature_group_count: int = 1,
    batch_group_count: int = 1,
    precision: PrecisionLike = None,
    preferred_element_type: Any = None,
    out_sharding: Any = None,
) -> Array:
    """Convolution (as in neural networks: the window is not reversed) over any number of dimensions.

    Args:
        lhs: batch, channels and places, in the order of `dimension_numbers`.
        rhs: channels out, channels in / feature_group_count, and the window.
        window_strides: distance of the windows.
        padding: "SAME", "SAME_LOWER", "VALID", or (low, high) for each place; negative cuts off.
        lhs_dilation: distance of the elements of lhs, with zeros between ("transposed convolution").
        rhs_dilation: distance of the elements of the window ("atrous convolution").
        dimension_numbers: three strings such as ("NHWC", "HWIO", "NHWC"); default ("NCHW", "OIHW", "NCHW").
        feature_group_count: that many convolutions side by side, each of its part of the channels in and out.
        batch_group_count: that many convolutions, each of its part of the batch and of the channels out.
        precision: not needed: products and sums have the precision of the dtype; f16 and bf16 accumulate in float32.
        preferred_element_type: the dtype to accumulate in and of the result.

    Raises: ShapeError (a TypeError and ValueError), DTypeError.

    >>> import lamina.numpy as lnp
    >>> conv_general_dilated(lnp.arange(5.0).reshape(1, 1, 5), lnp.ones((1, 1, 3)), (2,), "VALID")
    Array([[[3., 9.]]], dtype=float32)
    """
    refuse_sharding(_NAME, out_sharding)
    check_precision(precision)
    lhs, rhs = same_dtype("conv_general_dilated", lhs, rhs, names=("lhs", "rhs"))
    spec = conv_dimension_numbers(lhs.shape, rhs.shape, dimension_numbers)
    rank = lhs.ndim - 2
    places, window = ([x.shape[d] for d in dims[2:]] for x, dims in ((lhs, spec.lhs_spec), (rhs, spec.rhs_spec)))
    if isinstance(padding, str) and lhs_dilation is not None and any(d != 1 for d in lhs_dilation):
        raise ValueError(
            f"`{_NAME}`: padding by name has no meaning where lhs is dilated. Give (low, high) pairs, or use "
            "lax.conv_transpose."
        )
    dilations = [(1,) * rank if d is None else tuple(int(n) for n in d) for d in (lhs_dilation, rhs_dilation)]
    strides = tuple(int(n) for n in window_strides)
    if len(strides) != rank:
        raise errors.ShapeError(_NAME, f"{len(strides)} strides are given for {rank} dimensions")
    reach = [dilated(n, d) for n, d in zip(window, dilations[1], strict=True)]
    pads = padtype_to_pads(places, reach, strides, padding) if isinstance(padding, str) else padding
    pads = pads_of("conv_general_dilated", pads, rank)
    window_count([dilated(n, d) for n, d in zip(places, dilations[0], strict=True)], reach, strides, pads)
    _check_groups(lhs.shape, rhs.shape, spec, feature_group_count, batch_group_count)
    low, high = (tuple(pair[i] for pair in pads) for i in (0, 1))
    result = bind(
        REGISTRY["convolution"],
        _grouped_lhs(lhs, spec.lhs_spec, feature_group_count, batch_group_count),
        _grouped_rhs(rhs, spec.rhs_spec, max(feature_group_count, batch_group_count)),
        strides=strides,
        low=low,
        high=high,
        x_dilation=dilations[0],
        w_dilation=dilations[1],
        dtype=_result_dtype(lhs.dtype, preferred_element_type),
    )
    *outer, groups, features = result.shape
    result = reshape(result, (*outer, groups * features))  # n, *windows, o
    order = (spec.out_spec[0], *spec.out_spec[2:], spec.out_spec[1])
    return transpose(result, [order.index(d) for d in range(result.ndim)])


def _result_dtype(dtype: Any, preferred: Any) -> Any:
    if preferred is None:
        return dtype
    preferred = dtypes.check_user_dtype_supported(preferred, "lax.conv_general_dilated")
    if preferred.kind == dtype.kind and preferred.itemsize < dtype.itemsize:
        raise errors.DTypeError(
            f"`{_NAME}`: preferred_element_type {preferred.name} is narrower than the operands' {dtype.name}.",
            cure="Convert the result with .astype(dtype).",
        )
    return preferred


def _check_groups(
    lhs: tuple[int, ...], rhs: tuple[int, ...], spec: ConvDimensionNumbers, feature_groups: int, batch_groups: int
) -> None:
    batch, channels = (lhs[d] for d in spec.lhs_spec[:2])
    features, taken = (rhs[d] for d in spec.rhs_spec[:2])
    if feature_groups < 1 or batch_groups < 1:
        raise ValueError(f"`{_NAME}`: the group counts must be positive, not {feature_groups} and {batch_groups}.")
    if feature_groups > 1 and batch_groups > 1:
        raise ValueError(f"`{_NAME}`: only one of feature_group_count and batch_group_count may be more than 1.")
    if channels != taken * feature_groups:
        each = "" if feature_groups == 1 else f" times {feature_groups} groups"
        problem = f"lhs has {channels} channels, but rhs takes {taken}{each}"
        raise errors.ShapeError(_NAME, problem, lhs=lhs, rhs=rhs)
    for name, count, what, size in (
        ("feature_group_count", feature_groups, "channels out", features),
        ("batch_group_count", batch_groups, "channels out", features),
        ("batch_group_count", batch_groups, "batch size", batch),
    ):
        if size % count:
            raise errors.ShapeError(_NAME, f"{name} {count} must divide the {what}, {size}", lhs=lhs, rhs=rhs)


def _grouped_lhs(lhs: Array, spec: Sequence[int], feature_groups: int, batch_groups: int) -> Array:
    """n, *places, g, c."""
    x = transpose(lhs, (spec[0], *spec[2:], spec[1]))
    n, *places, channels = x.shape
    if batch_groups == 1:
        return reshape(x, (n, *places, feature_groups, channels // feature_groups))
    x = reshape(x, (batch_groups, n // batch_groups, *places, channels))
    return transpose(x, (*range(1, x.ndim - 1), 0, x.ndim - 1))


def _grouped_rhs(rhs: Array, spec: Sequence[int], groups: int) -> Array:
    """*window, g, c, o."""
    w = transpose(rhs, (*spec[2:], spec[1], spec[0]))
    *window, channels, features = w.shape
    if groups == 1:
        return reshape(w, (*window, 1, channels, features))
    w = reshape(w, (*window, channels, groups, features // groups))
    rank = len(window)
    return transpose(w, (*range(rank), rank + 1, rank, rank + 2))


def conv(
    lhs: Any,
    rhs: Any,
    window_strides: Sequence[int],
    padding: str,
    precision: PrecisionLike = None,
    preferred_element_type: Any = None,
) -> Array:
    """`conv_general_dilated` of lhs (batch, channels, places…) and rhs (out, in, window…) without dilation.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.conv(lnp.ones((1, 1, 4, 4)), lnp.ones((1, 1, 2, 2)), (2, 2), "VALID")
    Array([[[[4., 4.],
             [4., 4.]]]], dtype=float32)
    """
    return conv_general_dilated(
        lhs, rhs, window_strides, padding, precision=precision, preferred_element_type=preferred_element_type
    )


def conv_with_general_padding(
    lhs: Any,
    rhs: Any,
    window_strides: Sequence[int],
    padding: str | Sequence[tuple[int, int]],
    lhs_dilation: Sequence[int] | None,
    rhs_dilation: Sequence[int] | None,
    precision: PrecisionLike = None,
    preferred_element_type: Any = None,
) -> Array:
    """`conv_general_dilated` of lhs (batch, channels, places…) and rhs (out, in, window…).

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> x = lnp.array([[[1.0, 2.0, 3.0]]])
    >>> lax.conv_with_general_padding(x, lnp.ones((1, 1, 2)), (1,), [(1, 0)], None, (2,))
    Array([[[2., 4.]]], dtype=float32)
    """
    return conv_general_dilated(
        lhs, rhs, window_strides, padding, lhs_dilation, rhs_dilation, None, 1, 1, precision, preferred_element_type
    )


_TRANSPOSED_LAYOUT = {2: ("NC", "IO"), 3: ("NHC", "HIO"), 4: ("NHWC", "HWIO"), 5: ("NHWDC", "HWDIO")}


def conv_transpose(
    lhs: Any,
    rhs: Any,
    strides: Sequence[int],
    padding: str | Sequence[tuple[int, int]],
    rhs_dilation: Sequence[int] | None = None,
    dimension_numbers: Any = None,
    transpose_kernel: bool = False,
    precision: PrecisionLike = None,
    preferred_element_type: Any = None,
    use_consistent_padding: bool = False,
) -> Array:
    """Transposed convolution: of lhs with zeros between its elements, `strides` apart.

    Args:
        padding: "SAME" and "VALID" are those of the convolution that is transposed; pairs are the padding of lhs, or,
            with `use_consistent_padding`, of the convolution that is transposed.
        dimension_numbers: default ("NHWC", "HWIO", "NHWC").
        transpose_kernel: reverse the window and exchange channels in and out, as Keras' Conv2DTranspose does.

    >>> import lamina.numpy as lnp
    >>> conv_transpose(lnp.array([[[1.0], [2.0]]]), lnp.ones((2, 1, 1)), (2,), "VALID")[0, :, 0]
    Array([1., 1., 2., 2.], dtype=float32)
    """
    lhs, rhs = as_operand("conv_transpose", lhs, "lhs"), as_operand("conv_transpose", rhs, "rhs")
    rank = lhs.ndim - 2
    if dimension_numbers is None:
        if lhs.ndim not in _TRANSPOSED_LAYOUT:
            raise ValueError(f"`lax.conv_transpose` has no default layout for lhs of rank {lhs.ndim}.")
        left, right = _TRANSPOSED_LAYOUT[lhs.ndim]
        dimension_numbers = (left, right, left)
    spec = conv_dimension_numbers(lhs.shape, rhs.shape, dimension_numbers)
    dilation = (1,) * rank if rhs_dilation is None else tuple(rhs_dilation)
    window = tuple(rhs.shape[d] for d in spec.rhs_spec[2:])
    if use_consistent_padding or padding in ("SAME", "VALID"):
        each = [padding] * rank if isinstance(padding, str) else list(padding)
        padding = [
            transposed_padding(dilated(k, d), s, p) for k, d, s, p in zip(window, dilation, strides, each, strict=True)
        ]
    if transpose_kernel:
        exchanged = list(range(rhs.ndim))
        first, second = spec.rhs_spec[:2]
        exchanged[first], exchanged[second] = second, first
        rhs = transpose(rev(rhs, spec.rhs_spec[2:]), exchanged)
    return conv_general_dilated(
        lhs, rhs, (1,) * rank, padding, strides, dilation, spec, 1, 1, precision, preferred_element_type
    )


def conv_general_dilated_patches(
    lhs: Any,
    filter_shape: Sequence[int],
    window_strides: Sequence[int],
    padding: str | Sequence[tuple[int, int]],
    lhs_dilation: Sequence[int] | None = None,
    rhs_dilation: Sequence[int] | None = None,
    dimension_numbers: Any = None,
    precision: PrecisionLike = None,
    preferred_element_type: Any = None,
) -> Array:
    """What each window of a convolution sees, as its channels: (channel, *window) flattened in the place of "C".

    >>> import lamina.numpy as lnp
    >>> conv_general_dilated_patches(lnp.arange(4.0).reshape(1, 1, 4), (2,), (1,), "VALID")[0]
    Array([[0., 1., 2.],
           [1., 2., 3.]], dtype=float32)
    """
    lhs = as_operand("conv_general_dilated_patches", lhs, "lhs")
    check_precision(precision)
    filter_shape = tuple(int(n) for n in filter_shape)
    rank = lhs.ndim - 2
    spec = conv_dimension_numbers(lhs.shape, (1, 1, *filter_shape), dimension_numbers)
    x = transpose(lhs, spec.lhs_spec)
    between = (1,) * rank if lhs_dilation is None else tuple(lhs_dilation)
    within = (1,) * rank if rhs_dilation is None else tuple(rhs_dilation)
    reach = [dilated(n, d) for n, d in zip(filter_shape, within, strict=True)]
    pads = padtype_to_pads(x.shape[2:], reach, window_strides, padding) if isinstance(padding, str) else padding
    pads = pads_of("conv_general_dilated_patches", pads, rank)
    x = padded(x, 0, [(0, 0, 0)] * 2 + [(*p, d - 1) for p, d in zip(pads, between, strict=True)])
    strides = (1, 1, *(int(n) for n in window_strides))
    seen = patches(x, (1, 1, *filter_shape), (1, 1, *within), strides, 2)
    n, channels, size, *count = seen.shape
    result = reshape(seen, (n, channels * size, *count))
    result = transpose(result, [spec.out_spec.index(d) for d in range(result.ndim)])
    return result if preferred_element_type is None else result.astype(preferred_element_type)


def conv_general_dilated_local(
    lhs: Any,
    rhs: Any,
    window_strides: Sequence[int],
    padding: str | Sequence[tuple[int, int]],
    filter_shape: Sequence[int],
    lhs_dilation: Sequence[int] | None = None,
    rhs_dilation: Sequence[int] | None = None,
    dimension_numbers: Any = None,
    precision: PrecisionLike = None,
) -> Array:
    """A convolution whose weights differ from place to place ("locally connected layer").

    `rhs` has the places of the result where a convolution's has the window, and (channel in, *window) flattened where
    that has its channels in.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> x = lnp.array([[[1.0, 2.0, 3.0]]])
    >>> weights = lnp.array([[[1.0, 10.0], [0.0, 0.0]]])
    >>> lax.conv_general_dilated_local(x, weights, (1,), "VALID", (2,))
    Array([[[ 1., 20.]]], dtype=float32)
    """
    lhs, rhs = (as_operand("conv_general_dilated_local", v, n) for v, n in ((lhs, "lhs"), (rhs, "rhs")))
    spec = conv_dimension_numbers(lhs.shape, (1, 1, *filter_shape), dimension_numbers)
    patches = conv_general_dilated_patches(
        lhs, filter_shape, window_strides, padding, lhs_dilation, rhs_dilation, dimension_numbers
    )
    pairs = sorted(zip(spec.out_spec[2:], spec.rhs_spec[2:], strict=True))
    batch = tuple(out for out, _ in pairs), tuple(places for _, places in pairs)
    product = dot_general(patches, rhs, (((spec.out_spec[1],), (spec.rhs_spec[1],)), batch), precision)  # *places, n, o
    rank = len(pairs)
    where = {spec.out_spec[0]: rank, spec.out_spec[1]: rank + 1}
    where |= {out: i for i, (out, _) in enumerate(pairs)}
    return transpose(product, [where[d] for d in range(product.ndim)])
