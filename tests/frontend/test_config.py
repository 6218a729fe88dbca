import doctest
import os
import subprocess
import sys
import threading

import pytest

from lamina.config import (
    Config,
    check_tracer_leaks,
    compilation_cache_dir,
    config,
    debug_nans,
    default_device,
    default_matmul_precision,
    enable_x64,
    numpy_rank_promotion,
)
from lamina.errors import OptionValueError, UnknownOptionError


@pytest.fixture
def restored():
    before = {name: config.read(name) for name in config.options}
    yield
    for name, value in before.items():
        config.update(name, value)


def test_defaults():
    assert {name: option.default for name, option in config.options.items()} == {
        "enable_x64": False,
        "numpy_dtype_promotion": "standard",
        "numpy_rank_promotion": "allow",
        "debug_nans": False,
        "debug_infs": False,
        "disable_jit": False,
        "default_device": None,
        "default_matmul_precision": None,
        "default_prng_impl": "threefry2x32",
        "threefry_partitionable": True,
        "legacy_prng_key": "allow",
        "enable_custom_prng": False,
        "high_dynamic_range_gumbel": False,
        "debug_key_reuse": False,
        "check_tracer_leaks": False,
        "log_compiles": False,
        "explain_cache_misses": False,
        "no_tracing": False,
        "compilation_cache_dir": None,
        "traceback_filtering": True,
    }
    assert all(option.__doc__ for option in config.options.values())


def test_update_read_and_jax_names(restored):
    config.update("jax_enable_x64", True)
    assert config.enable_x64 is config.jax_enable_x64 is config.read("jax_enable_x64") is enable_x64.value is True
    config.update("enable_x64", "off")
    assert config.enable_x64 is False
    config.enable_x64 = True  # as in JAX: the same as update
    assert Config.enable_x64 is True
    config.update("default_matmul_precision", "highest")
    config.update("default_matmul_precision", None)
    assert repr(enable_x64) == "<option enable_x64 = True>"


def test_context_managers_nest_and_restore():
    with enable_x64(True):
        with enable_x64(False):
            assert not config.enable_x64
        assert config.enable_x64
        with pytest.raises(KeyError), debug_nans():
            assert config.debug_nans
            raise KeyError
        assert not config.debug_nans
    assert not config.enable_x64


def test_context_managers_decorate():
    @enable_x64(True)
    def inside(depth):
        return [config.enable_x64] + (inside(depth - 1) if depth else [])

    assert inside(2) == [True] * 3
    assert not config.enable_x64


def test_context_managers_are_of_their_thread_and_update_is_of_the_process(restored):
    seen = []

    def look():
        thread = threading.Thread(target=lambda: seen.append(config.numpy_rank_promotion))
        thread.start()
        thread.join()

    with numpy_rank_promotion("raise"):
        look()
        config.update("numpy_rank_promotion", "warn")
        look()
        assert config.numpy_rank_promotion == "raise"
    assert seen == ["allow", "warn"]
    assert config.numpy_rank_promotion == "warn"


def test_trace_key_has_what_changes_a_traced_program():
    base = config.trace_key()
    hash(base)
    for changed in (enable_x64(), debug_nans(), default_matmul_precision("high"), default_device("a device")):
        with changed:
            assert config.trace_key() != base
    with check_tracer_leaks(), compilation_cache_dir("/somewhere"):
        assert config.trace_key() == base


def test_unknown_names():
    with pytest.raises(UnknownOptionError) as caught:
        config.update("jax_enable_x46", True)
    assert str(caught.value) == (
        "There is no option `jax_enable_x46`. Did you mean `enable_x64`?\n"
        "Use one of the options: check_tracer_leaks, compilation_cache_dir, debug_infs, debug_key_reuse, debug_nans, "
        "default_device, default_matmul_precision, default_prng_impl, disable_jit, enable_custom_prng, enable_x64, "
        "explain_cache_misses, high_dynamic_range_gumbel, legacy_prng_key, log_compiles, no_tracing, "
        "numpy_dtype_promotion, numpy_rank_promotion, "
        "threefry_partitionable, traceback_filtering."
    )
    with pytest.raises(AttributeError, match=r"There is no option `qqq`\.\n"):
        config.qqq = 1
    assert not hasattr(config, "qqq")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("enable_x64", "maybe", "True or False"),
        ("enable_x64", 2, "True or False"),
        ("numpy_dtype_promotion", "loose", "'standard' or 'strict'"),
        ("compilation_cache_dir", 3, "a str or None"),
    ],
)
def test_wrong_values(name, value, expected):
    before = config.read(name)
    with pytest.raises(OptionValueError) as caught:
        config.update(name, value)
    assert str(caught.value) == (
        f"The option `{name}` cannot be {value!r}.\n"
        f"Give it {expected} (in code, or in the environment variable LAMINA_{name.upper()})."
    )
    with pytest.raises(ValueError), config.options[name](value):
        pass
    assert config.read(name) == before


def run(code, **environment):
    return subprocess.run([sys.executable, "-c", code], env=os.environ | environment, capture_output=True, text=True)


def test_environment_variables():
    code = "from lamina.config import config as c; print(c.enable_x64, c.numpy_rank_promotion, c.compilation_cache_dir)"
    done = run(code, LAMINA_ENABLE_X64="1", LAMINA_NUMPY_RANK_PROMOTION="raise", LAMINA_COMPILATION_CACHE_DIR="")
    assert done.stdout.split() == ["True", "raise", "None"]


def test_a_wrong_environment_variable_says_so():
    done = run("import lamina.config", LAMINA_ENABLE_X64="maybe")
    assert done.returncode != 0
    assert "The option `enable_x64` cannot be 'maybe'." in done.stderr
    assert "LAMINA_ENABLE_X64" in done.stderr


def test_examples_run():
    results = doctest.testmod(sys.modules[Config.__module__])
    assert results.attempted > 0 and results.failed == 0
