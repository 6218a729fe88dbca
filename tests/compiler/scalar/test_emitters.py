"""What the two emitters promise."""

import numpy as np
import pytest

from lamina_compiler import mlir, scalar
from lamina_compiler.mlir import ir
from lamina_compiler.scalar.value import Value


def emitted(function, *types):
    """Names of the operations a function of block arguments is emitted as."""
    mlir.enter()
    module = ir.Module.create(ir.Location.unknown())
    function_type = ir.FunctionType.get([ir.Type.parse(t) for t in types], [])
    attributes = {"sym_name": ir.StringAttr.get("f"), "function_type": ir.TypeAttr.get(function_type)}
    op = ir.Operation.create("func.func", attributes=attributes, regions=1, ip=ir.InsertionPoint(module.body))
    block = op.regions[0].blocks.append(*function_type.inputs)
    with ir.InsertionPoint(block):
        scalar.emit(function, list(block.arguments), types)
        ir.Operation.create("func.return", [], [])
    module.operation.verify()
    return [o.name for o in block.operations][:-1]


def test_identical_operations_and_constants_come_out_once():
    assert emitted(lambda x: (x * 2.0 + 1.0) * (x * 2.0 + 1.0), "f32") == [
        "arith.constant", "arith.mulf", "arith.constant", "arith.addf", "arith.mulf",
    ]  # fmt: skip


def test_negative_zero_is_not_zero():
    names = emitted(lambda x: x * 0.0 + x * -0.0, "f32")
    assert names.count("arith.constant") == 2


def test_no_function_of_the_math_dialect_is_left_to_the_back_end():
    allowed = {"math.fma", "math.absf", "math.sqrt", "math.floor", "math.trunc", "math.copysign"}
    for name in ("sin", "exp", "log", "atan2", "pow", "erf", "lgamma", "cbrt", "tanh"):
        arity = 2 if name in ("atan2", "pow") else 1
        names = emitted(getattr(scalar, name), *["f32"] * arity)
        assert {n for n in names if n.startswith("math.")} <= allowed


def test_targets_without_f64_get_none():
    mlir.enter()
    for name in ("sin", "lgamma", "pow", "remainder"):
        arity = 2 if name in ("pow", "remainder") else 1
        emitter = scalar.NumpyEmitter(has_f64=False)
        original, types = emitter.operation, set()

        def record(operation, operands, type, predicate="", original=original, types=types):
            types.add(type)
            return original(operation, operands, type, predicate)

        emitter.operation = record
        getattr(scalar, name)(*[Value(emitter, "f32", np.float32([0.7]))] * arity)
        assert not types & {"f64", "w32", "i64", "u64"}


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x.binary("arith.divsi", x - x),
        lambda x: x << 32,
        lambda x: (x.cast("sitofp", "f32") * 1e30).cast("fptosi", "i32"),
    ],
)
def test_numpy_refuses_what_compiled_code_leaves_undefined(function):
    with pytest.raises(ArithmeticError, match="unguarded"):
        scalar.evaluate(function, np.int32([1, 5]))


def test_errors_say_what_to_do():
    emitter = scalar.NumpyEmitter()
    single, double = emitter.argument(1.0, "f32"), emitter.argument(1.0, "f64")
    with pytest.raises(TypeError, match="got f32 and f64; convert one"):
        single + double
    with pytest.raises(TypeError, match="sin takes floats, got i32; convert"):
        scalar.evaluate(scalar.sin, np.int32([1]))
    with pytest.raises(TypeError, match="dtype object has no scalar arithmetic"):
        scalar.type_of(object)


def test_numpy_fma_rounds_once():
    # (1 + 2⁻³⁰)² = 1 + 2⁻²⁹ + 2⁻⁶⁰: only a fused operation sees the last term
    x = np.array([1 + 2.0**-30])
    result = scalar.evaluate(lambda v: scalar.value.fma(v, v, -(1 + 2.0**-29)), x)
    assert result[0] == 2.0**-60
