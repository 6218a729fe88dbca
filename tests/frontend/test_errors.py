import copy
import doctest
import inspect
import os
import pickle
import subprocess
import sys
import traceback
import types

import pytest

from lamina import errors
from lamina.config import traceback_filtering
from lamina.errors import SourceLocation, TracedValue, api_boundary, user_frame

CLASSES = [c for c in vars(errors).values() if inspect.isclass(c) and issubclass(c, errors.LaminaError)]
DOCUMENTED = [c for c in CLASSES if "Cause:" in (c.__doc__ or "")]
# Examples that need only the modules tested here; the others run with the transformations.
SELF_CONTAINED = DOCUMENTED

MADE = SourceLocation("model.py", 12, "loss")
USED = SourceLocation("train.py", 40, "main")
VALUE = TracedValue("bool[]", "jit", "step", ("x", "state['w']"), MADE)
NO_VALUE = (
    "This bool[] has no value yet: while jit traces `step`, arrays stand for all their possible values.\n"
    "It was computed at model.py:12 in loss.\n"
    "It depends on the arguments `x` and `state['w']`.\n"
)

MESSAGES = [
    (
        errors.TracerBoolConversionError(VALUE),
        "A Python condition needs the truth value of a traced array.\n" + NO_VALUE + "Choose between values with "
        "lnp.where(condition, x, y), between computations with lax.cond, loop with lax.while_loop or lax.fori_loop; "
        "or, when the condition may be a part of the program, pass the argument it depends on as static: "
        "jit(..., static_argnames=...).",
    ),
    (
        errors.ConcretizationTypeError(VALUE, "`float()`"),
        "`float()` needs the value of a traced array.\n"
        + NO_VALUE
        + "Stay with array operations (`x.astype(float)` for "
        "`float(x)`), or, when the value may be a part of the program, pass the argument as static: "
        "jit(..., static_argnames=...).",
    ),
    (
        errors.TracerIntegerConversionError(VALUE),
        "A Python integer is needed, but this is a traced array.\n" + NO_VALUE + "Index an array instead of a list "
        "(`lnp.array(items)[i]`), use lax.fori_loop instead of `range`, lax.dynamic_slice instead of `x[i:j]`, or pass "
        "the argument it depends on as static: jit(..., static_argnames=...).",
    ),
    (
        errors.TracerArrayConversionError(TracedValue("f32[3]", "vmap")),
        "NumPy needs the numbers in a traced array.\n"
        "This f32[3] has no value yet: while vmap traces, arrays stand for all their possible values.\n"
        "Use the function of that name in lamina.numpy, or call NumPy when the program runs: lamina.pure_callback.",
    ),
    (
        errors.NonConcreteBooleanIndexError(TracedValue("bool[3]", arguments=("mask",))),
        "The size of `x[mask]` is unknown for a traced mask.\n"
        "This bool[3] has no value yet: while jit traces, arrays stand for all their possible values.\n"
        "It depends on the argument `mask`.\n"
        "Keep the size: lnp.where(mask, x, 0), x.at[mask].set(value), reductions' `where=` argument, or "
        "lnp.nonzero(mask, size=...).",
    ),
    (
        errors.UnexpectedTracerError(VALUE, USED),
        "A traced array escaped from the function it was made in.\n"
        "This bool[] is an intermediate value of `step`, which jit traced; it was made at model.py:12 in loss.\n"
        "It was used after that, at train.py:40 in main.\n"
        "Return the array from the function, or use lamina.debug.print or lamina.debug.callback to look at it. "
        "LAMINA_CHECK_TRACER_LEAKS=1 reports the leak where it happens.",
    ),
    (
        errors.NonArrayArgumentError("step", "config", "x" * 100, path="['mode']"),
        f"`step` takes arrays, but the argument `config['mode']` is a str: '{'x' * 76}....\n"
        "Pass numbers or arrays; mark arguments that configure the function as static (static_argnames=...); register "
        "your own container types with lamina.tree_util.register_dataclass.",
    ),
    (
        errors.ShapeError("add", "the shapes cannot be broadcast together", x=(2,), y=("n", 3)),
        "`add`: the shapes cannot be broadcast together: x has the shape (2,), y has the shape ('n', 3).\n"
        "Reshape, transpose or slice an operand so that the shapes fit; print them with `x.shape`.",
    ),
    (
        errors.IndexOutOfBoundsError(5, 0, 3),
        "The index 5 is out of bounds for axis 0 of size 3.\n"
        'Use an index in the array, or `x.at[i].get(mode="clip")` (or "fill") for a defined result outside it.',
    ),
    (
        errors.NonScalarGradError("loss", "f32[3]"),
        "grad needs a scalar, but `loss` returns f32[3].\n"
        "Reduce the result to a scalar (sum, mean), return further results with has_aux=True, or use lamina.jacrev, "
        "lamina.jacfwd or lamina.vjp.",
    ),
    (
        errors.IntegerGradError("loss", "the argument `n`", "i32"),
        "grad of `loss` needs floating-point numbers, but the argument `n` is i32.\n"
        "Pass a float (3.0, x.astype(float)), choose other arguments with argnums=..., or set allow_int=True.",
    ),
    (
        errors.KeyReuseError("key", MADE, USED),
        "The random key `key` was already used.\n"
        "First use: model.py:12 in loss.\n"
        "Second use: train.py:40 in main.\n"
        "Make fresh keys for each use: `key, subkey = lamina.random.split(key)`.",
    ),
]


@pytest.mark.parametrize(("error", "message"), MESSAGES, ids=lambda x: type(x).__name__)
def test_messages_end_in_the_cure(error, message):
    assert str(error) == message
    assert message.endswith(type(error).cure)


@pytest.mark.parametrize("error", [error for error, _ in MESSAGES], ids=lambda e: type(e).__name__)
def test_errors_travel_between_processes(error):
    for copied in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(copied) is type(error)
        assert (str(copied), vars(copied)) == (str(error), vars(error))


@pytest.mark.parametrize(
    ("name", "bases"),
    [
        ("ConcretizationTypeError", [TypeError, errors.JAXTypeError]),
        ("TracerBoolConversionError", [errors.ConcretizationTypeError]),
        ("TracerIntegerConversionError", [TypeError]),
        ("TracerArrayConversionError", [TypeError]),
        ("NonConcreteBooleanIndexError", [IndexError, errors.JAXIndexError]),
        ("UnexpectedTracerError", [TypeError]),
        ("ShapeError", [TypeError, ValueError]),
        ("TypePromotionError", [errors.DTypeError, TypeError, ValueError]),
        ("TreeStructureError", [ValueError]),
        ("JaxRuntimeError", [RuntimeError]),
        ("UnknownOptionError", [AttributeError]),
    ],
)
def test_errors_are_the_builtin_ones_programs_catch(name, bases):
    cls = getattr(errors, name)
    assert all(issubclass(cls, base) for base in [errors.LaminaError, *bases])
    assert (cls.__module__, cls.__qualname__) == ("lamina.errors", name)


@pytest.mark.parametrize("cls", DOCUMENTED, ids=lambda c: c.__name__)
def test_docstrings_have_cause_example_and_cure(cls):
    cause, example = cls.__doc__.index("    Cause:\n"), cls.__doc__.index("    Example:\n")
    assert cause < example < cls.__doc__.index(f"\n\n    Cure:\n        {cls.cure}")
    shown = doctest.DocTestParser().get_examples(cls.__doc__)[-1]
    assert shown.exc_msg.startswith(f"lamina.errors.{cls.__name__}: ")


def test_every_error_one_can_act_upon_is_documented():
    general = {"LaminaError", "JAXTypeError", "JAXIndexError"}  # bases
    general |= {"JaxRuntimeError", "JaxprTypeError", "InconclusiveDimensionOperation"}  # the raiser gives the cure
    assert {cls.__name__ for cls in CLASSES} - {cls.__name__ for cls in DOCUMENTED} == general
    assert all(cls.cure for cls in DOCUMENTED) and all(cls.__doc__ for cls in CLASSES)
    assert set(errors.__all__) >= {cls.__name__ for cls in CLASSES}


@pytest.mark.parametrize("cls", SELF_CONTAINED, ids=lambda c: c.__name__)
def test_examples_run(cls):
    test = doctest.DocTestParser().get_doctest(cls.__doc__, {cls.__name__: cls}, cls.__name__, None, 0)
    results = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test)
    assert results.attempted > 0 and results.failed == 0


def internal(source, name="f"):
    """The function `name` of a module that counts as one of Lamina's."""
    module = types.ModuleType("lamina._made_by_a_test")
    module.__dict__.update(api_boundary=api_boundary, user_frame=user_frame, errors=errors)
    exec(compile(source, "lamina/_made_by_a_test.py", "exec"), module.__dict__)
    return module.__dict__[name]


def here():
    return user_frame()


def test_user_frame_is_the_line_outside_lamina():
    location = here()
    assert location == SourceLocation(__file__, here.__code__.co_firstlineno + 1, "here")
    assert str(location) == f"{__file__}:{location.line} in here"
    deep = internal("def f(n=3):\n    return f(n - 1) if n else user_frame()")
    assert deep().function == "test_user_frame_is_the_line_outside_lamina"

    def callback():
        return deep()

    assert internal("def f(callback):\n    return callback()")(callback).function.endswith("<locals>.callback")


def frames(error):
    return [frame.name for frame in traceback.extract_tb(error.__traceback__)]


FAILS = "def helper():\n    raise errors.KeyReuseError('key')\n@api_boundary\ndef f():\n    helper()"


def test_boundary_hides_internal_frames():
    with pytest.raises(errors.KeyReuseError) as caught:
        internal(FAILS)()
    assert frames(caught.value) == ["test_boundary_hides_internal_frames"]
    assert not hasattr(caught.value, "__notes__")


def test_boundary_keeps_the_frames_of_user_functions():
    apply = internal("@api_boundary\ndef f(g, *args):\n    return g(*args)")

    def inner():
        raise KeyError("mine")

    def outer():
        apply(inner)

    with pytest.raises(KeyError) as caught:
        apply(outer)
    assert frames(caught.value) == ["test_boundary_keeps_the_frames_of_user_functions", "outer", "inner"]
    assert caught.value.__notes__ == [
        "(Frames inside Lamina are hidden; set LAMINA_TRACEBACK_FILTERING=0 to see them.)"
    ]
    assert apply(max, 1, 2) == 2 and apply.__name__ == "f"


def test_boundary_filters_chained_errors():
    fails = internal(
        "def helper():\n    raise KeyError(1)\n"
        "@api_boundary\ndef f():\n"
        "    try:\n        helper()\n    except KeyError as e:\n        raise ValueError(2) from e"
    )
    with pytest.raises(ValueError) as caught:
        fails()
    assert frames(caught.value.__cause__) == []


def test_boundary_can_be_switched_off():
    with traceback_filtering(False), pytest.raises(errors.KeyReuseError) as caught:
        internal(FAILS)()
    assert frames(caught.value)[-2:] == ["f", "helper"]


def test_filtering_switches_by_environment(tmp_path):
    (tmp_path / "program.py").write_text(
        "from lamina.errors import api_boundary, KeyReuseError\n"
        "scope = {'__name__': 'lamina._x', 'api_boundary': api_boundary, 'KeyReuseError': KeyReuseError}\n"
        "exec(compile('@api_boundary\\ndef f():\\n    raise KeyReuseError(\"k\")', 'lamina/_x.py', 'exec'), scope)\n"
        "scope['f']()\n"
    )

    def shown(value):
        environment = os.environ | {"LAMINA_TRACEBACK_FILTERING": value}
        return subprocess.run(
            [sys.executable, tmp_path / "program.py"], env=environment, capture_output=True, text=True
        ).stderr

    assert "lamina/_x.py" not in shown("1") and "program.py" in shown("1")
    assert "lamina/_x.py" in shown("0")
