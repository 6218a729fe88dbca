"""Errors about how a transformation was applied."""

from __future__ import annotations

from lamina._error_base import LaminaError


class AuxResultError(LaminaError, TypeError):
    """``has_aux=True``, but the function does not return a pair.

    Cause:
        With ``has_aux=True`` the function returns ``(result, auxiliary data)``.

    Example:
        >>> import lamina
        >>> lamina.grad(lambda x: x * 2.0, has_aux=True)(1.0)
        Traceback (most recent call last):
        lamina.errors.AuxResultError: With has_aux=True `<lambda>` must return a pair ..., not a Tracer.
        ...
    """

    cure = "Return (result, auxiliary data), or leave has_aux out."

    def __init__(self, function: str, result: object):
        super().__init__(
            f"With has_aux=True `{function}` must return a pair (result, auxiliary data), "
            f"not a {type(result).__name__}."
        )
        self.function = function


class HolomorphicError(LaminaError, TypeError):
    """A derivative mixes real and complex numbers in a way that ``holomorphic`` does not allow.

    Cause:
        ``grad`` of a complex function is defined only for holomorphic functions and must be asked for.

    Example:
        >>> import lamina
        >>> lamina.grad(lambda z: z * z)(1.0 + 2.0j)
        Traceback (most recent call last):
        lamina.errors.HolomorphicError: The derivative of `<lambda>` was asked for, but the result is complex64.
        ...
    """

    cure = (
        "Pass holomorphic=True for a holomorphic function of complex arguments; otherwise differentiate real results "
        "(the real and imaginary parts, the absolute value)."
    )

    def __init__(self, function: str, what: str, dtype: str, holomorphic: bool = False):
        kind = "holomorphic derivative" if holomorphic else "derivative"
        super().__init__(
            f"The {kind} of `{function}` was asked for, but {what} is {dtype}.",
            cure="Pass complex arguments, or leave holomorphic=True out." if holomorphic else None,
        )
        self.function = function


class ArgnumsError(LaminaError, TypeError, ValueError):
    """``argnums`` names an argument that the call does not have.

    Cause:
        Positions count positional arguments from 0; keyword arguments cannot be differentiated.

    Example:
        >>> import lamina
        >>> lamina.grad(lambda x: x * 2.0, argnums=1)(1.0)
        Traceback (most recent call last):
        lamina.errors.ArgnumsError: argnums names the argument 1, but `<lambda>` was called with 1 positional argument.
        ...
    """

    cure = "Pass the differentiated arguments by position, and count from 0."

    def __init__(self, function: str, position: int, count: int):
        super().__init__(
            f"argnums names the argument {position}, but `{function}` was called with {count} positional "
            f"argument{'s'[: count != 1]}."
        )
        self.function = function


class TangentError(LaminaError, TypeError, ValueError):
    """A direction does not fit the primal it belongs to.

    Cause:
        Tangents have the structure, shapes and dtypes of the primals; the tangent of an integer has dtype float0.

    Example:
        >>> import lamina
        >>> lamina.jvp(lambda x: x * 2.0, (1.0,), (1,))
        Traceback (most recent call last):
        lamina.errors.TangentError: jvp of `<lambda>`: the tangent of `x` is i32[], its primal f32[].
        ...
    """

    cure = "Make tangents like the primals: lnp.ones_like(x), or tree.map(lnp.ones_like, primals)."

    def __init__(self, function: str, problem: str):
        super().__init__(f"jvp of `{function}`: {problem}.")
        self.function = function


class CotangentError(LaminaError, TypeError, ValueError):
    """A cotangent does not fit the result it belongs to.

    Cause:
        The function that ``vjp`` returns takes the structure, shapes and dtypes of the result.

    Example:
        >>> import lamina
        >>> y, pull = lamina.vjp(lambda x: x * 2.0, 1.0)
        >>> pull((1.0, 1.0))
        Traceback (most recent call last):
        lamina.errors.CotangentError: vjp of `<lambda>`: the cotangent does not fit: ...
        ...
    """

    cure = "Make the cotangent like the result: lnp.ones_like(y), or tree.map(lnp.ones_like, y)."

    def __init__(self, function: str, problem: str):
        super().__init__(f"vjp of `{function}`: the cotangent does not fit: {problem}.")
        self.function = function


class MappedAxisError(LaminaError, ValueError, TypeError):
    """``vmap`` cannot map over the axes it was given.

    Cause:
        An axis does not exist, mapped axes differ in size, or nothing is mapped.

    Example:
        >>> import lamina
        >>> import lamina.numpy as lnp
        >>> lamina.vmap(lambda x, y: x + y)(lnp.ones(3), lnp.ones(4))
        Traceback (most recent call last):
        lamina.errors.MappedAxisError: vmap of `<lambda>`: the mapped axes have different sizes: x: 3, y: 4.
        ...
    """

    cure = "Give every mapped argument a batch axis of one size; in_axes=None keeps an argument whole."

    def __init__(self, function: str, problem: str):
        super().__init__(f"vmap of `{function}`: {problem}.")
        self.function = function


class UnboundAxisError(LaminaError, NameError):
    """A collective names a batch axis that nothing maps over.

    Cause:
        ``lax.psum(x, "batch")`` and the like work inside of ``vmap(..., axis_name="batch")``.

    Example:
        >>> import lamina
        >>> lamina.lax.psum(lamina.numpy.ones(3), "batch")
        Traceback (most recent call last):
        lamina.errors.UnboundAxisError: No axis named 'batch' is mapped over here.
        ...
    """

    cure = "Give the axis its name where it is mapped: lamina.vmap(f, axis_name=...)."

    def __init__(self, name: object, known: list[object]):
        others = f" There are: {', '.join(map(repr, known))}." if known else ""
        super().__init__(f"No axis named {name!r} is mapped over here.{others}")


class StaticArgumentError(LaminaError, ValueError, TypeError):
    """A static argument of ``jit`` cannot be part of the key that finds the compiled program.

    Cause:
        Static arguments are compared and hashed; arrays, lists and dicts cannot be.

    Example:
        >>> import lamina
        >>> lamina.jit(lambda x, n: x * n[0], static_argnums=1)(1.0, [2])
        Traceback (most recent call last):
        lamina.errors.StaticArgumentError: The static argument `n` of `<lambda>` is a list, which cannot be hashed.
        ...
    """

    cure = "Pass it as a tuple or a frozen dataclass, or leave it traced."

    def __init__(self, function: str, problem: str):
        super().__init__(problem)
        self.function = function


class DeviceMismatchError(LaminaError, ValueError):
    """The arguments of a jitted function are on different devices.

    Cause:
        A program runs on one device; arrays in host memory go wherever they are needed, others stay where they are.

    Example:
        >>> import lamina
        >>> raise DeviceMismatchError("f", "vulkan:0, vulkan:1")
        Traceback (most recent call last):
        lamina.errors.DeviceMismatchError: The arguments of `f` are on several devices: vulkan:0, vulkan:1.
        ...
    """

    cure = "Move them with lamina.device_put(x, device), or choose the device with jit(..., device=...)."

    def __init__(self, function: str, devices: str):
        super().__init__(f"The arguments of `{function}` are on several devices: {devices}.")
        self.function = function


class DeviceDTypeError(LaminaError, TypeError):
    """A program computes in float64 or complex128 on a device that has no 64-bit floats.

    Cause:
        Vulkan devices compute in at most 32-bit floats. With the option ``enable_x64``, Python's and NumPy's own floats
        stay float64, so such a program easily has some.

    Example:
        >>> import lamina
        >>> raise DeviceDTypeError("f", "the argument `x`", "float64", "vulkan")
        Traceback (most recent call last):
        lamina.errors.DeviceDTypeError: `f` cannot run on vulkan, which has no float64: the argument `x` is float64.
        ...
    """

    cure = (
        "Convert it with x.astype('float32') (complex64 for complex numbers), "
        "or run on the CPU: jit(..., device='cpu')."
    )

    def __init__(self, function: str, what: str, dtype: str, device: str, place: str = ""):
        where = f"\nIt was computed at {place}." if place else ""
        super().__init__(f"`{function}` cannot run on {device}, which has no {dtype}: {what} is {dtype}.{where}")
        self.function = function


class HostCallError(LaminaError, TypeError):
    """A program that calls Python cannot go into a file, which runs where there is no Python program.

    Cause:
        The function has a callback, or an operation that compiled code leaves to NumPy or LAPACK.

    Example:
        >>> import lamina
        >>> raise HostCallError("fit", "cholesky")
        Traceback (most recent call last):
        lamina.errors.HostCallError: `fit` cannot be saved to a file: `cholesky` runs in Python.
        ...
    """

    cure = "Leave it out of the saved function, for instance by passing its result as an argument."

    def __init__(self, function: str, what: str, place: str = ""):
        where = f" ({place})" if place else ""
        super().__init__(f"`{function}` cannot be saved to a file: `{what}` runs in Python{where}.")
        self.function, self.what = function, what


class NoDerivativeError(LaminaError, NotImplementedError):
    """A derivative is asked for of an operation that has none here.

    Cause:
        The operation is differentiable, at least for most inputs, but nobody has written its derivative down.

    Example:
        >>> import lamina
        >>> import lamina.numpy as lnp
        >>> lamina.jvp(lambda x: lamina.lax.linalg.schur(x)[0], (lnp.eye(2),), (lnp.eye(2),))
        Traceback (most recent call last):
        lamina.errors.NoDerivativeError: The derivative of `schur` is not implemented: ...
        ...
    """

    cure = "Compute the same from operations that have derivatives, or give your function a rule with custom_jvp."

    def __init__(self, what: str, reason: str, place: str = ""):
        where = f" (at {place})" if place else ""
        super().__init__(f"The derivative of `{what}` is not implemented: {reason}{where}.")
        self.what = what
