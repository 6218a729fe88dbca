"""Messages about loops."""

from __future__ import annotations

import pytest
from error_cases import check, collected

import lamina as la
import lamina.numpy as lnp
from lamina import errors, lax

CASES, raises = collected()


@raises(
    errors.CarryTypeError,
    """\
lax.scan: the carry `carry['n']` goes into `body` as i32[] but comes out as f32[].
Convert what the body returns, x.astype(init.dtype), or start with the type that comes out.""",
)
def scan_dtype():
    def body(carry, x):
        return {"n": carry["n"] + 0.5, "s": carry["s"]}, None

    lax.scan(body, {"n": lnp.int32(0), "s": 1.0}, lnp.ones(3))


@raises(
    errors.CarryTypeError,
    """\
lax.scan: the carry `c[0]` goes into `<lambda>` as i32[] but comes out as f32[].
Also `c[1]`: f32[2] becomes f32[1,2].
Convert what the body returns, x.astype(init.dtype), or start with the type that comes out.""",
)
def scan_two():
    lax.scan(lambda c, x: ((c[0] * 1.5, c[1][None]), None), (lnp.int32(0), lnp.ones(2)), lnp.ones(3))


@raises(
    errors.CarryTypeError,
    """\
lax.scan: the carry `c` goes into `<lambda>` as f32[2] but comes out as f32[1,2].
Convert what the body returns, x.astype(init.dtype), or start with the type that comes out.""",
)
def scan_shape():
    lax.scan(lambda c, x: (c[None], None), lnp.ones(2), None, length=2)


@raises(
    errors.TreeStructureError,
    """\
lax.scan: the trees differ in structure at their root.
    the carry has a dict with the keys 'a', 'b' there,
    what `<lambda>` returns has a dict with the keys 'a'.
    The keys differ: missing 'b'.
Give both the same nesting of containers, with the same types, lengths and keys.""",
)
def scan_struct_keys():
    lax.scan(lambda c, x: ({"a": c["a"]}, None), {"a": 0.0, "b": 1.0}, lnp.ones(3))


@raises(
    errors.TreeStructureError,
    """\
lax.scan: the trees differ in structure at their root.
    the carry has a leaf there,
    what `<lambda>` returns has None.
Give both the same nesting of containers, with the same types, lengths and keys.""",
)
def scan_none():
    lax.scan(lambda c, x: (None, None), 0.0, lnp.ones(3))


@raises(
    errors.LoopOperandError,
    """\
lax.scan: `<lambda>` must return a pair (carry, y), not one array, f32[].
The y of all iterations are stacked; return None for it if there is nothing to stack.""",
)
def scan_pair():
    lax.scan(lambda c, x: c + x, 0.0, lnp.ones(3))


@raises(
    errors.LoopOperandError,
    """\
lax.scan: `<lambda>` must return a pair (carry, y), not a tuple of 3.
The y of all iterations are stacked; return None for it if there is nothing to stack.""",
)
def scan_triple():
    lax.scan(lambda c, x: (c, x, x), 0.0, lnp.ones(3))


@raises(
    errors.LoopOperandError,
    """\
lax.scan: lengths differ: xs['a']: 3, xs['b']: 4.
All arrays have one length along their first axis.""",
)
def scan_len():
    lax.scan(lambda c, x: (c, None), 0.0, {"a": lnp.ones(3), "b": lnp.ones(4)})


@raises(
    errors.LoopOperandError,
    """\
lax.scan: lengths differ: xs: 3, length: 5.
All arrays have one length along their first axis.""",
)
def scan_len2():
    lax.scan(lambda c, x: (c, None), 0.0, lnp.ones(3), length=5)


@raises(
    errors.LoopOperandError,
    """\
lax.scan: there are neither arrays to go along nor a length.
Pass xs, or length=n.""",
)
def scan_nolen():
    lax.scan(lambda c, x: (c, None), 0.0)


@raises(
    errors.LoopOperandError,
    """\
lax.scan: `xs` is f32[]: it has no axis to go along.
Close over it instead.""",
)
def scan_scalar():
    lax.scan(lambda c, x: (c, None), 0.0, 3.0)


@raises(
    errors.LoopOperandError,
    """\
lax.scan: length is Traced<i32[], jit>, but the number of iterations must be an int.
Use lax.while_loop for a number that is known only when the program runs.""",
)
def scan_traced_len():
    la.jit(lambda n: lax.scan(lambda c, x: (c, None), 0.0, None, length=n))(3)


@raises(
    errors.LoopOperandError,
    """\
lax.scan: length is -1, which is negative.
The number of iterations is 0 or more.""",
)
def scan_neg():
    lax.scan(lambda c, x: (c, None), 0.0, None, length=-1)


@raises(
    errors.NonArrayResultError,
    """\
`<lambda>`, which scan traced, must return arrays, but result[1] is a str: 'a'.
Return arrays, numbers, or containers of them (None is fine: it holds nothing).""",
)
def scan_str():
    lax.scan(lambda c, x: (c, "a"), 0.0, lnp.ones(3))


@raises(
    errors.NonArrayArgumentError,
    """\
`lax.scan` takes arrays, but the argument `c` is a str: 'a'.
Pass numbers or arrays; mark arguments that configure the function as static (static_argnames=...); register your own container types with lamina.tree_util.register_dataclass.""",
)
def scan_str_init():
    lax.scan(lambda c, x: (c, None), "a", lnp.ones(3))


@raises(
    errors.LoopOperandError,
    """\
lax.scan: the body is an int, which cannot be called.
Pass a function there.""",
)
def scan_notfun():
    lax.scan(3, 0.0, lnp.ones(3))


@raises(
    errors.CarryTypeError,
    """\
lax.while_loop: the carry `s[1]` goes into `<lambda>` as i32[] but comes out as f32[].
Convert what the body returns, x.astype(init.dtype), or start with the type that comes out.""",
)
def while_dtype():
    lax.while_loop(lambda s: s[0] < 3, lambda s: (s[0] + 1, s[1] + 0.5), (0, lnp.int32(1)))


@raises(
    errors.TreeStructureError,
    """\
lax.while_loop: the trees differ in structure at their root.
    the carry has a tuple of 2 there,
    what `<lambda>` returns has a tuple of 1.
Give both the same nesting of containers, with the same types, lengths and keys.""",
)
def while_struct():
    lax.while_loop(lambda s: s[0] < 3, lambda s: (s[0] + 1,), (0, 1))


@raises(
    errors.LoopOperandError,
    """\
lax.while_loop: the condition `<lambda>` must return one boolean, not bool[3].
Compare, or reduce with lnp.all or lnp.any.""",
)
def while_cond_shape():
    lax.while_loop(lambda x: x < 3, lambda x: x + 1, lnp.zeros(3))


@raises(
    errors.LoopOperandError,
    """\
lax.while_loop: the condition `<lambda>` must return one boolean, not i32[].
Compare, or reduce with lnp.all or lnp.any.""",
)
def while_cond_dtype():
    lax.while_loop(lambda x: x, lambda x: x - 1, 3)


@raises(
    errors.LoopOperandError,
    """\
lax.while_loop: the condition `<lambda>` must return one boolean, not the structure PyTreeSpec((*, *)).
Compare, or reduce with lnp.all or lnp.any.""",
)
def while_cond_tuple():
    lax.while_loop(lambda x: (x < 3, 1), lambda x: x + 1, 0)


@raises(
    errors.WhileReverseError,
    """\
Reverse-mode differentiation does not work through the loop at {made}: the number of iterations of lax.while_loop, or of lax.fori_loop with traced bounds, is not known.
Say how many iterations there are at most: lax.while_loop(..., max_steps=N) is differentiable in reverse, in memory for about √N iterations; or use lax.scan, lax.fori_loop with Python ints as bounds, or forward mode (lamina.jvp, lamina.jacfwd).""",
)
def while_reverse():
    la.grad(lambda x: lax.while_loop(lambda v: v < 10, lambda v: v * 2, x))(1.0)  # made


@raises(
    errors.WhileReverseError,
    """\
Reverse-mode differentiation does not work through the loop at {made}: the number of iterations of lax.while_loop, or of lax.fori_loop with traced bounds, is not known.
Say how many iterations there are at most: lax.while_loop(..., max_steps=N) is differentiable in reverse, in memory for about √N iterations; or use lax.scan, lax.fori_loop with Python ints as bounds, or forward mode (lamina.jvp, lamina.jacfwd).""",
)
def while_reverse_jit():
    def loss(x):
        return lax.while_loop(lambda v: v < 10, lambda v: v * 2, x)  # made

    la.jit(la.grad(loss))(1.0)


@raises(
    errors.LoopOperandError,
    """\
lax.while_loop: max_steps is Traced<i32[], jit>, but must be a known int, 0 or more.
It bounds the number of iterations; leave it out if there is no bound.""",
)
def while_steps_traced():
    la.jit(lambda n: lax.while_loop(lambda v: v < 10, lambda v: v * 2, 1.0, max_steps=n))(3)


@raises(
    errors.CarryTypeError,
    """\
lax.while_loop: the carry `v` goes into `<lambda>` as i32[] but comes out as f32[].
Convert what the body returns, x.astype(init.dtype), or start with the type that comes out.""",
)
def bounded_dtype():
    lax.while_loop(lambda v: v < 10, lambda v: v * 2.5, lnp.int32(1), max_steps=5)


@raises(
    errors.LoopOperandError,
    """\
lax.while_loop: the condition `<lambda>` must return one boolean, not bool[3].
Compare, or reduce with lnp.all or lnp.any.""",
)
def bounded_cond():
    lax.while_loop(lambda v: v < lnp.ones(3), lambda v: v * 2, 1.0, max_steps=5)


@raises(
    errors.CarryTypeError,
    """\
lax.fori_loop: the carry `val['w'][0]` goes into `<lambda>` as i32[] but comes out as f32[].
Convert what the body returns, x.astype(init.dtype), or start with the type that comes out.""",
)
def fori_dtype():
    lax.fori_loop(0, 3, lambda i, v: {"w": [v["w"][0] * 1.5]}, {"w": [lnp.int32(1)]})


@raises(
    errors.TreeStructureError,
    """\
lax.fori_loop: the trees differ in structure at their root.
    the carry has a leaf there,
    what `<lambda>` returns has a tuple of 2.
Give both the same nesting of containers, with the same types, lengths and keys.""",
)
def fori_struct():
    lax.fori_loop(0, 3, lambda i, v: (v, i), 1.0)


@raises(
    errors.LoopOperandError,
    """\
lax.fori_loop: `upper` must be one integer, not f32[].
Round it, and convert it with astype(int).""",
)
def fori_bounds():
    lax.fori_loop(0, 3.5, lambda i, v: v, 1.0)


@raises(
    errors.LoopOperandError,
    """\
lax.fori_loop: `lower` is i16[] and `upper` i32[], but the index has one dtype.
Convert one bound with x.astype(dtype).""",
)
def fori_bounds_dtype():
    lax.fori_loop(lnp.int16(0), lnp.int32(3), lambda i, v: v, 1.0)


@raises(
    errors.LoopOperandError,
    """\
lax.fori_loop: body_fun is a float, which cannot be called.
Pass a function there.""",
)
def fori_nofun():
    lax.fori_loop(0, 3, 1.0, lambda i, v: v)


@raises(
    errors.CarryTypeError,
    """\
lax.fori_loop: the carry `val` goes into `<lambda>` as i32[] but comes out as f32[].
Convert what the body returns, x.astype(init.dtype), or start with the type that comes out.""",
)
def fori_traced_dtype():
    la.jit(lambda n: lax.fori_loop(0, n, lambda i, v: v * 1.5, lnp.int32(1)))(3)


@raises(
    errors.LoopOperandError,
    """\
lax.map: `xs` is f32[]: it has no axis to go along.
Close over it instead.""",
)
def map_notarr():
    lax.map(lambda x: x, 3.0)


@raises(
    errors.NonArrayArgumentError,
    """\
`lax.map` takes arrays, but the argument `xs` is a str: 'abc'.
Pass numbers or arrays; mark arguments that configure the function as static (static_argnames=...); register your own container types with lamina.tree_util.register_dataclass.""",
)
def map_str():
    lax.map(lambda x: x, "abc")


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_text_says_what_happened_where_and_what_to_do(case):
    check(case)
