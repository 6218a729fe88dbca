"""Where did the nan come from? (options debug_nans and debug_infs)"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from lamina import errors
from lamina.config import config
from lamina_compiler import interpreter, pipeline
from lamina_compiler.mlir import ir


def bad_kind(x: np.ndarray) -> str:
    """ "nan" or "inf" if an array holds what an option asks to report, else nothing."""
    if x.dtype.kind not in "fc" and x.dtype.name not in ("bfloat16", "float16"):
        return ""
    if config.debug_nans and np.isnan(x).any():
        return "nan"
    return "inf" if config.debug_infs and np.isinf(x).any() else ""


def check_op(name: str, results: Sequence[np.ndarray]) -> None:
    """Raises NonFiniteError if an op that just ran made a nan."""
    for x in results:
        if kind := bad_kind(x):
            raise errors.NonFiniteError(kind, name, str(errors.user_frame()))


def _report(op: ir.Operation, operands: Sequence[np.ndarray], results: Sequence[np.ndarray]) -> None:
    kind = next(filter(None, map(bad_kind, results)), "")
    if kind and not any(map(bad_kind, operands)):
        raise errors.NonFiniteError(kind, op.name.removeprefix("lamina."), errors.source_text(op.location))


@contextmanager
def watched() -> Iterator[None]:
    """Report the first op that the interpreter runs which makes a nan, if an option asks for it."""
    if not (config.debug_nans or config.debug_infs):
        yield
        return
    with interpreter.watching(_report):
        yield


def hunt(results: Sequence[np.ndarray], name: str, trace: Callable[[], ir.Module], inputs: Sequence[Any]) -> None:
    """If results hold a nan, run the program again op by op and report the op that made it first.

    `trace` gives the traced program, whose `main` takes `inputs`.
    """
    kind = next(filter(None, map(bad_kind, results)), "")
    if not kind:
        return
    module = trace()
    pipeline.run(module, until="derive")
    with interpreter.watching(_report):
        interpreter.run_named(module, "main", [np.asarray(x) for x in inputs])
    raise errors.NonFiniteError(kind, f"the compiled `{name}`", "")
