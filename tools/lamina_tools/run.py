"""lamina-run: calls a function of a .lamina file. Needs lamina_runtime, NumPy and click only."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click
import numpy as np

from lamina_runtime import (
    ArgumentError,
    ArtifactError,
    DeviceError,
    ExecutionError,
    Leaf,
    Signature,
    describe,
    load,
    read,
)
from lamina_runtime.tree import Tree, leaves, rebuild

from ._failure import Failure


@click.command("lamina-run")
@click.argument("artifact", metavar="FILE.lamina")
@click.argument("function", required=False)
@click.option(
    "--input",
    "inputs",
    metavar="[NAME=]FILE",
    multiple=True,
    help="An argument, by position or name: .npy for an array; .npz for a container, with names like params.w or 0.b.",
)
@click.option("--random-input", is_flag=True, help="Random arguments instead of files; the same ones every time.")
@click.option("--output", type=Path, metavar="FILE", help="File for the result: .npy for one array, .npz for any.")
@click.option("--device", default="cpu", show_default=True, help="cpu, vulkan, cuda, vulkan:1, ...")
@click.option("--print-signature", is_flag=True, help="Print names, shapes and dtypes of the functions instead.")
@click.option(
    "--benchmark", type=click.IntRange(min=1), metavar="N", help="Call it N times more; print the median time."
)
def main(
    artifact: str,
    function: str | None,
    inputs: Sequence[str],
    random_input: bool,
    output: Path | None,
    device: str,
    print_signature: bool,
    benchmark: int | None,
) -> None:
    """Call a function of a .lamina file. It contains native code: run only files you trust.

    \b
    lamina-run model.lamina predict --input x.npy --output y.npy
    lamina-run model.lamina loss --input params=params.npz --input x=x.npy
    """
    try:
        signatures = read(artifact).functions
        if print_signature:
            chosen = [_chosen(artifact, signatures, function)] if function else signatures
            print(*(signatures[name] for name in chosen), sep="\n")
            return
        name = _chosen(artifact, signatures, function)
        _check_output(signatures[name], output)
        args, kwargs = _arguments(signatures[name], inputs, random_input)
        called = load(artifact, device)[name]
        result = called(*args, **kwargs)
        if benchmark:
            times = [_seconds(called, args, kwargs) for _ in range(benchmark)]
            print(f"{name} on {device}: median {1e3 * float(np.median(times)):.3f} ms of {benchmark} calls")
    except (ArgumentError, ArtifactError, DeviceError, ExecutionError) as error:
        raise Failure(str(error)) from None
    named = _named(signatures[name].result, result)
    if output is not None:
        _save(output, named)
    elif not benchmark:
        for path, value in named.items():
            print(*filter(None, [path, str(describe(value))]), sep=": ")
            print(np.array2string(value, threshold=100))


def _chosen(artifact: str, signatures: Mapping[str, Signature], function: str | None) -> str:
    if function is None and len(signatures) == 1:
        return next(iter(signatures))
    if function is None:
        raise Failure(f"{artifact} has several functions, name one: {', '.join(signatures)}")
    if function not in signatures:
        close = get_close_matches(function, signatures, n=1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        raise Failure(f"{artifact} has no function {function!r}; {hint}it has {', '.join(signatures)}")
    return function


def _seconds(function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> float:
    start = time.perf_counter()
    function(*args, **kwargs)
    return time.perf_counter() - start


# ---- trees as files -------------------------------------------------------------------------------------------------


def _paths(tree: Tree, prefix: str = "") -> Iterator[str]:
    """The name of each leaf in an .npz file: keys, field names and positions joined by dots; "" for a lone array."""
    if isinstance(tree, Leaf):
        yield prefix
    else:
        for key, child in tree.children.items():
            yield from _paths(child, f"{prefix}.{key}" if prefix else str(key))


def _named(tree: Tree, value: Any) -> dict[str, np.ndarray]:
    """The arrays of a result by path."""
    return dict(zip(_paths(tree), _flat(tree, value), strict=True))


def _flat(tree: Tree, value: Any) -> Iterator[np.ndarray]:
    if isinstance(tree, Leaf):
        yield value
    else:
        for i, (key, child) in enumerate(tree.children.items()):
            yield from _flat(child, value[key] if tree.kind == "dict" else value[i])


def _arguments(signature: Signature, inputs: Sequence[str], random_input: bool) -> tuple[list[Any], dict[str, Any]]:
    """Positional and keyword arguments from files, or made up."""
    if random_input:
        if inputs:
            raise Failure("--random-input replaces all --input; give one or the other")
        return [rebuild(tree, _random(tree)) for tree in signature.arguments.values()], {}
    names = list(signature.arguments)
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    for text in inputs:
        name, equals, file = text.partition("=")
        if not equals or (name not in names and Path(text).exists()):
            if len(args) == len(names):
                raise Failure(f"{signature.name} takes {_count(len(names), 'input')}, got more; it is {signature}")
            args.append(_loaded(text, names[len(args)], signature.arguments[names[len(args)]]))
        elif name not in names:
            raise Failure(f"{signature.name} has no argument {name!r}; it is {signature}")
        else:
            kwargs[name] = _loaded(file, name, signature.arguments[name])
    return args, kwargs


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def _random(tree: Tree) -> Iterator[np.ndarray]:
    """Numbers around 0 for floats, from 0 to 9 for integers; symbolic dimensions have size 1."""
    rng = np.random.default_rng(0)
    for leaf in leaves(tree):
        shape = [size if isinstance(size, int) else 1 for size in leaf.shape]
        integer = leaf.numpy_dtype.kind in "iu"
        values = rng.integers(0, 10, shape) if integer else rng.standard_normal(shape)
        yield np.asarray(values > 0 if leaf.dtype == "bool" else values).astype(leaf.numpy_dtype)


def _loaded(file: str, name: str, tree: Tree) -> Any:
    """The value of an argument from a file: .npy for an array, .npz for a container."""
    try:
        content = np.load(file, allow_pickle=False)
    except OSError as error:
        raise Failure(f"cannot read {file}: {error.strerror or error}") from None
    except (ValueError, EOFError, zipfile.BadZipFile):
        raise Failure(f"cannot read {file}: it is no .npy or .npz file of numbers") from None
    if isinstance(content, np.ndarray):
        return _with_dtype(content, tree) if isinstance(tree, Leaf) else content
    with content:
        paths = list(_paths(tree))
        wanted = ["arr_0"] if paths == [""] and "arr_0" in content.files else paths
        if sorted(wanted) != sorted(content.files):
            expected = "an .npy file" if paths == [""] else f"arrays named {', '.join(paths)}"
            raise Failure(f"{file}: the argument {name} ({tree}) needs {expected}; it has {', '.join(content.files)}")
        found = [_with_dtype(content[path], leaf) for path, leaf in zip(wanted, leaves(tree), strict=True)]
        return rebuild(tree, iter(found))


def _with_dtype(array: np.ndarray, leaf: Leaf) -> np.ndarray:
    """NumPy's files do not know bf16: it comes back as two bytes of nothing."""
    return array.view(leaf.numpy_dtype) if leaf.dtype == "bf16" and array.dtype == np.dtype("V2") else array


def _check_output(signature: Signature, output: Path | None) -> None:
    if output is None:
        return
    if output.suffix not in (".npy", ".npz"):
        raise Failure(f"cannot write {output}: name a .npy or .npz file")
    if output.suffix == ".npy" and list(_paths(signature.result)) != [""]:
        raise Failure(f"cannot write {output}: the result is {signature.result}; name a .npz file")
    if not output.parent.is_dir():
        raise Failure(f"cannot write {output}: there is no directory {output.parent}")


def _save(output: Path, named: Mapping[str, np.ndarray]) -> None:
    try:
        if output.suffix == ".npy":
            np.save(output, named[""])
        else:
            with zipfile.ZipFile(output, "w") as archive:  # np.savez cannot write every name, "file" for instance
                for path, array in named.items():
                    with archive.open(f"{path or 'arr_0'}.npy", "w") as member:
                        np.lib.format.write_array(member, np.asanyarray(array), allow_pickle=False)
    except OSError as error:
        raise Failure(f"cannot write {output}: {error.strerror or error}") from None


if __name__ == "__main__":
    main()
