"""Every public name says what it takes and gives, and shows it by an example, which is run."""

from __future__ import annotations

import doctest
import enum
import functools
import importlib
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from examples import runner

from lamina.errors import LaminaError
from lamina.unavailable import UNAVAILABLE
from lamina_tools.coverage import wanted_names

NAMES = Path(__file__).parents[2] / "docs" / "api-names.txt"  # the package may be installed elsewhere


def public_objects() -> Iterator[tuple[str, Any]]:
    """Functions and classes of Lamina's own; what has two names comes once."""
    seen = set()
    for module, names in wanted_names(NAMES.read_text()):
        try:
            namespace = vars(importlib.import_module(module))
        except ModuleNotFoundError:
            continue
        for name in names:
            found = namespace.get(name)
            if name in UNAVAILABLE.get(module, {}) or not callable(found) or id(found) in seen:
                continue
            if (getattr(found, "__module__", None) or type(found).__module__).startswith("lamina"):
                seen.add(id(found))
                yield f"{module}.{name}", found


OBJECTS = dict(public_objects())


@functools.singledispatch
def unannotated(found: Any) -> list[str]:
    """The parameters (and "return") of a function or instance that have no type."""
    signature = inspect.signature(found)
    missing = [p.name for p in signature.parameters.values() if p.annotation is p.empty]
    return missing + ["return"] * (signature.return_annotation is signature.empty)


@unannotated.register
def _(found: type) -> list[str]:
    if issubclass(found, enum.Enum) or getattr(found, "_is_protocol", False) or "__init__" not in vars(found):
        return []
    return [name for name in unannotated(found.__init__) if name not in ("self", "return")]


def test_there_are_many():
    assert len(OBJECTS) > 1100


def test_annotations():
    assert {name: missing for name, found in OBJECTS.items() if (missing := unannotated(found))} == {}


def test_docstrings_have_an_example():
    assert [name for name, found in OBJECTS.items() if ">>>" not in (inspect.getdoc(found) or "")] == []


@pytest.mark.parametrize("module", sorted({name.rpartition(".")[0] for name in OBJECTS}))
def test_examples(module: str) -> None:
    """Also those of objects which doctest does not find: what is made by a call, not by a def."""
    examples = runner()
    for name, found in OBJECTS.items():
        if name.rpartition(".")[0] != module or (isinstance(found, type) and issubclass(found, LaminaError)):
            continue  # the errors' examples run in test_errors.py
        home = vars(sys.modules[getattr(found, "__module__", None) or type(found).__module__])
        examples.run(doctest.DocTestParser().get_doctest(inspect.getdoc(found) or "", dict(home), name, None, 0))
    assert examples.summarize().failed == 0
