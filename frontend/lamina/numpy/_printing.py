"""Arrays as text."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina.numpy._operands import operand

printoptions, set_printoptions, get_printoptions = np.printoptions, np.set_printoptions, np.get_printoptions


def array_repr(
    arr: Any, max_line_width: int | None = None, precision: int | None = None, suppress_small: bool | None = None
) -> str:
    """What ``repr`` gives, with options.

    >>> import lamina.numpy as lnp
    >>> lnp.array_repr(lnp.array([1.23456]), precision=2)
    'Array([1.23], dtype=float32)'
    """
    with _options(max_line_width, precision, suppress_small):
        return repr(operand("array_repr", arr, "arr"))


def array_str(
    a: Any, max_line_width: int | None = None, precision: int | None = None, suppress_small: bool | None = None
) -> str:
    """What ``str`` gives, with options.

    >>> import lamina.numpy as lnp
    >>> lnp.array_str(lnp.array([1.0, 2.55]), precision=1)
    '[1.  2.5]'
    """
    with _options(max_line_width, precision, suppress_small):
        return str(operand("array_str", a, "a"))


def _options(width: int | None, precision: int | None, suppress: bool | None) -> Any:
    given = {"linewidth": width, "precision": precision, "suppress": suppress}
    return np.printoptions(**{name: value for name, value in given.items() if value is not None})
