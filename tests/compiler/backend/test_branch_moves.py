"""Branches that move a buffer away from where it is wanted are repaired."""

from __future__ import annotations

import subprocess

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina import lax
from lamina_compiler.backend import branch_moves

DISASSEMBLY = """
vm.func @first() -> () {
  vm.br ^bb1(%R1->%r7, %r0->%r5, %i30->%i36)
^bb1:
  vm.cond_br %i4, ^bb1(%r9->%r1, %R9->%r7), ^bb2()
^bb2:
  vm.return
}
vm.func @second() -> () {
  vm.br ^bb1(%R1->%r7, %R7->%r1)
^bb1:
  vm.cond_br %i4, ^bb1(), ^bb2(%R3->%r1)
}
"""


def test_only_lossy_moves_become_copies() -> None:
    edges = list(branch_moves._edges(DISASSEMBLY))
    assert [edge.target for edge in edges] == [(1, "bb1"), (1, "bb1"), (1, "bb2"), (2, "bb1"), (2, "bb1"), (2, "bb2")]
    ((wrong, right),) = branch_moves._lossy(edges)  # r1 of the first function; the second exchanges r1 and r7
    assert wrong is edges[0] and wrong.pairs[0] == (0xC001, 0x8007)
    assert right.pairs == [(0x8001, 0x8007), *wrong.pairs[1:]]
    assert wrong.encoded[:6] == bytes([3, 0, 0x01, 0xC0, 0x07, 0x80])


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
