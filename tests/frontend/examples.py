"""Runs examples of docstrings."""

from __future__ import annotations

import doctest
import re

import numpy as np

_NUMBER = re.compile(r"[-+]?\d+\.\d*(?:e[-+]?\d+)?")
_LAST_PLACES = 5e-7  # of a number that is printed as f32


class _Checker(doctest.OutputChecker):
    """Numbers may differ in their last place: vectors of another width are multiplied and added up in another order."""

    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        if super().check_output(want, got, optionflags):
            return True
        texts = ["".join(_NUMBER.sub("#", text).split()) for text in (want, got)]
        numbers = [np.array(_NUMBER.findall(text), float) for text in (want, got)]
        return texts[0] == texts[1] and np.allclose(*numbers, rtol=_LAST_PLACES, atol=0)


def runner() -> doctest.DocTestRunner:
    return doctest.DocTestRunner(_Checker(), False, doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
