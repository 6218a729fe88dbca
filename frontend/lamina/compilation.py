"""jit: a Python function becomes a compiled program per signature; and the IR at every stage."""

from __future__ import annotations

import functools
import inspect
import io
import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import optree
from lamina_compiler import backend, mlir, pipeline
from lamina_compiler.mlir import ir
from lamina_compiler.opdef import OpDef
from lamina_compiler.work import work_of
from lamina_runtime.call import Executable
from lamina_runtime.device import Device
from lamina_runtime.device import device as find_device

from lamina import errors, tree_util
from lamina._frames import api_boundary
from lamina._transform import Arguments, flatten_arguments, function_name, parameter_names, trace_call
from lamina.array import Array, ConcreteArray
from lamina.config import config
from lamina.tracing import Trace, bind, current_trace

# Multiply-adds and element visits from which a program runs on all cores instead of the calling thread.
LARGE = 1_000_000


def jit(
    fun: Callable[..., Any] | None = None,
    *,
    static_argnums: int | Sequence[int] | None = None,
    static_argnames: str | Sequence[str] | None = None,
    donate_argnums: int | Sequence[int] | None = None,
    donate_argnames: str | Sequence[str] | None = None,
    keep_unused: bool = False,
    device: str | Device | None = None,
    inline: bool = False,
) -> Any:
    """Compile a function. It is traced and compiled once for every signature (structure, shapes and dtypes) it is called with.

    Args:
        fun: takes and returns arrays or containers of them.
        static_argnums, static_argnames: arguments that are part of the program (hashable Python values); the function
            is compiled anew for every value.
        donate_argnums, donate_argnames: accepted for JAX's programs; memory is not reused yet.
        device: where to run: "cpu", "vulkan", "cuda", "vulkan:1", or a Device; default: where the arguments are.

    Called inside another traced function it becomes a part of that program.

    >>> import lamina as la
    >>> import lamina.numpy as lnp
    >>> la.jit(lambda x: lnp.sin(x) ** 2 + lnp.cos(x) ** 2)(lnp.array([1.0, 2.0]))
    Array([1., 1.], dtype=float32)
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
            inline=inline,
        )
    if not callable(fun):
        raise TypeError(f"jit takes a function, not a {type(fun).__name__}: {fun!r}")
    return JittedFunction(fun, _names_of_static(fun, static_argnums, static_argnames), device)


class _Static:
    """A static argument: part of the structure of the arguments, compared by value and type."""

    __slots__ = ("value",)

    def __init__(self, value: Any):
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Static) and type(self.value) is type(other.value) and self.value == other.value

    def __hash__(self) -> int:
        return hash((type(self.value), self.value))


def _names_of_static(
    fun: Callable[..., Any], argnums: int | Sequence[int] | None, argnames: str | Sequence[str] | None
) -> tuple[frozenset[int], frozenset[str]]:
    """Positions and names of the static arguments, each completed from the other by the function's signature."""
    numbers = () if argnums is None else (argnums,) if isinstance(argnums, int) else tuple(argnums)
    names = () if argnames is None else (argnames,) if isinstance(argnames, str) else tuple(argnames)
    try:
        parameters = list(inspect.signature(fun).parameters.values())
    except (TypeError, ValueError):
        return frozenset(numbers), frozenset(names)
    by_position = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    unknown = [n for n in names if n not in {p.name for p in parameters}]
    if unknown and not any(p.kind is p.VAR_KEYWORD for p in parameters):
        raise errors.StaticArgumentError(
            function_name(fun), f"static_argnames names `{unknown[0]}`, but `{function_name(fun)}` has no such argument."
        )
    positions = {n % len(by_position) if n < 0 and by_position else n for n in numbers}
    positions |= {by_position.index(n) for n in names if n in by_position}
    return frozenset(positions), frozenset(names) | {by_position[p] for p in positions if p < len(by_position)}


class JittedFunction:
    """What `jit` returns: call it like the function. `lower(*args)` shows the stages of its program."""

    def __init__(self, fun: Callable[..., Any], static: tuple[frozenset[int], frozenset[str]], device: Any):
        self.fun = fun
        self._static_positions, self._static_names = static
        self._has_static = bool(static[0] or static[1])
        self._device = None if device is None else find_device(device)
        self._programs: dict[Any, Program] = {}
        self._lock = threading.Lock()
        functools.update_wrapper(self, fun)

    def __repr__(self) -> str:
        return f"<jit of {function_name(self.fun)}>"

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """As a method of a class."""
        return self if instance is None else functools.partial(self, instance)

    @api_boundary
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if config.disable_jit:
            return self.fun(*args, **kwargs)
        fun: Any = self.fun
        if self._has_static:
            fun, args, kwargs = self._split_static(args, kwargs)
        if current_trace() is not None:
            return _call_inside(self.fun, fun, args, kwargs)
        leaves, tree = optree.tree_flatten((args, kwargs), namespace="lamina")
        try:
            key = (tree, fun, config.trace_key(), *[_leaf_key(leaf) for leaf in leaves])
            program = self._programs.get(key)
        except TypeError:
            raise self._explained(args, kwargs) from None
        if program is None:
            program = self._compile(key, fun, args, kwargs)
        return program(leaves)

    def _compile(self, key: Any, fun: Callable[..., Any], args: Any, kwargs: Any) -> Program:
        with self._lock:
            program = self._programs.get(key)
            if program is None:
                arguments = flatten_arguments(self.fun if fun is self.fun else fun, args, kwargs)
                program = self._programs[key] = Program(fun, arguments, self._device)
            return program

    def _explained(self, args: Any, kwargs: Any) -> Exception:
        """The error for arguments that have no key."""
        try:
            flatten_arguments(self.fun, args, kwargs)
        except errors.LaminaError as error:
            return error
        return errors.StaticArgumentError(
            function_name(self.fun), f"The arguments of `{function_name(self.fun)}` hold static data that cannot be hashed."
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
        return _Specialized(self.fun, len(args), static), rest, rest_kwargs

    def lower(self, *args: Any, **kwargs: Any) -> Lowered:
        """The program for these arguments (arrays or ShapeDtypeStructs), not compiled yet."""
        fun: Any = self.fun
        if self._has_static:
            fun, args, kwargs = self._split_static(args, kwargs)
        return Lowered(fun, flatten_arguments(fun, args, kwargs))

    def clear_cache(self) -> None:
        """Forget all compiled programs."""
        self._programs.clear()


class _Specialized:
    """A function with its static arguments put in; equal to another with equal static arguments."""

    def __init__(self, fun: Callable[..., Any], count: int, static: dict[Any, Any]):
        self.func, self.count = fun, count
        self.static = {which: _Static(value) for which, value in static.items()}
        self._key = (count, tuple(sorted(self.static.items(), key=lambda item: str(item[0]))))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Specialized) and self.func is other.func and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def __signature__(self) -> inspect.Signature:
        """The signature of the arguments that are left."""
        parameters = list(inspect.signature(self.func).parameters.values())
        return inspect.Signature([p for i, p in enumerate(parameters) if i not in self.static and p.name not in self.static])

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        rest = iter(args)
        full = [self.static[i].value if i in self.static else next(rest) for i in range(self.count)]
        named = {name: static.value for name, static in self.static.items() if isinstance(name, str)}
        return self.func(*full, **kwargs, **named)


def _leaf_key(leaf: Any) -> Any:
    """What of an argument the program depends on."""
    if isinstance(leaf, ConcreteArray):
        return leaf.type, leaf.weak_type, leaf._device
    if isinstance(leaf, np.ndarray):
        return leaf.shape, leaf.dtype
    if isinstance(leaf, (bool, int, float, complex)):
        return type(leaf)
    if isinstance(leaf, np.generic):
        return leaf.dtype
    raise TypeError


def _call_inside(original: Callable[..., Any], fun: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """A jitted function called while another is traced: one function of the module per signature."""
    trace = current_trace()
    assert trace is not None
    arguments = flatten_arguments(original if fun is original else fun, args, kwargs)
    key = (fun, arguments.tree, config.trace_key(), *[(x.type, x.weak_type) for x in arguments.arrays])
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


class Lowered:
    """A traced program that can be printed at every stage, and compiled."""

    def __init__(self, fun: Callable[..., Any], arguments: Arguments):
        self.fun = fun
        self.arguments = arguments
        self.trace, self.tree, self.traced = trace_main(fun, arguments)

    def as_text(self, stage: str = "linalg", *, locations: bool = False) -> str:
        """The MLIR after a stage: trace, derive, simplify, fuse or linalg."""
        module = ir.Module.parse(str(self.trace.module.operation.get_asm(enable_debug_info=True)))
        pipeline.run(module, until=stage)
        return module.operation.get_asm(enable_debug_info=locations)

    def compile(self, device: str | Device | None = None) -> Program:
        """The compiled program; call it with the flat arguments."""
        return Program(self.fun, self.arguments, None if device is None else find_device(device))


def trace_main(fun: Callable[..., Any], arguments: Arguments) -> tuple[Trace, Any, Any]:
    """Trace a function as the public entry of a new module."""
    assert current_trace() is None
    from lamina._transform import flatten_result
    from lamina.tracing import active

    trace = Trace(
        "main",
        [x.type for x in arguments.arrays],
        transform="jit",
        function_name=function_name(fun),
        argument_names=arguments.names,
    )
    try:
        with active(trace):
            args, kwargs = arguments.rebuild(trace.arguments([x.weak_type for x in arguments.arrays]))
            results, tree = flatten_result(fun, "jit", fun(*args, **kwargs))
            captures = trace.finish(results)
    finally:
        trace.alive = False
    del trace.function.attributes["sym_visibility"]
    return trace, tree, (results, captures)


class Program:
    """A compiled program for one signature."""

    def __init__(self, fun: Callable[..., Any], arguments: Arguments, device: Device | None):
        self.device = device or _device_of(fun, arguments)
        trace, self.tree, (results, captures) = trace_main(fun, arguments)
        self.types = [x.type for x in results]
        self.weak_types = [x.weak_type for x in results]
        self._captures = [_concrete(x).view_on(self.device) for x in captures]
        self._dtypes = [x.dtype for x in arguments.arrays]
        executable = compile_module(trace.module, self.device, function_name(fun))
        self._function = executable.function("main")
        self._unflatten = self.tree.unflatten

    def __call__(self, leaves: Sequence[Any]) -> Any:
        """Run on flat arguments; the result in the structure the function returned."""
        device = self.device
        inputs = [
            leaf.view_on(device) if type(leaf) is ConcreteArray else self._converted(leaf, i)
            for i, leaf in enumerate(leaves)
        ]
        views = self._function([*inputs, *self._captures])
        results = [
            ConcreteArray(None, type, weak, device, view)
            for type, weak, view in zip(self.types, self.weak_types, views, strict=True)
        ]
        if config.debug_nans or config.debug_infs:
            _check_finite(results, self)
        return self._unflatten(results)

    def _converted(self, leaf: Any, i: int) -> np.ndarray:
        """A NumPy array or number as the program wants it."""
        return np.asarray(leaf, self._dtypes[i])


def _check_finite(results: Sequence[ConcreteArray], program: Program) -> None:
    for x in results:
        if x.dtype.kind in "fc":
            value = x.host()
            if config.debug_nans and np.isnan(value).any():
                raise FloatingPointError("a jitted function returned nan (debug_nans is on)")
            if config.debug_infs and np.isinf(value).any():
                raise FloatingPointError("a jitted function returned inf (debug_infs is on)")


def _concrete(x: Array) -> ConcreteArray:
    assert isinstance(x, ConcreteArray)
    return x


def _device_of(fun: Callable[..., Any], arguments: Arguments) -> Device:
    """Where the arguments are. Raises DeviceMismatchError if they are in several places."""
    placed = {x._device for x in arguments.arrays if isinstance(x, ConcreteArray) and not x.is_on_host}
    if len(placed) > 1:
        where = ", ".join(sorted(str(device) for device in placed))
        raise errors.DeviceMismatchError(function_name(fun), where)
    if placed:
        (only,) = placed
        assert only is not None
        return only
    return find_device(config.default_device or "cpu")


def module_bytes(module: ir.Module, *, locations: bool) -> bytes:
    """MLIR bytecode; without locations it does not change when lines move in the user's files."""
    if not locations:
        module = ir.Module.parse(module_bytes(module, locations=True))
        mlir.run_passes(module.operation, "strip-debuginfo")
    stream = io.BytesIO()
    module.operation.write_bytecode(stream)
    return stream.getvalue()


def compile_module(module: ir.Module, device: Device, name: str) -> Executable:
    """Run the stages on a traced module, compile it with IREE, load it."""
    target = backend.target(device.platform)
    pipeline.run(module, has_f64=target.has_f64)
    work = work_of(module)
    code = compile_for(module, device.platform, name)
    return Executable(code, device, large=work >= LARGE)


def compile_for(module: ir.Module, target: str, name: str) -> bytes:
    """IREE's code for a lowered module. A failure is explained with the user's source lines."""
    try:
        return backend.compile(module_bytes(module, locations=False), target, name=f"`{name}`")
    except backend.CompilerCrash:
        raise
    except backend.CompileError:
        return backend.compile(module_bytes(module, locations=True), target, name=f"`{name}`")


class IRText(str):
    """MLIR text; shows itself as it is."""

    def __repr__(self) -> str:
        return str(self)


@api_boundary
def make_ir(fun: Callable[..., Any], *args: Any, stage: str = "trace", locations: bool = False, **kwargs: Any) -> IRText:
    """The MLIR of a function for some arguments, after a stage: trace, derive, simplify, fuse or linalg.

    >>> import lamina as la
    >>> import lamina.numpy as lnp
    >>> print(la.make_ir(lnp.sin, 1.0))
    module {
      func.func @main(%arg0: tensor<f32>) -> tensor<f32> {
        %0 = "lamina.sin"(%arg0) : (tensor<f32>) -> tensor<f32>
        return %0 : tensor<f32>
      }
    }
    <BLANKLINE>
    """
    plain = fun.fun if isinstance(fun, JittedFunction) else fun
    return IRText(Lowered(plain, flatten_arguments(plain, args, kwargs)).as_text(stage, locations=locations))


_single_ops: dict[Any, Program] = {}


def single_op(op: OpDef, operands: Sequence[Array], attributes: dict[str, Any], weak_type: bool) -> Array:
    """One op on arrays of a device: a cached program."""
    types = tuple(x.type for x in operands)
    encoded = tuple((name, _hashable(value)) for name, value in attributes.items())
    devices = tuple(x._device for x in operands if isinstance(x, ConcreteArray) and not x.is_on_host)
    key = (op.name, types, encoded, weak_type, devices)
    program = _single_ops.get(key)
    if program is None:
        names = [*op.operands]
        arguments = Arguments(list(operands), names, tree_util.tree_structure((tuple(operands), {})))
        program = _single_ops[key] = Program(
            lambda *xs: bind(op, *xs, weak_type=weak_type, **attributes), arguments, None
        )
    return program(operands)


def _hashable(value: Any) -> Any:
    return value.tobytes() if isinstance(value, np.ndarray) else value


