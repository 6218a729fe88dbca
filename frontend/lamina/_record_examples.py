"""Examples of the functions that are made from the records of ops. The tests run them, as all examples.

They are not in the records because they show the frontend: how arrays are made, and how they print.
"""

from __future__ import annotations

# By record, or by function where the record shows something else: the operands (lists are arrays), what is printed.
_EXAMPLES = {
    "abs": ("[-2, 3]", "Array([2, 3], dtype=int32)"),
    "acos": ("[1.0, 0.0, -1.0]", "Array([0.       , 1.5707964, 3.1415927], dtype=float32)"),
    "acosh": ("[1.0, 2.0]", "Array([0.      , 1.316958], dtype=float32)"),
    "add": ("[1, 2]", "[10, 20]", "Array([11, 22], dtype=int32)"),
    "asin": ("[0.0, 0.5, 1.0]", "Array([0.       , 0.5235988, 1.5707964], dtype=float32)"),
    "asinh": ("[0.0, 1.0]", "Array([0.       , 0.8813736], dtype=float32)"),
    "atan": ("[0.0, 1.0]", "Array([0.       , 0.7853982], dtype=float32)"),
    "atan2": ("[1.0, -1.0]", "[1.0, -1.0]", "Array([ 0.7853981, -2.3561945], dtype=float32)"),
    "atanh": ("[0.0, 0.5, 1.0]", "Array([0.        , 0.54930615,        inf], dtype=float32)"),
    "bessel_i0e": ("[0.0, 1.0]", "Array([1.       , 0.4657596], dtype=float32)"),
    "bessel_i1e": ("[0.0, 1.0]", "Array([0.        , 0.20791042], dtype=float32)"),
    "betainc": ("[1.0, 2.0]", "[1.0, 2.0]", "[0.25, 0.25]", "Array([0.25   , 0.15625], dtype=float32)"),
    "and": ("[12, 10]", "[10, 3]", "Array([8, 2], dtype=int32)"),
    "not": ("[0, 5]", "Array([-1, -6], dtype=int32)"),
    "or": ("[12, 10]", "[10, 3]", "Array([14, 11], dtype=int32)"),
    "xor": ("[12, 10]", "[10, 3]", "Array([6, 9], dtype=int32)"),
    "cbrt": ("[8.0, -8.0]", "Array([ 2., -2.], dtype=float32)"),
    "ceil": ("[1.2, -1.2]", "Array([ 2., -1.], dtype=float32)"),
    "clamp": ("0", "[-5, 5, 15]", "10", "Array([ 0,  5, 10], dtype=int32)"),
    "clz": ("[1, 255]", "Array([31, 24], dtype=int32)"),
    "complex": ("[1.0, 2.0]", "[0.0, -3.0]", "Array([1.+0.j, 2.-3.j], dtype=complex64)"),
    "cos": ("[0.0, 1.0]", "Array([1.       , 0.5403023], dtype=float32)"),
    "cosh": ("[0.0, 1.0]", "Array([1.       , 1.5430807], dtype=float32)"),
    "digamma": ("[1.0, 2.0]", "Array([-0.5772157 ,  0.42278433], dtype=float32)"),
    "div": ("[1.0, -7.0]", "[4.0, 2.0]", "Array([ 0.25, -3.5 ], dtype=float32)"),
    "eq": ("[1, 2]", "[1, 3]", "Array([ True, False], dtype=bool)"),
    "ne": ("[1, 2]", "[1, 3]", "Array([False,  True], dtype=bool)"),
    "lt": ("[1, 2]", "[2, 2]", "Array([ True, False], dtype=bool)"),
    "logical_and": ("[0, 2, 3]", "[1, 0, 3]", "Array([False, False,  True], dtype=bool)"),
    "logical_or": ("[0, 2, 3]", "[0, 0, 3]", "Array([False,  True,  True], dtype=bool)"),
    "logical_xor": ("[0, 2, 3]", "[0, 0, 3]", "Array([False,  True, False], dtype=bool)"),
    "le": ("[1, 2]", "[2, 1]", "Array([ True, False], dtype=bool)"),
    "gt": ("[1, 2]", "[2, 1]", "Array([False,  True], dtype=bool)"),
    "ge": ("[1, 2]", "[2, 2]", "Array([False,  True], dtype=bool)"),
    "erf": ("[0.0, 1.0]", "Array([0.       , 0.8427008], dtype=float32)"),
    "erf_inv": ("[0.0, 0.5, 1.0]", "Array([0.        , 0.47693628,        inf], dtype=float32)"),
    "erfc": ("[0.0, 5.0]", "Array([1.0000000e+00, 1.5374598e-12], dtype=float32)"),
    "exp": ("[0.0, 1.0]", "Array([1.      , 2.718282], dtype=float32)"),
    "exp2": ("[3.0, -1.0]", "Array([8. , 0.5], dtype=float32)"),
    "expm1": ("[0.0, 1e-10]", "Array([0.e+00, 1.e-10], dtype=float32)"),
    "floor": ("[1.8, -1.2]", "Array([ 1., -2.], dtype=float32)"),
    "igamma": ("[1.0, 2.0]", "[1.0, 1.0]", "Array([0.63212055, 0.26424113], dtype=float32)"),
    "igamma_grad_a": ("[1.0, 2.0]", "[1.0, 1.0]", "Array([-0.4317297 , -0.27619603], dtype=float32)"),
    "igammac": ("[1.0, 2.0]", "[1.0, 1.0]", "Array([0.36787945, 0.7357589 ], dtype=float32)"),
    "imag": ("[1 + 2j, 3j]", "Array([2., 3.], dtype=float32)"),
    "is_finite": ('[1.0, float("inf")]', "Array([ True, False], dtype=bool)"),
    "lgamma": ("[1.0, 5.0]", "Array([0.       , 3.1780539], dtype=float32)"),
    "log": ("[1.0, 2.0]", "Array([0.       , 0.6931472], dtype=float32)"),
    "log1p": ("[0.0, 1e-10]", "Array([0.e+00, 1.e-10], dtype=float32)"),
    "logistic": ("[-100.0, 0.0]", "Array([0. , 0.5], dtype=float32)"),
    "max": ("[1, 5]", "[3, 4]", "Array([3, 5], dtype=int32)"),
    "min": ("[1, 5]", "[3, 4]", "Array([1, 4], dtype=int32)"),
    "mul": ("[2, 3]", "[5, 7]", "Array([10, 21], dtype=int32)"),
    "neg": ("[1, -2]", "Array([-1,  2], dtype=int32)"),
    "nextafter": ("[1.0, 0.0]", "[2.0, 1.0]", "Array([1.0000001e+00, 1.4012985e-45], dtype=float32)"),
    "polygamma": ("[0.0, 1.0]", "[1.0, 1.0]", "Array([-0.5772157,  1.644934 ], dtype=float32)"),
    "population_count": ("[7, 8]", "Array([3, 1], dtype=int32)"),
    "random_gamma_grad": ("[1.0, 2.0]", "[1.0, 1.0]", "Array([1.173563 , 0.7507787], dtype=float32)"),
    "real": ("[1 + 2j, 3j]", "Array([1., 0.], dtype=float32)"),
    "rem": ("[7, -7]", "[3, 3]", "Array([ 1, -1], dtype=int32)"),
    "rsqrt": ("[4.0, 0.25]", "Array([0.5, 2. ], dtype=float32)"),
    "select": ("[True, False]", "[1, 2]", "[3, 4]", "Array([1, 4], dtype=int32)"),
    "shift_left": ("[1, 3]", "[4, 40]", "Array([16,  0], dtype=int32)"),
    "shift_right_arithmetic": ("[16, -8]", "[2, 1]", "Array([ 4, -4], dtype=int32)"),
    "shift_right_logical": ("[16, -1]", "[2, 31]", "Array([4, 1], dtype=int32)"),
    "sign": ("[-3.0, 0.0, 5.0]", "Array([-1.,  0.,  1.], dtype=float32)"),
    "sin": ("[0.0, 1.0]", "Array([0.      , 0.841471], dtype=float32)"),
    "sinh": ("[0.0, 1.0]", "Array([0.       , 1.1752012], dtype=float32)"),
    "sqrt": ("[4.0, 2.0]", "Array([2.       , 1.4142135], dtype=float32)"),
    "square": ("[2, -3]", "Array([4, 9], dtype=int32)"),
    "sub": ("[1, 2]", "[10, 20]", "Array([ -9, -18], dtype=int32)"),
    "tan": ("[0.0, 1.0]", "Array([0.       , 1.5574077], dtype=float32)"),
    "tanh": ("[0.0, 1.0]", "Array([0.       , 0.7615942], dtype=float32)"),
    "zeta": ("[2.0, 4.0]", "[1.0, 1.0]", "Array([1.644934 , 1.0823232], dtype=float32)"),
    "trunc": ("[1.8, -1.8]", "Array([ 1., -1.], dtype=float32)"),
    "conj": ("[1 + 2j, 3j]", "Array([1.-2.j, 0.-3.j], dtype=complex64)"),
    "log2": ("[8.0, 0.5]", "Array([ 3., -1.], dtype=float32)"),
    "log10": ("[10.0, 2.0]", "Array([1.     , 0.30103], dtype=float32)"),
    "reduce_and": ("[[True, True], [True, False]]", "(1,)", "Array([ True, False], dtype=bool)"),
    "reduce_or": ("[[True, True], [False, False]]", "(1,)", "Array([ True, False], dtype=bool)"),
    "reduce_xor": ("[5, 3, 1]", "(0,)", "Array(7, dtype=int32)"),
    "reduce_max": ("[[1, 5], [3, 2]]", "(0,)", "Array([3, 5], dtype=int32)"),
    "reduce_min": ("[[1, 5], [3, 2]]", "(0,)", "Array([1, 2], dtype=int32)"),
    "reduce_prod": ("[[1, 5], [3, 2]]", "(0,)", "Array([ 3, 10], dtype=int32)"),
    "reduce_sum": ("[[1, 5], [3, 2]]", "(0,)", "Array([4, 7], dtype=int32)"),
}
_IMPORTS = {"lax": "import lamina.lax as lax, lamina.numpy as lnp", "lnp": "import lamina.numpy as lnp"}


def with_example(doc: str, record: str, module: str, name: str) -> str:
    """The documentation of ``module.name``, which a record is the function of, with the example of the record.

    >>> with_example("Sum x + y.", "add", "lnp", "add").splitlines()[-2]
    '>>> lnp.add(lnp.array([1, 2]), lnp.array([10, 20]))'
    """
    example = _EXAMPLES.get(name) or _EXAMPLES.get(record)
    if example is None:
        return doc
    *operands, result = example
    arguments = ", ".join(f"lnp.array({x})" if x.startswith("[") else x for x in operands)
    return f"{doc}\n\n>>> {_IMPORTS[module]}\n>>> {module}.{name}({arguments})\n{result}"
