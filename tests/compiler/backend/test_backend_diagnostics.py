import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from backend_programs import CRASHING, SLOW, elementwise

import lamina_compiler
from lamina_compiler import backend

OURS = Path(lamina_compiler.__file__).parent / "ops" / "elementwise.py"


@pytest.fixture
def user_file(tmp_path: Path) -> Path:
    path = tmp_path / "train.py"
    path.write_text("def loss(x):\n    return lnp.erf(x)\n")
    return path


def located(user_file: Path) -> str:
    return f'callsite("{OURS}":30:4 at callsite("loss"("{user_file}":2:12) at "/elsewhere/main.py":9:1))'


def compile_error(program: str, target: str = "cpu") -> backend.CompileError:
    with pytest.raises(backend.CompileError) as caught:
        backend.compile(program, target, name="`loss`")
    assert type(caught.value) is backend.CompileError
    return caught.value


def test_the_message_names_program_target_cause_and_the_users_line(user_file: Path):
    error = compile_error(elementwise("math.erf %x", "f64", located(user_file)))
    assert error.location == backend.SourceLocation(str(user_file), 2, 12)
    assert str(error).splitlines() == [
        "Could not compile `loss` for target `cpu`: "
        "failed to legalize operation 'math.erf' that was explicitly marked illegal",
        f"  at {user_file}:2:12",
        "      return lnp.erf(x)",
        f"  reproducer, to attach to a report: {error.reproducer}",
    ]
    assert "see current operation" in error.diagnostics[0]


def test_the_linkers_words_are_part_of_the_message(user_file: Path):
    error = compile_error(elementwise("math.sin %x", "f64", located(user_file)))
    assert "(undefined symbol: sin)" in str(error)
    assert error.location and error.location.line == 2


def test_f64_on_a_target_without(user_file: Path):
    error = compile_error(elementwise("arith.addf %x, %x", "f64", located(user_file)), "vulkan")
    assert "`vulkan`: this target has no float64. Compute in float32, or compile for a CPU." in str(error)
    assert error.location and error.location.line == 2


def test_an_error_in_the_module_itself_says_where():
    error = compile_error("func.func @f() {\n  return %nothing : f32 }")
    assert "module.mlir:2:10: use of undeclared SSA value name" in str(error)
    assert error.location is None


def test_code_without_a_file_is_the_users():
    error = compile_error(elementwise("math.erf %x", "f64", f'callsite("{OURS}":30:4 at "<stdin>":1:1)'))
    assert error.location == backend.SourceLocation("<stdin>", 1, 1)


def test_the_reproducer_reproduces(cache_directory: Path):
    error = compile_error(elementwise("math.erf %x", "f64"))
    assert error.reproducer and error.reproducer.parent == cache_directory / "reproducers"
    assert "see current operation" in (error.reproducer / "messages.txt").read_text()
    program, *arguments = shlex.split((error.reproducer / "command.txt").read_text())
    command = [str(Path(sys.executable).parent / program), *arguments]
    done = subprocess.run(command, cwd=error.reproducer, capture_output=True, text=True)
    assert done.returncode != 0
    assert "math.erf" in done.stderr


def test_a_crash_saves_a_reproducer_too():
    with pytest.raises(backend.CompilerCrash) as caught:
        backend.compile(CRASHING)
    assert caught.value.reproducer and (caught.value.reproducer / "module.mlir").read_text() == CRASHING


def test_only_the_last_reproducers_are_kept(cache_directory: Path):
    errors = [compile_error(f"invalid {number}") for number in range(25)]
    kept = set((cache_directory / "reproducers").iterdir())
    assert len(kept) == 20
    assert errors[-1].reproducer in kept


def test_no_reproducer_when_it_cannot_be_saved(cache_directory: Path):
    cache_directory.write_text("a file where the directory should be")
    error = compile_error("invalid")
    assert error.reproducer is None
    assert "reproducer" not in str(error)


def test_a_compile_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LAMINA_COMPILE_TIMEOUT", "0.5")
    with pytest.raises(backend.CompileTimeout, match=r"longer than the 0\.5 seconds"):
        backend.compile(SLOW)
    monkeypatch.delenv("LAMINA_COMPILE_TIMEOUT")
    assert backend.compile(elementwise("arith.addf %x, %x"))


def test_the_timeout_must_be_a_number(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LAMINA_COMPILE_TIMEOUT", "soon")
    with pytest.raises(ValueError, match="LAMINA_COMPILE_TIMEOUT must be a number of seconds; got 'soon'"):
        backend.compile("")
