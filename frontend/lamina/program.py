"""Traced and compiled programs: a function for one signature, its IR at every stage, and what runs it."""

from __future__ import annotations

import io
import operator
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from lamina import _leaks, errors, tree_util
from lamina._frames import api_boundary
from lamina._inference import check_memory
from lamina._jit_options import ProgramOptions
from lamina._key_reuse import consume, is_consumed
from lamina._nan_hunt import hunt
from lamina._shapes import with_placeholders
from lamina._transform import Arguments, flatten_arguments, flatten_result, function_name
from lamina.array import Array, ConcreteArray
from lamina.binding import bind
from lamina.config import config
from lamina.tracing import Trace, active, current_trace, suspended
from lamina_compiler import backend, host_calls, mlir, pipeline
from lamina_compiler.errors import NoFloat64
from lamina_compiler.mlir import ir
from lamina_compiler.opdef import OpDef
from lamina_compiler.passes import kernelize
from lamina_compiler.types import TensorType
from lamina_compiler.work import work_of
from lamina_runtime.call import Executable
from lamina_runtime.device import Device
from lamina_runtime.device import device as find_device
from lamina_runtime.host import HostModule

# Points a program visits (see work_of) from which it runs on all cores instead of the calling thread.
LARGE = 1_000_000


class Outcome(NamedTuple):
    """Type of a result."""

    type: TensorType
    weak_type: bool


def trace_main(fun: Callable[..., Any], arguments: Arguments) -> tuple[Trace, Any, Any]:
    """Trace a function as the public entry of a new module."""
    assert current_trace() is None
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
    outcomes = [Outcome(x.type, x.weak_type) for x in results]
    del args, kwargs, results
    _leaks.check(trace)
    del trace.function.attributes["sym_visibility"]
    return trace, tree, (outcomes, captures)


class Program:
    """A compiled program for one signature."""

    def __init__(self, fun: Callable[..., Any], arguments: Arguments, options: ProgramOptions = ProgramOptions()):  # noqa: B008 - immutable
        backend.prestart()  # the compiling process starts while this one traces
        self.fun = fun
        self.device = options.device or _device_of(fun, arguments)
        trace, self.tree, (results, captures) = trace_main(fun, arguments)
        self._used_keys = [i for i, x in enumerate(trace.inputs) if is_consumed(x)]
        for result in results:
            check_memory(function_name(fun), result.type)
        self._results = results
        self._captured = [_concrete(x) for x in captures]
        self._captures = [x.view_on(self.device) for x in self._captured]
        placeholders = [ConcreteArray(None, x.type, x.weak_type) for x in arguments.arrays]
        self._signature = arguments._replace(arrays=placeholders)  # without the values of the first call
        self._dtypes = [x.dtype for x in arguments.arrays]
        executable = compile_module(trace.module, self.device, function_name(fun), arguments.names, options.compiler)
        self._call = executable.function("main").__call__  # a bound method, which Python calls faster than an object
        self._unflatten = _unflattening(self.tree)

    def run(self, leaves: Sequence[Any]) -> Any:
        """Run on flat arguments; the result in the structure the function returned."""
        device = self.device
        inputs, results = [], []  # loops, which are faster than comprehensions where there is little to do
        for leaf in leaves:
            if type(leaf) is ConcreteArray:
                kept = leaf._view if leaf._device is device else None
                inputs.append(leaf.view_on(device) if kept is None else kept)
            else:
                inputs.append(np.asarray(leaf, self._dtypes[len(inputs)]))
        for i in self._used_keys:
            consume(leaves[i])
        inputs += self._captures
        for view, (type_, weak) in zip(self._call(inputs), self._results):  # noqa: B905 - `strict` takes as long as all else
            results.append(ConcreteArray(None, type_, weak, device, view))
        if config.debug_nans or config.debug_infs:
            hunt([x.host() for x in results], function_name(self.fun), self._traced_again, [*leaves, *self._captured])
        return self._unflatten(results)

    def _traced_again(self) -> ir.Module:
        return trace_main(self.fun, self._signature)[0].module


def _unflattening(tree: Any) -> Callable[[list[Any]], Any]:
    """What makes a result of its leaves: they are often one, or a list or tuple as they are."""
    if tree.is_leaf():
        return operator.itemgetter(0)
    leaves = [None] * tree.num_leaves
    kind = type(tree.unflatten(leaves))
    flat = kind in (list, tuple) and tree.num_nodes == tree.num_leaves + 1
    return kind if flat else tree.unflatten


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


def compile_module(
    module: ir.Module,
    device: Device,
    name: str,
    arguments: Sequence[str] = (),
    options: backend.CompileOptions = backend.CompileOptions(),  # noqa: B008 - immutable
) -> Executable:
    """Run the stages on a traced module, compile it with IREE, load it.

    What IREE cannot turn into code is tried once more with kernels of our own in place of all that it would generate.
    """
    target = backend.target(device.platform)
    run_stages(module, target, name, arguments=arguments, until="linalg")
    lowered = module_bytes(module, locations=True)
    run_stages(module, target, name, after="linalg")
    try:
        return _load(module, device, name, options)
    except backend.CompileTimeout:
        raise
    except backend.CompileError as failure:
        ours = ir.Module.parse(lowered)
        ours.operation.attributes[kernelize.EVERYTHING] = ir.UnitAttr.get()
        run_stages(ours, target, name, after="linalg")
        if module_bytes(ours, locations=False) == module_bytes(module, locations=False):
            raise
        try:
            return _load(ours, device, name, options)
        except backend.CompileError:
            raise failure from None


def _load(module: ir.Module, device: Device, name: str, options: backend.CompileOptions) -> Executable:
    """Compile a module that went through all stages, and load it."""
    host = host_calls.exports(module)
    code = compile_for(module, device.platform, name, options)
    linked = [HostModule(host_calls.MODULE, host)] if host else []
    return Executable(code, device, large=work_of(module) >= LARGE, host_modules=linked)


def run_stages(
    module: ir.Module,
    target: backend.Target,
    name: str,
    *,
    arguments: Sequence[str] = (),
    after: str = "trace",
    until: str = pipeline.LAST,
    has_host: bool = True,
) -> None:
    """Run the stages that follow `after`, up to `until`.

    `has_host`: whether the program runs in this Python process. Raises DeviceDTypeError if the target lacks a dtype of
    the program.
    """
    try:
        pipeline.run(
            module,
            after=after,
            until=until,
            has_f64=target.has_f64,
            has_host=has_host,
            vectors=target.vectors,
        )
    except NoFloat64 as error:
        argument = error.argument
        known = argument is not None and argument < len(arguments)
        what = f"the argument `{arguments[argument or 0]}`" if known else error.what
        where = "" if argument is not None else errors.source_text(error.location)
        raise errors.DeviceDTypeError(name, what, error.dtype, target.name, where) from None


def compile_for(
    module: ir.Module,
    target: str,
    name: str,
    options: backend.CompileOptions = backend.CompileOptions(),  # noqa: B008 - immutable
) -> bytes:
    """IREE's code for a lowered module. A failure is explained with the user's source lines."""
    try:
        return backend.compile(module_bytes(module, locations=False), target, options, name=f"`{name}`")
    except (backend.CompilerCrash, backend.CompileTimeout):  # which say the same the second time
        raise
    except backend.CompileError:
        return backend.compile(module_bytes(module, locations=True), target, options, name=f"`{name}`")


class IRText(str):
    """MLIR text; shows itself as it is."""

    def __repr__(self) -> str:
        return str(self)


@api_boundary
def make_ir(
    fun: Callable[..., Any], *args: Any, stage: str = "trace", locations: bool = False, **kwargs: Any
) -> IRText:
    """The MLIR of a function for some arguments, after a stage.

    The stages are trace, derive, simplify, fuse, hoist, linalg, reorder, rows, pack, kernelize, tile, place and
    executables.

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
    plain = getattr(fun, "__wrapped__", fun) if hasattr(fun, "lower") else fun  # a jitted function: what it jits
    args, kwargs = with_placeholders((args, kwargs))
    from lamina.stages import Lowered

    return Lowered(plain, flatten_arguments(plain, args, kwargs)).as_text(stage, locations=locations)


@api_boundary
def eval_shape(fun: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Shapes and dtypes of what a function returns, without computing it; arguments: arrays or ShapeDtypeStructs.

    >>> import lamina as la
    >>> la.eval_shape(lambda x: x @ x.T, la.ShapeDtypeStruct((3, 4), "float32"))
    ShapeDtypeStruct(shape=(3, 3), dtype=float32)
    """
    args, kwargs = with_placeholders((args, kwargs))
    from lamina.stages import Lowered

    with suspended():
        return Lowered(fun, flatten_arguments(fun, args, kwargs)).out_info


_single_ops: dict[Any, Program] = {}


def clear_single_ops() -> None:
    """Forget the programs of single ops."""
    _single_ops.clear()


def single_op(op: OpDef, operands: Sequence[Array], attributes: dict[str, Any], weak_type: bool) -> Any:
    """One op on arrays of a device: a cached program."""
    types = tuple(x.type for x in operands)
    encoded = tuple((name, _hashable(value)) for name, value in attributes.items())
    devices = tuple(x._device for x in operands if isinstance(x, ConcreteArray) and not x.is_on_host)
    key = (op.name, types, encoded, weak_type, devices)
    program = _single_ops.get(key)
    if program is None:
        names = [*op.operands]
        arguments = Arguments(list(operands), names, tree_util.tree_structure((tuple(operands), {})))

        def apply(*xs: Array) -> Any:
            return bind(op, *xs, weak_type=weak_type, **attributes)

        apply.__name__ = op.name  # for messages
        program = _single_ops[key] = Program(apply, arguments)
    return program.run(operands)


def _hashable(value: Any) -> Any:
    return value.tobytes() if isinstance(value, np.ndarray) else value
