"""debug.print, callback, log and breakpoint, eager and compiled; their text."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina import lax

X = np.array([1.0, 2.5], np.float32)


def everything(x: Any) -> Any:
    """Prints in the order of the program, one of them in a loop."""
    la.debug.print("x = {}, {name}: {n:.2f}", x, n=x[1], name="second")
    la.debug.print(ordered=True)("again {x}", x=x)
    la.debug.print("{0} and {0}, {1[a]}", 7, {"a": x, "text": "no array"})
    lax.fori_loop(0, 2, lambda i, c: (la.debug.print("step {}", i), c)[1], 0)
    la.vmap(lambda y: la.debug.print("example {}", y))(x)
    la.debug.callback(print, "callback", x)
    la.debug.callback(ordered=True)(print, "later", x[0])
    return la.grad(lambda y: (la.debug.print("in grad {}", y[0]), y.sum())[1])(x)


TEXT = """\
x = [1.  2.5], second: 2.50
again [1.  2.5]
7 and 7, [1.  2.5]
step 0
step 1
example 1.0
example 2.5
callback [1.  2.5]
later 1.0
in grad 1.0
"""


@pytest.mark.parametrize("transform", [lambda f: f, la.jit])
def test_what_is_printed(transform: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert np.array_equal(transform(everything)(X), np.ones(2))
    assert capsys.readouterr().out == TEXT


def test_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "lamina"):
        la.debug.log("x = {}", X)
        la.debug.log(ordered=True)("twice {}", 2 * X)
    assert caplog.messages == ["x = [1.  2.5]", "twice [2. 5.]"]


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: la.debug.print("no place", X), ValueError, "debug.print: the format string has no place for the arguments 0"),
        (lambda: la.debug.print("{}", X, y=X), ValueError, "debug.print: the format string has no place for the arguments y"),
        (lambda: la.debug.print(X), TypeError, "debug.print takes a format string first, not a ndarray: debug.print('{}', x)"),
        (lambda: la.debug.log(3), TypeError, "debug.log takes a format string first, not a int: debug.log('{}', x)"),
        (lambda: la.debug.print(x=1), TypeError, "debug.print: arguments without what takes them: x"),
        (lambda: la.debug.callback(ordered=True, x=1), TypeError, "debug.callback: arguments without what takes them: x"),
    ],
)  # fmt: skip
def test_errors(call: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == text


def test_unchecked_format(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="has no place"):
        la.debug.print("nothing", X)
    with pytest.raises(Exception, match="has no place"):  # when there are values
        la.jit(lambda x: la.debug.print("nothing", x, skip_format_check=True))(X)
    assert capsys.readouterr().out == ""


def test_a_breakpoint_without_a_terminal_says_where(capsys: pytest.CaptureFixture[str]) -> None:
    la.jit(lambda x: (la.debug.breakpoint(filter_frames=False), lnp.sin(x))[1])(X)
    assert "standard input is no terminal" in capsys.readouterr().out
