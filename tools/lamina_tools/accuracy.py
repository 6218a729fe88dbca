"""Accuracy of the scalar definitions, compiled by IREE and evaluated by NumPy, in units in the last place.

`python -m lamina_tools.accuracy [--dtype f32] [--points N] [NAME ...]`
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click
import iree.runtime
import mpmath
import numpy as np
from iree.compiler.api import Output, Session, Source
from rich.console import Console
from rich.table import Table

from lamina_compiler import mlir, scalar
from lamina_compiler.mlir import ir
from lamina_compiler.scalar.value import TYPES

Array = Any  # np.ndarray

_FLAGS = [
    "--iree-hal-target-backends=llvm-cpu",
    "--iree-llvmcpu-target-cpu=host",
    "--iree-input-demote-f64-to-f32=false",
]


# ---- scalar functions as IREE programs ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Program:
    """A scalar function, of one result or a tuple, applied to vectors of `size` elements of the named types."""

    function: Callable[..., Any]
    types: tuple[str, ...]
    size: int
    has_f64: bool = True
    has_fma: bool = True

    def result_types(self) -> list[str]:
        emitter = scalar.NumpyEmitter(self.has_f64, self.has_fma)
        results = self.function(*(emitter.argument(np.ones(1), t) for t in self.types))
        return [r.type for r in (results if isinstance(results, tuple) else (results,))]


def build_module(programs: Mapping[str, Program]) -> ir.Module:
    """A module with one function per program, each a single linalg.generic."""
    mlir.enter()
    with ir.Location.unknown():
        module = ir.Module.create()
        for name, program in programs.items():
            _add_function(module.body, name, program)
        module.operation.verify()
    return module


def _add_function(block: ir.Block, name: str, program: Program) -> None:
    elements = [ir.Type.parse(TYPES[t].mlir) for t in (*program.types, *program.result_types())]
    tensors = [ir.RankedTensorType.get([program.size], e) for e in elements]
    arity = len(program.types)
    function = ir.Operation.create(
        "func.func",
        attributes={
            "sym_name": ir.StringAttr.get(name),
            "function_type": ir.TypeAttr.get(ir.FunctionType.get(tensors[:arity], tensors[arity:])),
        },
        regions=1,
        ip=ir.InsertionPoint(block),
    )
    body = function.regions[0].blocks.append(*tensors[:arity])
    with ir.InsertionPoint(body):
        empty = [ir.Operation.create("tensor.empty", [t]).result for t in tensors[arity:]]
        identity = ir.AffineMapAttr.get(ir.AffineMap.get_identity(1))
        generic = ir.Operation.create(
            "linalg.generic",
            tensors[arity:],
            [*body.arguments, *empty],
            {
                "indexing_maps": ir.ArrayAttr.get([identity] * len(tensors)),
                "iterator_types": ir.ArrayAttr.get([ir.Attribute.parse("#linalg.iterator_type<parallel>")]),
                "operandSegmentSizes": ir.DenseI32ArrayAttr.get([arity, len(empty)]),
            },
            regions=1,
        )
        inner = generic.regions[0].blocks.append(*elements)
        with ir.InsertionPoint(inner):
            options = {"has_f64": program.has_f64, "has_fma": program.has_fma}
            results = scalar.emit(program.function, list(inner.arguments)[:arity], program.types, **options)
            ir.Operation.create("linalg.yield", [], results if isinstance(results, tuple) else [results])
        ir.Operation.create("func.return", [], list(generic.results))


def compile_programs(programs: Mapping[str, Program]) -> Callable[..., Array]:
    """Compiles them into one executable; returns `run(name, *arrays)`, which gives an array or a tuple of arrays."""
    session = Session()
    session.set_flags(*_FLAGS)
    invocation = session.invocation()
    invocation.enable_console_diagnostics()
    text = str(build_module(programs)).encode()
    if not invocation.parse_source(Source.wrap_buffer(session, text)) or not invocation.execute():
        raise click.ClickException("IREE does not compile the scalar programs; its diagnostics stand above")
    output = Output.open_membuffer()
    invocation.output_vm_bytecode(output)
    config = iree.runtime.Config("local-sync")
    context = iree.runtime.SystemContext(config=config)
    binary = iree.runtime.VmModule.copy_buffer(config.vm_instance, bytes(output.map_memory()))
    context.add_vm_module(binary)

    result_dtypes = {n: [TYPES[t].dtype for t in p.result_types()] for n, p in programs.items()}

    def run(name: str, *arrays: Array) -> Array:
        signless = [a.view(f"i{a.itemsize}") if a.dtype.kind == "u" else a for a in arrays]
        results = context.modules[binary.name][name](*signless)
        results = results if isinstance(results, tuple | list) else (results,)
        outputs = [r.to_host().view(t) for r, t in zip(results, result_dtypes[name], strict=True)]
        return tuple(outputs) if len(outputs) > 1 else outputs[0]

    return run


# ---- references and sample points -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reference:
    """The function in mpmath and the intervals (one or more per operand) where its interesting points lie."""

    function: Callable[..., Any]
    intervals: tuple[tuple[float, float], ...] = ()
    operands: int = 1


def _lgamma(x: Any) -> Any:
    if x <= 0 and x == mpmath.floor(x):
        return mpmath.inf
    return mpmath.re(mpmath.loggamma(x))


def _atan2(y: Any, x: Any) -> Any:
    return mpmath.atan2(y, x)


def _cbrt(x: Any) -> Any:
    return mpmath.sign(x) * mpmath.cbrt(abs(x))


def _erf_inv(x: Any) -> Any:
    return mpmath.nan if abs(x) > 1 else mpmath.sign(x) * mpmath.inf if abs(x) == 1 else mpmath.erfinv(x)


def _real(function: Callable[..., Any]) -> Callable[..., Any]:
    """NaN where mpmath leaves the reals."""

    def result(*args: Any) -> Any:
        try:
            value = function(*args)
        except (ValueError, ZeroDivisionError):
            return mpmath.nan
        return value if isinstance(value, mpmath.mpf) else mpmath.nan

    return result


REFERENCES: dict[str, Reference] = {
    "exp": Reference(mpmath.exp, ((-104, 89), (-745, 710), (-1, 1))),
    "exp2": Reference(lambda x: mpmath.mpf(2) ** x, ((-150, 128), (-1075, 1024), (-1, 1))),
    "expm1": Reference(mpmath.expm1, ((-40, 89), (-40, 710), (-1, 1))),
    "logistic": Reference(lambda x: 1 / (1 + mpmath.exp(-x)), ((-104, 20), (-745, 40), (-1, 1))),
    "log": Reference(mpmath.log, ((0.5, 2), (0, 100), (0.999, 1.001))),
    "log1p": Reference(mpmath.log1p, ((-1, 1), (0, 100), (-0.01, 0.01))),
    "log2": Reference(lambda x: mpmath.log(x, 2), ((0.5, 2), (0, 100), (0.999, 1.001))),
    "log10": Reference(mpmath.log10, ((0.5, 2), (0, 100), (0.999, 1.001))),
    "sin": Reference(mpmath.sin, ((-7, 7), (-1000, 1000))),
    "cos": Reference(mpmath.cos, ((-7, 7), (-1000, 1000))),
    "tan": Reference(mpmath.tan, ((-7, 7), (-1000, 1000))),
    "asin": Reference(mpmath.asin, ((-1, 1), (0.99, 1))),
    "acos": Reference(mpmath.acos, ((-1, 1), (0.99, 1), (-1, -0.99))),
    "atan": Reference(mpmath.atan, ((-5, 5), (-50, 50))),
    "atan2": Reference(_atan2, ((-4, 4), (-100, 100)), operands=2),
    "sinh": Reference(mpmath.sinh, ((-89.5, 89.5), (-710.5, 710.5), (-2, 2))),
    "cosh": Reference(mpmath.cosh, ((-89.5, 89.5), (-710.5, 710.5), (-2, 2))),
    "tanh": Reference(mpmath.tanh, ((-20, 20), (-1, 1))),
    "asinh": Reference(mpmath.asinh, ((-4, 4), (-100, 100))),
    "acosh": Reference(mpmath.acosh, ((1, 4), (1, 1.01), (1, 100))),
    "atanh": Reference(mpmath.atanh, ((-1, 1), (0.99, 1))),
    "sqrt": Reference(mpmath.sqrt, ((0, 4),)),
    "rsqrt": Reference(lambda x: 1 / mpmath.sqrt(x), ((0, 4),)),
    "cbrt": Reference(_cbrt, ((-10, 10),)),
    "pow": Reference(mpmath.power, ((0, 4), (-30, 30)), operands=2),
    "hypot": Reference(mpmath.hypot, ((-4, 4),), operands=2),
    "erf": Reference(lambda x: mpmath.erf(x) if abs(x) < 100 else mpmath.sign(x), ((-4, 4), (-6, 6), (-1, 1))),
    "erfc": Reference(
        lambda x: mpmath.erfc(x) if abs(x) < 100 else 1 - mpmath.sign(x), ((-4, 10.1), (-6, 27), (-1, 1))
    ),
    "erf_inv": Reference(_erf_inv, ((-1, 1), (0.99, 1))),
    "lgamma": Reference(_lgamma, ((0, 20), (0.5, 3), (8, 200), (-40, 0))),
    "digamma": Reference(mpmath.digamma, ((0, 20), (0.5, 3), (8, 200), (-40, 0))),
}


# Between the poles at x < 0 are zeros; there the error is measured against max(1, |result|).
WITH_ZEROS = frozenset({"lgamma", "digamma"})


def sample_points(name: str, dtype: Any, count: int, rng: np.random.Generator) -> list[Array]:
    """Uniform points of each interval and points of every binade, a vector per operand."""
    reference, dtype = REFERENCES[name], np.dtype(dtype)
    finfo = np.finfo(dtype)
    share = count // (len(reference.intervals) + 1)

    def operand() -> Array:
        parts = [rng.uniform(low, high, share) for low, high in reference.intervals]
        rest = count - share * len(parts)
        wide = np.ldexp(rng.uniform(1, 2, rest), rng.integers(finfo.minexp, finfo.maxexp, rest))
        signs = 1 if name in ("lgamma", "digamma") else rng.choice([-1, 1], rest)
        return np.concatenate([*parts, wide * signs]).astype(dtype)

    operands = [operand() for _ in range(reference.operands)]
    if name == "pow":  # exponents for which the result is in range
        exponents = np.log2(np.abs(operands[0]).astype(float) + 1e-300)
        bound = finfo.maxexp / np.maximum(np.abs(exponents), 1e-6)
        operands[1] = (rng.uniform(-1, 1, count) * np.minimum(bound, 1e30)).astype(dtype)
    return operands


def errors_in_ulp(name: str, points: Sequence[Array], result: Array) -> Array:
    """|result - exact| in ulps of the exact value; 0 where both are the same NaN or infinity, inf where only one is."""
    function = _real(REFERENCES[name].function)
    finfo = np.finfo(result.dtype)
    errors = np.zeros(result.shape)
    with mpmath.workprec(200), np.errstate(all="ignore"):
        for i, (got, *xs) in enumerate(zip(result, *points, strict=True)):
            exact = function(*(mpmath.mpf(float(x)) for x in xs))
            rounded = result.dtype.type(float(exact)) if abs(exact) < finfo.max else exact
            if np.isfinite(got) and mpmath.isfinite(exact) and np.isfinite(float(rounded)):
                size = max(abs(float(rounded)), 1.0) if name in WITH_ZEROS and xs[0] < 0 else abs(float(rounded))
                ulp = max(float(np.spacing(result.dtype.type(size))), float(finfo.smallest_subnormal))
                errors[i] = float(abs(mpmath.mpf(float(got)) - exact) / ulp)
            elif not (got == result.dtype.type(float(rounded)) or (np.isnan(got) and mpmath.isnan(exact))):
                errors[i] = np.inf
    return errors


@click.command()
@click.option("--dtype", type=click.Choice(["f32", "f64"]), default="f32", show_default=True)
@click.option("--points", default=2000, show_default=True, help="Points per function.")
@click.option("--no-f64", is_flag=True, help="The code for targets without 64-bit floats.")
@click.argument("names", nargs=-1)
def main(dtype: str, points: int, no_f64: bool, names: tuple[str, ...]) -> None:
    """Print the largest error in ulp of every elementary function, compiled and by NumPy."""
    unknown = [n for n in names if n not in REFERENCES]
    if unknown:
        raise click.BadParameter(f"{', '.join(unknown)}: not one of {', '.join(REFERENCES)}", param_hint="NAME")
    rng = np.random.default_rng(0)
    samples = {n: sample_points(n, TYPES[dtype].dtype, points, rng) for n in names or REFERENCES}
    programs = {
        n: Program(getattr(scalar, n), (dtype,) * len(s), points, has_f64=not no_f64) for n, s in samples.items()
    }
    run = compile_programs(programs)
    table = Table(title=f"{dtype}: largest error in ulp over {points} points")
    for column in ("function", "compiled", "at", "NumPy", "at"):
        table.add_column(column, justify="left" if column in ("function", "at") else "right")
    for name, xs in samples.items():
        row = [name]
        for result in (run(name, *xs), scalar.evaluate(programs[name].function, *xs, has_f64=not no_f64)):
            errors = errors_in_ulp(name, xs, result)
            worst = int(np.argmax(errors))
            row += [f"{errors[worst]:.2f}", ", ".join(f"{float(x[worst]):.9g}" for x in xs)]
        table.add_row(*row)
    Console().print(table)


if __name__ == "__main__":
    main()
