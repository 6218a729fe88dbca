"""What the transformations share: arguments as flat arrays, tracing of user functions, un-jitted execution."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from lamina import errors, tree_util
from lamina._float0 import as_structure
from lamina.array import Array
from lamina.tracer import Tracer, as_array, concrete
from lamina.tracing import Trace, Traced, active, current_trace, trace_function
from lamina_compiler.types import TensorType

ARRAY_LIKE = (Array, np.ndarray, np.generic, bool, int, float, complex)


class Arguments(NamedTuple):
    """The arguments of a call as flat arrays, and how to put them together again."""

    arrays: list[Array]
    names: list[str]  # path of each leaf: x, params['w']
    tree: Any

    def rebuild(self, leaves: Sequence[Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Positional and keyword arguments with other leaves."""
        return tree_util.tree_unflatten(self.tree, leaves)


def function_name(f: Callable[..., Any]) -> str:
    while hasattr(f, "func"):  # functools.partial
        f = f.func  # type: ignore[attr-defined]
    return getattr(f, "__name__", type(f).__name__)


def like(f: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorates a function made from `f`: it takes over name and doc, but not attributes (a jitted `f` has state)."""
    return functools.wraps(f, updated=())


def described(result: Any) -> str:
    """What a function returned, in words."""
    if isinstance(result, Array):
        return f"one array, {result.type}"
    if result is None:
        return "None"
    kind = type(result).__name__
    size = f" of {len(result)}" if isinstance(result, (tuple, list)) else ""
    return f"{'an' if kind[0] in 'aeiouAEIOU' else 'a'} {kind}{size}"


def symbol_name(f: Callable[..., Any]) -> str:
    """A function name as MLIR likes it."""
    name = function_name(f)
    return "lambda" if name == "<lambda>" else "".join(c if c.isalnum() or c == "_" else "_" for c in name)


class Partial:
    """A function of some of the positional arguments of another one; the others keep the values of one call."""

    def __init__(self, fun: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any], positions: Sequence[int]):
        self.func, self._args, self._kwargs, self._positions = fun, args, kwargs, positions
        names = parameter_names(fun, args)
        self.names = [names[p] for p in positions]

    def __call__(self, *moving: Any, **kwargs: Any) -> Any:
        every = list(self._args)
        for p, x in zip(self._positions, moving, strict=True):
            every[p] = x
        return self.func(*every, **self._kwargs, **kwargs)


def parameter_names(f: Callable[..., Any], args: Sequence[Any]) -> list[str]:
    """Names of the positional parameters that `args` go to."""
    if isinstance(f, Partial):
        return f.names
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        return [f"argument {i}" for i in range(len(args))]
    names = []
    for i in range(len(args)):
        parameter = parameters[min(i, len(parameters) - 1)] if parameters else None
        if parameter is None or parameter.kind is inspect.Parameter.VAR_POSITIONAL or i >= len(parameters):
            base = parameter.name if parameter is not None else "args"
            first = len(parameters) - 1
            names.append(f"{base}[{i - max(first, 0)}]")
        else:
            names.append(parameter.name)
    return names


def flatten_arguments(f: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> Arguments:
    """Arguments as arrays. Raises NonArrayArgumentError for a leaf that is none."""
    with_paths, tree = tree_util.tree_flatten_with_path(as_structure((tuple(args), kwargs)))
    positional = parameter_names(f, args)
    arrays, names = [], []
    for path, leaf in with_paths:
        in_args = path[0].idx == 0
        top = positional[path[1].idx] if in_args else path[1].key
        rest = tree_util.keystr(path[2:])
        names.append(f"{top}{rest}")
        if not isinstance(leaf, ARRAY_LIKE):
            raise errors.NonArrayArgumentError(function_name(f), str(top), leaf, rest)
        arrays.append(as_array(leaf))
    # a program must not depend on the order in which its first caller wrote a dict
    return Arguments(arrays, names, tree_util.sorted_keys(tree))


def flatten_result(f: Callable[..., Any], transform: str, result: Any) -> tuple[list[Array], Any]:
    """What a function returned as arrays. Raises NonArrayArgumentError for a leaf that is none."""
    leaves, tree = tree_util.tree_flatten(as_structure(result))
    for i, leaf in enumerate(leaves):
        if not isinstance(leaf, ARRAY_LIKE):
            path = tree_util.keystr(tree_util.tree_flatten_with_path(result)[0][i][0])
            raise errors.NonArrayResultError(function_name(f), transform, leaf, path)
    return [as_array(leaf) for leaf in leaves], tree


def trace_call(
    f: Callable[..., Any],
    arguments: Arguments,
    *,
    transform: str,
    types: Sequence[TensorType] | None = None,
    look: bool = True,
    axes: Mapping[Any, int] | None = None,
) -> tuple[Traced, Any]:
    """Trace ``f(*args, **kwargs)`` as a function of the current module, and the structure of its result.

    `types` where they are not those of the arguments (vmap); `look`: the values of the arguments may be looked at.
    """
    trees: list[Any] = []

    def run(tracers: list[Tracer]) -> list[Array]:
        args, kwargs = arguments.rebuild(tracers)
        leaves, tree = flatten_result(f, transform, f(*args, **kwargs))
        trees.append(tree)
        return leaves

    traced = trace_function(
        run,
        symbol_name(f),
        arguments.arrays,
        types or [x.type for x in arguments.arrays],
        transform=transform,
        function_name=function_name(f),
        argument_names=arguments.names,
        sources=arguments.arrays if look else None,
        axes=axes,
    )
    return traced, trees[0]


def refuse_reduce_axes(transform: str, reduce_axes: Sequence[Any]) -> None:
    """NotImplementedError, as JAX's, for named axes over which gradients should be summed."""
    if reduce_axes:
        raise NotImplementedError(
            f"{transform}: reduce_axes= is not supported. Sum gradients over a named axis with lax.psum."
        )


def in_trace(transform: str, body: Callable[[Trace], Any]) -> Any:
    """Run `body`, which writes into a trace: the current one, or a temporary one whose results are then computed."""
    trace = current_trace()
    if trace is not None:
        return body(trace)
    from lamina._nan_hunt import watched

    temporary = Trace("main", [], transform=transform)
    temporary.derivatives = 0  # it calls what is derived, and is not derived itself
    try:
        with active(temporary), watched():
            result = body(temporary)
            temporary.run_effects()
            return tree_util.tree_map(lambda x: concrete(x) if isinstance(x, Tracer) else x, result)
    finally:
        temporary.alive = False


class SplitResult:
    """Calls a function that returns a result, or a result and auxiliary data, as one that returns a flat list."""

    def __init__(self, fun: Callable[..., Any], has_aux: bool, transform: str):
        self.func, self.has_aux, self.transform = fun, has_aux, transform
        self.result_tree: Any = None
        self.aux_tree: Any = None

    def __call__(self, *args: Any, **kwargs: Any) -> list[Any]:
        result = self.func(*args, **kwargs)
        aux = None
        if self.has_aux:
            if not (isinstance(result, (tuple, list)) and len(result) == 2):
                raise errors.AuxResultError(function_name(self.func), result)
            result, aux = result
        leaves, self.result_tree = flatten_result(self.func, self.transform, result)
        aux_leaves, self.aux_tree = flatten_result(self.func, self.transform, aux)
        return [*leaves, *aux_leaves]

    @property
    def result_count(self) -> int:
        return self.result_tree.num_leaves

    def rebuild(self, leaves: Sequence[Any]) -> tuple[Any, Any]:
        """Result and auxiliary data from their leaves."""
        count = self.result_count
        return tree_util.tree_unflatten(self.result_tree, leaves[:count]), tree_util.tree_unflatten(
            self.aux_tree, leaves[count:]
        )
