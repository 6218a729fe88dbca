"""lamina-opt: runs passes over MLIR text of the lamina dialect; what mlir-opt is for MLIR.

Passes run in the order of their flags, ours (--lamina-simplify) and upstream's (--canonicalize, --cse, ...) alike; an
option is written --NAME=OPTIONS. Exit codes: 0 done, 1 the IR or a pass failed, 2 wrong usage, 3 a bug in a pass.
"""

from __future__ import annotations

import argparse
import re
import sys
import traceback
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple, NoReturn

from lamina_compiler import legality, mlir, pipeline
from lamina_compiler.errors import PassError
from lamina_compiler.mlir import PassManager, ir  # type: ignore[attr-defined]
from lamina_compiler.passes import PASSES

from ._diagnostics import Diagnostics

LEGALITY = "lamina-legality"
# MLIR's bindings cannot list its passes; these are the ones that make sense between ours.
_UPSTREAM = (
    "canonicalize", "convert-elementwise-to-linalg", "convert-linalg-to-loops", "cse", "inline",
    "linalg-fold-unit-extent-dims", "linalg-fuse-elementwise-ops", "linalg-generalize-named-ops",
    "loop-invariant-code-motion", "one-shot-bufferize", "print-ir", "print-op-stats", "remove-dead-values", "sccp",
    "strip-debuginfo", "symbol-dce", "symbol-privatize",
)  # fmt: skip
_SPLIT = re.compile(r"^// -----[^\n]*\n?", re.MULTILINE)
_MODULE = re.compile(r"\s*builtin\.module\s*\((.*)\)\s*", re.DOTALL)
_BYTECODE = b"ML\xefR"


class UsageError(Exception):
    """The command line asks for what there is not; the message is one line."""


class Step(NamedTuple):
    """An element of the pipeline: text for MLIR, or (`run` set) a pass of ours."""

    text: str
    run: Callable[[ir.Module], None] | None = None


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Entry point of the command."""
    try:
        sys.exit(_run(list(sys.argv[1:] if argv is None else argv)))
    except UsageError as error:
        print(f"lamina-opt: {error}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:  # the reader of our output has seen enough
        sys.stderr.close()
        sys.exit(1)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("lamina-opt", description=__doc__, allow_abbrev=False)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add = parser.add_argument
    add("file", nargs="?", default="-", help="MLIR text or bytecode; - (the default) is standard input")
    add("-o", dest="output", default="-", metavar="FILE", help="where the result goes (default: standard output)")
    add("--pass-pipeline", metavar="TEXT", help="passes as text: builtin.module(lamina-derive,func.func(cse))")
    add("--list-passes", action="store_true", help="print the passes and stages, and exit")
    add("--from-stage", metavar="STAGE", help="the input is what this stage left; run the stages that follow")
    add("--stop-after", metavar="STAGE", help=f"run the stages up to this one: {', '.join(pipeline.STAGES)}")
    add("--split-input-file", action="store_true", help="treat parts between lines '// -----' as files of their own")
    add("--verify-diagnostics", action="store_true", help="compare errors with the expected-error {{...}} comments")
    add("--no-verify-each", dest="verify_each", action="store_false", help="do not verify the IR after every pass")
    add("--allow-unregistered-dialect", action="store_true", help="accept operations of dialects that are not known")
    add("--mlir-print-ir-after-all", action="store_true", help="print the IR after every pass, on standard error")
    add("--mlir-timing", action="store_true", help="print the time of every pass, on standard error")
    add("--mlir-print-debuginfo", action="store_true", help="print source locations")
    add("--mlir-print-op-generic", action="store_true", help="print every operation in the generic form")
    return parser


def _run(argv: list[str]) -> int:
    options, rest = _parser().parse_known_args(argv)
    if options.list_passes:
        print(_listing())
        return 0
    steps = [*_stages(options.from_stage, options.stop_after), *_passes(options.pass_pipeline, rest)]
    mlir.enter()
    context = mlir.context()
    context.enable_multithreading(False)  # printing after passes wants one thread
    context.emit_error_diagnostics = True
    context.allow_unregistered_dialects = options.allow_unregistered_dialect
    _manager(steps, None)  # complains about unknown passes before anything runs
    name, content = _read(options.file)
    chunks = _SPLIT.split(content) if options.split_input_file and isinstance(content, str) else [content]
    outputs: list[str] = []
    status, first_line = 0, 0
    for chunk in chunks:
        with Diagnostics(name, chunk, first_line) as diagnostics:
            text = _processed(chunk, steps, options, first_line, diagnostics)
        if options.verify_diagnostics:
            failed = not diagnostics.as_expected()
        else:
            diagnostics.show()
            failed = text is None
        status = max(status, int(failed))
        outputs += [] if text is None else [text]
        first_line += chunk.count("\n") + 1 if isinstance(chunk, str) else 0
    if outputs or not status:
        _write(options.output, "// -----\n".join(outputs))
    return status


def _processed(
    chunk: str | bytes, steps: Sequence[Step], options: argparse.Namespace, first_line: int, diagnostics: Diagnostics
) -> str | None:
    """The IR after all passes, or None after an error, which is among the diagnostics."""
    try:
        # empty lines in front: locations then count lines of the whole file
        module = ir.Module.parse("\n" * first_line + chunk if isinstance(chunk, str) else chunk)
        manager = _manager(steps, module)
        manager.enable_verifier(options.verify_each)
        if options.mlir_print_ir_after_all:
            manager.enable_ir_printing()
        if options.mlir_timing:
            manager.enable_timing()
        manager.run(module.operation)
    except ir.MLIRError:
        return None
    except PassError as error:
        error.location.emit_error(error.message)
        return None
    except Exception:
        diagnostics.show()
        print("lamina-opt: a pass failed; this is a bug in Lamina:", file=sys.stderr)
        traceback.print_exc()
        sys.exit(3)
    return module.operation.get_asm(
        enable_debug_info=options.mlir_print_debuginfo, print_generic_op_form=options.mlir_print_op_generic
    )


# ---- what to run ----------------------------------------------------------------------------------------------------


def _stages(after: str | None, until: str | None) -> list[Step]:
    if after is None and until is None:
        return []
    try:
        names = pipeline.between(after or "trace", until or list(pipeline.STAGES)[-1])
    except ValueError as error:
        raise UsageError(str(error)) from None
    return [Step(f"stage-{name}", lambda module, name=name: pipeline.run_stage(module, name)) for name in names]


def _passes(text: str | None, flags: Sequence[str]) -> list[Step]:
    """The steps of --pass-pipeline, or else of pass flags in their order."""
    for flag in flags:
        if not flag.startswith("-"):
            raise UsageError(f"takes one input file; {flag!r} is one too many")
    if text is None:
        elements = [re.sub(r"^--?([^=]+)=(.*)$", r"\1{\2}", flag, flags=re.DOTALL).lstrip("-") for flag in flags]
    elif flags:
        raise UsageError(f"write {flags[0]} into --pass-pipeline, or use pass flags only")
    else:
        inner = _MODULE.fullmatch(text)
        elements = _split(inner[1] if inner else text)
    return [_step(element) for element in elements]


def _step(element: str) -> Step:
    name, _, arguments = element.partition("{")
    arguments = arguments.removesuffix("}")
    if name == LEGALITY:
        if arguments not in pipeline.STAGES:
            raise UsageError(f"--{LEGALITY} takes a stage: --{LEGALITY}=STAGE with one of {', '.join(pipeline.STAGES)}")
        return Step(LEGALITY, lambda module: legality.check(module, arguments))
    if name in PASSES:
        if arguments:
            raise UsageError(f"the pass {name} takes no options, got {arguments!r}")
        return Step(name, PASSES[name].run)
    if nested := re.search(r"\blamina-[\w-]+", element):
        if name.startswith("lamina-"):
            raise _unknown(name)
        raise UsageError(f"{nested[0]} runs on modules: write it directly inside builtin.module(...), not in {name}")
    return Step(element)


def _split(text: str) -> list[str]:
    """Split at the commas outside all brackets."""
    elements, depth, current = [], 0, ""
    for character in text:
        depth += (character in "({[") - (character in ")}]")
        if character == "," and depth == 0:
            elements.append(current)
            current = ""
        else:
            current += character
    return [element.strip() for element in (*elements, current) if element.strip()]


def _manager(steps: Sequence[Step], module: ir.Module | None) -> PassManager:
    """A pass manager with all steps, for `module`. UsageError for what MLIR does not know."""
    manager = PassManager("builtin.module")
    for step in steps:
        try:
            if step.run is None:
                manager.add(step.text)
            else:
                manager.add(_callback(step.run, module), name=step.text, argument=step.text)
        except ValueError as error:
            raise _refused(step.text, str(error)) from None
    return manager


def _callback(run: Callable[[ir.Module], None], module: ir.Module | None) -> Callable[..., None]:
    def call(operation: ir.Operation, manager: object) -> None:
        assert module is not None
        run(module)

    return call


def _refused(text: str, problem: str) -> UsageError:
    unknown = re.search(r"'([^']+)' does not refer to a registered pass", problem)
    if unknown:
        return _unknown(unknown[1])
    reason = re.sub(r"^.*?(error|>): ", "", problem.partition("\n")[0])
    return UsageError(f"the pass {text!r} is refused: {reason}")


def _unknown(name: str) -> UsageError:
    close = get_close_matches(name, [*PASSES, LEGALITY, *_UPSTREAM], n=1)
    hint = f"did you mean --{close[0]}?" if close else "--list-passes shows what there is"
    return UsageError(f"there is no pass or option --{name}; {hint}")


def _listing() -> str:
    width = max(map(len, PASSES)) + 2
    ours = "\n".join(f"  --{entry.name:<{width}}{entry.doc}" for entry in PASSES.values())
    return (
        f"Lamina's passes:\n{ours}\n"
        f"  --{LEGALITY + '=STAGE':<{width}}fails at the first operation that must not exist after a stage\n\n"
        f"Stages, for --from-stage and --stop-after: {', '.join(pipeline.STAGES)}\n\n"
        f"MLIR's own passes, among them:\n  " + "\n  ".join(f"--{name}" for name in _UPSTREAM)
    )


# ---- files ----------------------------------------------------------------------------------------------------------


def _read(file: str) -> tuple[str, str | bytes]:
    """Name for messages, and content: text, or bytes of bytecode."""
    name = "<stdin>" if file == "-" else file
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return name, content if content.startswith(_BYTECODE) else content.decode()
    except OSError as error:
        raise UsageError(f"cannot read {name}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise UsageError(f"cannot read {name}: it is neither MLIR text (UTF-8) nor MLIR bytecode") from None


def _write(file: str, text: str) -> None:
    try:
        if file == "-":
            sys.stdout.write(text)
            sys.stdout.flush()
        else:
            Path(file).write_text(text)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UsageError(f"cannot write {file}: {error.strerror or error}") from None


if __name__ == "__main__":
    main()
