"""Messages about derivatives and custom rules."""

from __future__ import annotations

import pytest
from error_cases import check, collected

import lamina as la
import lamina.numpy as lnp
from lamina import errors, lax

CASES, raises = collected()


@raises(
    errors.CustomRuleError,
    """\
custom_jvp: `<lambda>` has no rule.
Give it one with defjvp.""",
)
def cj_none():
    f = la.custom_jvp(lambda x: x)
    f(1.0)


@raises(
    errors.CustomRuleError,
    """\
custom_jvp: `<lambda>` has a rule that returns one array, f32[], not a pair (result, tangent).
Make what the rule returns like what it belongs to: the result, or the arguments.""",
)
def cj_pair():
    f = la.custom_jvp(lambda x: x)
    f.defjvp(lambda p, t: t[0])
    la.grad(f)(1.0)


@raises(
    errors.CustomRuleError,
    """\
custom_jvp: `f` returns f32[], but its rule `f_jvp` gives it a tangent f32[2].
Make what the rule returns like what it belongs to: the result, or the arguments.""",
)
def cj_type():
    @la.custom_jvp
    def f(x):
        return x

    @f.defjvp
    def f_jvp(p, t):
        return p[0], t[0] * lnp.ones(2)

    la.grad(f)(1.0)


@raises(
    errors.CustomRuleError,
    """\
custom_jvp: `f` returns f32[], but its rule `f_jvp` returns f32[2].
Make what the rule returns like what it belongs to: the result, or the arguments.""",
)
def cj_result():
    @la.custom_jvp
    def f(x):
        return x

    @f.defjvp
    def f_jvp(p, t):
        return p[0] * lnp.ones(2), t[0]

    la.grad(f)(1.0)


@raises(
    errors.TreeStructureError,
    """\
custom_jvp: the trees differ in structure at their root.
    what `f` returns has a tuple of 2 there,
    the tangent of the rule `f_jvp` has a leaf.
Give both the same nesting of containers, with the same types, lengths and keys.""",
)
def cj_struct():
    @la.custom_jvp
    def f(x):
        return x, x

    @f.defjvp
    def f_jvp(p, t):
        return (p[0], p[0]), t[0]

    la.jvp(f, (1.0,), (1.0,))


@raises(
    errors.NotLinearError,
    """\
A function is transposed that is not linear: it applies `sin` at {made}.
Use only linear operations on what the function is to be linear in (the tangents of a custom rule, the arguments of linear_transpose): sums, products with other values, reshaping.""",
)
def cj_nonlinear():
    @la.custom_jvp
    def f(x):
        return x

    @f.defjvp
    def f_jvp(p, t):
        return p[0], lnp.sin(t[0])  # made

    la.grad(f)(1.0)


@raises(
    errors.CustomRuleError,
    """\
custom_vjp: `<lambda>` has a forward rule that returns one array, f32[], not a pair (result, residuals).
Make what the rule returns like what it belongs to: the result, or the arguments.""",
)
def cv_pair():
    f = la.custom_vjp(lambda x: x)
    f.defvjp(lambda x: x, lambda r, g: (g,))
    la.grad(f)(1.0)


@raises(
    errors.CustomRuleError,
    """\
custom_vjp: `f` has 2 differentiated arguments, but `bwd` returns a tuple of 1.
Return a tuple with one entry for each argument that is not in nondiff_argnums.""",
)
def cv_count():
    @la.custom_vjp
    def f(x, y):
        return x * y

    def fwd(x, y):
        return f(x, y), (x, y)

    def bwd(res, ct):
        return (ct,)

    f.defvjp(fwd, bwd)
    la.grad(f)(1.0, 2.0)


@raises(
    errors.CustomRuleError,
    """\
custom_vjp: `f` takes `x` as f32[], but `bwd` gives it a cotangent f32[2].
Make what the rule returns like what it belongs to: the result, or the arguments.""",
)
def cv_type():
    @la.custom_vjp
    def f(x, y):
        return x * y

    def fwd(x, y):
        return f(x, y), (x, y)

    def bwd(res, ct):
        return ct * lnp.ones(2), ct

    f.defvjp(fwd, bwd)
    la.grad(f)(1.0, 2.0)


@raises(
    errors.TreeStructureError,
    """\
custom_vjp: the trees differ in structure at their root.
    the argument `p` has a dict with the keys 'a', 'b' there,
    its cotangent from `bwd` has a dict with the keys 'a'.
    The keys differ: missing 'b'.
Give both the same nesting of containers, with the same types, lengths and keys.""",
)
def cv_struct():
    @la.custom_vjp
    def f(p):
        return p["a"] * p["b"]

    def fwd(p):
        return f(p), p

    def bwd(p, ct):
        return ({"a": ct},)

    f.defvjp(fwd, bwd)
    la.grad(f)({"a": 1.0, "b": 2.0})


@raises(
    errors.ForwardModeError,
    """\
Forward-mode differentiation does not work through a custom_vjp function (called at {made}).
Use reverse mode (lamina.grad, lamina.vjp, lamina.jacrev), or give the function a forward-mode rule with lamina.custom_jvp: reverse mode follows from it.""",
)
def cv_forward():
    @la.custom_vjp
    def f(x):
        return x

    f.defvjp(lambda x: (x, None), lambda r, g: (g,))
    la.jvp(f, (1.0,), (1.0,))  # made


@raises(
    errors.CustomRuleError,
    """\
checkpoint: `<lambda>` has the policy 'dots'.
Pass one of lamina.checkpoint_policies.""",
)
def ck_policy():
    la.checkpoint(lambda x: x, policy="dots")(1.0)


@raises(
    errors.NotLinearError,
    """\
A function is transposed that is not linear: it applies `mul` at {made}.
Use only linear operations on what the function is to be linear in (the tangents of a custom rule, the arguments of linear_transpose): sums, products with other values, reshaping.""",
)
def lin_transpose_nonlinear():
    la.linear_transpose(lambda x: x * x, 1.0)(1.0)  # made


@raises(
    errors.ReverseModeError,
    """\
Reverse-mode differentiation does not work through lax.custom_linear_solve without transpose_solve (called at {made}).
Give it `transpose_solve` (or symmetric=True), or use forward mode (lamina.jvp, lamina.jacfwd).""",
)
def lin_solve_noT():
    la.grad(lambda b: lax.custom_linear_solve(lambda x: 2.0 * x, b, lambda f, y: y / 2.0))(1.0)  # made


@raises(
    errors.LoopOperandError,
    """\
lax.custom_linear_solve: matvec maps [f32[3]] to [f32[1]].
The product has the shape and dtype of b.""",
)
def lin_solve_type():
    lax.custom_linear_solve(lambda x: x[:1], lnp.ones(3), lambda f, y: y / 2.0)


@raises(
    errors.TreeStructureError,
    """\
lax.custom_linear_solve: the trees differ in structure at their root.
    b has a leaf there,
    what matvec returns has a tuple of 2.
Give both the same nesting of containers, with the same types, lengths and keys.""",
)
def lin_solve_struct():
    lax.custom_linear_solve(lambda x: (x, x), lnp.ones(3), lambda f, y: y / 2.0)


@raises(
    errors.LoopOperandError,
    """\
lax.custom_linear_solve: solve maps b of the types [f32[3]] to [f32[]].
The solution has the shape and dtype of b.""",
)
def lin_solve_solution():
    lax.custom_linear_solve(lambda x: x, lnp.ones(3), lambda f, y: y[0])


@raises(
    errors.CotangentError,
    """\
vjp of `<lambda>`: the cotangent does not fit: the result has a dict with the keys 'a', 'b', the cotangent has a dict with the keys 'a'.
Make the cotangent like the result: lnp.ones_like(y), or tree.map(lnp.ones_like, y).""",
)
def ct_struct():
    _, pull = la.vjp(lambda x: {"a": x, "b": x}, 1.0)
    pull({"a": 1.0})


@raises(
    errors.CotangentError,
    """\
vjp of `<lambda>`: the cotangent does not fit: a cotangent is f32[4], its part of the result f32[3].
Make the cotangent like the result: lnp.ones_like(y), or tree.map(lnp.ones_like, y).""",
)
def ct_shape():
    _, pull = la.vjp(lambda x: x * lnp.ones(3), 1.0)
    pull(lnp.ones(4))


@raises(
    errors.CotangentError,
    """\
vjp of `<lambda>`: the cotangent does not fit: a cotangent is i32[], its part of the result f32[].
Make the cotangent like the result: lnp.ones_like(y), or tree.map(lnp.ones_like, y).""",
)
def ct_dtype():
    _, pull = la.vjp(lambda x: x * 2, 1.0)
    pull(lnp.int32(1))


@raises(
    errors.TangentError,
    """\
jvp of `<lambda>`: at [0] the primal has a dict with the keys 'a', the tangent has a dict with the keys 'b'.
Make tangents like the primals: lnp.ones_like(x), or tree.map(lnp.ones_like, primals).""",
)
def tangent_struct():
    la.jvp(lambda x: x["a"], ({"a": 1.0},), ({"b": 1.0},))


@raises(
    errors.TangentError,
    """\
jvp of `<lambda>`: the tangent of `x` is f32[2], its primal f32[3].
Make tangents like the primals: lnp.ones_like(x), or tree.map(lnp.ones_like, primals).""",
)
def tangent_shape():
    la.jvp(lambda x: x, (lnp.ones(3),), (lnp.ones(2),))


@raises(
    errors.TangentError,
    """\
jvp of `<lambda>`: the primal has a tuple of 2, the tangent has a tuple of 1.
Make tangents like the primals: lnp.ones_like(x), or tree.map(lnp.ones_like, primals).""",
)
def tangent_count():
    la.jvp(lambda x, y: x, (1.0, 2.0), (1.0,))


@raises(
    errors.NonScalarGradError,
    """\
grad needs a scalar, but `<lambda>` returns an array f32[3].
Reduce the result to a scalar (sum, mean), return further results with has_aux=True, or use lamina.jacrev, lamina.jacfwd or lamina.vjp.""",
)
def grad_vector():
    la.grad(lambda x: x * 2)(lnp.ones(3))


@raises(
    errors.IntegerGradError,
    """\
grad of `<lambda>` needs floating-point numbers, but the argument `x` is int32.
Pass a float (3.0, x.astype(float)), choose other arguments with argnums=..., or set allow_int=True.""",
)
def grad_int():
    la.grad(lambda x: x * 2)(3)


@raises(
    errors.NonScalarGradError,
    """\
grad needs a scalar, but `<lambda>` returns nothing.
Reduce the result to a scalar (sum, mean), return further results with has_aux=True, or use lamina.jacrev, lamina.jacfwd or lamina.vjp.""",
)
def grad_none():
    la.grad(lambda x: None)(3.0)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_text_says_what_happened_where_and_what_to_do(case):
    check(case)
