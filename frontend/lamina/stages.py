"""The stages of a jitted function: traced, lowered, compiled. ``jit(f).trace(*args).lower().compile()(*args)``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np

from lamina import errors, tree_util
from lamina._frames import api_boundary
from lamina._jit_options import ProgramOptions
from lamina._shapes import ShapeDtypeStruct, struct_of
from lamina._transform import Arguments, flatten_arguments, function_name
from lamina.program import IRText, Program, trace_main
from lamina_compiler import cost, pipeline
from lamina_compiler.backend import TARGETS
from lamina_compiler.mlir import ir
from lamina_runtime.device import Device

__all__ = ["ArgInfo", "Compiled", "CompilerOptions", "Lowered", "Traced", "Wrapped"]

CompilerOptions = dict[str, str | bool]
"""Options of a compiler by name."""


@dataclass(frozen=True)
class ArgInfo:
    """What is known of an argument of a program.

    >>> import lamina as la, lamina.numpy as lnp
    >>> args, _ = la.jit(lambda x: x + 1).lower(lnp.ones(3)).args_info
    >>> args[0].shape
    (3,)
    """

    shape: tuple[int, ...]
    dtype: np.dtype
    donated: bool = False


@runtime_checkable
class Wrapped(Protocol):
    """What `jit` returns: a function to call, or to trace and lower first.

    >>> import lamina as la
    >>> isinstance(la.jit(lambda x: 2 * x), la.stages.Wrapped)
    True
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...
    def lower(self, *args: Any, **kwargs: Any) -> Lowered: ...
    def trace(self, *args: Any, **kwargs: Any) -> Traced: ...


class _Stage:
    """What every stage knows about the signature of the function."""

    arguments: Arguments
    tree: Any
    types: list[ShapeDtypeStruct]

    @property
    def args_info(self) -> Any:
        """Shapes and dtypes of the arguments: a pair of positional and keyword ones."""
        return self.arguments.rebuild([struct_of(x) for x in self.arguments.arrays])

    @property
    def in_tree(self) -> Any:
        """Structure of the arguments."""
        return self.arguments.tree

    @property
    def out_tree(self) -> Any:
        """Structure of the result."""
        return self.tree

    @property
    def out_info(self) -> Any:
        """Shapes and dtypes of the results."""
        return tree_util.tree_unflatten(self.tree, self.types)


class Lowered(_Stage):
    """A traced program that can be printed at every stage, and compiled.

    >>> import lamina as la, lamina.numpy as lnp
    >>> lowered = la.jit(lambda x: 2 * x).lower(lnp.ones(3))
    >>> lowered.out_info
    ShapeDtypeStruct(shape=(3,), dtype=float32)
    """

    def __init__(self, fun: Callable[..., Any], arguments: Arguments, options: ProgramOptions = ProgramOptions()):  # noqa: B008 - immutable
        self.fun, self.arguments, self._options = fun, arguments, options
        self.trace, self.tree, (results, _) = trace_main(fun, arguments)
        self.types = [struct_of(x) for x in results]

    def as_text(self, stage: str = "linalg", *, locations: bool = False, debug_info: bool = False) -> IRText:
        """The MLIR after a stage; `la.make_ir` says which there are.

        >>> import lamina as la, lamina.numpy as lnp
        >>> "lamina.sin" in la.jit(lnp.sin).lower(1.0).as_text("trace")
        True
        """
        module = self._at(stage)
        return IRText(module.operation.get_asm(enable_debug_info=locations or debug_info))

    def _at(self, stage: str) -> ir.Module:
        module = ir.Module.parse(str(self.trace.module.operation.get_asm(enable_debug_info=True)))
        pipeline.run(module, until=stage, vectors=TARGETS["cpu"].vectors)
        return module

    def cost_analysis(self) -> dict[str, float]:
        """What the simplified program computes: "flops", "transcendentals" and "bytes accessed".

        A multiply-add counts as two flops; a loop's body as often as it runs, once where that is not known. Bytes are
        those of the operands and results of all operations, as if nothing were fused.

        >>> import lamina as la, lamina.numpy as lnp
        >>> la.jit(lambda x: x @ x).lower(lnp.ones((4, 4))).cost_analysis()["flops"]
        128.0
        """
        return cost.of_module(self._at("hoist"))

    def compile(
        self, device: str | Device | None = None, compiler_options: Mapping[str, Any] | None = None
    ) -> Compiled:
        """The compiled program, to be called with arguments of the same structure and types.

        `device` and `compiler_options` are as for `jit`, whose they replace.
        """
        return Compiled(self, Program(self.fun, self.arguments, self._options.changed(device, compiler_options)))


class Traced(Lowered):
    """A traced program, not lowered yet; printing it shows the program as it was written down.

    >>> import lamina as la, lamina.numpy as lnp
    >>> la.jit(lambda x: 2 * x).trace(lnp.ones(3)).out_info
    ShapeDtypeStruct(shape=(3,), dtype=float32)
    """

    def __repr__(self) -> str:
        return self.as_text("trace")

    def lower(self) -> Lowered:
        """The same program, as the stage that can be compiled."""
        return self


class Compiled(_Stage):
    """A program for one signature, called like the function it was made from. It never compiles again.

    >>> import lamina as la, lamina.numpy as lnp
    >>> twice = la.jit(lambda x: 2 * x).lower(lnp.ones(2)).compile()
    >>> twice(lnp.array([1.0, 2.0]))
    Array([2., 4.], dtype=float32)
    """

    def __init__(self, lowered: Lowered, program: Program):
        self.arguments, self.tree, self.types = lowered.arguments, lowered.tree, lowered.types
        self._lowered, self._program, self._name = lowered, program, function_name(lowered.fun)

    @api_boundary
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        given = flatten_arguments(self._program.fun, args, kwargs)
        if given.tree != self.arguments.tree:
            raise errors.TreeStructureError(
                f"compiled `{self._name}`",
                "",
                ("the program", str(self.arguments.tree)),
                ("the call", str(given.tree)),
            )
        for name, want, got in zip(given.names, self.arguments.arrays, given.arrays, strict=True):
            if want.type != got.type:
                raise errors.ShapeError(
                    f"compiled {self._name}", f"`{name}` is {got.type}, but the program was compiled for {want.type}"
                )
        return self._program.run(given.arrays)

    def as_text(self) -> str:
        """The MLIR that was compiled."""
        return self._lowered.as_text(pipeline.LAST)

    def cost_analysis(self) -> dict[str, float]:
        """See `Lowered.cost_analysis`."""
        return self._lowered.cost_analysis()

    def memory_analysis(self) -> dict[str, int]:
        """Bytes of the arguments and of the results.

        >>> import lamina as la, lamina.numpy as lnp
        >>> la.jit(lnp.sin).lower(lnp.ones(4)).compile().memory_analysis()
        {'argument_size_in_bytes': 16, 'output_size_in_bytes': 16}
        """
        return {
            "argument_size_in_bytes": sum(x.type.nbytes for x in self.arguments.arrays),
            "output_size_in_bytes": sum(int(np.prod(t.shape)) * t.dtype.itemsize for t in self.types),
        }
