"""Branches that move a buffer away from where it is wanted are repaired."""

from __future__ import annotations

import subprocess

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina import lax
from lamina_compiler.backend import branch_moves

# In functions after one another: a branch and where it goes, and the pairs that lose a buffer.
CASES = {
    "read in the next block": ("^bb1(%R1->%r7, %r0->%r5, %i30->%i36)", ["vm.call @f(%r1, %r7)"], {0}),
    "not read": ("^bb1(%R1->%r7)", ["vm.call @f(%R7)"], set()),
    "written first": ("^bb1(%R1->%r7)", ["%r1 = vm.call @f(%r7)", "vm.call @f(%r1)"], set()),
    "discarded first": ("^bb1(%R1->%r7)", ["vm.discard.refs %r1, %r2", "vm.call @f(%r1)"], set()),
    "read while it is written": ("^bb1(%R1->%r7)", ["%r1 = vm.call @f(%R1)"], {0}),
    "exchanged": ("^bb1(%R1->%r9, %R7->%r1, %R9->%r7)", ["vm.call @f(%r1, %r7)"], set()),
    "handed over twice": ("^bb1(%r2->%r3, %r1->%r8, %R1->%r9, %i1->%i2)", ["vm.call @f(%r1)"], {2}),
    "handed on": ("^bb1(%R1->%r7)", ["vm.cond_br %i1, ^bb1(), ^bb2(%r1->%r5)"], {0}),
    "read two blocks on": ("^bb1(%R1->%r7)", ["vm.br ^bb2(%r7->%r8)"], {0}),
    "written on one way": ("^bb1(%R1->%r7)", ["vm.cond_br %i1, ^bb2(%r7->%r1), ^bb2()"], {0}),
    "written on both ways": ("^bb1(%R1->%r7)", ["vm.cond_br %i1, ^bb2(%r7->%r1), ^bb2(%r8->%r1)"], set()),
}


def test_only_moves_of_what_is_read_again_become_copies() -> None:
    for name, (branch, lines, lost) in CASES.items():
        second = ["vm.call @f(%r1)"] if any("^bb2" in line for line in lines) else []
        blocks = {"bb0": [f"vm.br {branch}"], "bb1": lines, "bb2": second}
        body = "\n".join(f"^{block}:\n" + "\n".join(f"  {x}" for x in xs) for block, xs in blocks.items())
        found = branch_moves._losses(f"vm.import @f\nvm.func @g() -> () {{\n{body}\n}}\n")
        assert list(found.values()) == ([lost] if lost else []), name


def test_pairs_as_they_are_written_in_the_file() -> None:
    pairs = branch_moves._pairs("%R1->%r7, %r0->%r5, %i30->%i36")
    assert branch_moves._encoded(pairs) == bytes([3, 0, 0x01, 0xC0, 0x07, 0x80, 0, 0x80, 5, 0x80, 30, 0, 36, 0])


def test_what_is_no_artifact() -> None:
    with pytest.raises(subprocess.CalledProcessError, match="iree-dump-module"):
        branch_moves.repaired(b"no artifact")


def test_nested_loops_whose_state_begins_as_one_buffer() -> None:
    def nested(y, xs):
        width = xs[1] * 0.1

        def outer(state, x):
            def inner(state):
                time, last = state
                return time + width, lnp.where(width <= 1, time, last)

            state = lax.while_loop(lambda state: state[0] < x, inner, state)
            return state, y + state[0]

        return lax.scan(outer, (xs[0], xs[0]), xs[1:])[1]

    y, xs = np.ones(2, np.float32), np.arange(4, dtype=np.float32)
    np.testing.assert_allclose(la.jit(nested)(y, xs), nested(y, xs), rtol=1e-6)


def test_state_that_begins_in_two_places_of_one_buffer() -> None:
    """A buffer that is state of an outer loop twice, one of them already in its place."""

    def two_loops(x, y):
        def outer(state):
            count, a, b, c = state
            flag = c.sum() > 0
            a = lax.cond(flag, lambda v: lax.while_loop(lambda w: w.sum() < 9, lambda w: w * 2, v), lambda v: v + 1, a)
            return count + 1, a, lax.cond(flag, lambda v: v, lambda v: a - v, b), a

        return lax.while_loop(lambda s: s[0] < 3, outer, (0, x, x, x * y))

    x = np.array([0.5, 1.5])
    for got, want in zip(la.jit(two_loops)(x, x - 1), two_loops(x, x - 1), strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-6)
