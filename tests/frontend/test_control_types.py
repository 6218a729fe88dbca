"""Dtypes, weak types and forms of calls of control flow. The expected texts are JAX 0.10.2's."""

from __future__ import annotations

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina import lax

X = np.array([1.0, 2.0, 3.0], np.float32)
I16 = np.int16

TEXTS = [
    # a carry has the weakness of what the body returns; a weak one gives way to the body's dtype
    (lambda: lax.scan(lambda c, x: (c + x, None), 0.0, X)[0], "Array(6., dtype=float32)"),
    (lambda: lax.scan(lambda c, x: (c * 2, None), 1.0, None, length=3)[0], "Array(8., dtype=float32, weak_type=True)"),
    (lambda: lax.scan(lambda c, x: (c + x, None), 0.0, X.astype("float16"))[0], "Array(6., dtype=float16)"),
    (lambda: lax.scan(lambda c, x: (c + x, None), 0, X)[0], "Array(6., dtype=float32)"),
    (lambda: lax.scan(lambda c, x: (c * 1j + x, None), 0j, X)[0], "Array(2.+2.j, dtype=complex64)"),
    (lambda: lax.scan(lambda c, x: (c ^ (x > 1.5), None), False, X)[0], "Array(False, dtype=bool)"),
    (lambda: lax.scan(lambda c, x: (c, c), 1, X)[1], "Array([1, 1, 1], dtype=int32, weak_type=True)"),
    (lambda: lax.scan(lambda c, x: (c, 1.0), 1, X)[1], "Array([1., 1., 1.], dtype=float32, weak_type=True)"),
    (lambda: lax.scan(lambda c, x: (c * np.float32(2), c), 1.0, X)[1], "Array([1., 2., 4.], dtype=float32, weak_type=True)"),
    (lambda: lax.while_loop(lambda c: c < 3, lambda c: c * 2, 1.0), "Array(4., dtype=float32, weak_type=True)"),
    (lambda: lax.while_loop(lambda c: c < 3, lambda c: c * np.float32(2), 1.0), "Array(4., dtype=float32)"),
    (lambda: lax.while_loop(lambda c: c < 3, lambda c: c + np.float16(1), 0), "Array(3., dtype=float16)"),
    (lambda: lax.while_loop(lambda c: c < 0, lambda c: c * 2, 3), "Array(3, dtype=int32, weak_type=True)"),
    # the index of fori_loop is weak where the bounds are known, else of the dtype of the bounds
    (lambda: lax.fori_loop(0, 3, lambda i, v: i, 0), "Array(2, dtype=int32, weak_type=True)"),
    (lambda: lax.fori_loop(I16(0), I16(3), lambda i, v: i * v, np.float16(1)), "Array(0., dtype=float16)"),
    (lambda: lax.fori_loop(np.uint8(1), np.uint8(4), lambda i, v: v + i, np.uint8(0)), "Array(6, dtype=uint8)"),
    (lambda: lax.fori_loop(5, 2, lambda i, v: v + i, 1), "Array(1, dtype=int32, weak_type=True)"),
    (lambda: la.vmap(lambda n: lax.fori_loop(0, n, lambda i, v: i, I16(0)))(lnp.arange(3, dtype=I16)), "Array([0, 0, 1], dtype=int16)"),
    # a conditional has the weakness of the false branch, a switch of the first
    (lambda: lax.cond(True, lambda x: x, lambda x: 1.0, X[0]), "Array(1., dtype=float32, weak_type=True)"),
    (lambda: lax.cond(True, lambda x: 1.0, lambda x: x, X[0]), "Array(1., dtype=float32)"),
    (lambda: lax.switch(1, [lambda x: x, lambda x: 2.0], X[0]), "Array(2., dtype=float32)"),
    # forms
    (lambda: lax.cond(True, lambda: 1.0, lambda: 2.0), "Array(1., dtype=float32, weak_type=True)"),
    (lambda: lax.cond(False, lambda x: x + 1, lambda x: x - 1, operand=5), "Array(4, dtype=int32, weak_type=True)"),
    (lambda: lax.cond(True, lambda _: 1, lambda _: 2, operand=None), "Array(1, dtype=int32, weak_type=True)"),
    (lambda: lax.cond(True, lambda _: 1, lambda _: 2, None), "Array(1, dtype=int32, weak_type=True)"),
    (lambda: lax.cond(pred=0, true_fun=lambda: 1, false_fun=lambda: 2), "Array(2, dtype=int32, weak_type=True)"),
    (lambda: lax.cond(0.5, lambda: 1, lambda: 2), "Array(1, dtype=int32, weak_type=True)"),
    (lambda: lax.cond(True, 3, lambda x: x + 1, 40, lambda x: x - 1), "Array(4, dtype=int32, weak_type=True)"),
    (lambda: lax.cond(False, 3, lambda x: x + 1, 40, lambda x: x - 1), "Array(39, dtype=int32, weak_type=True)"),
    (lambda: lax.cond(True, lambda x: None, lambda x: None, 5), "None"),
    (lambda: lax.switch(np.uint8(200), [lambda x: x, lambda x: -x], 3), "Array(-3, dtype=int32, weak_type=True)"),
    (lambda: lax.switch(np.int8(-3), [lambda x: x, lambda x: -x], 3), "Array(3, dtype=int32, weak_type=True)"),
    (lambda: lax.switch(7, [lambda x: x + 1], 3), "4"),
    (lambda: lax.switch(1, (lambda: 1, lambda: 2)), "Array(2, dtype=int32, weak_type=True)"),
    (lambda: lax.fori_loop(0, 3, lambda i, v: None, None), "None"),
    (lambda: lax.scan(lambda c, x: [c + 0, None], 1, X, length=3, reverse=True, unroll=2)[0], "Array(1, dtype=int32, weak_type=True)"),
    (lambda: lax.map(lambda x: x * 2, X, batch_size=2), "Array([2., 4., 6.], dtype=float32)"),
    (lambda: lax.map(lambda x: x * 2, np.zeros((0, 2), np.float32), batch_size=2).shape, "(0, 2)"),
    (lambda: lax.associative_scan(lnp.add, X, reverse=True), "Array([6., 5., 3.], dtype=float32)"),
    (lambda: lax.associative_scan(lnp.add, lnp.zeros((0,))).shape, "(0,)"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "text"), TEXTS, ids=[str(i) for i in range(len(TEXTS))])
def test_dtype_and_weakness(call, text):
    assert repr(call()) == text


def test_known_values_are_bounds_under_unjitted_transformations():
    """As in JAX, whose un-jitted `grad` knows its values too; under jit it is a loop of unknown length."""
    f = lambda x, n: lax.fori_loop(0, n, lambda i, v: v * x, 1.0)  # noqa: E731
    assert float(la.grad(f)(2.0, 3)) == 12
    with pytest.raises(la.errors.WhileReverseError):
        la.make_ir(la.grad(f), 2.0, 3, stage="derive")


def test_without_jit_loops_run_in_python():
    seen = []

    def body(c, x):
        seen.append(float(c))
        return c + x, c

    with la.disable_jit():
        assert float(lax.scan(body, 0.0, X)[0]) == 6
        lax.while_loop(lambda c: c < 2, lambda c: body(c, 1)[0], 0)
        lax.fori_loop(0, 2, lambda i, c: body(c, i)[0], 5)
        assert lax.cond(True, lambda: "a", lambda: "b") == "a"  # what is never traced may be anything
        assert lax.switch(1, [lambda: "a", lambda: "b"]) == "b"
        got = la.vmap(lambda n: lax.while_loop(lambda c: c < n, lambda c: c + 1, 0))(lnp.arange(3))
    assert seen == [0, 1, 3, 0, 1, 5, 5]
    assert got.tolist() == [0, 1, 2]
