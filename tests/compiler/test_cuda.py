"""Every family of ops compiles for CUDA, in a few dtypes. Running needs a GPU."""

from __future__ import annotations

import pytest
from op_cases import Case, build_all, cases, to_bytes

from lamina_compiler import backend, functions, pipeline
from lamina_compiler.opdef import ByReference

DTYPES = ("float32", "float64", "bfloat16", "int32", "bool", "complex64")


def _selection() -> dict[str, list[Case]]:
    """Of every family: each op on its last sample in one dtype, another from op to op."""
    by_op: dict[str, dict[str, Case]] = {}
    for case in cases():
        if case.dtype in DTYPES and not isinstance(case.op.lower, ByReference):
            by_op.setdefault(case.op.name, {})[case.dtype] = case
    families: dict[str, list[Case]] = {}
    for turn, found in enumerate(by_op.values()):
        case = list(found.values())[turn % len(found)]
        families.setdefault(case.op.family, []).append(case)
    return families


FAMILIES = _selection()


@pytest.mark.parametrize("family", FAMILIES)
def test_compiles(family: str) -> None:
    module = functions.new_module()
    build_all(module, FAMILIES[family])
    pipeline.run(module, has_host=False, vectors=None)
    code = backend.compile(to_bytes(module), "cuda")
    assert b"sm_80" in code
