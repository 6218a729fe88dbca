"""The examples in docstrings run and give what they say."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import lamina

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(lamina.__path__, "lamina.")
    if not module.name.endswith("errors")  # test_errors.py
)


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    module = importlib.import_module(name)
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    result = doctest.testmod(module, optionflags=options, verbose=False)
    assert result.failed == 0
