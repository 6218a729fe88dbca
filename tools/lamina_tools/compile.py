"""lamina-compile: compiles functions of a Python file ahead of time, into a .lamina file."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import re
import sys
import traceback
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, NoReturn

import click

from lamina import artifact, errors, tree
from lamina._frames import api_boundary
from lamina.config import config
from lamina.dtypes import canonicalize_dtype, short_name
from lamina_compiler import backend, pipeline
from lamina_compiler.errors import PassError
from lamina_runtime import Artifact, write

from ._failure import Failure
from ._types import parse_type

_ARGUMENT = re.compile(r"(?:(?P<function>\w+)\s*:)?\s*(?:(?P<name>\w+)\s*=)?(?P<type>.*)", re.DOTALL)


@click.command("lamina-compile")
@click.argument("source", metavar="FILE.py:FUNCTION[,FUNCTION...]")
@click.option(
    "--arg",
    "arguments",
    metavar="[FUNCTION:][NAME=]TYPE",
    multiple=True,
    help="Type of an argument, such as f32[32,64], {w: f32[64,10], b: f32[10]} or x=f32[3]; in order.",
)
@click.option(
    "--target",
    "targets",
    multiple=True,
    default=["cpu"],
    show_default=True,
    help="What to compile for; repeat it for several: " + ", ".join(artifact.target_names()),
)
@click.option("-o", "--output", type=Path, help="The file to write (default: FILE.lamina; with --emit, the terminal).")
@click.option(
    "--emit",
    metavar="STAGE",
    type=click.Choice(list(pipeline.STAGES)),
    help="Print the MLIR after a stage instead: " + ", ".join(pipeline.STAGES),
)
@click.option("--x64", is_flag=True, help="Turn 64-bit types on.")
def main(
    source: str, arguments: Sequence[str], targets: Sequence[str], output: Path | None, emit: str | None, x64: bool
) -> None:
    """Compile functions of a Python file (or of a module: package.module:function) ahead of time.

    \b
    lamina-compile model.py:predict --arg f32[32,64] --target cpu --target vulkan -o model.lamina
    lamina-compile model.py:predict,loss --arg predict:f32[32,64] --arg loss:f32[32,64] --arg loss:i32[32]
    """
    if x64:
        config.update("enable_x64", True)
    file, colon, names = source.rpartition(":")
    if not colon or not file or not names:
        raise Failure(f"{source!r} does not say which function; write FILE.py:FUNCTION")
    destination = output or (None if emit else Path(f"{Path(file).stem.rpartition('.')[2]}.lamina"))
    _check_output(destination)
    try:
        for target in targets:
            artifact.resolve_target(target)
    except backend.UnknownTarget as error:
        raise Failure(str(error)) from None
    functions = names.split(",")
    signatures = _parse(arguments, functions)
    module = _imported(file)
    examples = {name: _example(module, name, *signatures[name]) for name in functions}
    try:
        made = _text(examples, emit) if emit else artifact.build(examples, targets)
    except (PassError, backend.CompileError) as error:
        raise Failure(str(error)) from None
    except errors.HostCallError as error:
        raise Failure(str(error).partition("\n")[0]) from None
    except Exception as error:
        _show(error, file)
    _write(destination, made)


@api_boundary
def _text(examples: dict[str, artifact.Example], stage: str) -> str:
    module = artifact.export(examples).module
    pipeline.run(module, until=stage)
    return module.operation.get_asm()


def _check_output(destination: Path | None) -> None:
    """Complains before the work of compiling."""
    if destination is not None and destination.is_dir():
        raise Failure(f"cannot write {destination}: it is a directory")
    if destination is not None and not destination.parent.is_dir():
        raise Failure(f"cannot write {destination}: there is no directory {destination.parent}")


def _write(destination: Path | None, made: str | Artifact) -> None:
    """Write a file and say what is in it; text without a destination goes to the terminal."""
    try:
        if destination is None:
            print(made, end="")
        elif isinstance(made, str):
            destination.write_text(made)
        else:
            write(destination, made)
            print(f"{destination} ({destination.stat().st_size / 1024:.0f} KB) for {', '.join(made.targets)}")
            print(*(f"  {signature}" for signature in made.functions.values()), sep="\n")
    except OSError as error:
        raise Failure(f"cannot write {destination}: {error.strerror or error}") from None


# ---- the command line -----------------------------------------------------------------------------------------------


def _parse(arguments: Sequence[str], functions: Sequence[str]) -> dict[str, tuple[list[Any], dict[str, Any]]]:
    """Types of the positional and keyword arguments of each function."""
    parsed: dict[str, tuple[list[Any], dict[str, Any]]] = {name: ([], {}) for name in functions}
    for text in arguments:
        found = _ARGUMENT.fullmatch(text)
        assert found is not None  # every part is optional
        function = found["function"] or functions[0]
        if function not in parsed or (found["function"] is None and len(functions) > 1):
            raise Failure(f"--arg {text}: say which function it belongs to, as in {functions[0]}:{text}")
        try:
            type = parse_type(found["type"])
        except ValueError as error:
            raise Failure(f"--arg {text}: {error}") from None
        for leaf in tree.leaves(type):
            if canonicalize_dtype(leaf.dtype) != leaf.dtype:
                raise Failure(f"--arg {text}: {short_name(leaf.dtype)} is a 64-bit type; add --x64 to turn these on")
        if found["name"]:
            parsed[function][1][found["name"]] = type
        else:
            parsed[function][0].append(type)
    return parsed


def _example(module: ModuleType, name: str, args: list[Any], kwargs: dict[str, Any]) -> artifact.Example:
    """The function of that name with its arguments, after a check that it takes so many."""
    function = getattr(module, name, None)
    if not callable(function):
        own = [n for n, value in vars(module).items() if _is_own_function(module, n, value)]
        close = get_close_matches(name, own, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"it has {', '.join(own) or 'no functions'}"
        what = "no function" if function is None else f"{type(function).__name__}, no function, named"
        raise Failure(f"{module.__file__} has {'a ' * (function is not None)}{what} {name!r}; {hint}")
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # built-in functions have none
        return function, args, kwargs
    try:
        signature.bind(*args, **kwargs)
    except TypeError as error:
        count = len(args) + len(kwargs)
        given = f"{count} --arg {'was' if count == 1 else 'were'} given"
        raise Failure(f"{name}{signature} cannot be called: {given}, {error}") from None
    return function, args, kwargs


def _is_own_function(module: ModuleType, name: str, value: Any) -> bool:
    is_function = callable(value) and not isinstance(value, type)
    return is_function and not name.startswith("_") and getattr(value, "__module__", None) == module.__name__


# ---- the user's program ---------------------------------------------------------------------------------------------


def _imported(file: str) -> ModuleType:
    """The module at a path, or of a dotted name; its directory is where its own imports look, as for a script."""
    path = Path(file)
    if path.suffix != ".py":
        return _loaded(file, Path.cwd(), lambda: importlib.import_module(file))
    if not path.is_file():
        raise Failure(f"cannot read {file}: {'it is a directory' if path.is_dir() else 'there is no such file'}")
    spec = importlib.util.spec_from_file_location(path.stem, path.resolve())
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    return _loaded(file, path.resolve().parent, lambda: (spec.loader.exec_module(module), module)[1])  # type: ignore


def _loaded(file: str, directory: Path, load: Callable[[], ModuleType]) -> ModuleType:
    sys.path.insert(0, str(directory))
    try:
        return load()
    except SystemExit:
        raise Failure(f'{file} exits when it is imported; put that under if __name__ == "__main__"') from None
    except ModuleNotFoundError as error:
        if error.name is not None and (error.name == file or file.startswith(f"{error.name}.")):
            raise Failure(f"there is no module {error.name!r}; give a file as PATH.py:FUNCTION") from None
        _show(error, file)
    except Exception as error:
        _show(error, file)


def _show(error: Exception, file: str) -> NoReturn:
    """End with the user's part of the traceback."""
    kept: list[TracebackType] = []
    traceback_: TracebackType | None = error.__traceback__
    while traceback_ is not None:
        if not traceback_.tb_frame.f_code.co_filename.startswith(("<frozen importlib", __file__)):
            kept.append(traceback_)
        traceback_ = traceback_.tb_next
    start: TracebackType | None = None
    for entry in reversed(kept):
        start = TracebackType(start, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    traceback.print_exception(type(error), error.with_traceback(start), start)
    raise Failure(f"{file} failed") from None


if __name__ == "__main__":
    main()
