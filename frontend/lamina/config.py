"""Options: declared once below; environment variables, context managers, errors and docs follow from that.

>>> from lamina.config import config, enable_x64
>>> config.enable_x64
False
>>> with enable_x64(True):
...     config.enable_x64
True
>>> config.update("numpy_rank_promotion", "warn")   # process-wide
>>> config.update("numpy_rank_promotion", "allow")

A value comes from, strongest first: a ``with option(value):`` of this thread, ``config.update``, the environment
variable ``LAMINA_<NAME>`` read at import, the default. Names may carry JAX's ``jax_`` prefix.
"""

from __future__ import annotations

import contextlib
import inspect
import itertools
import operator
import os
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from lamina.errors import OptionValueError, UnknownOptionError

_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "")


class Option:
    """One option. Calling it gives a context manager (or decorator) that sets it in the current thread only."""

    def __init__(
        self, name: str, type: type, default: Any, doc: str, choices: tuple[str, ...] = (), traced: bool = False
    ):
        self.name, self.type, self.default, self.choices, self.traced = name, type, default, choices, traced
        self.__doc__ = inspect.cleandoc(doc)
        text = os.environ.get(self.environment_variable)
        value = default if text is None else self.parse(text)
        setattr(Config, name, value)
        setattr(Config, f"jax_{name}", property(operator.attrgetter(name)))
        Config.options[name] = self

    @property
    def environment_variable(self) -> str:
        return f"LAMINA_{self.name.upper()}"

    @property
    def value(self) -> Any:
        return getattr(config, self.name)

    def parse(self, value: Any) -> Any:
        """`value` as the option stores it: booleans also from "on", "off", "1", "0", …; choices checked."""
        if self.type is bool:
            text = str(value).lower()
            if text in _TRUE or text in _FALSE:
                return text in _TRUE
            raise OptionValueError(self.name, value, "True or False")
        optional = self.default is None
        if self.type is object or (optional and value in (None, "")):  # an empty environment variable sets nothing
            return value or None
        if not isinstance(value, self.type) or (self.choices and value not in self.choices):
            allowed = [repr(choice) for choice in self.choices] or [f"a {self.type.__name__}"]
            raise OptionValueError(self.name, value, " or ".join(allowed + ["None"] * optional))
        return value

    @contextlib.contextmanager
    def __call__(self, new_val: Any = True) -> Iterator[None]:
        value, local = self.parse(new_val), config.__dict__
        missing = self.name not in local
        previous = local.get(self.name)
        local[self.name] = value
        local.pop("_known_key", None)
        try:
            yield
        finally:
            if missing:
                del local[self.name]
            else:
                local[self.name] = previous
            local.pop("_known_key", None)

    def __repr__(self) -> str:
        return f"<option {self.name} = {self.value!r}>"


class Config(threading.local):
    """The current values of the options, as attributes.

    Process-wide values live on the class, a thread's overrides on its instance.
    """

    # A plain attribute read therefore finds the right value without any Python code of ours: this is on every hot path.
    options: ClassVar[dict[str, Option]] = {}
    user_contexts: ClassVar[list[str]] = []  # attributes that `make_user_context` made
    _changes: ClassVar[int] = 0  # of process-wide values so far
    _known_key: tuple[int, int] = (-1, 0)  # the thread's trace key, and after how many changes it was found

    def update(self, name: str, value: Any) -> None:
        """Sets an option process-wide (threads inside a ``with option(...)`` keep their override).

        Raises: UnknownOptionError (an AttributeError), OptionValueError (a ValueError).
        """
        option = self._option(name)
        setattr(Config, option.name, option.parse(value))
        Config._changes += 1

    def read(self, name: str) -> Any:
        """The current value of an option, by name."""
        return self._option(name).value

    def trace_key(self) -> int:
        """A number for the values of the options that change what a traced program means; part of every key of one."""
        changes, key = self._known_key
        if changes != Config._changes:
            key = _trace_keys.setdefault(_read_traced(self), next(_numbers))
            self.__dict__["_known_key"] = Config._changes, key
        return key

    def _option(self, name: str) -> Option:
        try:
            return self.options[name.removeprefix("jax_")]
        except KeyError:
            raise UnknownOptionError(name, tuple(self.options)) from None

    def __setattr__(self, name: str, value: Any) -> None:
        self.update(name, value)

    if TYPE_CHECKING:  # the attributes are set by the declarations; a real __getattr__ would double the cost of a read

        def __getattr__(self, name: str) -> Any: ...


_trace_keys: dict[tuple[Any, ...], int] = {}
_numbers = itertools.count()
config = Config()

enable_x64 = Option(
    "enable_x64",
    bool,
    False,
    """64-bit types. When off, 64-bit dtypes become their 32-bit counterparts.

    >>> import lamina as la, lamina.numpy as lnp
    >>> with la.enable_x64(True):
    ...     lnp.ones(2).dtype
    dtype('float64')
    """,
    traced=True,
)
numpy_dtype_promotion = Option(
    "numpy_dtype_promotion",
    str,
    "standard",
    """Implicit conversion between dtypes: 'standard' follows the promotion lattice, 'strict' raises TypePromotionError.

    >>> import lamina as la, lamina.numpy as lnp
    >>> with la.numpy_dtype_promotion("strict"):
    ...     lnp.ones(2) + lnp.arange(2)
    Traceback (most recent call last):
    lamina.errors.TypePromotionError: ...
    """,
    choices=("standard", "strict"),
    traced=True,
)
numpy_rank_promotion = Option(
    "numpy_rank_promotion",
    str,
    "allow",
    """Broadcasting between arrays of different rank: silently, with a warning, or as an error.

    >>> import lamina as la, lamina.numpy as lnp
    >>> with la.numpy_rank_promotion("raise"):
    ...     lnp.ones((2, 3)) + lnp.ones(3)
    Traceback (most recent call last):
    lamina.errors.ShapeError: ...
    """,
    choices=("allow", "warn", "raise"),
    traced=True,
)
debug_nans = Option(
    "debug_nans",
    bool,
    False,
    """Check every result for NaN and report the operation that made it.

    >>> import lamina as la, lamina.numpy as lnp
    >>> with la.debug_nans(True):
    ...     lnp.log(-1.0)
    Traceback (most recent call last):
    lamina.errors.NonFiniteError: ...
    """,
    traced=True,
)
debug_infs = Option(
    "debug_infs",
    bool,
    False,
    """Check every result for infinities and report the operation that made them.

    >>> import lamina as la, lamina.numpy as lnp
    >>> with la.debug_infs(True):
    ...     lnp.log(0.0)
    Traceback (most recent call last):
    lamina.errors.NonFiniteError: ...
    """,
    traced=True,
)
_disable_jit = Option("disable_jit", bool, False, "Run jit-compiled functions as plain Python, operation by operation.")


def disable_jit(disable: bool = True) -> contextlib.AbstractContextManager[None]:
    """Run jit-compiled functions as plain Python, operation by operation.

    >>> import lamina as la
    >>> with la.disable_jit():
    ...     la.jit(lambda x: print("x is", x))(3)
    x is 3
    """
    return _disable_jit(disable)


default_device = Option(
    "default_device",
    object,
    None,
    """Device for new arrays and uncommitted computations; None: the first one.

    >>> import lamina as la, lamina.numpy as lnp
    >>> with la.default_device(la.devices("cpu")[0]):
    ...     lnp.ones(2).device.platform
    'cpu'
    """,
    traced=True,
)
default_matmul_precision = Option(
    "default_matmul_precision",
    str,
    None,
    """Precision of matmuls and convolutions that name none; None: that of the operands' dtype.

    >>> import lamina as la, lamina.numpy as lnp
    >>> with la.default_matmul_precision("highest"):
    ...     lnp.dot(lnp.ones(2), lnp.ones(2))
    Array(2., dtype=float32)
    """,
    choices=("default", "high", "highest", "bfloat16", "tensorfloat32", "float32"),
    traced=True,
)
default_prng_impl = Option(
    "default_prng_impl",
    str,
    "threefry2x32",
    """Generator of keys for which none is named.

    >>> import lamina as la
    >>> with la.default_prng_impl("threefry2x32"):
    ...     la.random.key_impl(la.random.key(0))
    'threefry2x32'
    """,
    choices=("threefry2x32",),
    traced=True,
)
threefry_partitionable = Option(
    "threefry_partitionable",
    bool,
    True,
    """How random numbers are counted: each by its position, or (off) in pairs as JAX did before version 0.5.

    >>> import lamina as la
    >>> with la.threefry_partitionable(False):
    ...     la.random.bits(la.random.key(0), (2,))
    Array([ 928981903, 3453687069], dtype=uint32)
    """,
    traced=True,
)
legacy_prng_key = Option(
    "legacy_prng_key",
    str,
    "allow",
    """Keys that are plain uint32 arrays: used silently, with a warning, or refused.

    >>> import lamina as la
    >>> with la.legacy_prng_key("error"):
    ...     la.random.bits(la.random.PRNGKey(0))
    Traceback (most recent call last):
    ValueError: ...
    """,
    choices=("allow", "warn", "error"),
)
enable_custom_prng = Option(
    "enable_custom_prng",
    bool,
    False,
    """PRNGKey makes typed keys, as lamina.random.key does.

    >>> import lamina as la
    >>> with la.enable_custom_prng(True):
    ...     la.random.PRNGKey(0).shape
    ()
    """,
    traced=True,
)
high_dynamic_range_gumbel = Option(
    "high_dynamic_range_gumbel",
    bool,
    False,
    "Gumbel samples, and choices made with them, from twice as many bits unless a mode is given.",
    traced=True,
)
debug_key_reuse = Option(
    "debug_key_reuse",
    bool,
    False,
    """Raise KeyReuseError when a typed random key is used twice.

    >>> import lamina as la
    >>> key = la.random.key(0)
    >>> with la.debug_key_reuse(True):
    ...     la.random.bits(key) == la.random.bits(key)
    Traceback (most recent call last):
    lamina.errors.KeyReuseError: ...
    """,
    traced=True,
)
check_tracer_leaks = Option(
    "check_tracer_leaks",
    bool,
    False,
    """After each trace, raise when a traced value is still reachable from outside.

    >>> import lamina as la
    >>> leaked = []
    >>> with la.check_tracer_leaks(True):
    ...     la.jit(lambda x: leaked.append(x))(1.0)
    Traceback (most recent call last):
    lamina.errors.TracerLeakError: ...
    """,
)


def checking_leaks() -> contextlib.AbstractContextManager[None]:
    """``check_tracer_leaks(True)``.

    >>> import lamina as la
    >>> with la.checking_leaks():
    ...     la.config.check_tracer_leaks
    True
    """
    return check_tracer_leaks(True)


log_compiles = Option(
    "log_compiles",
    bool,
    False,
    """Log each trace and compilation, with the reason and the time it took.

    >>> import lamina as la
    >>> with la.log_compiles(True):  # to the logger "lamina"
    ...     la.config.log_compiles
    True
    """,
)
explain_cache_misses = Option(
    "explain_cache_misses",
    bool,
    False,
    """Log why a function that was compiled before is compiled again.

    >>> import lamina as la
    >>> with la.explain_cache_misses(True):  # to the logger "lamina"
    ...     la.config.explain_cache_misses
    True
    """,
)
no_tracing = Option(
    "no_tracing",
    bool,
    False,
    """Raise when a function is traced: what is called must be compiled.

    >>> import lamina as la
    >>> with la.no_tracing(True):
    ...     la.jit(lambda x: x + 1)(1)
    Traceback (most recent call last):
    RuntimeError: ...
    """,
)
compilation_cache_dir = Option(
    "compilation_cache_dir", str, None, "Directory of the on-disk compilation cache; None: the user's cache directory."
)
traceback_filtering = Option(
    "traceback_filtering", bool, True, "Hide frames inside Lamina from the tracebacks of errors in user code."
)


def _reader_of_traced() -> Callable[[Config], Any]:
    names = [option.name for option in Config.options.values() if option.traced]
    return operator.attrgetter(*names, *Config.user_contexts)


_read_traced = _reader_of_traced()


def add_to_trace_key() -> None:
    """After another context was made: compilation keys depend on it, too."""
    global _read_traced
    _read_traced = _reader_of_traced()
    Config._changes += 1
