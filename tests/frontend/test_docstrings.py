"""The examples in docstrings run and give what they say."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest
from examples import runner

import lamina

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(lamina.__path__, "lamina.")
    if not module.name.endswith("errors")  # test_errors.py
)


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    module = importlib.import_module(name)
    examples = runner()
    for example in doctest.DocTestFinder().find(module, name):
        examples.run(example)
    assert examples.summarize(verbose=False).failed == 0
