"""Activation functions. All are elementwise; derivatives at kinks are those of JAX (0 for relu at 0)."""

from __future__ import annotations

import math
from typing import Any

from lamina import errors
from lamina import numpy as lnp
from lamina.array import Array
from lamina.binding import bind
from lamina.numpy._operands import converted, operand, promoted
from lamina_compiler.opdef import REGISTRY


def _inexact(name: str, x: Any) -> Array:
    return promoted(name, x, inexact=True)[0]


def _beside_float(name: str, x: Any) -> Array:
    """x as it is promoted beside a Python float: integers become weak floats."""
    return promoted(name, x, 1.0, inexact=True)[0]


def identity(x: Any) -> Array:
    """x.

    >>> import lamina.numpy as lnp, lamina.nn as nn
    >>> nn.identity(lnp.array([-1.0, 2.0]))
    Array([-1.,  2.], dtype=float32)
    """
    return lnp.asarray(x)


def relu(x: Any) -> Array:
    """max(x, 0); its derivative at 0 is 0. nan stays nan.

    >>> import lamina.numpy as lnp
    >>> relu(lnp.array([-1.0, 0.0, 2.0]))
    Array([0., 0., 2.], dtype=float32)
    """
    x = operand("nn.relu", x)
    return lnp.where(x <= 0, 0, x)


def relu6(x: Any) -> Array:
    """min(max(x, 0), 6); its derivative at 0 and 6 is 0 (Howard et al. 2017).

    >>> import lamina.numpy as lnp, lamina.nn as nn
    >>> nn.relu6(lnp.array([-1.0, 2.0, 8.0]))
    Array([0., 2., 6.], dtype=float32)
    """
    x = _beside_float("nn.relu6", x)
    return lnp.where(x <= 0, 0, lnp.where(x >= 6, 6, x))


def sigmoid(x: Any) -> Array:
    """1 / (1 + e⁻ˣ).

    >>> import lamina.numpy as lnp, lamina.nn as nn
    >>> nn.sigmoid(lnp.array([-1.0, 0.0, 100.0]))
    Array([0.26894143, 0.5       , 1.        ], dtype=float32)
    """
    x = _inexact("nn.sigmoid", x)
    return bind(REGISTRY["logistic"], x, weak_type=x.weak_type)


def softplus(x: Any) -> Array:
    """ln(1 + eˣ).

    >>> import lamina.numpy as lnp, lamina.nn as nn
    >>> nn.softplus(lnp.array([0.0, 100.0]))
    Array([  0.6931472, 100.       ], dtype=float32)
    """
    return lnp.logaddexp(x, 0)


def sparse_plus(x: Any) -> Array:
    """0 for x ≤ −1, x for x ≥ 1, (x + 1)²/4 between.

    >>> import lamina.numpy as lnp, lamina.nn as nn
    >>> nn.sparse_plus(lnp.array([-2.0, 0.0, 2.0]))
    Array([0.  , 0.25, 2.  ], dtype=float32)
    """
    x = _beside_float("nn.sparse_plus", x)
    return lnp.where(x <= -1, 0, lnp.where(x >= 1, x, (x + 1) ** 2 / 4))


def squareplus(x: Any, b: Any = 4) -> Array:
    """(x + √(x² + b)) / 2 (Barron 2021).

    >>> import lamina.numpy as lnp, lamina.nn as nn
    >>> nn.squareplus(lnp.array([0.0, 3.0]))
    Array([1.       , 3.3027756], dtype=float32)
    """
    x, b = promoted("nn.squareplus", x, b, names=("x", "b"), inexact=True)
    return (x + lnp.sqrt(lnp.square(x) + b)) / 2


def soft_sign(x: Any) -> Array:
    """x / (|x| + 1).

    >>> import lamina.numpy as lnp, lamina.nn as nn
    >>> nn.soft_sign(lnp.array([-1.0, 3.0]))
    Array([-0.5 ,  0.75], dtype=float32)
    """
    x = _inexact("nn.soft_sign", x)
    return x / (lnp.abs(x) + 1)


def silu(x: Any) -> Array:
    """x · sigmoid(x), also called swish (Hendrycks & Gimpel 2016).

    >>> import lamina.numpy as lnp, lamina.nn as nn
    >>> nn.silu(lnp.array([-1.0, 2.0]))
    Array([-0.26894143,  1.761594  ], dtype=float32)
    """
    x = _inexact("nn.silu", x)
    return x * sigmoid(x)


swish = silu


def mish(x: Any) -> Array:
    """x · tanh(softplus(x)) (Misra 2019).

    >>> import lamina.numpy as lnp, lamina.nn as nn
    >>> nn.mish(lnp.array([-1.0, 2.0]))
    Array([-0.3034014,  1.9439589], dtype=float32)
    """
    x = _inexact("nn.mish", x)
    return x * lnp.tanh(softplus(x))


def log_sigmoid(x: Any) -> Array:
    """ln sigmoid(x), accurate for large |x|.

    >>> import lamina.numpy as lnp, lamina.nn as nn
    >>> nn.log_sigmoid(lnp.array([-100.0, 0.0]))
    Array([-100.       ,   -0.6931472], dtype=float32)
    """
    x = _inexact("nn.log_sigmoid", x)
    return -softplus(-x)


def sparse_sigmoid(x: Any) -> Array:
    """0 for x ≤ −1, 1 for x ≥ 1, (x + 1)/2 between.

    >>> import lamina.numpy as lnp, lamina.nn as nn
    >>> nn.sparse_sigmoid(lnp.array([-2.0, 0.0, 2.0]))
    Array([0. , 0.5, 1. ], dtype=float32)
    """
    x = _beside_float("nn.sparse_sigmoid", x)
    return 0.5 * lnp.clip(x + 1, 0, 2)


def elu(x: Any, alpha: Any = 1.0) -> Array:
    """x for x > 0, else alpha · (eˣ − 1) (Clevert et al. 2015).

    >>> import lamina.numpy as lnp, lamina.nn as nn
    >>> nn.elu(lnp.array([-1.0, 2.0]))
    Array([-0.63212055,  2.        ], dtype=float32)
    """
    x = _beside_float("nn.elu", x)
    return lnp.where(x > 0, x, alpha * lnp.expm1(lnp.where(x > 0, 0, x)))


def celu(x: Any, alpha: Any = 1.0) -> Array:
    """max(x, 0) + min(alpha · (e^(x/alpha) − 1), 0) (Barron 2017).

    >>> import lamina.numpy as lnp, lamina.nn as nn
    >>> nn.celu(lnp.array([-1.0, 2.0]))
    Array([-0.63212055,  2.        ], dtype=float32)
    """
    x = _beside_float("nn.celu", x)
    return lnp.where(x > 0, x, alpha * lnp.expm1(lnp.where(x > 0, 0, x) / alpha))


def selu(x: Any) -> Array:
    """λ · elu(x, α) with the constants that keep mean 0 and variance 1 (Klambauer et al. 2017).

    >>> import lamina.numpy as lnp, lamina.nn as nn
    >>> nn.selu(lnp.array([-1.0, 2.0]))
    Array([-1.1113307,  2.101402 ], dtype=float32)
    """
    return 1.0507009873554804934193349852946 * elu(x, 1.6732632423543772848170429916717)


def leaky_relu(x: Any, negative_slope: Any = 0.01) -> Array:
    """x for x ≥ 0, else negative_slope · x.

    >>> import lamina.numpy as lnp, lamina.nn as nn
    >>> nn.leaky_relu(lnp.array([-1.0, 2.0]))
    Array([-0.01,  2.  ], dtype=float32)
    """
    x = _beside_float("nn.leaky_relu", x)
    return lnp.where(x >= 0, x, negative_slope * x)


def hard_tanh(x: Any) -> Array:
    """x limited to [−1, 1].

    >>> import lamina.numpy as lnp, lamina.nn as nn
    >>> nn.hard_tanh(lnp.array([-2.0, 0.5, 2.0]))
    Array([-1. ,  0.5,  1. ], dtype=float32)
    """
    x = operand("nn.hard_tanh", x)
    return lnp.where(x > 1, 1, lnp.where(x < -1, -1, x))


def hard_sigmoid(x: Any) -> Array:
    """relu6(x + 3) / 6.

    >>> import lamina.numpy as lnp, lamina.nn as nn
    >>> nn.hard_sigmoid(lnp.array([-4.0, 0.0, 4.0]))
    Array([0. , 0.5, 1. ], dtype=float32)
    """
    return relu6(_beside_float("nn.hard_sigmoid", x) + 3) / 6


def hard_silu(x: Any) -> Array:
    """x · hard_sigmoid(x) (Howard et al. 2019).

    >>> import lamina.numpy as lnp, lamina.nn as nn
    >>> nn.hard_silu(lnp.array([-4.0, 3.0, 4.0]))
    Array([-0.,  3.,  4.], dtype=float32)
    """
    x = _beside_float("nn.hard_silu", x)
    return x * hard_sigmoid(x)


hard_swish = hard_silu


def gelu(x: Any, approximate: bool = True) -> Array:
    """x · Φ(x), Φ the normal distribution function; `approximate`: by tanh (Hendrycks & Gimpel 2016).

    >>> import lamina.numpy as lnp, lamina.nn as nn
    >>> nn.gelu(lnp.array([-1.0, 2.0])), nn.gelu(2.0, approximate=False)
    (Array([-0.158808 ,  1.9545977], dtype=float32), Array(1.9544997, dtype=float32))
    """
    x = _inexact("nn.gelu", x)
    if approximate:
        result = x * (0.5 * (1.0 + lnp.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))))
    else:
        result = 0.5 * x * bind(REGISTRY["erfc"], -x / math.sqrt(2))
    return converted(result, x.dtype)


def glu(x: Any, axis: int = -1) -> Array:
    """The first half along an axis, times the sigmoid of the second (Dauphin et al. 2017).

    Raises: ShapeError where the size is odd.

    >>> import lamina.numpy as lnp, lamina.nn as nn
    >>> nn.glu(lnp.array([1.0, 2.0, 0.0, 0.0]))
    Array([0.5, 1. ], dtype=float32)
    """
    x = operand("nn.glu", x)
    if x.ndim == 0 or x.shape[axis] % 2:
        raise errors.ShapeError("nn.glu", "the size along the axis must be even, so that it has two halves", x=x.shape)
    values, gates = lnp.split(x, 2, axis)
    return values * sigmoid(gates)


tanh = lnp.tanh
