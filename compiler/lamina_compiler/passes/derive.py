"""lamina-derive: gives every declared derived function its body, innermost first.

A derived function is a private declaration whose `lamina.derive` attribute says how it follows from another function.
Before a function is transformed, what it calls is derived and inlined, so each transformation sees plain ops.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from .. import functions
from ..attributes import INT, INTS, STRING, AttributeKind
from ..builder import Builder
from ..errors import InvalidDeclaration
from ..higher_order import Batch, call_of, check, has_effects, is_declaration, view
from ..mlir import ir, run_passes
from ..opdef import is_lamina
from .differentiate import differentiable, differentiate, jvp_signature
from .inline import inline
from .linearize import Linearized, linearize
from .transpose import transpose
from .vectorize import batched_type, mapped_results, vectorize, vmap_signature

ATTRIBUTE = "lamina.derive"
_FAILED = "lamina.failed"  # of a declaration: making its body was an error

Rule = Callable[[ir.Module, ir.Operation, ir.Operation, Any], Any]  # (module, base, derived, details): fills `derived`

_DETAILS: dict[str, dict[str, AttributeKind]] = {
    "jvp": {"argnums": INTS},
    "vjp": {"argnums": INTS, "outputs": INTS},
    "vmap": {"batched": INTS, "size": INT},
    "transpose": {"linear": INT},
}
_OPTIONAL: dict[str, dict[str, AttributeKind]] = {
    "jvp": {"outputs": INTS},
    "vmap": {"results": INTS, "axis_name": STRING},
}


# ---- declarations ---------------------------------------------------------------------------------------------------


def declare_jvp(
    module: ir.Module, of: ir.Operation, argnums: Sequence[int], outputs: Sequence[int] | None = None
) -> ir.Operation:
    """``(*inputs, *tangents) -> (*results, *tangents of outputs)``; outputs: all differentiable results, or these."""
    chosen = {} if outputs is None else {"outputs": INTS.encode(outputs)}
    return _declare(module, of, "jvp", {"argnums": INTS.encode(argnums), **chosen})


def declare_vjp(module: ir.Module, of: ir.Operation, argnums: Sequence[int], outputs: Sequence[int]) -> ir.Operation:
    """``(*inputs, *cotangents of outputs) -> (*results, *gradients of argnums)``."""
    return _declare(module, of, "vjp", {"argnums": INTS.encode(argnums), "outputs": INTS.encode(outputs)})


def declare_vmap(
    module: ir.Module, of: ir.Operation, batched: Sequence[bool], batch: Batch, results: Sequence[bool] | None = None
) -> ir.Operation:
    """The function with a leading batch dimension on the marked inputs, and on the results that depend on them or are
    marked in `results`."""
    details = {"batched": _encode_flags(batched), "size": INT.encode(batch.size)}
    if results is not None:
        details["results"] = _encode_flags(results)
    if batch.name:
        details["axis_name"] = STRING.encode(batch.name)
    return _declare(module, of, "vmap", details)


def declare_transpose(module: ir.Module, of: ir.Operation, linear: int) -> ir.Operation:
    """``(*known, *cotangents) -> (*cotangents of the last `linear` inputs)``."""
    return _declare(module, of, "transpose", {"linear": INT.encode(linear)})


def _declare(module: ir.Module, of: ir.Operation, kind: str, details: Mapping[str, ir.Attribute]) -> ir.Operation:
    name = functions.unique_name(module, f"{functions.symbol(of)}.{kind}")
    types = _signature(module, kind, of, details)
    declaration = functions.create(module, name, *types, body=False, location=of.location)
    declaration.attributes[ATTRIBUTE] = ir.DictAttr.get(
        {"kind": ir.StringAttr.get(kind), "of": ir.FlatSymbolRefAttr.get(functions.symbol(of)), **details}
    )
    return declaration


def _signature(module: ir.Module, kind: str, of: ir.Operation, details: Any) -> tuple[list[ir.Type], list[ir.Type]]:
    """Input and result types of a derived function; see the functions above."""
    inputs, results = functions.signature(of)
    match kind:
        case "jvp":
            return jvp_signature(inputs, results, INTS.decode(details["argnums"]), _jvp_outputs(of, details))
        case "vjp":
            argnums, outputs = INTS.decode(details["argnums"]), INTS.decode(details["outputs"])
            return [*inputs, *(results[i] for i in outputs)], [*results, *(inputs[i] for i in argnums)]
        case "vmap":
            batched, batch = _flags(details["batched"]), _batch(details)
            return vmap_signature(inputs, results, batched, _mapped(module, of, batched, batch, details), batch.size)
    known = len(inputs) - INT.decode(details["linear"])
    return [*inputs[:known], *results], inputs[known:]


def _encode_flags(flags: Sequence[bool]) -> ir.Attribute:
    return INTS.encode([int(flag) for flag in flags])


def _flags(attribute: Any) -> list[bool]:
    return [bool(flag) for flag in INTS.decode(attribute)]


def _batch(details: Any) -> Batch:
    return Batch(INT.decode(details["size"]), details["axis_name"].value if "axis_name" in details else "")


def _mapped(module: ir.Module, of: ir.Operation, batched: Sequence[bool], batch: Batch, details: Any) -> Sequence[bool]:
    """The results of a vmap that have the batch dimension."""
    dependent = mapped_results(module, of, batched, batch)
    forced = _flags(details["results"]) if "results" in details else [False] * len(dependent)
    return [a or b for a, b in zip(dependent, forced, strict=True)]


def _jvp_outputs(of: ir.Operation, details: Any) -> Sequence[int]:
    """The results of a jvp that have tangents."""
    return INTS.decode(details["outputs"]) if "outputs" in details else differentiable(functions.signature(of)[1])


# ---- bodies ---------------------------------------------------------------------------------------------------------


@functions.indexed
def materialize(module: ir.Module, function: ir.Operation, rule: Rule | None = None) -> None:
    """Give a declared derived function its body, after those it depends on. Does nothing to any other function.

    `rule` makes the body instead of the one for the kind. Raises InvalidDeclaration.
    """
    if ATTRIBUTE not in function.attributes:
        return
    kind, base, details = _declared(module, function)
    declared = function.attributes[ATTRIBUTE]
    del function.attributes[ATTRIBUTE]
    try:
        materialize(module, base)
        _check_signature(module, kind, base, function, details)
        inline(module, base, materialize)
        (rule or _RULES[kind])(module, base, function, details)
        if rule is None:
            inline(module, function, materialize)  # rules call further functions
    except BaseException:  # the user may go on after the error, and come here again
        again = functions.undo(module, function)
        again.attributes[ATTRIBUTE], again.attributes[_FAILED] = declared, ir.UnitAttr.get()
        raise


def _declared(module: ir.Module, function: ir.Operation) -> tuple[str, ir.Operation, Any]:
    """Kind, base function and details of a declaration, checked."""

    def invalid(problem: str) -> InvalidDeclaration:
        return InvalidDeclaration(
            f"'{functions.symbol(function)}' has no valid {ATTRIBUTE}: {problem}", function.location
        )

    details: Any = function.attributes[ATTRIBUTE]
    if not isinstance(details, ir.DictAttr) or "kind" not in details or "of" not in details:
        raise invalid('it takes the form {kind = "jvp", of = @f, ...}')
    kind, of = getattr(details["kind"], "value", None), getattr(details["of"], "value", None)
    if kind not in _RULES:
        raise invalid(f"there is no kind {details['kind']}; the kinds are {', '.join(_RULES)}")
    for name, attribute_kind in (_DETAILS[kind] | _OPTIONAL.get(kind, {})).items():
        missing = name not in details
        if (missing and name in _DETAILS[kind]) or not (missing or attribute_kind.accepts(details[name])):
            raise invalid(f"the kind {kind} requires {name} = {attribute_kind.form}")
    try:
        base = functions.find(module, str(of))
    except KeyError:
        raise invalid(f"there is no function {details['of']}") from None
    if base == function or not (functions.has_body(base) or ATTRIBUTE in base.attributes):
        raise invalid(f"the function {details['of']} has no body")
    _check_positions(kind, base, details, invalid)
    return kind, base, details


def _check_positions(kind: str, base: ir.Operation, details: Any, invalid: Callable[[str], InvalidDeclaration]) -> None:
    """Arguments and results that a declaration mentions have to exist."""
    inputs, results = functions.signature(base)
    for name, types in (("argnums", inputs), ("outputs", results)):
        if name in details:
            wrong = [i for i in INTS.decode(details[name]) if not 0 <= i < len(types)]
            if wrong:
                raise invalid(f"{name} has {wrong[0]}, but {details['of']} has {len(types)}")
    if kind == "vmap":
        for name, what, types in (("batched", "inputs", inputs), ("results", "results", results)):
            if name in details and len(INTS.decode(details[name])) != len(types):
                raise invalid(f"{name} takes one number for each of the {len(types)} {what}")
    if kind == "transpose" and not 0 <= INT.decode(details["linear"]) <= len(inputs):
        raise invalid(f"linear is out of range for {len(inputs)} inputs")


def _check_signature(module: ir.Module, kind: str, base: ir.Operation, function: ir.Operation, details: Any) -> None:
    """A declaration has the type of what it declares."""
    declared, right = functions.signature(function), _signature(module, kind, base, details)

    def fits(got: ir.Type, want: ir.Type, plain: ir.Type) -> bool:  # vmap may batch a result that proves not to need it
        return got == want or (kind == "vmap" and got == batched_type(plain, INT.decode(details["size"])))

    same_count = tuple(map(len, declared)) == tuple(map(len, right))
    plain = functions.signature(base)[1] if kind == "vmap" else right[1]
    if not (same_count and declared[0] == right[0] and all(map(fits, declared[1], right[1], plain))):
        raise InvalidDeclaration(
            f"'{functions.symbol(function)}' is declared as {_text(*declared)}, but the {kind} of "
            f"'{functions.symbol(base)}' is {_text(*right)}",
            function.location,
        )


def _text(*types: list[ir.Type]) -> str:
    """Types as MLIR writes them: ``(inputs) -> (results)``."""
    return " -> ".join(f"({', '.join(map(str, part))})" for part in types)


@functions.indexed
def flatten(module: ir.Module, function: ir.Operation) -> None:
    """Derive and inline everything a function calls."""
    materialize(module, function)
    inline(module, function, materialize)


def _jvp(module: ir.Module, base: ir.Operation, derived: ir.Operation, details: Any) -> None:
    differentiate(module, base, derived, INTS.decode(details["argnums"]), _jvp_outputs(base, details))


def _vmap(module: ir.Module, base: ir.Operation, derived: ir.Operation, details: Any) -> None:
    vectorize(module, base, derived, _flags(details["batched"]), _batch(details))


def _transpose(module: ir.Module, base: ir.Operation, derived: ir.Operation, details: Any) -> None:
    transpose(module, base, derived, INT.decode(details["linear"]))


def linearized(module: ir.Module, of: ir.Operation, argnums: Sequence[int], outputs: Sequence[int]) -> Linearized:
    """JVP of a function, cleaned up, and split (see linearize.py); tangents of the given outputs only."""
    flatten(module, of)
    jvp = declare_jvp(module, of, argnums, outputs)
    materialize(module, jvp)
    tidy(module, jvp)
    inputs, results = functions.signature(of)
    split = linearize(module, jvp, len(inputs), len(results), range(len(outputs)), functions.symbol(of))
    functions.erase(module, jvp)
    return split


class _Parts(NamedTuple):
    forward: ir.Operation
    linear: ir.Operation
    backward: ir.Operation


def split_vjp(module: ir.Module, base: ir.Operation, derived: ir.Operation, details: Any) -> _Parts:
    """A VJP's body as a call of the forward part, then one of the transpose of the linear part, which is declared."""
    argnums, outputs = INTS.decode(details["argnums"]), INTS.decode(details["outputs"])
    split = linearized(module, base, argnums, outputs)
    backward = declare_transpose(module, split.linear, len(argnums))
    inputs, results = functions.signature(base)

    def body(b: Builder, values: list[ir.Value]) -> list[ir.Value]:
        forward = functions.call(b, split.forward, values[: len(inputs)])
        residuals, cotangents = forward[len(results) :], values[len(inputs) :]
        return [*forward[: len(results)], *functions.call(b, backward, [*residuals, *cotangents])]

    functions.fill(derived, body)
    return _Parts(split.forward, split.linear, backward)


def _vjp(module: ir.Module, base: ir.Operation, derived: ir.Operation, details: Any) -> None:
    parts = split_vjp(module, base, derived, details)
    materialize(module, parts.backward)
    inline(module, derived)
    for part in parts:
        functions.erase(module, part)
    tidy(module, derived)


def tidy(module: ir.Module, function: ir.Operation) -> None:
    """Upstream CSE, after dead pure ops and calls are gone."""
    _drop_dead_calls(module, function)
    run_passes(function, "trivial-dce,cse", anchor="func.func")


def _drop_dead_calls(module: ir.Module, function: ir.Operation) -> None:
    """Erase calls without effects whose results are not used, and what only they need."""
    operations = functions.operations(function)
    if not any(op.name == "func.call" for op in operations):
        return
    for op in reversed(operations[:-1]):
        if any(next(iter(result.uses), None) is not None for result in op.results):
            continue
        call = call_of(module, op)
        if is_lamina(op) or (call is not None and not has_effects(module, call.declaration)):
            op.erase()


_RULES: dict[str, Rule] = {
    "jvp": _jvp,
    "vjp": _vjp,
    "vmap": _vmap,
    "transpose": _transpose,
}


def run_only(module: ir.Module, kind: str, rule: Rule | None = None) -> None:
    """Derive the declarations of one kind, with a rule of their own if given, and what they depend on."""
    for function in list(functions.functions(module)):
        if ATTRIBUTE in function.attributes and _declared(module, function)[0] == kind:
            materialize(module, function, rule)


@functions.indexed
def _run(module: ir.Module) -> None:
    for function in list(functions.functions(module)):
        if _FAILED not in function.attributes:  # once; it is an error again if it is used
            materialize(module, function)
    for function in list(functions.functions(module)):
        if functions.has_body(function) and "sym_visibility" not in function.attributes:
            inline(module, function, materialize, final=True)


def run(module: ir.Module) -> None:
    """Derive and inline everything; private functions that nothing uses are dropped."""
    check(module)
    _run(module)
    run_passes(module.operation, "symbol-dce")
    for function in filter(is_declaration, functions.functions(module)):
        call = view(module, function)
        if call.record.impossible is not None:
            raise call.record.impossible(call.location)
