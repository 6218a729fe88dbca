"""jit: a Python function becomes a compiled program per signature."""

from __future__ import annotations

import functools
import logging
import operator
import threading
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import optree

from lamina import dtypes, errors, tree_util
from lamina._float0 import as_structure, is_float0
from lamina._frames import api_boundary, show_user_frames
from lamina._jit_options import ProgramOptions, program_options, refuse_nested, refuse_shardings
from lamina._shapes import with_placeholders
from lamina._static_arguments import Specialized, names_of_static
from lamina._transform import Arguments, flatten_arguments, function_name, parameter_names, trace_call
from lamina.array import Array, ConcreteArray
from lamina.config import config
from lamina.program import Program
from lamina.stages import Lowered, Traced
from lamina.tracer import concrete
from lamina.tracing import axis_sizes, current_trace
from lamina_compiler.errors import PassError
from lamina_compiler.types import TensorType
from lamina_runtime.device import Device


def jit(
    fun: Callable[..., Any] | None = None,
    *,
    static_argnums: int | Sequence[int] | None = None,
    static_argnames: str | Sequence[str] | None = None,
    donate_argnums: int | Sequence[int] | None = None,
    donate_argnames: str | Sequence[str] | None = None,
    keep_unused: bool = False,
    device: str | Device | None = None,
    backend: str | None = None,
    inline: bool = False,
    in_shardings: Any = None,
    out_shardings: Any = None,
    compiler_options: Mapping[str, Any] | None = None,
) -> Any:
    """Compile a function: once for every signature (structure, shapes and dtypes) it is called with.

    Args:
        fun: takes and returns arrays or containers of them.
        static_argnums, static_argnames: arguments that are part of the program (hashable Python values); the function
            is compiled anew for every value.
        donate_argnums, donate_argnames: arguments whose memory the caller gives up: their arrays are deleted by the
            call, so that large ones do not stay beside the results.
        keep_unused, inline: accepted for JAX's programs; unused arguments cost nothing, and a jitted function that is
            called while another is traced always becomes a part of it.
        device: where to run: "cpu", "vulkan", "cuda", "vulkan:1", or a Device; default: where the arguments are.
        backend: the same, by the name of a platform.
        in_shardings, out_shardings: None, also for single arguments or results: a program runs on one device.
        compiler_options: how to compile: "opt_level" ("O0" to "O3"), "data_tiling" (whether to pack the operands of
            matrix products), and flags of IREE such as ``{"iree-opt-const-eval": False}``.

    Called inside another traced function it becomes a part of that program, whose options count.

    Raises FlagRefused for a compiler option that there is not, NotImplementedError for a sharding, DeviceError for a
    device that is not there.

    >>> import lamina as la
    >>> import lamina.numpy as lnp
    >>> la.jit(lambda x: lnp.maximum(x, 0.0).sum())(lnp.array([1.0, -2.0, 3.0]))
    Array(4., dtype=float32)
    """
    if fun is None:
        return functools.partial(
            jit,
            static_argnums=static_argnums,
            static_argnames=static_argnames,
            donate_argnums=donate_argnums,
            donate_argnames=donate_argnames,
            keep_unused=keep_unused,
            device=device,
            backend=backend,
            inline=inline,
            in_shardings=in_shardings,
            out_shardings=out_shardings,
            compiler_options=compiler_options,
        )
    if not callable(fun):
        raise TypeError(f"jit takes a function, not a {type(fun).__name__}: {fun!r}")
    refuse_shardings(in_shardings=in_shardings, out_shardings=out_shardings)
    static = names_of_static(fun, static_argnums, static_argnames)
    options = program_options(device, backend, compiler_options)
    if donate_argnums is None and donate_argnames is None:
        return JittedFunction(fun, static, options)
    donated = names_of_static(fun, donate_argnums, donate_argnames, "donate")
    if both := (static[0] & donated[0]) or (static[1] & donated[1]):
        which = ", ".join(f"`{each}`" for each in sorted(both))
        raise errors.StaticArgumentError(
            function_name(fun), f"{which} of `{function_name(fun)}` is static, so it has no memory to donate."
        )
    return DonatingFunction(fun, static, options, donated)


JITTED: weakref.WeakSet[JittedFunction] = weakref.WeakSet()
"""All functions that `jit` made and that still exist."""


class JittedFunction:
    """What `jit` returns: call it like the function. `lower(*args)` shows the stages of its program."""

    def __init__(self, fun: Callable[..., Any], static: tuple[frozenset[int], frozenset[str]], options: ProgramOptions):
        self.fun = fun
        self._static_positions, self._static_names = static
        self._has_static = bool(static[0] or static[1])
        self._options = options
        self._programs: dict[Any, Program] = {}
        self._found: dict[Any, Program] = {}  # the same programs by keys that are faster to make, several for each
        self._last: Arguments | None = None
        self._lock = threading.Lock()
        functools.update_wrapper(self, fun, updated=())
        JITTED.add(self)

    def __repr__(self) -> str:
        return f"<jit of {function_name(self.fun)}>"

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """As a method of a class."""
        return self if instance is None else functools.partial(self, instance)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:  # what `api_boundary` does, without the time of one more call
            if config.disable_jit:
                return self.fun(*args, **kwargs)
            fun: Any = self.fun
            if self._has_static:
                fun, args, kwargs = self._split_static(args, kwargs)
            if current_trace() is not None:
                refuse_nested(function_name(fun), self._options)
                return _call_inside(fun, args, kwargs)
            leaves: Any = args
            tree: Any = None  # where all arguments are arrays, their names; their number says the rest
            if kwargs:
                tree = tuple(sorted(kwargs))  # the order of a tree's leaves
                leaves = [*args, *map(kwargs.get, tree)]
            signatures = _signatures(leaves)
            if signatures is None:
                leaves, tree = optree.tree_flatten((args, kwargs), namespace="lamina")  # pyright: ignore[reportArgumentType]
                signatures = _signatures(leaves)
            try:
                key = (config.trace_key(), fun, tree, *signatures)
                program = self._found.get(key)
            except TypeError:  # no signatures, or static data of the tree that cannot be hashed
                raise self._explained(args, kwargs) from None
            if program is None:
                program = self._found[key] = self._program(fun, tree, leaves, args, kwargs)
            return program.run(leaves)
        except PassError as error:
            raise errors.of_pass(error) from None
        except Exception as error:
            show_user_frames(error)
            raise

    def _program(self, fun: Callable[..., Any], tree: Any, leaves: Sequence[Any], args: Any, kwargs: Any) -> Any:
        """The program for some arguments: an earlier one, or a new one."""
        if any(map(is_float0, leaves)):
            kept = [i for i, leaf in enumerate(leaves) if not is_float0(leaf)]
            args, kwargs = as_structure((args, kwargs))
            leaves, tree = tree_util.tree_flatten((args, kwargs))
            return _OfSome(self._program(fun, tree, leaves, args, kwargs), kept)
        key = (config.trace_key(), fun, tree, *map(_leaf_key, leaves))
        with self._lock:
            program = self._programs.get(key)
            if program is None:
                arguments = flatten_arguments(fun, args, kwargs)
                if config.log_compiles or (config.explain_cache_misses and self._last is not None):
                    _log_compile(function_name(fun), arguments, self._last)
                started = time.perf_counter()
                program = self._programs[key] = Program(fun, arguments, self._options)
                self._last = arguments
                if config.log_compiles:
                    _log.warning("compiled `%s` in %.2f s", function_name(fun), time.perf_counter() - started)
            return program

    def _explained(self, args: Any, kwargs: Any) -> Exception:
        """The error for arguments that have no key."""
        try:
            for x in flatten_arguments(self.fun, args, kwargs).arrays:
                concrete(x)  # or it is a leaked one
        except errors.LaminaError as error:
            return error
        return errors.StaticArgumentError(
            function_name(self.fun),
            f"The arguments of `{function_name(self.fun)}` hold static data that cannot be hashed.",
        )

    def _split_static(self, args: Any, kwargs: Any) -> tuple[Any, Any, Any]:
        """The function of the traced arguments alone (equal for equal static ones), and these."""
        static: dict[Any, Any] = {i: args[i] for i in self._static_positions if i < len(args)}
        static |= {name: value for name, value in kwargs.items() if name in self._static_names}
        names = parameter_names(self.fun, args)
        for which, value in static.items():
            try:
                hash(value)
            except TypeError:
                name = names[which] if isinstance(which, int) else which
                raise errors.StaticArgumentError(
                    function_name(self.fun),
                    f"The static argument `{name}` of `{function_name(self.fun)}` is a {type(value).__name__}, "
                    "which cannot be hashed.",
                ) from None
        rest = tuple(arg for i, arg in enumerate(args) if i not in self._static_positions)
        rest_kwargs = {name: value for name, value in kwargs.items() if name not in static}
        return Specialized(self.fun, len(args), static), rest, rest_kwargs

    def lower(self, *args: Any, **kwargs: Any) -> Lowered:
        """The program for these arguments (arrays or ShapeDtypeStructs), not compiled yet."""
        fun: Any = self.fun
        if self._has_static:
            fun, args, kwargs = self._split_static(args, kwargs)
        args, kwargs = with_placeholders((args, kwargs))
        return Lowered(fun, flatten_arguments(fun, args, kwargs), self._options)

    def trace(self, *args: Any, **kwargs: Any) -> Traced:
        """The program for these arguments (arrays or ShapeDtypeStructs) as it is written down."""
        fun: Any = self.fun
        if self._has_static:
            fun, args, kwargs = self._split_static(args, kwargs)
        args, kwargs = with_placeholders((args, kwargs))
        return Traced(fun, flatten_arguments(fun, args, kwargs), self._options)

    def eval_shape(self, *args: Any, **kwargs: Any) -> Any:
        """Shapes and dtypes of the result for these arguments."""
        return self.lower(*args, **kwargs).out_info

    def clear_cache(self) -> None:
        """Forget all compiled programs."""
        self._programs.clear()
        self._found.clear()


class _OfSome(NamedTuple):
    """A program that takes only some of the leaves of its arguments."""

    program: Any
    kept: list[int]

    def run(self, leaves: Sequence[Any]) -> Any:
        return self.program.run([leaves[i] for i in self.kept])


class DonatingFunction(JittedFunction):
    """A jitted function that deletes the arrays of some of its arguments."""

    def __init__(self, fun: Callable[..., Any], static: Any, options: ProgramOptions, donated: Any):
        super().__init__(fun, static, options)
        self._donated_positions, self._donated_names = donated

    @api_boundary
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        result = super().__call__(*args, **kwargs)
        if current_trace() is None and not config.disable_jit:
            given = [args[i] for i in self._donated_positions if i < len(args)]
            given += [x for name, x in kwargs.items() if name in self._donated_names]
            for leaf in tree_util.tree_leaves(given):
                if isinstance(leaf, ConcreteArray):
                    leaf.delete()
        return result


_log = logging.getLogger("lamina")


def _log_compile(name: str, arguments: Arguments, last: Arguments | None) -> None:
    """Say that a function is compiled, and what changed since it was last (option log_compiles)."""
    if last is None:
        shown = ", ".join(f"{n}: {_described(x)}" for n, x in zip(arguments.names, arguments.arrays, strict=True))
        _log.warning("compiling `%s` for (%s)", name, shown)
        return
    if arguments.tree != last.tree:
        _log.warning(
            "recompiling `%s`: the structure of the arguments went from %s to %s", name, last.tree, arguments.tree
        )
        return
    changes = [
        f"`{n}` went from {_described(old)} to {_described(new)}"
        for n, old, new in zip(arguments.names, last.arrays, arguments.arrays, strict=True)
        if _described(old) != _described(new)
    ]
    _log.warning("recompiling `%s`: %s", name, "; ".join(changes) or "an option or static argument changed")


def _described(x: Array) -> str:
    where = "" if not isinstance(x, ConcreteArray) or x.is_on_host else f" on {x.device}"
    return f"{x.type}{' (weak)' if x.weak_type else ''}{where}"


class _SignatureOf(dict[type, Callable[[Any], Any]]):
    """By the type of an argument: what gives at once all of it that the program can depend on, and perhaps more."""

    def __missing__(self, kind: type) -> Callable[[Any], Any]:
        if issubclass(kind, (bool, int, float, complex, np.generic)):
            self[kind] = type
        elif issubclass(kind, np.ndarray):
            self[kind] = operator.attrgetter("shape", "dtype")
        elif issubclass(kind, ConcreteArray):
            self[kind] = operator.attrgetter("type", "weak_type", "_device")
        else:
            raise KeyError(kind)
        return self[kind]


_signature_of = _SignatureOf()


def _signatures(leaves: Sequence[Any]) -> Any:
    """The signatures of some arguments as a list; None if one is no array."""
    found = []
    try:
        for leaf in leaves:
            kind = type(leaf)
            if kind is ConcreteArray:
                found.append((leaf.type, leaf.weak_type, leaf._device))
            else:
                found.append(_signature_of[kind](leaf))
    except KeyError:
        return None
    return found


def _leaf_key(leaf: Any) -> Any:
    """What of an argument the program depends on: type, weakness, and its device if that is not the host."""
    if isinstance(leaf, ConcreteArray):
        return leaf.type, leaf.weak_type, None if leaf.is_on_host else leaf._device
    if isinstance(leaf, (np.ndarray, np.generic)):
        return TensorType(leaf.shape, dtypes.canonicalize_dtype(leaf.dtype)), False, None
    return TensorType((), dtypes.dtype(leaf)), type(leaf) is not bool, None


def _call_inside(fun: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """A jitted function called while another is traced: one function of the module per signature."""
    trace = current_trace()
    assert trace is not None
    arguments = flatten_arguments(fun, args, kwargs)
    types = [(x.type, x.weak_type) for x in arguments.arrays]
    context = (trace.derivatives, tuple(axis_sizes().items()), config.trace_key())
    key = (fun, arguments.tree, context, *types)
    try:
        found = trace.root.cache.get(key)
    except TypeError:
        found, key = None, None
    if found is None:
        traced, tree = trace_call(fun, arguments, transform="jit", look=False)
        found = traced, tree
        if key is not None and not traced.captures:  # captured arrays may differ the next time
            trace.root.cache[key] = found
    traced, tree = found
    results = trace.call(traced.function, [*arguments.arrays, *traced.captures], traced.weak_types)
    return tree_util.tree_unflatten(tree, results)
