"""The page docs/accuracy.md: largest errors of all elementwise functions, compiled, and of JAX's where there is one."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lamina_compiler import scalar
from lamina_tools.exact import REFERENCES, errors_in_ulp, sample_points
from lamina_tools.exact_complex import BY_MODULUS, BY_PARTS, complex_errors_in_ulp, complex_points

Array = Any  # np.ndarray
Evaluate = Callable[[Mapping[str, Sequence[Array]], str, bool], dict[str, Array]]

_COMMAND = "python -m lamina_tools.accuracy --write docs/accuracy.md"
_HEAD = f"""# Accuracy

Largest error in units in the last place (ulp) of the elementwise functions, compiled for the CPU, against mpmath.
`{_COMMAND}` measures and writes this page; with `--jax PYTHON`, an interpreter
that has JAX, its errors at the same points stand beside.

- At most 4 ulp are promised, in f32 on targets with f64 at most 1.5; {{exceptions}}. Known exponents of ±½, ±1½, ±2,
  ±2½ and ±3 make `pow` a root, products and quotients, in f32 and f64 within 2.7.
- "f32" is computed in f64 (a few functions in f32, where that is as good); "f32 without f64" is the code for targets
  that have no 64-bit floats, such as Vulkan; f16 and bf16 are computed in f32 and rounded once.
- `lgamma` and `digamma` have zeros between their poles left of 0, which no f64 comes near to: there the error is
  measured against max(1, |result|). Computed in f64, f32 keeps half an ulp of the result. `cosine_integral` is measured
  against its envelope min(1, 1/x), `betaln` against 1/256 where it is smaller.
- Infinities, nan and signed zeros are those of C99 and NumPy. Subnormal operands count in comparisons, `max`, `min`,
  `sign`, roundings, conversions and in all functions below but `sqrt` and `rsqrt`. Sums, products, quotients and those
  two roots are single instructions, for which IREE's threads, like JAX's, take subnormals for zero; `reduce_max` and
  `reduce_min` too. So are the last products of {{flushes}}: their results near the
  smallest normal number are measured against it.
"""
_FOOT = """
Parts of complex results are measured each for itself where the function allows it, else against the modulus. Powers in
complex128 carry 8 bits more than the format in the exponent w log z, and so lose |w log z| / 256 ulp beyond the bound.
"""

_JAX = {
    "asin": "jnp.arcsin", "acos": "jnp.arccos", "atan": "jnp.arctan", "atan2": "jnp.arctan2", "asinh": "jnp.arcsinh",
    "acosh": "jnp.arccosh", "atanh": "jnp.arctanh", "logistic": "lax.logistic", "rsqrt": "lax.rsqrt",
    "cbrt": "jnp.cbrt", "pow": "jnp.power", "hypot": "jnp.hypot", "log2": "jnp.log2", "log10": "jnp.log10",
    "dawson": "special.dawsn", "sine_integral": "lambda x: special.sici(x)[0]",
    "cosine_integral": "lambda x: special.sici(x)[1]", "fresnel_s": "lambda x: special.fresnel(x)[0]",
    "fresnel_c": "lambda x: special.fresnel(x)[1]", "divide": "jnp.divide", "multiply": "jnp.multiply",
    "abs": "jnp.abs",
    "expn": "special.expn", "hyp1f1": "jax.vmap(special.hyp1f1)", "hyp2f1": "jax.vmap(special.hyp2f1)",
    **{name: f"special.{name}" for name in (
        "gamma", "betaln", "erfcx", "log_ndtr", "ndtr", "ndtri", "owens_t", "exp1", "expi", "spence")},
}  # fmt: skip
_JAX_SCRIPT = """
import json, sys
import jax, jax.numpy as jnp, numpy as np
from jax import lax
from jax.scipy import special
jax.config.update("jax_enable_x64", True)
names, data = json.load(open(sys.argv[1])), np.load(sys.argv[2])
results = {}
for name, expression in names.items():
    operands = [jnp.asarray(data[f"{name}:{i}"]) for i in range(sum(key.startswith(name + ":") for key in data))]
    result = np.asarray(eval(expression)(*operands))
    results[name] = result.astype((operands[0].real if name == "abs" else operands[0]).dtype)
np.savez(sys.argv[3], **results)
"""


def evaluate_with_jax(python: str, points: Mapping[str, Sequence[Array]]) -> dict[str, Array]:
    """What JAX gives in a process of another interpreter."""
    names = {name: _JAX.get(name, f"lax.{name}") for name in points}
    with tempfile.TemporaryDirectory() as folder:
        paths = [str(Path(folder) / name) for name in ("names.json", "points.npz", "results.npz")]
        Path(paths[0]).write_text(json.dumps(names))
        np.savez(paths[1], **{f"{name}:{i}": x for name, xs in points.items() for i, x in enumerate(xs)})
        subprocess.run([python, "-c", _JAX_SCRIPT, *paths], check=True, env={"JAX_PLATFORMS": "cpu"})
        with np.load(paths[2]) as results:
            return dict(results)


def page(evaluate: Evaluate, points: int, jax: str | None) -> str:
    """The text of the page; `evaluate` runs our compiled code for a dtype, with or without f64."""
    kinds = {"f32": ("f32", True), "f32 without f64": ("f32", False), "f64": ("f64", True)}
    rows = _table(list(kinds), [_column(evaluate, points, jax, *kind) for kind in kinds.values()])
    by_dtype = [_complex_column(jax, dtype) for dtype in ("complex64", "complex128")]
    return f"{_head()}\n{rows}\n## Complex functions\n\n{_table(['complex64', 'complex128'], by_dtype)}{_FOOT}"


def _head() -> str:
    exceptions = ", ".join(f"`{name}` {r.bound:g}" for name, r in REFERENCES.items() if r.bound != 4)
    flushes = ", ".join(f"`{name}`" for name, r in REFERENCES.items() if r.flushes)
    return _HEAD.format(exceptions=exceptions, flushes=flushes)


Column = dict[str, tuple[float, float | None]]  # function: our error and JAX's


def _column(evaluate: Evaluate, points: int, jax: str | None, dtype: str, has_f64: bool) -> Column:
    rng = np.random.default_rng(0)
    samples = {name: sample_points(name, {"f32": "f4", "f64": "f8"}[dtype], points, rng) for name in REFERENCES}
    ours = evaluate(samples, dtype, has_f64)
    theirs = evaluate_with_jax(jax, samples) if jax and has_f64 else {}
    return {
        name: (
            float(errors_in_ulp(name, xs, ours[name]).max()),
            float(errors_in_ulp(name, xs, theirs[name]).max()) if name in theirs else None,
        )
        for name, xs in samples.items()
    }


def _complex_column(jax: str | None, dtype: str) -> Column:
    samples = {name: complex_points(name, dtype) for name in BY_PARTS | BY_MODULUS}
    theirs = evaluate_with_jax(jax, samples) if jax else {}
    return {
        name: (
            float(complex_errors_in_ulp(name, zs, scalar.evaluate(getattr(scalar, name), *zs)).max()),
            float(complex_errors_in_ulp(name, zs, theirs[name]).max()) if name in theirs else None,
        )
        for name, zs in samples.items()
    }


def _table(kinds: Sequence[str], columns: Sequence[Column]) -> str:
    with_jax = [any(theirs is not None for _, theirs in column.values()) for column in columns]
    head, rule = ["function"], ["---"]
    for kind, both in zip(kinds, with_jax, strict=True):
        head += [kind, "JAX"] if both else [kind]
        rule += ["---:", "---:"] if both else ["---:"]
    lines = [f"| {' | '.join(head)} |", f"| {' | '.join(rule)} |"]
    for name in columns[0]:
        cells = [f"`{name}`"]
        for column, both in zip(columns, with_jax, strict=True):
            ours, theirs = column[name]
            cells += [_number(ours), _number(theirs)] if both else [_number(ours)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _number(error: float | None) -> str:
    """Two decimals, or a power of ten where they say nothing; inf where a special value is wrong."""
    if error is None:
        return ""
    return f"{error:.2f}" if error < 100 else f"{error:.0e}" if np.isfinite(error) else str(error)
