"""Messages about branches, mapped axes and collectives."""

from __future__ import annotations

import pytest
from error_cases import check, collected

import lamina as la
import lamina.numpy as lnp
from lamina import errors, lax

CASES, raises = collected()


@raises(
    errors.BranchTypeError,
    """\
lax.cond: as result['b'] false_fun `<lambda>` returns bool[], but true_fun `<lambda>` returns f32[].
Convert the results of one branch, x.astype(dtype), or make their shapes equal.""",
)
def cond_types():
    lax.cond(True, lambda x: {"a": x, "b": x}, lambda x: {"a": x, "b": x > 0}, 1.5)


@raises(
    errors.BranchTypeError,
    """\
lax.cond: false_fun `<lambda>` returns f32[1], but true_fun `<lambda>` returns f32[].
Convert the results of one branch, x.astype(dtype), or make their shapes equal.""",
)
def cond_shapes():
    lax.cond(True, lambda x: x, lambda x: x[None], 1.5)


@raises(
    errors.TreeStructureError,
    """\
lax.cond: the trees differ in structure at their root.
    what false_fun `<lambda>` returns has a leaf there,
    what true_fun `<lambda>` returns has a tuple of 2.
Give both the same nesting of containers, with the same types, lengths and keys.""",
)
def cond_struct():
    lax.cond(True, lambda x: (x, x), lambda x: x, 1.5)


@raises(
    errors.LoopOperandError,
    """\
lax.cond: the condition must be one number, not bool[3].
Reduce it with lnp.all or lnp.any, or use vmap.""",
)
def cond_pred():
    lax.cond(lnp.ones(3) > 0, lambda x: x, lambda x: x, 1.5)


@raises(
    errors.LoopOperandError,
    """\
lax.cond: the condition is a NoneType, not a number.
Look at the signature in the documentation of the operation.""",
)
def cond_pred_none():
    lax.cond(None, lambda x: x, lambda x: x, 1.5)


@raises(
    errors.LoopOperandError,
    """\
lax.cond: the condition must be a boolean or a number, not c64[].
Look at the signature in the documentation of the operation.""",
)
def cond_pred_complex():
    lax.cond(1j, lambda x: x, lambda x: x, 1.5)


@raises(
    errors.LoopOperandError,
    """\
lax.cond: true_fun is a float, which cannot be called.
Pass a function there.""",
)
def cond_nofun():
    lax.cond(True, 1.0, 2.0)


@raises(
    errors.NonArrayArgumentError,
    """\
`lax.cond` takes arrays, but the argument `operands[0]` is a str: 'text'.
Pass numbers or arrays; mark arguments that configure the function as static (static_argnames=...); register your own container types with lamina.tree_util.register_dataclass.""",
)
def cond_operand_str():
    lax.cond(True, lambda x: 1, lambda x: 2, "text")


@raises(
    errors.LoopOperandError,
    """\
lax.cond: operands are given both by position and as operand=.
Give all of them by position.""",
)
def cond_operand_twice():
    lax.cond(True, lambda x: 1, lambda x: 2, 1, operand=2)


@raises(
    errors.LoopOperandError,
    """\
lax.switch: the index must be an integer, not f32[].
Look at the signature in the documentation of the operation.""",
)
def switch_index():
    lax.switch(1.0, [lambda x: x, lambda x: -x], 1.5)


@raises(
    errors.LoopOperandError,
    """\
lax.switch: the index must be one number, not i32[2].
Reduce it with lnp.all or lnp.any, or use vmap.""",
)
def switch_index_shape():
    lax.switch(lnp.arange(2), [lambda x: x, lambda x: -x], 1.5)


@raises(
    errors.BranchTypeError,
    """\
lax.switch: branch 0 `double` returns f32[], but branch 1 `half` returns i32[].
Convert the results of one branch, x.astype(dtype), or make their shapes equal.""",
)
def switch_types():
    def double(x):
        return x * 2

    def half(x):
        return lnp.int32(x / 2)

    lax.switch(1, [double, half], 1.5)


@raises(
    errors.LoopOperandError,
    """\
lax.switch: it takes (index, branches, *operands) with at least one function.
Look at the signature in the documentation of the operation.""",
)
def switch_none():
    lax.switch(1, [])


@raises(
    errors.LoopOperandError,
    """\
lax.associative_scan: `<lambda>` gets `elems` as f32[2] but returns it as f32[].
It works on many elements at once and keeps the shape.""",
)
def assoc_types():
    lax.associative_scan(lambda a, b: (a + b).sum(), lnp.ones(4))


@raises(
    errors.MappedAxisError,
    """\
vmap of `<lambda>`: the mapped axes have different sizes: x: 3, y: 4.
Give every mapped argument a batch axis of one size; in_axes=None keeps an argument whole.""",
)
def vmap_sizes():
    la.vmap(lambda x, y: x + y)(lnp.ones(3), lnp.ones(4))


@raises(
    errors.MappedAxisError,
    """\
vmap of `<lambda>`: in_axes has 3 entries, but there are 2 positional arguments.
Give every mapped argument a batch axis of one size; in_axes=None keeps an argument whole.""",
)
def vmap_axes():
    la.vmap(lambda x, y: x, in_axes=(0, 0, 0))(lnp.ones(3), lnp.ones(3))


@raises(
    errors.TreeStructureError,
    """\
vmap of `<lambda>`: in_axes: the trees differ in structure at [0].
    the specification has a dict with the keys 'a', 'c' there,
    the value has a dict with the keys 'a', 'b'.
    The keys differ: missing 'c'; extra 'b'.
Give both the same nesting of containers, with the same types, lengths and keys.""",
)
def vmap_axes_tree():
    la.vmap(lambda t: t["a"], in_axes=({"a": 0, "c": 0},))({"a": lnp.ones(3), "b": lnp.ones(3)})


@raises(
    errors.MappedAxisError,
    """\
vmap of `<lambda>`: `x` is f32[]: it has no axis 0 to map over.
Give every mapped argument a batch axis of one size; in_axes=None keeps an argument whole.""",
)
def vmap_scalar():
    la.vmap(lambda x: x)(1.0)


@raises(
    errors.TreeStructureError,
    """\
vmap of `<lambda>`: out_axes: the trees differ in structure at their root.
    the specification has a tuple of 3 there,
    the value has a tuple of 2.
Give both the same nesting of containers, with the same types, lengths and keys.""",
)
def vmap_out():
    la.vmap(lambda x: (x, x), out_axes=(0, 0, 0))(lnp.ones(3))


@raises(
    errors.MappedAxisError,
    """\
vmap of `<lambda>`: in_axes holds 0.5 for `x`: an axis is an int or None.
Give every mapped argument a batch axis of one size; in_axes=None keeps an argument whole.""",
)
def vmap_float_axis():
    la.vmap(lambda x: x, in_axes=0.5)(lnp.ones(3))


@raises(
    errors.UnboundAxisError,
    """\
No axis named 'batch' is mapped over here. There are: 'i'.
Give the axis its name where it is mapped: lamina.vmap(f, axis_name=...).""",
)
def unbound_axis():
    la.vmap(lambda x: lax.psum(x, "batch"), axis_name="i")(lnp.ones(3))


@raises(
    errors.UnboundAxisError,
    """\
No axis named 'rows' is mapped over here.
Give the axis its name where it is mapped: lamina.vmap(f, axis_name=...).""",
)
def unbound_axis0():
    lax.axis_index("rows")


@raises(
    errors.LoopOperandError,
    """\
lax.ppermute: perm is [(0, 5)], but there are 3 examples.
Sources and destinations are numbers of examples, each at most once.""",
)
def psum_group():
    la.vmap(lambda x: lax.ppermute(x, "i", [(0, 5)]), axis_name="i")(lnp.ones(3))


@raises(
    errors.ShapeError,
    """\
`lax.all_gather`: there is no axis 3 in an array of rank 1.
Axes count from 0.""",
)
def all_gather_axis():
    la.vmap(lambda x: lax.all_gather(x, "i", axis=3), axis_name="i")(lnp.ones(3))


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_text_says_what_happened_where_and_what_to_do(case):
    check(case)
