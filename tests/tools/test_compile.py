"""lamina-compile: from a Python file to a .lamina file, and what it says when that does not work."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import lamina_runtime

from .conftest import MODEL, run

TARGETS = "cpu, cpu-x86-64-v3, cpu-aarch64, vulkan, cuda, cuda-sm_86, cuda-sm_89"
FUNCTIONS = "dot, predict, loss, step, wide, factor, broken, helper"
DTYPES = "bool i8 i16 i32 i64 u8 u16 u32 u64 f16 bf16 f32 f64 c64 c128 key<fry>"
NOTATION = "write f32[32,64] (f32[] for a number), (TYPE, TYPE), [TYPE], {name: TYPE} or None"


def test_artifact_computes_what_the_functions_do(artifact: Path) -> None:
    program = lamina_runtime.load(artifact)
    assert program.signature("predict") == "predict(x: f32[32,64]) -> f32[32,10]"
    assert program.signature("step") == (
        "step(params: {scale: f32[], w: f32[64,10]}, x: f32[32,64]) -> "
        "{gradient: {scale: f32[], w: f32[64,10]}, loss: f32[]}"
    )
    rng = np.random.default_rng(1)
    x, w = rng.standard_normal((32, 64)).astype("f4"), rng.standard_normal((64, 10)).astype("f4")
    weights = np.random.default_rng(0).standard_normal((64, 10)).astype("f4")  # baked into the file
    np.testing.assert_allclose(program.predict(x), np.tanh(x.astype("f8") @ weights), atol=2e-6)
    result = program.step({"w": w, "scale": np.float32(2)}, x=x)
    y = 2 * x.astype("f8") @ w
    np.testing.assert_allclose(result["loss"], (y * y).sum(), rtol=1e-5)
    np.testing.assert_allclose(result["gradient"]["w"], 4 * x.T @ y, rtol=1e-4, atol=1e-2)
    np.testing.assert_allclose(result["gradient"]["scale"], (y * y).sum(), rtol=1e-5)


def test_file_travels(artifact: Path) -> None:
    read = lamina_runtime.read(artifact)
    assert list(read.targets) in (["cpu-x86-64-v3"], ["cpu-aarch64"])  # not the code of this very machine
    assert str(artifact.parent).encode() not in artifact.read_bytes()  # nor its paths
    assert set(read.versions or {}) == {"lamina", "iree"}


def test_portable_program_is_the_simplified_stage(artifact: Path, tmp_path: Path) -> None:
    (tmp_path / "program.mlirbc").write_bytes(lamina_runtime.read(artifact).program)
    done = run("lamina-opt", "program.mlirbc", "--lamina-legality=simplify", cwd=tmp_path)
    assert done.code == 0
    assert done.out.count("func.func @") == 2 and '"lamina.tanh"' in done.out


def test_several_targets_from_a_dotted_module(folder: Path) -> None:
    (folder / "package").mkdir()
    (folder / "package" / "__init__.py").write_text("")
    (folder / "package" / "inner.py").write_text("from model import wide as double\n")
    flags = ["--arg", "x=i32[3]", "--target", "cpu", "--target", "vulkan", "--target", "cuda", "-o", "many.lamina"]
    done = run("lamina-compile", "package.inner:double", *flags, cwd=folder)
    assert done.code == 0, done.err
    first, second = done.out.splitlines()
    assert first.startswith("many.lamina (") and first.endswith(", vulkan, cuda")
    assert second == "  double(x: i32[3]) -> i32[3]"
    np.testing.assert_array_equal(
        lamina_runtime.load(folder / "many.lamina").double(np.arange(3, dtype="i4")), [0, 2, 4]
    )


def test_emits_a_stage(folder: Path) -> None:
    done = run("lamina-compile", "model.py:wide", "--arg", "f64[2]", "--x64", "--emit=simplify", cwd=folder)
    assert done == (
        0,
        "module {\n"
        "  func.func @wide(%arg0: tensor<2xf64>) -> tensor<2xf64> {\n"
        '    %0 = "lamina.add"(%arg0, %arg0) : (tensor<2xf64>, tensor<2xf64>) -> tensor<2xf64>\n'
        "    return %0 : tensor<2xf64>\n"
        "  }\n"
        "}\n",
        "",
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["model.py"], "'model.py' does not say which function; write FILE.py:FUNCTION"),
        (["missing.py:f"], "cannot read missing.py: there is no such file"),
        (["missing:f"], "there is no module 'missing'; give a file as PATH.py:FUNCTION"),
        (["model.py:predct"], "{model} has no function 'predct'; did you mean 'predict'?"),
        (["model.py:qqqq"], f"{{model}} has no function 'qqqq'; it has {FUNCTIONS}"),
        (["model.py:WEIGHTS"], f"{{model}} has a ndarray, no function, named 'WEIGHTS'; it has {FUNCTIONS}"),
        (["model.py:step", "--arg", "f32"],
         "step(params, x) cannot be called: 1 --arg was given, missing a required argument: 'x'"),
        (["model.py:wide", "--arg", "f32", "--arg", "f32"],
         "wide(x) cannot be called: 2 --arg were given, too many positional arguments"),
        (["model.py:wide", "--arg", "y=f32"],
         "wide(x) cannot be called: 1 --arg was given, missing a required argument: 'x'"),
        (["model.py:wide", "--arg", "f64[3]"], "--arg f64[3]: f64 is a 64-bit type; add --x64 to turn these on"),
        (["model.py:wide", "--arg", "f31[3]"],
         f"--arg f31[3]: there is no dtype 'f31' (there are {DTYPES}) in the type 'f31[3]'; {NOTATION}"),
        (["model.py:wide", "--arg", "f32[3"], f"--arg f32[3: the type 'f32[3' is not complete; {NOTATION}"),
        (["model.py:wide", "--arg", "f32[n]"], f"--arg f32[n]: 'n' is no size in the type 'f32[n]'; {NOTATION}"),
        (["model.py:wide,step", "--arg", "f32"], "--arg f32: say which function it belongs to, as in wide:f32"),
        (["model.py:wide", "--arg", "f32", "--target", "cudda"],
         f"there is no target 'cudda'; did you mean 'cuda'? Targets are {TARGETS}."),
        (["model.py:wide", "--arg", "f32", "-o", "missing/wide.lamina"],
         "cannot write missing/wide.lamina: there is no directory missing"),
        (["model.py:wide", "--arg", "f32", "-o", "."], "cannot write .: it is a directory"),
        (["exits.py:f"], 'exits.py exits when it is imported; put that under if __name__ == "__main__"'),
    ],
)  # fmt: skip
def test_errors_are_one_line(arguments: list[str], message: str, folder: Path) -> None:
    (folder / "exits.py").write_text("import sys\nsys.exit(3)\n")
    done = run("lamina-compile", *arguments, cwd=folder)
    assert done == (1, "", f"lamina-compile: {message}\n".replace("{model}", str(folder / "model.py")))


def test_what_runs_in_python_cannot_go_into_a_file(folder: Path) -> None:
    done = run("lamina-compile", "model.py:factor", "--arg", "f32[3,3]", cwd=folder)
    place = f"{folder / 'model.py'}:{MODEL.splitlines().index('    return lax.linalg.schur(x)') + 1}"
    message = f"`factor` cannot be saved to a file: `schur` runs in Python ({place})."
    assert done == (1, "", f"lamina-compile: {message}\n")


def test_error_in_the_function_shows_the_users_frames_only(folder: Path) -> None:
    done = run("lamina-compile", "model.py:broken", "--arg", "f32[3]", cwd=folder)
    assert done.code == 1 and done.out == ""
    lines = done.err.splitlines()
    assert [line.strip().rpartition(", in ")[2] for line in lines if line.strip().startswith("File ")] == [
        "broken",
        "helper",
    ]
    assert any(line.startswith("AttributeError: ") and "no_such_attribute" in line for line in lines)
    assert lines[-1] == "lamina-compile: model.py failed"


def test_wrong_shape_is_the_shape_error(folder: Path) -> None:
    done = run("lamina-compile", "model.py:predict", "--arg", "f32[32,63]", cwd=folder)
    assert done.code == 1
    assert (
        "lamina.errors.ShapeError: `dot_general`: contracting dimensions of f32[32,63] and f32[64,10] have different "
        "sizes: [63] and [64].\n"
    ) in done.err


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("def f(x):\n    return x +\n", "SyntaxError: invalid syntax"),
        ("import nothing_here\n", "ModuleNotFoundError: No module named 'nothing_here'"),
    ],
)
def test_file_that_cannot_be_imported(text: str, last: str, folder: Path) -> None:
    (folder / "faulty.py").write_text(text)
    done = run("lamina-compile", "faulty.py:f", cwd=folder)
    assert done.code == 1
    assert done.err.splitlines()[-2:] == [last, "lamina-compile: faulty.py failed"]
    assert f'File "{folder / "faulty.py"}", line ' in done.err
    assert "importlib" not in done.err
