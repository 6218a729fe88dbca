"""The builder that lowering rules see: linalg, tensor, arith and math on signless types."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import scalar
from .attributes import encode_elements
from .mlir import ir
from .scalar_functions import ScalarFunctions
from .types import COMPLEX, REAL_OF, SHORT_NAME, UNSIGNED, TensorType, from_ir, signless, signless_element

Map = Sequence[int | ir.AffineExpr]  # of an operand: for each of its dimensions the loop dimension, or an expression


class LinalgBuilder:
    """Appends upstream ops at `ip` with location `loc`; `scalars` holds what the module shares."""

    def __init__(self, ip: ir.InsertionPoint, loc: ir.Location, scalars: ScalarFunctions):
        self.ip = ip
        self.loc = loc
        self.scalars = scalars

    def op(
        self,
        name: str,
        results: Sequence[ir.Type],
        operands: Sequence[ir.Value] = (),
        attributes: dict[str, ir.Attribute] | None = None,
        regions: int = 0,
    ) -> ir.Operation:
        return ir.Operation.create(name, results, operands, attributes, regions=regions, ip=self.ip, loc=self.loc)

    # ---- values ----

    def empty(self, type: TensorType) -> ir.Value:
        return self.op("tensor.empty", [signless(type)]).result

    def constant(self, array: np.ndarray) -> ir.Value:
        """arith.constant of any non-complex dtype; a 0-strided array is a splat."""
        type = TensorType(array.shape, array.dtype)
        return self.op("arith.constant", [signless(type)], (), {"value": encode_elements(array, signless(type))}).result

    def scalar_constant(self, value: Any, dtype: np.dtype) -> ir.Value:
        """A constant of the element type (complex too)."""
        element = signless_element(dtype)
        if dtype in COMPLEX:
            parts = [self.scalar_constant(part, REAL_OF[dtype]) for part in (complex(value).real, complex(value).imag)]
            return self.op("complex.create", [element], parts).result
        if isinstance(element, ir.IntegerType):
            # int64 bit pattern of an unsigned value
            bits = int(np.asarray(value).astype(dtype).view(f"i{dtype.itemsize}")) if dtype != np.bool_ else int(value)
            attribute: ir.Attribute = ir.IntegerAttr.get(element, bits)
        else:
            attribute = ir.FloatAttr.get(element, float(value))
        return self.op("arith.constant", [element], (), {"value": attribute}).result

    def index(self, value: int) -> ir.Value:
        index = ir.IndexType.get()
        return self.op("arith.constant", [index], (), {"value": ir.IntegerAttr.get(index, value)}).result

    def splat(self, type: TensorType, value: Any) -> ir.Value:
        """A tensor filled with one number, as linalg.fill for IREE to fold into its users."""
        if type.dtype.itemsize > 8:  # IREE cannot fill with 128-bit patterns
            return self.parallel([], [], type, lambda inner, _: inner.scalar_constant(value, type.dtype))
        return self.fill(self.scalar_constant(value, type.dtype), type)

    def fill(self, element: ir.Value, type: TensorType) -> ir.Value:
        init = self.empty(type)
        segments = ir.DenseI32ArrayAttr.get([1, 1])
        fill = self.op("linalg.fill", [init.type], [element, init], {"operandSegmentSizes": segments}, regions=1)
        block = fill.regions[0].blocks.append(element.type, element.type)
        ir.Operation.create("linalg.yield", [], [block.arguments[0]], ip=ir.InsertionPoint(block), loc=self.loc)
        return fill.result

    # ---- linalg.generic ----

    def generic(
        self,
        inputs: Sequence[ir.Value],
        maps: Sequence[Map],
        inits: Sequence[ir.Value],
        output_maps: Sequence[Map],
        *,
        loops: int,
        reductions: Sequence[int] = (),
        body: Callable[[LinalgBuilder, list[ir.Value]], Sequence[ir.Value]],
    ) -> list[ir.Value]:
        """One linalg.generic; `body` gets a builder inside the region and the block arguments, inputs first."""
        block_types = [ir.RankedTensorType(value.type).element_type for value in (*inputs, *inits)]
        attributes = {
            "indexing_maps": ir.ArrayAttr.get([_affine_map(loops, m) for m in (*maps, *output_maps)]),
            "iterator_types": _iterator_types(loops, frozenset(reductions)),
            "operandSegmentSizes": ir.DenseI32ArrayAttr.get([len(inputs), len(inits)]),
        }
        generic = self.op("linalg.generic", [v.type for v in inits], [*inputs, *inits], attributes, regions=1)
        block = generic.regions[0].blocks.append(*block_types)
        inner = LinalgBuilder(ir.InsertionPoint(block), self.loc, self.scalars)
        inner.op("linalg.yield", [], body(inner, list(block.arguments)))
        return list(generic.results)

    def parallel(
        self,
        inputs: Sequence[ir.Value],
        maps: Sequence[Map],
        result: TensorType,
        body: Callable[[LinalgBuilder, list[ir.Value]], ir.Value],
    ) -> ir.Value:
        """A generic over all points of the result; `body` gets the input elements."""
        identity = range(result.rank)
        return self.generic(
            inputs,
            maps,
            [self.empty(result)],
            [identity],
            loops=result.rank,
            body=lambda lw, args: [body(lw, args[:-1])],
        )[0]

    def elementwise(
        self,
        function: Callable[..., Any],
        operands: Sequence[ir.Value],
        types: Sequence[TensorType],
        result: TensorType,
    ) -> ir.Value:
        """Apply a function of `scalar.Value`s at every point."""
        return self.elementwise_all(function, operands, types, [result])[0]

    def elementwise_all(
        self,
        function: Callable[..., Any],
        operands: Sequence[ir.Value],
        types: Sequence[TensorType],
        results: Sequence[TensorType],
    ) -> list[ir.Value]:
        """`elementwise` for a function with several results."""
        dtypes = [type.dtype for type in types]
        identity = range(results[0].rank)
        return self.generic(
            operands,
            [identity] * len(operands),
            [self.empty(result) for result in results],
            [identity] * len(results),
            loops=results[0].rank,
            body=lambda lw, args: lw.apply_all(function, args[: len(operands)], dtypes),
        )

    def apply(self, function: Callable[..., Any], operands: Sequence[ir.Value], dtypes: Sequence[np.dtype]) -> ir.Value:
        """A function of `scalar.Value`s on element-typed values: its ops, or a call where these are many."""
        return self.apply_all(function, operands, dtypes)[0]

    def apply_all(
        self, function: Callable[..., Any], operands: Sequence[ir.Value], dtypes: Sequence[np.dtype]
    ) -> Sequence[ir.Value]:
        """`apply` for a function with several results."""
        shared = self.scalars.find(function, dtypes)
        if shared is not None:
            name, results = shared
            return list(self.op("func.call", results, operands, {"callee": ir.FlatSymbolRefAttr.get(name)}).results)
        with self.ip, self.loc:
            return self.scalars.emit(function, operands, dtypes)

    # ---- iree_linalg_ext.scatter ----

    def scatter(
        self,
        updates: ir.Value,
        rows: ir.Value,
        into: ir.Value,
        unique: bool,
        combine: Callable[..., Any],
        dtype: np.dtype,
    ) -> ir.Value:
        """`into` with row ``rows[i, 0]`` combined with ``updates[i]`` for every i, one after the other unless unique.

        IREE may write into the memory of `into`, even if that is an argument of the program. What computes the updates
        is kept apart, since IREE's code generation for CUDA fails where that is fused.
        """
        updates = self._opaque(self._copied(updates) if _is_argument(updates) else updates)
        attributes: dict[str, ir.Attribute] = {
            "dimension_map": ir.DenseI64ArrayAttr.get([0]),
            "operandSegmentSizes": ir.DenseI32ArrayAttr.get([2, 1]),
            "unique_indices": ir.BoolAttr.get(unique),
        }
        scatter = self.op("iree_linalg_ext.scatter", [into.type], [updates, rows, into], attributes, regions=1)
        element = ir.RankedTensorType(into.type).element_type
        block = scatter.regions[0].blocks.append(element, element)
        inner = LinalgBuilder(ir.InsertionPoint(block), self.loc, self.scalars)
        with inner.ip, inner.loc:  # not a call, which would not be inlined here
            (result,) = self.scalars.emit(combine, list(block.arguments), [dtype, dtype])
        inner.op("iree_linalg_ext.yield", [], [result])
        return scatter.result

    # ---- indices inside a generic ----

    def loop_index(self, dimension: int) -> ir.Value:
        """linalg.index: the current point of a loop dimension."""
        dim = ir.IntegerAttr.get(ir.IntegerType.get_signless(64), dimension)
        return self.op("linalg.index", [ir.IndexType.get()], (), {"dim": dim}).result

    def index_op(self, name: str, x: ir.Value, y: ir.Value) -> ir.Value:
        return self.op(f"arith.{name}", [x.type], [x, y]).result

    def compare_index(self, predicate: str, x: ir.Value, y: ir.Value) -> ir.Value:
        code = {"eq": 0, "ne": 1, "slt": 2, "sle": 3, "sgt": 4, "sge": 5, "ult": 6}[predicate]
        attribute = ir.IntegerAttr.get(ir.IntegerType.get_signless(64), code)
        return self.op("arith.cmpi", [ir.IntegerType.get_signless(1)], [x, y], {"predicate": attribute}).result

    def choose(self, predicate: ir.Value, on_true: ir.Value, on_false: ir.Value) -> ir.Value:
        return self.op("arith.select", [on_true.type], [predicate, on_true, on_false]).result

    def clamp_index(self, x: ir.Value, last: int) -> ir.Value:
        """x limited to [0, last]."""
        return self.index_op("maxsi", self.index_op("minsi", x, self.index(last)), self.index(0))

    def to_index(self, value: ir.Value, dtype: np.dtype) -> ir.Value:
        name = "arith.index_castui" if dtype in UNSIGNED else "arith.index_cast"
        return self.op(name, [ir.IndexType.get()], [value]).result

    def from_index(self, value: ir.Value, dtype: np.dtype) -> ir.Value:
        """An index as an element of any real dtype."""
        i64 = np.dtype(np.int64)
        wide = self.op("arith.index_cast", [signless_element(i64)], [value]).result
        name = SHORT_NAME[dtype]
        return self.apply(lambda x: scalar.convert(x, name), [wide], [i64])

    def extract(self, tensor: ir.Value, indices: Sequence[ir.Value]) -> ir.Value:
        """tensor.extract; the indices must be in range."""
        return self.op("tensor.extract", [ir.RankedTensorType(tensor.type).element_type], [tensor, *indices]).result

    def convert(self, value: ir.Value, dtype: np.dtype, target: np.dtype) -> ir.Value:
        """An element as one of another dtype."""
        name = SHORT_NAME[target]
        return value if dtype == target else self.apply(lambda x: scalar.convert(x, name), [value], [dtype])

    # ---- tensor ----

    def collapse(self, value: ir.Value, groups: Sequence[Sequence[int]], type: TensorType) -> ir.Value:
        return self.op("tensor.collapse_shape", [signless(type)], [value], {"reassociation": _groups(groups)}).result

    def expand(self, value: ir.Value, groups: Sequence[Sequence[int]], type: TensorType) -> ir.Value:
        attributes = {
            "reassociation": _groups(groups),
            "static_output_shape": ir.DenseI64ArrayAttr.get(type.shape),
        }
        return self.op("tensor.expand_shape", [signless(type)], [value], attributes).result

    def extract_slice(
        self, value: ir.Value, starts: Sequence[int | ir.Value], strides: Sequence[int], type: TensorType
    ) -> ir.Value:
        dynamic, attributes = _slice_attributes(starts, type.shape, strides, leading=1)
        return self.op("tensor.extract_slice", [signless(type)], [value, *dynamic], attributes).result

    def slice_at(self, value: ir.Value, index: ir.Value, type: TensorType) -> ir.Value:
        """The slice of the given type at a position of the first dimension, without that dimension."""
        if type.size == 0:  # MLIR's verifier holds offsets in empty arrays to be out of bounds
            return self.empty(type)
        starts: list[int | ir.Value] = [index, *[0] * type.rank]
        dynamic, attributes = _slice_attributes(starts, (1, *type.shape), [1] * len(starts), leading=1)
        return self.op("tensor.extract_slice", [signless(type)], [value, *dynamic], attributes).result

    def insert_at(self, value: ir.Value, into: ir.Value, index: ir.Value, type: TensorType) -> ir.Value:
        """`into` with the slice at a position of the first dimension replaced by `value`, of the given type."""
        if type.size == 0:
            return into
        starts: list[int | ir.Value] = [index, *[0] * type.rank]
        return self.insert_slice(value, into, starts, (1, *type.shape), [1] * len(starts))

    def barrier(self, value: ir.Value) -> ir.Value:
        """The value, unknown to further optimization.

        State of a loop is chosen by an unknown flag: where it goes through IREE's barrier at once, IREE neither fills
        it before the loop nor waits for what computes it.
        """
        return self._copied(value) if _is_argument(value) else self._opaque(value)

    def _opaque(self, value: ir.Value) -> ir.Value:
        return self.op("util.optimization_barrier", [value.type], [value]).result

    def _copied(self, value: ir.Value) -> ir.Value:
        type, flag = from_ir(value.type), self._opaque(self.scalar_constant(True, np.dtype(bool)))
        return self.parallel(
            [value],
            [range(type.rank)],
            type,
            lambda lw, args: lw.choose(flag, args[0], lw.scalar_constant(0, type.dtype)),
        )

    def tensor(self, type: TensorType) -> ir.Type:
        """The tensor type after lowering."""
        return signless(type)

    def insert_slice(
        self,
        value: ir.Value,
        into: ir.Value,
        starts: Sequence[int | ir.Value],
        sizes: Sequence[int],
        strides: Sequence[int],
    ) -> ir.Value:
        dynamic, attributes = _slice_attributes(starts, sizes, strides, leading=2)
        return self.op("tensor.insert_slice", [into.type], [value, into, *dynamic], attributes).result

    def concat(self, values: Sequence[ir.Value], dimension: int, type: TensorType) -> ir.Value:
        dim = ir.IntegerAttr.get(ir.IntegerType.get_signless(64), dimension)
        return self.op("tensor.concat", [signless(type)], values, {"dim": dim}).result

    def pad(
        self, value: ir.Value, low: Sequence[int], high: Sequence[int], fill: ir.Value, type: TensorType
    ) -> ir.Value:
        """tensor.pad with an element that dominates it."""
        attributes: dict[str, ir.Attribute] = {
            "static_low": ir.DenseI64ArrayAttr.get(list(low)),
            "static_high": ir.DenseI64ArrayAttr.get(list(high)),
            "operandSegmentSizes": ir.DenseI32ArrayAttr.get([1, 0, 0]),
        }
        pad = self.op("tensor.pad", [signless(type)], [value], attributes, regions=1)
        block = pad.regions[0].blocks.append(*[ir.IndexType.get()] * type.rank)
        ir.Operation.create("tensor.yield", [], [fill], ip=ir.InsertionPoint(block), loc=self.loc)
        return pad.result


def _is_argument(value: ir.Value) -> bool:
    """Whether a tensor is an argument of a block, but not of the program, perhaps in another shape."""
    if not isinstance(value.type, ir.RankedTensorType):
        return False
    while not isinstance(value.owner, ir.Block):
        if value.owner.name not in ("tensor.collapse_shape", "tensor.expand_shape", "tensor.cast"):
            return False
        value = value.owner.operands[0]
    return value.owner.owner.name != "func.func" or "sym_visibility" in value.owner.owner.attributes


def splat_element(value: ir.Value) -> Any | None:
    """The number a constant tensor is filled with, or None."""
    owner = value.owner
    if isinstance(owner, ir.Block) or owner.name != "arith.constant":
        return None
    attribute = owner.attributes["value"]
    return attribute.get_splat_value() if attribute.is_splat else None


def _affine_map(loops: int, results: Map) -> ir.Attribute:
    exprs = [ir.AffineDimExpr.get(r) if isinstance(r, int) else r for r in results]
    return ir.AffineMapAttr.get(ir.AffineMap.get(loops, 0, exprs))


_DYNAMIC = -(2**63)


def _slice_attributes(
    starts: Sequence[int | ir.Value], sizes: Sequence[int], strides: Sequence[int], leading: int
) -> tuple[list[ir.Value], dict[str, ir.Attribute]]:
    """Dynamic offsets, and the attributes of tensor.extract_slice (one leading operand) or insert_slice (two)."""
    dynamic = [start for start in starts if not isinstance(start, int)]
    attributes: dict[str, ir.Attribute] = {
        "static_offsets": ir.DenseI64ArrayAttr.get([s if isinstance(s, int) else _DYNAMIC for s in starts]),
        "static_sizes": ir.DenseI64ArrayAttr.get(list(sizes)),
        "static_strides": ir.DenseI64ArrayAttr.get(list(strides)),
        "operandSegmentSizes": ir.DenseI32ArrayAttr.get([1] * leading + [len(dynamic), 0, 0]),
    }
    return dynamic, attributes


def _groups(groups: Sequence[Sequence[int]]) -> ir.Attribute:
    i64 = ir.IntegerType.get_signless(64)
    return ir.ArrayAttr.get([ir.ArrayAttr.get([ir.IntegerAttr.get(i64, d) for d in group]) for group in groups])


_iterator_cache: dict[tuple[int, frozenset[int]], ir.Attribute] = {}


def _iterator_types(loops: int, reductions: frozenset[int]) -> ir.Attribute:
    found = _iterator_cache.get((loops, reductions))
    if found is None:
        kinds = ["reduction" if i in reductions else "parallel" for i in range(loops)]
        found = ir.ArrayAttr.get([ir.Attribute.parse(f"#linalg.iterator_type<{kind}>") for kind in kinds])
        _iterator_cache[loops, reductions] = found
    return found
