"""The stub of the functions that are made from op records: `python -m lamina_tools.stubs` writes it.

Type checkers and editors do not run `lamina.lax`, where these functions are made while it is imported; they read
`_made.pyi` instead. A test holds that it is current.
"""

from __future__ import annotations

import inspect
import textwrap
from pathlib import Path
from types import FunctionType

import lamina.lax
from lamina.lax import _elementwise, _reductions

STUB = Path(lamina.lax.__file__).with_name("_made.pyi")
_HEAD = '''"""The functions of `lamina.lax` that are made from op records. Written by `python -m lamina_tools.stubs`."""

from collections.abc import Sequence
from typing import Any

from lamina.array import Array
'''


def made_functions() -> dict[str, FunctionType]:
    """The functions that no `def` statement of their name stands for, by name."""
    found = {}
    for module in (_elementwise, _reductions):
        for name in module.__all__:
            function = getattr(module, name)
            if function.__code__.co_name != name:
                found[name] = function
    return dict(sorted(found.items()))


def stub() -> str:
    """The text of the stub file."""
    return _HEAD + "".join(f"\n{_declaration(name, function)}" for name, function in made_functions().items())


def _declaration(name: str, function: FunctionType) -> str:
    signature = str(inspect.signature(function)).replace("'", "")  # annotations are strings
    summary = (inspect.getdoc(function) or "").splitlines()[0]
    doc = textwrap.fill(f'"""{summary}"""', 120, initial_indent="    ", subsequent_indent="    ")
    return f"def {name}{signature}:\n{doc}\n"


if __name__ == "__main__":
    STUB.write_text(stub())
