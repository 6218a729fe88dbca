"""Functions of neural networks: activations, softmax and what belongs to it, one-hot encoding; `initializers`."""

# ruff: noqa: F401  (the public names, nothing else)

from __future__ import annotations

from lamina.nn import initializers
from lamina.nn._activations import (
    celu,
    elu,
    gelu,
    glu,
    hard_sigmoid,
    hard_silu,
    hard_swish,
    hard_tanh,
    identity,
    leaky_relu,
    log_sigmoid,
    mish,
    relu,
    relu6,
    selu,
    sigmoid,
    silu,
    soft_sign,
    softplus,
    sparse_plus,
    sparse_sigmoid,
    squareplus,
    swish,
    tanh,
)  # fmt: skip
from lamina.nn._attention import (
    dot_product_attention,
    get_scaled_dot_general_config,
    scaled_dot_general,
    scaled_matmul,
)  # fmt: skip
from lamina.nn._softmax import log1mexp, log_softmax, logmeanexp, logsumexp, one_hot, softmax, standardize
