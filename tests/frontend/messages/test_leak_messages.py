"""Messages about traced values that are used after their trace, and about what cannot be traced."""

from __future__ import annotations

import numpy as np
import pytest
from error_cases import check, collected

import lamina as la
import lamina.numpy as lnp
from lamina import errors, lax

CASES, raises = collected()


@raises(
    errors.UnexpectedTracerError,
    """\
A traced array escaped from the function it was made in.
This f32[] is an intermediate value of `f`, which jit traced; it was made at {made} in leak_list.<locals>.f.
It was used after that, at {used} in leak_list.
Return the array from the function, or use lamina.debug.print or lamina.debug.callback to look at it. LAMINA_CHECK_TRACER_LEAKS=1 reports the leak where it happens.""",
)
def leak_list():
    out = []

    @la.jit
    def f(x):
        out.append(x * 2)  # made
        return x

    f(1.0)
    out[0] + 1  # used


@raises(
    errors.UnexpectedTracerError,
    """\
A traced array escaped from the function it was made in.
This f32[] is an intermediate value of `<lambda>`, which scan traced; it was made at {made} in leak_closure_scan.
It was used after that, at {used} in leak_closure_scan.
Return the array from the function, or use lamina.debug.print or lamina.debug.callback to look at it. LAMINA_CHECK_TRACER_LEAKS=1 reports the leak where it happens.""",
)
def leak_closure_scan():
    out = []
    lax.scan(lambda c, x: (out.append(c), (c, None))[1], 0.0, lnp.ones(3))  # made
    lnp.sin(out[0])  # used


@raises(
    errors.UnexpectedTracerError,
    """\
A traced array escaped from the function it was made in.
This f32[] is an intermediate value of `<lambda>`, which grad traced; it was made at {made} in leak_grad.<locals>.<lambda>.
It was used after that, at {used} in leak_grad.
Return the array from the function, or use lamina.debug.print or lamina.debug.callback to look at it. LAMINA_CHECK_TRACER_LEAKS=1 reports the leak where it happens.""",
)
def leak_grad():
    out = []
    la.grad(lambda x: (out.append(x * x), x * x)[1])(1.0)  # made
    print(out[0] * 2)  # used


@raises(
    errors.UnexpectedTracerError,
    """\
A traced array escaped from the function it was made in.
This f32[] is an intermediate value of `<lambda>`, which jit traced; it was made at {made} in leak_if.
It was used after that, at {used} in leak_if.
Return the array from the function, or use lamina.debug.print or lamina.debug.callback to look at it. LAMINA_CHECK_TRACER_LEAKS=1 reports the leak where it happens.""",
)
def leak_if():
    out = []
    la.jit(lambda x: (out.append(x), x)[1])(1.0)  # made
    bool(out[0])  # used


@raises(
    errors.UnexpectedTracerError,
    """\
A traced array escaped from the function it was made in.
This f32[] is an intermediate value of `<lambda>`, which jit traced; it was made at {made} in leak_np.
It was used after that, at {used} in leak_np.
Return the array from the function, or use lamina.debug.print or lamina.debug.callback to look at it. LAMINA_CHECK_TRACER_LEAKS=1 reports the leak where it happens.""",
)
def leak_np():
    out = []
    la.jit(lambda x: (out.append(x), x)[1])(1.0)  # made
    np.asarray(out[0])  # used


@raises(
    errors.UnexpectedTracerError,
    """\
A traced array escaped from the function it was made in.
This f32[] is an intermediate value of `<lambda>`, which jit traced; it was made at {made} in leak_return.
It was used after that, at {used} in leak_return.
Return the array from the function, or use lamina.debug.print or lamina.debug.callback to look at it. LAMINA_CHECK_TRACER_LEAKS=1 reports the leak where it happens.""",
)
def leak_return():
    out = []
    la.jit(lambda x: (out.append(x), x)[1])(1.0)  # made
    la.jit(lambda y: out[0])(1.0)  # used


@raises(
    errors.UnexpectedTracerError,
    """\
A traced array escaped from the function it was made in.
This f32[] is an intermediate value of `<lambda>`, which jit traced; it was made at {made} in leak_into_jit.
It was used after that, at {used} in leak_into_jit.<locals>.<lambda>.
Return the array from the function, or use lamina.debug.print or lamina.debug.callback to look at it. LAMINA_CHECK_TRACER_LEAKS=1 reports the leak where it happens.""",
)
def leak_into_jit():
    out = []
    la.jit(lambda x: (out.append(x), x)[1])(1.0)  # made
    la.jit(lambda y: y + out[0])(1.0)  # used


@raises(
    errors.UnexpectedTracerError,
    """\
A traced array escaped from the function it was made in.
This f32[] is an intermediate value of `<lambda>`, which jit traced; it was made at {made} in leak_as_arg.
It was used after that, at {used} in leak_as_arg.
Return the array from the function, or use lamina.debug.print or lamina.debug.callback to look at it. LAMINA_CHECK_TRACER_LEAKS=1 reports the leak where it happens.""",
)
def leak_as_arg():
    out = []
    la.jit(lambda x: (out.append(x), x)[1])(1.0)  # made
    la.jit(lambda y: y + 1)(out[0])  # used


@raises(
    errors.UnexpectedTracerError,
    """\
A traced array escaped from the function it was made in.
This f32[] is an intermediate value of `<lambda>`, which vmap traced; it was made at {made} in leak_sibling.<locals>.f.
It was used after that, at {used} in leak_sibling.<locals>.f.
Return the array from the function, or use lamina.debug.print or lamina.debug.callback to look at it. LAMINA_CHECK_TRACER_LEAKS=1 reports the leak where it happens.""",
)
def leak_sibling():
    out = []

    def f(x):
        la.vmap(lambda y: (out.append(y), y)[1])(x)  # made
        return x + out[0]  # used

    la.jit(f)(lnp.ones(3))


@raises(
    errors.TracerLeakError,
    """\
`<lambda>` leaked a traced f32[], made at {made} in check_leak: a list holds it.
Return the array instead of storing it; lamina.debug.callback looks at values while the program runs.""",
)
def check_leak():
    out = []
    with la.checking_leaks():
        la.jit(lambda x: (out.append(x), x)[1])(1.0)  # made


@raises(
    errors.JAXTypeError,
    """\
Arrays are immutable, so an element cannot be assigned.
Make an updated copy: x = x.at[index].set(value).""",
)
def set_item():
    def f(x):
        x[0] = 1
        return x

    la.jit(f)(lnp.ones(3))


@raises(
    errors.NonArrayResultError,
    """\
`<lambda>`, which jit traced, must return arrays, but result['b'] is a str: 'text'.
Return arrays, numbers, or containers of them (None is fine: it holds nothing).""",
)
def string_result():
    la.jit(lambda x: {"a": x, "b": "text"})(1.0)


@raises(
    errors.StaticArgumentError,
    """\
The static argument `n` of `<lambda>` is a list, which cannot be hashed.
Pass it as a tuple or a frozen dataclass, or leave it traced.""",
)
def static_list():
    la.jit(lambda x, n: x * n[0], static_argnums=1)(1.0, [2])


@raises(
    errors.StaticArgumentError,
    """\
The static argument `cfg` of `<lambda>` is a dict, which cannot be hashed.
Pass it as a tuple or a frozen dataclass, or leave it traced.""",
)
def static_name():
    la.jit(lambda x, *, cfg: x, static_argnames="cfg")(1.0, cfg={"a": 1})


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_text_says_what_happened_where_and_what_to_do(case):
    check(case)
