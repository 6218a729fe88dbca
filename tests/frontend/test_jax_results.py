"""Results of about 2,100 calls as JAX 0.10.2 gives them: dtype, weak type, shape, values, and the kind of error.

jax_results.json was written by running the expressions with ``jax as la``, ``jax.numpy as lnp``, ``jax.lax``,
``jax.nn`` and ``jax.scipy``. Some are gradients, also at kinks, ties, zeros and infinities; left out are those where
JAX's is nan or wrong, as that of logaddexp at an infinity.
"""

import json
import warnings
from pathlib import Path

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina import lax, nn, scipy

GOLDEN = json.loads((Path(__file__).parent / "jax_results.json").read_text())
SCOPE = {name: np.array(values, dtype) for name, (dtype, values) in GOLDEN["operands"].items()}
SCOPE |= {"la": la, "lnp": lnp, "lax": lax, "nn": nn, "scipy": scipy, "np": np}
TOLERANCE = {"float16": 2e-3, "bfloat16": 2e-2}


def number(x):
    return complex(float(x[0]), float(x[1])) if isinstance(x, list) else float(x)


def check(expression, got, want):
    if isinstance(want, list):
        assert len(got) == len(want), expression
        for one, other in zip(got, want, strict=True):
            check(expression, one, other)
    elif "python" in want:
        expected = float(want["python"]) if want["python"] in ("inf", "-inf", "nan") else want["python"]
        np.testing.assert_equal(float(f"{got:.7g}") if isinstance(got, float) else got, expected, err_msg=expression)
    elif "dtype_object" in want:
        assert np.dtype(got) == want["dtype_object"], expression
    else:
        assert (str(got.dtype), list(got.shape)) == (want["dtype"], want["shape"]), expression
        if isinstance(got, la.Array):
            assert got.weak_type == want.get("weak", False), expression
        if "values" in want:
            values = np.array([number(x) for x in want["values"]]).reshape(want["shape"])
            tolerance = TOLERANCE.get(want["dtype"], 2e-5)
            wide = np.asarray(got).astype(np.complex128 if got.dtype.kind == "c" else np.float64)
            np.testing.assert_allclose(wide, values, rtol=tolerance, atol=tolerance, err_msg=expression)


@pytest.mark.parametrize("part", range(8))
def test_as_jax(part):
    for expression, want in list(GOLDEN["results"].items())[part::8]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", la.errors.X64DisabledWarning)
            try:
                got = eval(expression, dict(SCOPE))
            except Exception as error:
                assert isinstance(want, dict) and "raises" in want, f"{expression}: {error!r}"
                assert want["raises"] in [c.__name__ for c in type(error).__mro__], f"{expression}: {error!r}"
                continue
        assert isinstance(want, list) or "raises" not in want, f"{expression} gives {got!r}, but {want}"
        check(expression, got, want)
