"""Attention (Vaswani et al. 2017), and products of matrices with scales."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina import dtypes, errors
from lamina import numpy as lnp
from lamina.array import Array
from lamina.lax._contraction import dot_general
from lamina.lax._staging import stop_gradient
from lamina.nn._softmax import logsumexp, softmax
from lamina.numpy._operands import operand

_NAME = "nn.dot_product_attention"


def dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    bias: Any = None,
    mask: Any = None,
    *,
    scale: float | None = None,
    is_causal: bool = False,
    query_seq_lengths: Any = None,
    key_value_seq_lengths: Any = None,
    local_window_size: int | tuple[int, int] | None = None,
    implementation: str | None = None,
    return_residual: bool = False,
) -> Any:
    """softmax(scale · query · keyᵀ + bias) · value for each head. The softmax is computed in float32.

    Args:
        query: ``[batch, T, N, H]`` or ``[T, N, H]``: T positions, N heads, H channels.
        key, value: ``[batch, S, K, H]`` or ``[S, K, H]``: N is a multiple of K, and N / K heads of the query in turn
            share one of the key and value (grouped queries).
        bias: added to the logits; broadcasts to ``[batch, N, T, S]``.
        mask: which positions see which: true where they do; broadcasts to ``[batch, N, T, S]``.
        scale: default 1/√H.
        is_causal: whether position t sees the positions up to t only.
        query_seq_lengths, key_value_seq_lengths: int32 ``[batch]``: how many positions count; what the others of the
            query give is 0.
        local_window_size: how many positions before and after its own a position sees: a number, or two.
        implementation: None or "xla"; "cudnn" does not exist here.
        return_residual: also ln Σ exp(logits), ``[batch, T, N]``, without a derivative.

    Returns: an array of the shape of the query.

    Raises: ShapeError, DTypeError where the operands do not fit.

    >>> import lamina.numpy as lnp
    >>> x = lnp.arange(4.0).reshape(2, 1, 2)
    >>> dot_product_attention(x, x, x, is_causal=True)[:, 0]
    Array([[0.       , 1.       ],
           [1.9983027, 2.9983027]], dtype=float32)
    """
    if implementation not in (None, "xla"):
        raise NotImplementedError(
            f"`{_NAME}`: implementation={implementation!r} does not exist here. Use None, the same computation for all "
            "devices."
        )
    query = operand(_NAME, query, "query")
    shape = query.shape
    query, key, value = (
        _in_batch(operand(_NAME, x, name), name) for x, name in ((query, "query"), (key, "key"), (value, "value"))
    )
    _check(query, key, value)
    batch, positions, heads, channels = query.shape
    kept, groups = key.shape[2], heads // key.shape[2] if key.shape[2] else 0
    wide = dtypes.promote_types(query.dtype, np.float32)
    grouped = query.reshape(batch, positions, kept, groups, channels).transpose(0, 2, 3, 1, 4)
    # [batch, K, groups, T, S]
    logits = dot_general(grouped, key, (((4,), (3,)), ((0, 1), (0, 2))), preferred_element_type=wide)
    logits = logits * lnp.asarray(1 / math.sqrt(channels) if scale is None else scale, logits.dtype)
    if bias is not None:
        logits = (logits + _of_heads(bias, "bias", kept, groups)).astype(logits.dtype)
    seen = _seen(
        positions, key.shape[1], _lengths("query_seq_lengths", query_seq_lengths, batch),
        _lengths("key_value_seq_lengths", key_value_seq_lengths, batch), is_causal, local_window_size,
    )  # fmt: skip
    if mask is not None:
        mask = _of_heads(mask, "mask", kept, groups)
        if mask.dtype != np.bool_:
            raise errors.DTypeError(f"`{_NAME}`: the mask is boolean, not {mask.dtype.name}.")
        seen = mask if seen is None else lnp.logical_and(mask, seen)
    if seen is not None:  # finite, so that a position that sees nothing gives no nan
        lowest = -0.7 * min(float(dtypes.finfo(logits.dtype).max), float(dtypes.finfo(np.float32).max))
        logits = lnp.where(seen, logits, lnp.asarray(lowest, logits.dtype))
    logits = logits.astype(np.float32)
    weights = softmax(logits, axis=-1).astype(key.dtype)
    result = dot_general(weights, value, (((4,), (1,)), ((0, 1), (0, 2))))  # [batch, K, groups, T, H]
    result = result.transpose(0, 3, 1, 2, 4).reshape(batch, positions, heads, channels)
    if query_seq_lengths is not None:
        counts = lnp.arange(positions) < lnp.asarray(query_seq_lengths)[:, None]
        result = result * counts[:, :, None, None].astype(result.dtype)
    if not return_residual:
        return result.reshape(shape)
    residual = logsumexp(logits, axis=-1).astype(key.dtype).transpose(0, 3, 1, 2)
    return result.reshape(shape), stop_gradient(residual.reshape(shape[:-1]))


def _in_batch(x: Array, name: str) -> Array:
    if not 3 <= x.ndim <= 4:
        raise errors.ShapeError(
            _NAME, f"{name} has the shape [batch, positions, heads, channels] or one without a batch", **_named(name, x)
        )
    return x if x.ndim == 4 else x[None]


def _named(name: str, x: Array) -> dict[str, Any]:
    return {name: x.shape}


def _check(query: Array, key: Array, value: Array) -> None:
    shapes: dict[str, Any] = {"query": query.shape, "key": key.shape, "value": value.shape}
    if value.shape != key.shape:
        raise errors.ShapeError(_NAME, "key and value must have one shape", **shapes)
    if query.shape[0] != key.shape[0] or query.shape[3] != key.shape[3]:
        raise errors.ShapeError(_NAME, "query and key must have the same batch and channels", **shapes)
    if not key.shape[2] or query.shape[2] % key.shape[2]:
        raise errors.ShapeError(_NAME, "the heads of the query must be a multiple of those of the key", **shapes)
    if not query.dtype == key.dtype == value.dtype:
        names = ", ".join(x.dtype.name for x in (query, key, value))
        raise errors.DTypeError(f"`{_NAME}`: query, key and value must have one dtype, not {names}.")


def _of_heads(x: Any, name: str, kept: int, groups: int) -> Array:
    """[batch, N, T, S], of which dimensions may be missing or 1, as [batch, K, groups, T, S]."""
    x = operand(_NAME, x, name)
    if x.ndim > 4 or (x.ndim >= 3 and x.shape[-3] not in (1, kept * groups)):
        raise errors.ShapeError(
            _NAME, f"{name} must broadcast to [batch, heads, positions, positions]", **_named(name, x)
        )
    x = x.reshape((1,) * (4 - x.ndim) + x.shape)
    split = (1, 1) if x.shape[1] == 1 else (kept, groups)
    return x.reshape(x.shape[0], *split, *x.shape[2:])


def _lengths(name: str, given: Any, batch: int) -> Array | None:
    if given is None:
        return None
    lengths = lnp.asarray(given)
    if lengths.shape != (batch,) or lengths.dtype != np.int32:
        raise errors.ShapeError(
            _NAME, f"{name} is an int32 for each of {batch} examples, not {lengths.dtype.name}", **_named(name, lengths)
        )
    return lengths


def _seen(
    positions: int, others: int, query_lengths: Array | None, key_lengths: Array | None, is_causal: bool, window: Any
) -> Array | None:
    """Which positions of the query see which of the key, as [batch or 1, 1, 1, T, S]; None: all."""
    here, there = lnp.arange(positions)[:, None], lnp.arange(others)[None, :]
    conditions = []
    if is_causal:
        conditions.append(there <= here)
    if window is not None:
        before, after = window if isinstance(window, Sequence) else (window, window)
        conditions += [here <= there + before, here >= there - after]
    for lengths, where in ((query_lengths, here), (key_lengths, there)):
        if lengths is not None:
            conditions.append(where < lengths[:, None, None, None, None])
    result = None
    for condition in conditions:
        result = condition if result is None else lnp.logical_and(result, condition)
    return result


def scaled_matmul(
    lhs: Any, rhs: Any, lhs_scales: Any, rhs_scales: Any, preferred_element_type: Any = np.float32
) -> Array:
    """lhs · rhsᵀ of matrices ``[batch, M, K]`` and ``[batch, N, K]``, each block along K times its own scale.

    The scales have the shapes ``[batch, M, blocks]`` and ``[batch, N, blocks]``.

    >>> import lamina.numpy as lnp
    >>> ones = lnp.ones((1, 1, 4))
    >>> scaled_matmul(ones, ones, lnp.array([[[1.0, 3.0]]]), lnp.array([[[1.0, 1.0]]]))
    Array([[[8.]]], dtype=float32)
    """
    name = "nn.scaled_matmul"
    a, b, a_scales, b_scales = (
        operand(name, x, n)
        for x, n in ((lhs, "lhs"), (rhs, "rhs"), (lhs_scales, "lhs_scales"), (rhs_scales, "rhs_scales"))
    )
    shapes: dict[str, Any] = {
        "lhs": a.shape,
        "rhs": b.shape,
        "lhs_scales": a_scales.shape,
        "rhs_scales": b_scales.shape,
    }
    if any(x.ndim != 3 for x in (a, b, a_scales, b_scales)):
        raise errors.ShapeError(name, "all must have rank 3", **shapes)
    fits = a.shape[::2] == b.shape[::2] and a_scales.shape[::2] == b_scales.shape[::2]
    fits = fits and a.shape[:2] == a_scales.shape[:2] and b.shape[:2] == b_scales.shape[:2]
    if not fits or not a_scales.shape[2] or a.shape[2] % a_scales.shape[2]:
        raise errors.ShapeError(name, "batches, rows and blocks must fit together", **shapes)
    block = a.shape[2] // a_scales.shape[2]
    left, right = (
        x.astype(np.float32) * lnp.repeat(scales.astype(np.float32), block, axis=2)
        for x, scales in ((a, a_scales), (b, b_scales))
    )
    result = dot_general(left, right, (((2,), (2,)), ((0,), (0,))))
    return result.astype(dtypes.check_user_dtype_supported(preferred_element_type, name))


def scaled_dot_general(
    lhs: Any, rhs: Any, dimension_numbers: Any, preferred_element_type: Any = np.float32, configs: Any = None,
    implementation: str | None = None,
) -> Array:  # fmt: skip
    """`lax.dot_general`. Raises NotImplementedError for `configs`: there are no block-scaled floats of 4 and 8 bits.

    >>> import lamina.numpy as lnp, lamina.nn as nn
    >>> nn.scaled_dot_general(lnp.ones((2, 3)), lnp.ones((3, 4)), (([1], [0]), ([], []))).shape
    (2, 4)
    """
    if configs is not None:
        raise NotImplementedError(
            "`nn.scaled_dot_general`: block-scaled operands (configs) need 4 and 8 bit floats, which no device of "
            "Lamina multiplies. Leave configs out, or use nn.scaled_matmul with scales of your own."
        )
    return dot_general(lhs, rhs, dimension_numbers, preferred_element_type=preferred_element_type)


def get_scaled_dot_general_config(mode: str, global_scale: Any = None) -> Any:
    """Raises NotImplementedError: there are no block-scaled floats of 4 and 8 bits here.

    >>> import lamina as la
    >>> la.nn.get_scaled_dot_general_config("mxfp8")
    Traceback (most recent call last):
    NotImplementedError: ...
    """
    if mode not in ("nvfp4", "mxfp8"):
        raise ValueError(f'`nn.get_scaled_dot_general_config`: the mode is "nvfp4" or "mxfp8", not {mode!r}')
    raise NotImplementedError(
        f"`nn.get_scaled_dot_general_config`: the format {mode} needs 4 and 8 bit floats, which no device of Lamina "
        "multiplies."
    )
