"""The op that docs/extending.md adds works: reference, derivative, vmap, compiled code. In a process with that op."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "extending.md"

SCRIPT = """
import numpy as np
from lamina_compiler import scalar
from lamina_compiler.ops.elementwise import elementwise, uniform
from lamina_compiler.types import FLOAT

{definition}

import lamina as la

x = np.linspace(0.5, 3, 7, dtype=np.float32)
want = np.sin(x) / x
slope = (np.cos(x) - want) / x
np.testing.assert_allclose(la.lax.sinc(x), want, rtol=1e-6)
np.testing.assert_allclose(la.jit(la.lax.sinc)(x), want, rtol=1e-6)
np.testing.assert_allclose(la.jit(la.vmap(la.grad(la.lax.sinc)))(x), slope, rtol=1e-5)
assert float(la.jit(la.lax.sinc)(0.0)) == 1.0
print("ok")
"""


def test_the_op_of_the_page() -> None:
    definition = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)[0]
    script = SCRIPT.format(definition=definition)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout == "ok\n", done.stderr
