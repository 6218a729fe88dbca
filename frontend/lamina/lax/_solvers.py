"""Solutions of equations that are differentiated as solutions, not through the steps of a method."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamina import errors, tree_util
from lamina._custom_jvp import custom_jvp
from lamina._frames import api_boundary
from lamina._transform import function_name, in_trace
from lamina._tree_compare import check_same_structure
from lamina.array import Array
from lamina.lax._bodies import Body, Leaves, leaves_of, trace_body, with_common_captures
from lamina.lax._staging import stop_gradient
from lamina.tracer import Tracer
from lamina.tracing import Trace
from lamina_compiler import functions
from lamina_compiler.passes import derive

Function = Callable[..., Any]

__all__ = ["custom_linear_solve", "custom_root"]


@api_boundary
def custom_linear_solve(
    matvec: Function,
    b: Any,
    solve: Function,
    transpose_solve: Function | None = None,
    symmetric: bool = False,
    has_aux: bool = False,
) -> Any:
    """Solve ``matvec(x) = b`` for x with a method of your own; derivatives solve the same kind of equation.

    Args:
        matvec: a linear function of x, of the structure, shapes and dtypes of `b`; may close over arrays.
        solve: ``solve(matvec, b) -> x``; need not be differentiable.
        transpose_solve: ``transpose_solve(transpose of matvec, b) -> x``, needed for reverse mode.
        symmetric: `matvec` is symmetric, so `solve` also solves the transposed equation.
        has_aux: `solve` returns a pair (x, auxiliary data).

    >>> import lamina as la, lamina.numpy as lnp
    >>> solve = lambda a, b: la.lax.custom_linear_solve(lambda x: a * x, b, lambda f, y: y / f(1.0), symmetric=True)
    >>> la.grad(solve)(2.0, 6.0)
    Array(-1.5, dtype=float32, weak_type=True)
    """
    if transpose_solve is None and symmetric:
        transpose_solve = solve

    def body(trace: Trace) -> Any:
        rhs = leaves_of(b, "b", "lax.custom_linear_solve")
        product = _traced(rhs, matvec, matvec)
        check_same_structure("lax.custom_linear_solve", rhs.tree, product.tree, ("b", "what matvec returns"))
        if product.traced.types != rhs.types:
            raise errors.LoopOperandError(
                "lax.custom_linear_solve",
                f"matvec maps {rhs.types} to {product.traced.types}",
                "The product has the shape and dtype of b.",
            )
        solved = _traced(rhs, solve, lambda y: solve(matvec, y))
        _check_solution(rhs, solved, has_aux)
        transposed = product if symmetric else _transposed(trace, rhs, product)
        vecmat = matvec if symmetric else _callable(transposed, rhs)
        backward = transpose_solve
        turned = solved if backward is None else _traced(rhs, backward, lambda y: backward(vecmat, y))
        bodies = [product, solved, transposed, turned]
        count = len(rhs.arrays)
        names, captures = with_common_captures(trace, bodies, count)
        consts_first = [_consts_first(trace, name, count) for name in names]
        details = dict(zip(("matvec", "solve", "transpose_matvec", "transpose_solve"), consts_first, strict=True))
        details |= {"consts": len(captures), "transposable": transpose_solve is not None}
        out = trace.apply("linear_solve", details, [*captures, *rhs.arrays], solved.traced.weak_types)
        return tree_util.tree_unflatten(solved.tree, out)

    return in_trace("custom_linear_solve", body)


def _check_solution(rhs: Leaves, solved: Body, has_aux: bool) -> None:
    """The solver gives what b is like, with `has_aux` as the first of a pair."""
    where = "lax.custom_linear_solve"
    tree = solved.tree.children()[0] if has_aux else solved.tree
    check_same_structure(where, rhs.tree, tree, ("b", "what solve returns"))
    types = solved.traced.types[: len(rhs.arrays)]
    if types != rhs.types:
        raise errors.LoopOperandError(
            where, f"solve maps b of the types {rhs.types} to {types}", "The solution has the shape and dtype of b."
        )


def _traced(rhs: Leaves, fun: Function, call: Function) -> Body:
    return trace_body(
        fun,
        lambda tracers: call(tree_util.tree_unflatten(rhs.tree, tracers)),
        rhs.arrays,
        rhs.names,
        "custom_linear_solve",
    )


def _transposed(trace: Trace, rhs: Leaves, product: Body) -> Body:
    """The transpose of a traced linear function, with the same captures."""
    count, captured = len(rhs.arrays), len(product.traced.captures)
    module = trace.module
    last = functions.adapted(
        module,
        f"{product.symbol}.map",
        [*functions.signature(product.function)[0][count:], *functions.signature(product.function)[0][:count]],
        product.function.location,
        lambda b, values: functions.call(b, product.function, [*values[captured:], *values[:captured]]),
    )
    turned = derive.declare_transpose(module, last, count)
    inputs = functions.signature(product.function)[0]
    function = functions.adapted(
        module,
        f"{product.symbol}.transpose",
        inputs,
        product.function.location,
        lambda b, values: functions.call(b, turned, [*values[count:], *values[:count]]),
    )
    return Body(product.traced._replace(function=function), rhs.tree)


def _callable(body: Body, rhs: Leaves) -> Function:
    """A traced function to be called while another function is traced."""

    def call(x: Any) -> Any:
        from lamina.tracing import current_trace

        trace = current_trace()
        assert trace is not None
        arrays: list[Array] = leaves_of(x, "x", "lax.custom_linear_solve").arrays
        out: list[Tracer] = trace.call(body.function, [*arrays, *body.traced.captures])
        return tree_util.tree_unflatten(rhs.tree, out)

    return call


def _consts_first(trace: Trace, name: str, count: int) -> str:
    function = functions.find(trace.module, name)
    inputs = functions.signature(function)[0]
    consts = len(inputs) - count
    return functions.symbol(
        functions.adapted(
            trace.module,
            name,
            [*inputs[count:], *inputs[:count]],
            function.location,
            lambda b, values: functions.call(b, function, [*values[consts:], *values[:consts]]),
        )
    )


@api_boundary
def custom_root(
    f: Function, initial_guess: Any, solve: Function, tangent_solve: Function, has_aux: bool = False
) -> Any:
    """A root of ``f`` found by a method of your own; derivatives follow from the implicit function theorem.

    Args:
        f: a function of x, of the structure of `initial_guess`; may close over arrays, and is differentiated with
            respect to them.
        solve: ``solve(f, initial_guess) -> x`` with ``f(x) = 0``; need not be differentiable.
        tangent_solve: ``tangent_solve(g, y) -> x`` with ``g(x) = y`` for a linear g (the derivative of `f` at the
            root); for a scalar ``lambda g, y: y / g(1.0)`` will do.
        has_aux: `solve` returns a pair (x, auxiliary data).

    >>> import lamina as la
    >>> def cube_root(a):
    ...     newton = lambda f, x: la.lax.fori_loop(0, 20, lambda i, x: x - f(x) / (3 * x * x), x)
    ...     return la.lax.custom_root(lambda x: x**3 - a, 1.0, newton, lambda g, y: y / g(1.0))
    >>> round(float(la.grad(cube_root)(8.0)), 4)
    0.0833
    """
    from lamina.custom_derivatives import closure_convert
    from lamina.linear_maps import jvp, linearize

    g, consts = closure_convert(f, initial_guess)

    def solution(guess: Any, *parameters: Any) -> Any:
        return solve(lambda x: g(x, *parameters), guess)

    solution.__name__ = function_name(f)
    guess = stop_gradient(initial_guess)
    method, method_consts = closure_convert(solution, guess, *consts)
    fixed = stop_gradient(method_consts)  # the root does not depend on what the method reads

    def solved(*parameters: Any) -> Any:
        return method(guess, *parameters, *fixed)

    solved.__name__ = function_name(f)
    root = custom_jvp(solved)

    @root.defjvp
    def rule(primals: Any, tangents: Any) -> Any:
        result = root(*primals)
        x = result[0] if has_aux else result
        _, change = jvp(lambda *parameters: g(x, *parameters), primals, tangents)
        _, slope = linearize(lambda x: g(x, *primals), x)
        dx = tangent_solve(slope, tree_util.tree_map(lambda y: -y, change))
        if not has_aux:
            return result, dx
        from lamina import numpy as lnp

        return result, (dx, tree_util.tree_map(lnp.zeros_like, result[1]))

    return root(*consts)
