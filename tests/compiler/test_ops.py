"""Every op, dtype and sample of the records: the compiled result is the reference's."""

from __future__ import annotations

import numpy as np
import pytest
from lamina_compiler import functions
from lamina_compiler.mlir import ir
from op_cases import Case, Compiled, assert_close, build, cases

ALL = cases()
GROUPS = sorted({case.op.family or case.op.name for case in ALL})


def group(name: str) -> list[Case]:
    return [case for case in ALL if (case.op.family or case.op.name) == name]


@pytest.mark.parametrize("name", GROUPS)
def test_compiled_is_reference(name: str) -> None:
    module = functions.new_module()
    chosen = group(name)
    for case in chosen:
        build(module, case)
    assert module.operation.verify()
    compiled = Compiled(module)
    wrong = []
    for case in chosen:
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
    from op_cases import to_bytes

    module = functions.new_module()
    for case in ALL:
        build(module, case)
    text = str(module)
    assert str(ir.Module.parse(text)) == text
    assert str(ir.Module.parse(to_bytes(module))) == text
