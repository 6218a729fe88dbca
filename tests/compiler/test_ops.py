"""Every op in every dtype, compiled: the result is the reference's. All cases of a group are one IREE module."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest
from op_cases import Case, assert_compiled_is_reference, build, cases, compiled_cases, to_bytes

from lamina_compiler import functions
from lamina_compiler.mlir import ir
from lamina_compiler.opdef import REGISTRY, Sample
from lamina_compiler.types import BY_SHORT_NAME

GROUP_SIZE = 60


def _groups() -> dict[str, list[Case]]:
    """Cases by family, large families in several groups."""
    groups: dict[str, list[Case]] = {}
    for family, members in groupby(
        sorted(compiled_cases(), key=lambda case: case.op.family), lambda case: case.op.family
    ):
        same = list(members)
        for i in range(0, len(same), GROUP_SIZE):
            groups[f"{family}_{i // GROUP_SIZE}"] = same[i : i + GROUP_SIZE]
    return groups


GROUPS = _groups()


@pytest.mark.parametrize("name", GROUPS)
def test_compiled_is_reference(name: str) -> None:
    assert_compiled_is_reference(GROUPS[name])


def _case(number: int, name: str, *operands: np.ndarray, **attributes: object) -> Case:
    return Case(f"{name}_{number}", REGISTRY[name], Sample(operands, attributes))


def _scalar_and_empty() -> list[Case]:
    """Rank 0 and no elements, for ops of every family."""
    f32, i32, b1, c64 = (BY_SHORT_NAME[name] for name in ("f32", "i32", "bool", "c64"))
    elementwise = [
        ("add", (f32, f32)), ("floor", (f32,)), ("abs", (c64,)), ("complex", (f32, f32)), ("sin", (f32,)),
        ("exp", (c64,)), ("pow", (f32, f32)), ("int_pow", (i32, i32)), ("eq", (f32, f32)), ("and", (i32, i32)),
        ("select", (b1, f32, f32)), ("shift_left", (i32, i32)), ("not", (b1,)), ("is_finite", (f32,)),
        ("div", (i32, i32)),
    ]  # fmt: skip
    cases = [
        _case(len(shape), name, *(np.ones(shape, dtype) for dtype in dtypes))
        for name, dtypes in elementwise
        for shape in ((), (0, 3))
    ]
    none, one, start = np.zeros((0, 3), f32), np.float32(2), np.zeros(2, i32)
    outer = {"lhs_contracting": (), "rhs_contracting": (), "lhs_batch": (), "rhs_batch": (), "dtype": f32}
    return [
        *cases,
        *(_case(i, "convert", np.ones(shape, f32), dtype=i32) for i, shape in enumerate([(), (0, 3)])),
        *(_case(i, "bitcast_convert", np.ones(shape, f32), dtype=i32) for i, shape in enumerate([(), (0, 3)])),
        _case(0, "iota", shape=(0, 3), dimension=0, dtype=f32),
        _case(0, "broadcast_in_dim", one, shape=(), dimensions=()),
        _case(1, "broadcast_in_dim", one, shape=(0, 3), dimensions=()),
        _case(2, "broadcast_in_dim", none, shape=(2, 0, 3), dimensions=(1, 2)),
        _case(0, "reshape", one, shape=(1, 1)),
        _case(1, "reshape", none, shape=(2, 0)),
        _case(0, "transpose", one, permutation=()),
        _case(1, "transpose", none, permutation=(1, 0)),
        _case(0, "rev", one, dimensions=()),
        _case(1, "rev", none, dimensions=(0, 1)),
        _case(0, "slice", one, start=(), limit=(), strides=()),
        _case(1, "slice", none, start=(0, 1), limit=(0, 3), strides=(1, 2)),
        _case(2, "slice", np.ones((2, 3), f32), start=(1, 3), limit=(2, 3), strides=(1, 1)),
        _case(0, "pad", one, one, low=(), high=(), interior=()),
        _case(1, "pad", none, one, low=(2, 0), high=(0, 1), interior=(3, 0)),
        _case(2, "pad", np.ones((2, 3), f32), one, low=(-2, 0), high=(0, 0), interior=(0, 0)),
        _case(0, "concatenate", none, none, dimension=0),
        _case(1, "concatenate", none, np.ones((2, 3), f32), dimension=0),
        _case(0, "dynamic_slice", one, np.zeros(0, i32), sizes=(), batch_dimensions=0),
        _case(1, "dynamic_slice", np.ones((2, 3), f32), start, sizes=(0, 2), batch_dimensions=0),
        _case(2, "dynamic_slice", none, start, sizes=(0, 2), batch_dimensions=0),
        _case(0, "dynamic_update_slice", one, one, np.zeros(0, i32), batch_dimensions=0),
        _case(1, "dynamic_update_slice", np.ones((2, 3), f32), none[:, :2], start, batch_dimensions=0),
        _case(2, "dynamic_update_slice", none, none, start, batch_dimensions=0),
        *(
            _case(i, name, x.astype(i32) if name[-3:] in ("and", "_or", "xor") else x, axes=axes)
            for name, op in REGISTRY.items()
            if name.startswith("reduce_") and op.family == "reduce"
            for i, (x, axes) in enumerate([(one, ()), (none, (0,)), (none, (0, 1)), (none, (1,))])
        ),
        _case(0, "argmax", none, axis=1, dtype=i32),
        _case(1, "argmin", np.ones(1, f32), axis=0, dtype=i32),
        *_windows_without_elements(),
        _case(0, "dot_general", one, one, **outer),
        _case(1, "dot_general", none, np.ones(4, f32), **outer),
    ]


def _windows_without_elements() -> list[Case]:
    """gather and scatter: no points, no elements, nothing indexed, everything outside."""
    f32, x, none = np.float32, np.ones((4, 3), np.float32), np.ones((0, 3), np.float32)
    rows = {"window_dims": (1,), "collapsed_dims": (0,), "index_map": (0,)}
    single = {"window_dims": (), "collapsed_dims": (), "index_map": ()}
    cases = [
        (x, np.zeros((0, 1), np.int32), (1, 3), rows, (0, 3)),
        (none, np.zeros((0, 1), np.int32), (1, 3), rows, (0, 3)),
        (np.ones((4, 0), f32), np.zeros((2, 1), np.int32), (1, 0), rows, (2, 0)),
        (np.ones((), f32), np.zeros((2, 0), np.int32), (), single, (2,)),
        (np.ones((), f32), np.zeros((0,), np.int32), (), single, ()),
        (x, np.full((2, 1), 9, np.int32), (1, 3), rows, (2, 3)),
    ]
    found = []
    for i, (operand, indices, sizes, dims, spread) in enumerate(cases):
        attributes = {"unique_indices": False, "mode": "fill_or_drop", **dims}
        attributes |= {"operand_batching_dims": (), "indices_batching_dims": ()}
        updates = np.full(spread, 2, f32)
        found.append(_case(i, "gather", operand, indices, sizes=sizes, fill_value=7.0, **attributes))
        found.append(_case(i, "scatter", operand, indices, updates, **attributes))
        found.append(_case(i, "scatter_add", operand, indices, updates, **attributes))
    return found


def test_scalars_and_empty_arrays() -> None:
    assert_compiled_is_reference(_scalar_and_empty())


def test_text_and_bytecode_round_trip() -> None:
    """Every op prints, parses and verifies as itself, as text and as bytecode."""
    module = functions.new_module()
    for case in cases():
        build(module, case)
    text = str(module)
    assert str(ir.Module.parse(text)) == text
    assert str(ir.Module.parse(to_bytes(module))) == text
