"""Accuracy of the scalar definitions, compiled by IREE and evaluated by NumPy, in units in the last place.

`python -m lamina_tools.accuracy [--dtype f32] [--points N] [NAME ...]` prints a table;
`python -m lamina_tools.accuracy --write docs/accuracy.md` writes the page of the documentation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import iree.runtime
import numpy as np
from iree.compiler.api import Output, Session, Source
from rich.console import Console
from rich.table import Table

from lamina_compiler import mlir, scalar
from lamina_compiler.mlir import ir
from lamina_compiler.scalar.value import TYPES
from lamina_tools._accuracy_page import page
from lamina_tools.exact import REFERENCES, errors_in_ulp, sample_points

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


def evaluate_compiled(samples: Mapping[str, Sequence[Array]], dtype: str, has_f64: bool) -> dict[str, Array]:
    """Every scalar function at its points, compiled in one module."""
    programs = {
        name: Program(getattr(scalar, name), (dtype,) * len(xs), len(xs[0]), has_f64=has_f64)
        for name, xs in samples.items()
    }
    run = compile_programs(programs)
    return {name: run(name, *xs) for name, xs in samples.items()}


@click.command()
@click.option("--dtype", type=click.Choice(["f32", "f64"]), default="f32", show_default=True)
@click.option("--points", default=2000, show_default=True, help="Points per function.")
@click.option("--no-f64", is_flag=True, help="The code for targets without 64-bit floats.")
@click.option("--write", "path", type=click.Path(dir_okay=False), help="Write the page with all dtypes instead.")
@click.option("--jax", metavar="PYTHON", help="With --write: an interpreter that has JAX, to compare with.")
@click.argument("names", nargs=-1)
def main(dtype: str, points: int, no_f64: bool, path: str | None, jax: str | None, names: tuple[str, ...]) -> None:
    """Print the largest error in ulp of every elementary function, compiled and by NumPy."""
    unknown = [n for n in names if n not in REFERENCES]
    if unknown:
        raise click.BadParameter(f"{', '.join(unknown)}: not one of {', '.join(REFERENCES)}", param_hint="NAME")
    if path is not None:
        Path(path).write_text(page(evaluate_compiled, points, jax), encoding="utf-8")
        return
    rng = np.random.default_rng(0)
    samples = {n: sample_points(n, TYPES[dtype].dtype, points, rng) for n in names or REFERENCES}
    compiled = evaluate_compiled(samples, dtype, not no_f64)
    table = Table(title=f"{dtype}: largest error in ulp over {points} points")
    for column in ("function", "compiled", "at", "NumPy", "at"):
        table.add_column(column, justify="left" if column in ("function", "at") else "right")
    for name, xs in samples.items():
        row = [name]
        for result in (compiled[name], scalar.evaluate(getattr(scalar, name), *xs, has_f64=not no_f64)):
            errors = errors_in_ulp(name, xs, result)
            worst = int(np.argmax(errors))
            row += [f"{errors[worst]:.2f}", ", ".join(f"{float(x[worst]):.9g}" for x in xs)]
        table.add_row(*row)
    Console().print(table)


if __name__ == "__main__":
    main()
