"""Every op in every dtype, compiled: the result is the reference's. All cases of a group are one IREE module."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest
from lamina_compiler import functions
from lamina_compiler.mlir import ir
from op_cases import Case, Compiled, assert_close, build, cases, compiled_cases, to_bytes

GROUP_SIZE = 100


def _groups() -> dict[str, list[Case]]:
    """Cases by family, large families in several groups."""
    groups: dict[str, list[Case]] = {}
    for family, members in groupby(sorted(compiled_cases(), key=lambda case: case.op.family), lambda case: case.op.family):
        same = list(members)
        for i in range(0, len(same), GROUP_SIZE):
            groups[f"{family}_{i // GROUP_SIZE}"] = same[i : i + GROUP_SIZE]
    return groups


GROUPS = _groups()


@pytest.mark.parametrize("name", GROUPS)
def test_compiled_is_reference(name: str) -> None:
    module = functions.new_module()
    for case in GROUPS[name]:
        build(module, case)
    assert module.operation.verify()
    compiled = Compiled(module)
    wrong = []
    for case in GROUPS[name]:
        want = np.asarray(case.op.reference(*case.sample.operands, **case.sample.attributes))
        (got,) = compiled(case.name, *case.sample.operands)
        try:
            assert_close(got, want)
        except AssertionError as difference:
            shown = [f"{t} {x.ravel()[:6]}" for t, x in zip(case.types, case.sample.operands, strict=True)]
            wrong.append(f"{case.name} {shown} {dict(case.sample.attributes)}: {str(difference)[:600]}")
    assert not wrong, "\n".join(wrong)


def test_text_and_bytecode_round_trip() -> None:
    """Every op prints, parses and verifies as itself, as text and as bytecode."""
    module = functions.new_module()
    for case in cases():
        build(module, case)
    text = str(module)
    assert str(ir.Module.parse(text)) == text
    assert str(ir.Module.parse(to_bytes(module))) == text
