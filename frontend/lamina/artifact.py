"""Ahead of time: functions are traced, compiled for several targets and written to a `.lamina` file.

The file is loaded by `lamina_runtime.load` on machines that need neither Lamina's compiler nor the Python source.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from keyword import iskeyword
from typing import Any, NamedTuple

import optree

import lamina_runtime as runtime
from lamina import errors
from lamina._frames import api_boundary
from lamina._shapes import with_placeholders
from lamina._transform import flatten_arguments, parameter_names, trace_call
from lamina._tree_keys import GetAttrKey, child_keys
from lamina.array import Array
from lamina.compilation import JittedFunction
from lamina.program import LARGE, compile_for, module_bytes, run_stages
from lamina.tracer import concrete
from lamina.tracing import Trace, active, suspended
from lamina_compiler import backend, functions, host_calls, pipeline
from lamina_compiler.builder import Builder
from lamina_compiler.mlir import ir
from lamina_compiler.types import SHORT_NAME, TensorType
from lamina_compiler.work import work_of
from lamina_runtime.tree import Node, Tree

# What the target "cpu" means in a file that travels: not this very CPU but all of its architecture.
_PORTABLE_CPU = {"x86_64": "cpu-x86-64-v3", "amd64": "cpu-x86-64-v3", "aarch64": "cpu-aarch64", "arm64": "cpu-aarch64"}

Example = tuple[Any, ...]
"""A function with example arguments: ``(function, args)`` or ``(function, args, kwargs)``."""


class Exported(NamedTuple):
    """Traced functions: public functions of one module (at the stage "trace"), and what callers have to know."""

    module: ir.Module
    signatures: dict[str, runtime.Signature]


def save(
    path: str | os.PathLike[str], functions: Mapping[str, Example], targets: Sequence[str] = ("cpu",)
) -> Mapping[str, runtime.Signature]:
    """Write functions to a `.lamina` file; gives their signatures.

    Args:
        path: the file; it appears whole or not at all.
        functions: by name, each with example arguments: arrays, `ShapeDtypeStruct`s, and containers of them. Only their
            shapes and dtypes matter. Arrays that the functions close over, such as weights, become part of the file.
        targets: what to compile for, in order of preference; see `target_names`. "cpu" is any CPU of this machine's
            architecture: x86-64 with AVX2 and FMA, or 64-bit ARM.

    Raises:
        UnknownTarget: no target has this name.
        ValueError: a function's name is no Python identifier, or there is no function.
        CompileError: a function cannot be compiled for a target.
        HostCallError: a function calls Python, or an operation that runs as Python.
        OSError: the file cannot be written.
        LaminaError: from tracing the functions.

    >>> import lamina.numpy as lnp
    >>> from lamina._shapes import ShapeDtypeStruct
    >>> weights = lnp.array([1.0, 2.0, 3.0])
    >>> def scale(x):
    ...     return x * weights
    >>> save("scale.lamina", {"scale": (scale, [ShapeDtypeStruct((3,), "float32")])})["scale"]  # doctest: +SKIP
    Signature(name='scale', arguments={'x': Leaf(shape=(3,), dtype='f32')}, result=Leaf(shape=(3,), dtype='f32'))
    """
    artifact = build(functions, targets)
    runtime.write(path, artifact)
    return artifact.functions


@api_boundary
def build(functions: Mapping[str, Example], targets: Sequence[str] = ("cpu",)) -> runtime.Artifact:
    """What `save` writes."""
    chosen = [resolve_target(name) for name in targets]  # before the work
    exported = export(functions)
    pipeline.run(exported.module, until="simplify")
    simplified = module_bytes(exported.module, locations=True)
    names = ", ".join(exported.signatures)
    codes: dict[str, bytes] = {}
    from importlib.metadata import version  # slow to import

    work = 0
    for target in chosen:
        module = ir.Module.parse(simplified)
        run_stages(module, target, names, after="simplify", has_host=False)
        _check_no_host(module, names)
        work = max(work, work_of(module))
        codes[target.name] = compile_for(module, target.name, names)
    program = module_bytes(exported.module, locations=False)  # no paths of this machine
    versions = {"lamina": version("lamina"), "iree": version("iree-base-compiler")}
    return runtime.Artifact(exported.signatures, codes, program, versions=versions, large=work >= LARGE)


def _check_no_host(module: ir.Module, names: str) -> None:
    """HostCallError if a lowered program calls Python, which there is none of where a file is loaded."""
    for function in host_calls.host_functions(module):
        raise errors.HostCallError(names, function.what, errors.source_text(function.location))


def target_names() -> list[str]:
    """What `targets` of `save` may name."""
    return ["cpu", *(name for name, target in backend.TARGETS.items() if not target.is_host)]


def resolve_target(name: str) -> backend.Target:
    """The target that a name means in a file; UnknownTarget lists the names."""
    known = target_names()
    if name not in known:
        close = get_close_matches(name, known, n=1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        raise backend.UnknownTarget(f"there is no target {name!r}; {hint}Targets are {', '.join(known)}.")
    if name == "cpu":
        machine = platform.machine().lower()
        if machine not in _PORTABLE_CPU:
            raise backend.UnknownTarget(f'"cpu" does not say what to compile for on {machine}; name a target in full.')
        name = _PORTABLE_CPU[machine]
    return backend.target(name)


def export(examples: Mapping[str, Example]) -> Exported:
    """Trace functions into one module, each as a public function; what they close over becomes constants."""
    if not examples:
        raise ValueError("There is no function to save; give at least one.")
    for name in examples:
        if not name.isidentifier():
            raise ValueError(f"{name!r} cannot name a function in a file; use a Python identifier.")
    with suspended():
        root = Trace("lamina.root", [], transform="export")
        # declarations keep the names free: nothing that is traced can take them
        reserved = [functions.create(root.module, name, [], [], body=False) for name in examples]
        with active(root):
            traced = {name: _traced(name, *example) for name, example in examples.items()}
        root.alive = False
    for op in (root.function, *reserved):
        op.erase()
    for name, (function, _) in traced.items():
        function.attributes["sym_name"] = ir.StringAttr.get(name)
        del function.attributes["sym_visibility"]
    return Exported(root.module, {name: signature for name, (_, signature) in traced.items()})


def _traced(
    name: str, fun: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any] | None = None
) -> tuple[ir.Operation, runtime.Signature]:
    """One function in the current trace's module, and its signature."""
    plain = fun.fun if isinstance(fun, JittedFunction) else fun
    arguments = flatten_arguments(plain, *with_placeholders((tuple(args), dict(kwargs or {}))))
    traced, result = trace_call(plain, arguments, transform="export", look=False)
    _embed(traced.function, traced.captures)
    leaves = iter([_leaf(x.type) for x in arguments.arrays])
    positional, keyword = arguments.tree.children()
    trees = dict(
        zip(parameter_names(plain, args), [_described(spec, leaves) for spec in positional.children()], strict=True)
    )
    trees |= {
        key.key: _described(spec, leaves) for key, spec in zip(child_keys(keyword), keyword.children(), strict=True)
    }
    return traced.function, runtime.Signature(name, trees, _described(result, iter(map(_leaf, traced.types))))


def _embed(function: ir.Operation, captures: Sequence[Array]) -> None:
    """Make constants of the captured arrays, which are the last arguments of a traced function."""
    block = functions.block(function)
    b = Builder(ir.InsertionPoint.at_block_begin(block), function.location)
    for capture in reversed(captures):
        last = len(block.arguments) - 1
        block.arguments[last].replace_all_uses_with(b.constant_array(concrete(capture).host()))
        block.erase_argument(last)
    functions.set_signature(function, [a.type for a in block.arguments], functions.signature(function)[1])


# ---- trees ----------------------------------------------------------------------------------------------------------


def _leaf(type: TensorType) -> runtime.Leaf:
    return runtime.Leaf(type.shape, SHORT_NAME[type.dtype])


def _described(spec: optree.PyTreeSpec, leaves: Iterator[runtime.Leaf]) -> Tree:
    """The runtime's description of a tree. Containers it does not know become tuples, or namedtuples if they name
    their children.

    Raises TypeError for dicts whose order of keys the runtime would not know.
    """
    if spec.is_leaf():
        return next(leaves)
    kind: Any = spec.type
    keys = child_keys(spec)
    children = [_described(child, leaves) for child in spec.children()]
    if kind is type(None):
        return Node("none")
    if kind in (tuple, list):
        return Node(kind.__name__, dict(enumerate(children)))
    if issubclass(kind, dict):
        names = [key.key for key in keys]
        if not all(isinstance(name, str) for name in names) or names != sorted(names):
            raise TypeError(
                f"The dicts that a function in a file takes or returns have strings as keys, an OrderedDict in sorted "
                f"order; got {names}. Use other keys, a list, a tuple or a namedtuple."
            )
        return Node("dict", dict(zip(names, children, strict=True)))
    if keys and all(isinstance(key, GetAttrKey) and _is_field(key.name) for key in keys):
        return Node("namedtuple", {key.name: child for key, child in zip(keys, children, strict=True)}, kind.__name__)
    return Node("tuple", dict(enumerate(children)))


def _is_field(name: str) -> bool:
    """Whether a namedtuple can have this field."""
    return name.isidentifier() and not iskeyword(name) and not name.startswith("_")
