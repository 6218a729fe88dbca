"""What the distributions share: their arguments as arrays, and functions that are others taken further."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from lamina import numpy as lnp
from lamina.array import Array
from lamina.numpy._operands import broadcast, promoted


def numbers(function: str, **arguments: Any) -> Sequence[Array]:
    """The arguments as arrays of one inexact dtype and one shape."""
    name = f"scipy.stats.{function}"
    return broadcast(name, promoted(name, *arguments.values(), names=tuple(arguments), inexact=True), tuple(arguments))


def exp_of(function: Callable[..., Array], name: str, arguments: str, result: str) -> Callable[..., Array]:
    """The exponential of a function of the same distribution; arguments and result are those of its example."""
    return _taken_further(lnp.exp, function, name, arguments, result)


def log_of(function: Callable[..., Array], name: str, arguments: str, result: str) -> Callable[..., Array]:
    """The logarithm of a function of the same distribution; arguments and result are those of its example."""
    return _taken_further(lnp.log, function, name, arguments, result)


_MEANINGS = {
    "pdf": "The density.",
    "pmf": "The probability of k.",
    "cdf": "The probability of a value up to x.",
    "sf": "The probability of a value above x.",
    "logcdf": "The logarithm of `cdf`.",
    "logsf": "The logarithm of `sf`.",
}


def _taken_further(
    outer: Callable[[Array], Array], inner: Callable[..., Array], name: str, arguments: str, result: str
) -> Callable[..., Array]:
    @functools.wraps(inner)
    def function(*args: Any, **kwargs: Any) -> Array:
        return outer(inner(*args, **kwargs))

    function.__name__ = function.__qualname__ = name
    imported = "lamina.numpy as lnp, lamina.scipy as scipy" if "lnp." in arguments else "lamina.scipy as scipy"
    call = f"{inner.__module__.removeprefix('lamina.')}.{name}({arguments})"
    function.__doc__ = f"{_MEANINGS[name]}\n\n>>> import {imported}\n>>> {call}\n{result}"
    return function
