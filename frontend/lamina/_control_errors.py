"""Errors about loops and branches: bodies that do not give what the operation needs."""

from __future__ import annotations

from collections.abc import Sequence

from lamina._error_base import LaminaError


class CarryTypeError(LaminaError, TypeError):
    """The body of a loop returns a carry of another type than it was given.

    Cause:
        A compiled loop keeps its carry in one place, so shape and dtype are the same in every iteration.

    Example:
        >>> import lamina.lax as lax, lamina.numpy as lnp
        >>> lax.fori_loop(0, 3, lambda i, x: x * 1.5, lnp.int32(1))
        Traceback (most recent call last):
        lamina.errors.CarryTypeError: lax.fori_loop: the carry `val` goes into ... as i32[] but comes out as f32[].
        ...
    """

    cure = "Convert what the body returns, x.astype(init.dtype), or start with the type that comes out."

    def __init__(self, operation: str, function: str, differences: Sequence[tuple[str, str, str]]):
        name, before, after = differences[0]
        text = f"{operation}: the carry `{name}` goes into `{function}` as {before} but comes out as {after}."
        more = [f"Also `{name}`: {before} becomes {after}." for name, before, after in differences[1:]]
        super().__init__(text, *more)
        self.function, self.differences = function, list(differences)


class BranchTypeError(LaminaError, TypeError):
    """The branches of a conditional return different types.

    Cause:
        The program that follows is one program, whichever branch runs: shapes and dtypes have to agree.

    Example:
        >>> import lamina.lax as lax
        >>> lax.cond(True, lambda x: x, lambda x: x.astype(int), 1.5)
        Traceback (most recent call last):
        lamina.errors.BranchTypeError: lax.cond: false_fun `<lambda>` returns i32[], but true_fun `<lambda>` ... f32[].
        ...
    """

    cure = "Convert the results of one branch, x.astype(dtype), or make their shapes equal."

    def __init__(self, operation: str, path: str, first: tuple[str, str], other: tuple[str, str]):
        where = f"as result{path} " if path else ""
        super().__init__(f"{operation}: {where}{first[0]} returns {first[1]}, but {other[0]} returns {other[1]}.")


class LoopOperandError(LaminaError, TypeError, ValueError):
    """A loop or a conditional was given operands, or a function, that do not fit it.

    Cause:
        For instance arrays to scan over that differ in length, a body that does not return a pair, a condition that
        is no single boolean.

    Example:
        >>> import lamina.lax as lax, lamina.numpy as lnp
        >>> lax.scan(lambda c, x: (c, x), 0.0, (lnp.ones(3), lnp.ones(4)))
        Traceback (most recent call last):
        lamina.errors.LoopOperandError: lax.scan: lengths differ: xs[0]: 3, xs[1]: 4.
        ...
    """

    cure = "Look at the signature in the documentation of the operation."

    def __init__(self, operation: str, problem: str, cure: str | None = None):
        super().__init__(f"{operation}: {problem}.", cure=cure)


class CustomRuleError(LaminaError, TypeError, AttributeError):
    """A custom derivative rule is missing, or does not fit its function.

    Cause:
        For instance `defjvp` was forgotten, or `bwd` does not return one cotangent per argument.

    Example:
        >>> import lamina
        >>> f = lamina.custom_jvp(lambda x: x)
        >>> f(1.0)
        Traceback (most recent call last):
        lamina.errors.CustomRuleError: custom_jvp: `<lambda>` has no rule.
        ...
    """

    cure = "Make what the rule returns like what it belongs to: the result, or the arguments."

    def __init__(self, kind: str, function: str, problem: str, cure: str | None = None):
        super().__init__(f"{kind}: `{function}` {problem}.", cure=cure)
        self.function = function


class ForwardModeError(LaminaError, TypeError):
    """Forward mode through a function that has only a reverse-mode derivative.

    Cause:
        A `custom_vjp` function says how cotangents go back, and nothing about tangents.

    Example:
        >>> import lamina
        >>> f = lamina.custom_vjp(lambda x: x)
        >>> f.defvjp(lambda x: (x, None), lambda _, ct: (ct,))
        >>> lamina.jvp(f, (1.0,), (1.0,))
        Traceback (most recent call last):
        lamina.errors.ForwardModeError: Forward-mode differentiation does not work ...
        ...
    """

    cure = (
        "Use reverse mode (lamina.grad, lamina.vjp, lamina.jacrev), or give the function a forward-mode rule with "
        "lamina.custom_jvp: reverse mode follows from it."
    )

    def __init__(self, what: str, place: str):
        where = f" (called at {place})" if place else ""
        super().__init__(f"Forward-mode differentiation does not work through {what}{where}.")


class CallbackResultError(LaminaError, TypeError, ValueError):
    """A Python function that a program calls returned something else than was announced.

    Cause:
        The program that follows is compiled for the shapes and the structure in `result_shape_dtypes`.

    Example:
        >>> import lamina
        >>> lamina.pure_callback(lambda: [1.0, 2.0], lamina.ShapeDtypeStruct((), "float32"))
        Traceback (most recent call last):
        lamina.errors.CallbackResultError: The callback `<lambda>` returned ...
        ...
    """

    cure = "Return arrays of the announced shapes in the announced structure, or announce what is returned."

    def __init__(self, function: str, problem: str):
        super().__init__(f"The callback `{function}` {problem}.")
        self.function = function


class CallbackDerivativeError(LaminaError, ValueError):
    """A derivative of a Python function that a program calls.

    Cause:
        Nothing is known of what a callback computes, so it has no derivative.

    Example:
        >>> import lamina, numpy as np
        >>> lamina.grad(lambda x: lamina.pure_callback(np.sin, x, x))(1.0)
        Traceback (most recent call last):
        lamina.errors.CallbackDerivativeError: pure_callback has no derivative ...
        ...
    """

    cure = (
        "Put it in a function with a rule of its own (lamina.custom_jvp or lamina.custom_vjp), or stop the derivative "
        "at its arguments with lax.stop_gradient."
    )

    def __init__(self, what: str, place: str):
        where = f" (called at {place})" if place else ""
        super().__init__(f"{what} has no derivative{where}.")


class CallbackBatchError(LaminaError, ValueError, NotImplementedError):
    """``vmap`` of a Python function that does not say what to do with a batch.

    Cause:
        A callback may take one example at a time or all at once; Lamina cannot know.

    Example:
        >>> import lamina, numpy as np
        >>> f = lambda x: lamina.pure_callback(np.sin, x, x)
        >>> lamina.vmap(f)(lamina.numpy.ones(3))
        Traceback (most recent call last):
        lamina.errors.CallbackBatchError: pure_callback without vmap_method cannot be mapped ...
        ...
    """

    cure = (
        'Say how: pure_callback(..., vmap_method="sequential") for one call per example, "expand_dims" or '
        '"broadcast_all" for one call with a leading batch axis. An ordered io_callback has no order under vmap: use '
        "ordered=False."
    )

    def __init__(self, what: str, place: str):
        where = f" (called at {place})" if place else ""
        super().__init__(f"{what} cannot be mapped by vmap{where}.")


class NonFiniteError(LaminaError, FloatingPointError):
    """An operation made a nan (option ``debug_nans``) or an infinity (``debug_infs``).

    Cause:
        For instance 0/0, the logarithm of a negative number, or in a derivative the slope of sqrt at 0.

    Example:
        >>> import lamina, lamina.numpy as lnp
        >>> from lamina.config import debug_nans
        >>> with debug_nans(True):
        ...     lnp.log(-1.0)
        Traceback (most recent call last):
        lamina.errors.NonFiniteError: `log` made a nan at ...
        ...
    """

    cure = (
        "Look at the operands there. Where a branch of lnp.where makes it, choose the operand with a where, too: "
        "lnp.where(x > 0, lnp.log(lnp.where(x > 0, x, 1)), 0)."
    )

    def __init__(self, kind: str, operation: str, place: str):
        where = f" at {place}" if place else ""
        article = "an" if kind == "inf" else "a"
        super().__init__(f"`{operation}` made {article} {kind}{where}.")
        self.kind, self.operation = kind, operation


class TracerLeakError(LaminaError, RuntimeError):
    """A traced array is still reachable after its trace has ended (option ``check_tracer_leaks``).

    Cause:
        The function stored it in a global, an attribute or a list.

    Example:
        >>> import lamina
        >>> from lamina.config import check_tracer_leaks
        >>> kept = []
        >>> with check_tracer_leaks(True):
        ...     lamina.jit(lambda x: kept.append(x) or x)(1.0)
        Traceback (most recent call last):
        lamina.errors.TracerLeakError: `<lambda>` leaked a traced f32[]...
        ...
    """

    cure = "Return the array instead of storing it; lamina.debug.callback looks at values while the program runs."

    def __init__(self, function: str, type: str, made: str, holder: str):
        super().__init__(f"`{function}` leaked a traced {type}, made at {made}: {holder} holds it.")
        self.function = function


class NotLinearError(LaminaError, ValueError, NotImplementedError):
    """A function that must be linear is not.

    Cause:
        `linear_transpose` was applied to a function that is not linear, or a `custom_jvp` rule is not linear in the
        tangents: reverse mode is its transpose.

    Example:
        >>> import lamina
        >>> lamina.linear_transpose(lambda x: x * x, 1.0)
        Traceback (most recent call last):
        lamina.errors.NotLinearError: A function is transposed that is not linear: ...
        ...
    """

    cure = (
        "Use only linear operations on what the function is to be linear in (the tangents of a custom rule, the "
        "arguments of linear_transpose): sums, products with other values, reshaping."
    )

    def __init__(self, what: str, place: str):
        where = f" at {place}" if place else ""
        super().__init__(f"A function is transposed that is not linear: it applies {what}{where}.")


class ClosureDerivativeError(LaminaError, TypeError):
    """A derivative goes through an array that a function with a custom derivative closes over.

    Cause:
        A custom rule gives derivatives with respect to the arguments; one with respect to an array from outside would
        silently be missing.

    Example:
        >>> import lamina
        >>> def outer(a):
        ...     f = lamina.custom_jvp(lambda x: a * x)
        ...     f.defjvp(lambda primals, tangents: (f(*primals), a * tangents[0]))
        ...     return f(2.0)
        >>> lamina.grad(outer)(3.0)
        Traceback (most recent call last):
        lamina.errors.ClosureDerivativeError: A custom_jvp function ... closes over an array that is differentiated...
        ...
    """

    cure = (
        "Make the array an argument of the function, and let the rule give its derivative (lamina.closure_convert "
        "finds such arrays); or take it as a constant with lax.stop_gradient."
    )

    def __init__(self, kind: str, place: str):
        where = f" (called at {place})" if place else ""
        super().__init__(
            f"A {kind} function{where} closes over an array that is differentiated, but its rule is about its "
            "arguments only."
        )


class ReverseModeError(LaminaError, TypeError, NotImplementedError):
    """Reverse mode through an operation that was given no transpose.

    Cause:
        For instance `custom_linear_solve` without `transpose_solve`: the transposed equation has no solver.

    Example:
        >>> import lamina
        >>> solve = lambda b: lamina.lax.custom_linear_solve(lambda x: 2.0 * x, b, lambda f, y: y / 2.0)
        >>> lamina.grad(solve)(1.0)
        Traceback (most recent call last):
        lamina.errors.ReverseModeError: Reverse-mode differentiation does not work through lax.custom_linear_solve ...
        ...
    """

    cure = "Give it `transpose_solve` (or symmetric=True), or use forward mode (lamina.jvp, lamina.jacfwd)."

    def __init__(self, what: str, place: str):
        where = f" (called at {place})" if place else ""
        super().__init__(f"Reverse-mode differentiation does not work through {what}{where}.")


class WhileReverseError(LaminaError, ValueError, NotImplementedError):
    """Reverse mode through a loop whose number of iterations is not known.

    Cause:
        Reverse mode runs the iterations backwards and needs the values of all of them, but a compiled program cannot
        keep values of a number of iterations it does not know.

    Example:
        >>> import lamina
        >>> f = lambda x: lamina.lax.while_loop(lambda x: x < 10.0, lambda x: x * 2.0, x)
        >>> lamina.grad(f)(1.0)
        Traceback (most recent call last):
        lamina.errors.WhileReverseError: Reverse-mode differentiation does not work ...
        ...
    """

    cure = (
        "Say how many iterations there are at most: lax.while_loop(..., max_steps=N) is differentiable in reverse, in "
        "memory for about √N iterations; or use lax.scan, lax.fori_loop with Python ints as bounds, or forward mode "
        "(lamina.jvp, lamina.jacfwd)."
    )

    def __init__(self, place: str):
        where = f" at {place}" if place else ""
        super().__init__(
            f"Reverse-mode differentiation does not work through the loop{where}: the number of iterations of "
            "lax.while_loop, or of lax.fori_loop with traced bounds, is not known."
        )
