"""Linear functions that transformations made; the one that `vjp` returns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from lamina import errors, tree_util
from lamina._float0 import beside, plain, zeros_float0
from lamina._frames import api_boundary
from lamina._transform import SplitResult, function_name, in_trace
from lamina._tree_compare import check_same_structure
from lamina.array import Array, ConcreteArray
from lamina.tracer import Tracer, as_array
from lamina.tracing import Trace
from lamina_compiler import functions
from lamina_compiler.importing import import_function
from lamina_compiler.mlir import ir
from lamina_compiler.types import TensorType

Function = Callable[..., Any]


class LinearFunction:
    """A linear function that a transformation made: residuals, and a function of a module."""

    def __init__(self, module: ir.Module, function: ir.Operation, residuals: Sequence[Array]):
        self.module, self.function, self.residuals = module, function, list(residuals)

    def __call__(self, arrays: Sequence[Array]) -> list[Array]:
        def body(trace: Trace) -> list[Tracer]:
            function = self.function
            if trace.module is not self.module:
                function = import_function(trace.module, self.module, function)
            return trace.call(function, [*self.residuals, *arrays])

        return in_trace("vjp", body)

    def alone(self) -> LinearFunction:
        """The same in a module of its own, which no program that is being made changes."""
        module = functions.new_module()
        return LinearFunction(module, import_function(module, self.module, self.function), self.residuals)


class PrimalTypes(NamedTuple):
    """What a pullback knows of the function that was differentiated."""

    fun: Function
    split: SplitResult
    types: list[TensorType]  # of the results
    wrt: list[int]  # the differentiable leaves of the primals
    outputs: list[int]  # those of the result
    primals: list[tuple[tuple[int, ...], bool]]  # shape and weakness of every leaf
    tree: Any

    @classmethod
    def of(cls, fun: Function, primals: Sequence[Any], split: SplitResult, made: dict[str, Any]) -> PrimalTypes:
        leaves = [(x.shape, x.weak_type) for x in made["arguments"].arrays]
        tree = tree_util.tree_structure(tuple(primals))
        return cls(fun, split, made["traced"].types, made["wrt"], made["outputs"], leaves, tree)


class _Static:
    """What of a pullback is no array; the same for all calls of a program that returns one."""

    def __init__(self, primals: PrimalTypes, linear: LinearFunction):
        self.primals, self.module, self.function = primals, linear.module, linear.function


@tree_util.register_pytree_node_class
class Pullback:
    """The derivative of a function at a point in reverse mode. A container of residuals."""

    def __init__(self, primals: PrimalTypes, linear: LinearFunction, static: _Static | None = None):
        self._primals, self._linear, self._static = primals, linear, static

    @api_boundary
    def __call__(self, cotangent: Any) -> Any:
        fun, split, types, wrt, outputs, primals, tree = self._primals
        cotangents = check_cotangents(fun, split, types, cotangent)
        by_index = dict(zip(wrt, self._linear([cotangents[i] for i in outputs]), strict=True))
        leaves: list[Any] = [by_index.get(i, zeros_float0(shape)) for i, (shape, _) in enumerate(primals)]
        for i in wrt:
            leaves[i].weak_type = primals[i][1]
        return tree_util.tree_unflatten(tree, leaves)

    def tree_flatten(self) -> tuple[Any, _Static]:
        if self._static is None:
            self._static = _Static(self._primals, self._linear.alone())
        return tuple(self._linear.residuals), self._static

    @classmethod
    def tree_unflatten(cls, static: _Static, residuals: Any) -> Pullback:
        return cls(static.primals, LinearFunction(static.module, static.function, residuals), static)


def check_cotangents(
    fun: Function, split: SplitResult, types: Sequence[TensorType], cotangent: Any
) -> dict[int, Array]:
    """Cotangents of the differentiable results. Raises CotangentError where they do not fit the result."""
    name = function_name(fun)
    leaves, tree = tree_util.tree_flatten(cotangent)
    try:
        check_same_structure("vjp", plain(split.result_tree), tree, ("the result", "the cotangent"))
    except errors.TreeStructureError as error:
        raise errors.CotangentError(name, error.difference) from None
    found: dict[int, Array] = {}
    for i, leaf in enumerate(beside(split.result_tree, leaves)):
        type = types[i]
        if not type.differentiable:
            continue
        array = as_array(leaf)
        if array.weak_type and array.type.differentiable and isinstance(array, ConcreteArray):
            array = as_array(array, dtype=type.dtype)
        if array.type != type:
            raise errors.CotangentError(name, f"a cotangent is {array.type}, its part of the result {type}")
        found[i] = array
    return found
