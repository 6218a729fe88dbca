"""Functions whose operations carry a name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamina._locations import named_scope
from lamina._transform import function_name, like


def named_call(fun: Callable[..., Any], *, name: str | None = None) -> Callable[..., Any]:
    """The function in a `named_scope` of its own name, or the given one.

    >>> import lamina as la, lamina.numpy as lnp
    >>> la.named_call(lnp.sin, name="wave")(0.0)
    Array(0., dtype=float32, weak_type=True)
    """

    @like(fun)
    def named(*args: Any, **kwargs: Any) -> Any:
        with named_scope(name or function_name(fun)):
            return fun(*args, **kwargs)

    return named
