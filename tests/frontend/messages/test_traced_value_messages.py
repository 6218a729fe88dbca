"""Messages about traced values whose numbers are needed too early."""

from __future__ import annotations

import numpy as np
import pytest
from error_cases import check, collected

import lamina as la
import lamina.numpy as lnp
from lamina import errors, lax

CASES, raises = collected()


@raises(
    errors.TracerBoolConversionError,
    """\
A Python condition needs the truth value of a traced array.
This bool[] has no value yet: while jit traces `step`, arrays stand for all their possible values.
It was computed at {made} in value_if.<locals>.step.
It depends on the arguments `x` and `y`.
Choose between values with lnp.where(condition, x, y), between computations with lax.cond, loop with lax.while_loop or lax.fori_loop; or, when the condition may be a part of the program, pass the argument it depends on as static: jit(..., static_argnames=...).""",
)
def value_if():
    @la.jit
    def step(x, y):
        if (x * y).sum() > 0:  # made
            return x
        return y

    step(lnp.ones(3), lnp.ones(3))


@raises(
    errors.TracerBoolConversionError,
    """\
A Python condition needs the truth value of a traced array.
This bool[] has no value yet: while jit traces `f`, arrays stand for all their possible values.
It was computed at {made} in value_while.<locals>.f.
It depends on the argument `n`.
Choose between values with lnp.where(condition, x, y), between computations with lax.cond, loop with lax.while_loop or lax.fori_loop; or, when the condition may be a part of the program, pass the argument it depends on as static: jit(..., static_argnames=...).""",
)
def value_while():
    def f(n):
        while n > 0:  # made
            n = n - 1
        return n

    la.jit(f)(3)


@raises(
    errors.TracerBoolConversionError,
    """\
A Python condition needs the truth value of a traced array.
This bool[] has no value yet: while vmap traces `f`, arrays stand for all their possible values.
It was computed at {made} in value_assert.<locals>.f.
It depends on the argument `n`.
Choose between values with lnp.where(condition, x, y), between computations with lax.cond, loop with lax.while_loop or lax.fori_loop; or, when the condition may be a part of the program, pass the argument it depends on as static: jit(..., static_argnames=...).""",
)
def value_assert():
    def f(n):
        assert n > 0  # made
        return n

    la.vmap(f)(lnp.ones(3))


@raises(
    errors.TracerBoolConversionError,
    """\
A Python condition needs the truth value of a traced array.
This bool[] has no value yet: while scan traces `<lambda>`, arrays stand for all their possible values.
It was computed at {made} in value_in_scan.<locals>.<lambda>.
It depends on the argument `xs`.
Choose between values with lnp.where(condition, x, y), between computations with lax.cond, loop with lax.while_loop or lax.fori_loop; or, when the condition may be a part of the program, pass the argument it depends on as static: jit(..., static_argnames=...).""",
)
def value_in_scan():
    lax.scan(lambda c, x: (c if x > 0 else -c, None), 0.0, lnp.ones(3))  # made


@raises(
    errors.TracerBoolConversionError,
    """\
A Python condition needs the truth value of a traced array.
This bool[] has no value yet: while cond traces `<lambda>`, arrays stand for all their possible values.
It was computed at {made} in value_in_cond.<locals>.<lambda>.
It depends on the argument `operands[0]`.
Choose between values with lnp.where(condition, x, y), between computations with lax.cond, loop with lax.while_loop or lax.fori_loop; or, when the condition may be a part of the program, pass the argument it depends on as static: jit(..., static_argnames=...).""",
)
def value_in_cond():
    lax.cond(True, lambda x: x if x > 0 else -x, lambda x: x, 1.0)  # made


@raises(
    errors.TracerIntegerConversionError,
    """\
A Python integer is needed, but this is a traced array.
This i32[] has no value yet: while jit traces `<lambda>`, arrays stand for all their possible values.
It was computed at {made} in value_int.
It depends on the argument `n`.
Index an array instead of a list (`lnp.array(items)[i]`), use lax.fori_loop instead of `range`, lax.dynamic_slice instead of `x[i:j]`, or pass the argument it depends on as static: jit(..., static_argnames=...).""",
)
def value_int():
    la.jit(lambda n: lnp.zeros(int(n)))(3)  # made


@raises(
    errors.TracerIntegerConversionError,
    """\
A Python integer is needed, but this is a traced array.
This i32[] has no value yet: while jit traces `<lambda>`, arrays stand for all their possible values.
It was computed at {made} in value_range.
It depends on the argument `n`.
Index an array instead of a list (`lnp.array(items)[i]`), use lax.fori_loop instead of `range`, lax.dynamic_slice instead of `x[i:j]`, or pass the argument it depends on as static: jit(..., static_argnames=...).""",
)
def value_range():
    la.jit(lambda n: sum(i for i in range(n)))(3)  # made


@raises(
    errors.TracerIntegerConversionError,
    """\
A Python integer is needed, but this is a traced array.
This i32[] has no value yet: while jit traces `<lambda>`, arrays stand for all their possible values.
It was computed at {made} in value_list_index.
It depends on the argument `i`.
Index an array instead of a list (`lnp.array(items)[i]`), use lax.fori_loop instead of `range`, lax.dynamic_slice instead of `x[i:j]`, or pass the argument it depends on as static: jit(..., static_argnames=...).""",
)
def value_list_index():
    la.jit(lambda i: [10, 20][i])(1)  # made


@raises(
    errors.TracerIntegerConversionError,
    """\
A Python integer is needed, but this is a traced array.
This i32[] has no value yet: while jit traces `<lambda>`, arrays stand for all their possible values.
It was computed at {made} in value_slice.
It depends on the argument `n`.
Index an array instead of a list (`lnp.array(items)[i]`), use lax.fori_loop instead of `range`, lax.dynamic_slice instead of `x[i:j]`, or pass the argument it depends on as static: jit(..., static_argnames=...).""",
)
def value_slice():
    la.jit(lambda x, n: x[:n])(lnp.ones(4), 2)  # made


@raises(
    errors.TracerIntegerConversionError,
    """\
A Python integer is needed, but this is a traced array.
This i32[] has no value yet: while jit traces `<lambda>`, arrays stand for all their possible values.
It was computed at {made} in value_shape.
It depends on the argument `n`.
Index an array instead of a list (`lnp.array(items)[i]`), use lax.fori_loop instead of `range`, lax.dynamic_slice instead of `x[i:j]`, or pass the argument it depends on as static: jit(..., static_argnames=...).""",
)
def value_shape():
    la.jit(lambda n: lnp.ones((n, 2)))(3)  # made


@raises(
    errors.TracerIntegerConversionError,
    """\
A Python integer is needed, but this is a traced array.
This i32[] has no value yet: while jit traces `<lambda>`, arrays stand for all their possible values.
It was computed at {made} in value_reshape.
It depends on the argument `n`.
Index an array instead of a list (`lnp.array(items)[i]`), use lax.fori_loop instead of `range`, lax.dynamic_slice instead of `x[i:j]`, or pass the argument it depends on as static: jit(..., static_argnames=...).""",
)
def value_reshape():
    la.jit(lambda x, n: x.reshape(n, 2))(lnp.ones(4), 2)  # made


@raises(
    errors.ConcretizationTypeError,
    """\
`float()` needs the value of a traced array.
This f32[] has no value yet: while jit traces `<lambda>`, arrays stand for all their possible values.
It was computed at {made} in value_float.
It depends on the argument `x`.
Stay with array operations (`x.astype(float)` for `float(x)`), or, when the value may be a part of the program, pass the argument as static: jit(..., static_argnames=...).""",
)
def value_float():
    la.jit(lambda x: float(x))(1.0)  # made


@raises(
    errors.ConcretizationTypeError,
    """\
`item()` needs the value of a traced array.
This f32[] has no value yet: while jit traces `<lambda>`, arrays stand for all their possible values.
It was computed at {made} in value_item.
It depends on the argument `x`.
Stay with array operations (`x.astype(float)` for `float(x)`), or, when the value may be a part of the program, pass the argument as static: jit(..., static_argnames=...).""",
)
def value_item():
    la.jit(lambda x: x.item())(1.0)  # made


@raises(
    errors.ConcretizationTypeError,
    """\
`lnp.arange` needs the value of a traced array.
This i32[] has no value yet: while jit traces `<lambda>`, arrays stand for all their possible values.
It was computed at {made} in value_arange.
It depends on the argument `n`.
Stay with array operations (`x.astype(float)` for `float(x)`), or, when the value may be a part of the program, pass the argument as static: jit(..., static_argnames=...).""",
)
def value_arange():
    la.jit(lambda n: lnp.arange(n))(3)  # made


@raises(
    errors.ConcretizationTypeError,
    """\
Formatting needs the value of a traced array.
This f32[] has no value yet: while jit traces `<lambda>`, arrays stand for all their possible values.
It was computed at {made} in value_format.
It depends on the argument `x`.
Stay with array operations (`x.astype(float)` for `float(x)`), or, when the value may be a part of the program, pass the argument as static: jit(..., static_argnames=...).""",
)
def value_format():
    la.jit(lambda x: lnp.float32(f"{x:.2f}"))(1.0)  # made


@raises(
    errors.NonConcreteBooleanIndexError,
    """\
The size of `x[mask]` is unknown for a traced mask.
This bool[3] has no value yet: while jit traces `<lambda>`, arrays stand for all their possible values.
It was computed at {made} in value_mask.<locals>.<lambda>.
It depends on the argument `x`.
Keep the size: lnp.where(mask, x, 0), x.at[mask].set(value), reductions' `where=` argument, or lnp.nonzero(mask, size=...).""",
)
def value_mask():
    la.jit(lambda x: x[x > 0])(lnp.ones(3))  # made


@raises(
    errors.TracerArrayConversionError,
    """\
NumPy needs the numbers in a traced array.
This f32[] has no value yet: while jit traces `<lambda>`, arrays stand for all their possible values.
It was computed at {made} in value_np.
It depends on the argument `x`.
Use the function of that name in lamina.numpy, or call NumPy when the program runs: lamina.pure_callback.""",
)
def value_np():
    la.jit(lambda x: np.sin(x))(1.0)  # made


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_text_says_what_happened_where_and_what_to_do(case):
    check(case)
