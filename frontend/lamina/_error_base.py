"""The base of Lamina's errors. Users find all of them in :mod:`lamina.errors`."""

from __future__ import annotations

from typing import Any, ClassVar


def _rebuilt(cls: type[LaminaError], args: tuple[Any, ...], state: dict[str, Any]) -> LaminaError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class LaminaError(Exception):
    """Base of every error Lamina raises on purpose: ``str(error)`` is what happened, then what to do (`cure`)."""

    __module__ = "lamina.errors"
    cure: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.__module__.startswith("lamina._"):
            cls.__module__ = "lamina.errors"  # the name users see in tracebacks and import from
        if "cure" in cls.__dict__ and cls.__doc__:
            cls.__doc__ = f"{cls.__doc__.rstrip()}\n\n    Cure:\n        {cls.cure}\n    "

    def __init__(self, *sentences: str, cure: str | None = None):
        super().__init__("\n".join(part for part in (*sentences, self.cure if cure is None else cure) if part))

    def __reduce__(self) -> tuple[Any, ...]:  # subclasses take structured arguments, so the default would not unpickle
        return _rebuilt, (type(self), self.args, self.__dict__)


class JAXTypeError(LaminaError, TypeError):
    """Base of the errors about using a traced value or a key in a way its type does not allow.

    >>> import lamina as la
    >>> issubclass(la.errors.TracerBoolConversionError, la.errors.JAXTypeError)
    True
    """


class JAXIndexError(LaminaError, IndexError):
    """Base of the indexing errors.

    >>> import lamina as la
    >>> issubclass(la.errors.NonConcreteBooleanIndexError, la.errors.JAXIndexError)
    True
    """
