"""The stub of the functions made from records is that of the code as it is."""

import re

from lamina import lax
from lamina_tools import stubs


def test_current():
    assert stubs.STUB.read_text() == stubs.stub(), "run python -m lamina_tools.stubs"


def test_only_public_functions_that_are_made():
    names = re.findall(r"^def (\w+)", stubs.stub(), re.MULTILINE)
    assert {"sin", "select", "reduce_sum"} <= set(names) and "mul" not in names
    assert all(callable(getattr(lax, name)) for name in names)
