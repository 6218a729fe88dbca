"""lamina-run: calls a function of a .lamina file with the runtime alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import lamina_runtime

from .conftest import run

PREDICT = "predict(x: f32[32,64]) -> f32[32,10]"
STEP = (
    "step(params: {scale: f32[], w: f32[64,10]}, x: f32[32,64]) -> "
    "{gradient: {scale: f32[], w: f32[64,10]}, loss: f32[]}"
)


@pytest.fixture(scope="module")
def inputs(artifact: Path) -> Path:
    """The artifact's directory with inputs."""
    rng = np.random.default_rng(1)
    folder = artifact.parent
    np.save(folder / "x.npy", rng.standard_normal((32, 64)).astype("f4"))
    np.save(folder / "x64.npy", rng.standard_normal((32, 64)))
    np.save(folder / "objects.npy", np.array([{}]), allow_pickle=True)
    np.savez(folder / "params.npz", w=rng.standard_normal((64, 10)).astype("f4"), scale=np.float32(1))
    np.savez(folder / "other.npz", w=np.ones(3))
    (folder / "text.npy").write_text("hello")
    damaged = bytearray(artifact.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    (folder / "damaged.lamina").write_bytes(damaged)
    return folder


def test_array_in_array_out(inputs: Path) -> None:
    done = run("lamina-run", "model.lamina", "predict", "--input", "x.npy", "--output", "y.npy", cwd=inputs)
    assert done == (0, "", "")
    expected = lamina_runtime.load(inputs / "model.lamina").predict(np.load(inputs / "x.npy"))
    np.testing.assert_array_equal(np.load(inputs / "y.npy"), expected)


def test_trees_are_npz_files_and_go_back_in(inputs: Path) -> None:
    flags = ["--input", "params=params.npz", "--input", "x=x.npy", "--output", "result.npz"]
    assert run("lamina-run", "model.lamina", "step", *flags, cwd=inputs) == (0, "", "")
    with np.load(inputs / "params.npz") as params, np.load(inputs / "result.npz") as found:
        expected = lamina_runtime.load(inputs / "model.lamina").step(dict(params), np.load(inputs / "x.npy"))
        assert sorted(found.files) == ["gradient.scale", "gradient.w", "loss"]
        np.testing.assert_array_equal(found["gradient.w"], expected["gradient"]["w"])
        np.testing.assert_array_equal(found["loss"], expected["loss"])


def test_prints_a_result(inputs: Path) -> None:
    lines = run("lamina-run", "model.lamina", "step", "--random-input", cwd=inputs).out.splitlines()
    assert [line for line in lines if line.startswith(("gradient", "loss"))] == [
        "gradient.scale: f32[]",
        "gradient.w: f32[64,10]",
        "loss: f32[]",
    ]


def test_signatures(inputs: Path) -> None:
    assert run("lamina-run", "model.lamina", "--print-signature", cwd=inputs) == (0, f"{PREDICT}\n{STEP}\n", "")
    assert run("lamina-run", "model.lamina", "step", "--print-signature", cwd=inputs) == (0, f"{STEP}\n", "")


def test_benchmark(inputs: Path) -> None:
    done = run("lamina-run", "model.lamina", "predict", "--random-input", "--benchmark", "5", cwd=inputs)
    words = done.out.split()
    assert words[:4] == ["predict", "on", "cpu:", "median"] and words[5:] == ["ms", "of", "5", "calls"]
    assert float(words[4]) > 0


def test_needs_the_runtime_only(inputs: Path) -> None:
    program = """
import sys
from lamina_tools.run import main
main(["model.lamina", "predict", "--input", "x.npy"], standalone_mode=False)
print(*sorted({name.partition(".")[0] for name in sys.modules}))
print("iree.compiler" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=inputs, capture_output=True, text=True, check=True)
    *_, packages, iree_compiler = done.stdout.splitlines()
    assert not {"lamina", "lamina_compiler", "mlir", "torch_mlir", "optree", "scipy"} & set(packages.split())
    assert {"lamina_runtime", "numpy", "click"} <= set(packages.split())
    assert iree_compiler == "False"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.lamina"],
         "missing.lamina: cannot be read (No such file or directory); give the path of a .lamina file"),
        (["model.py"],
         "model.py: this is not a Lamina artifact (it is no zip file); give the path of a .lamina file"),
        (["damaged.lamina"],
         "damaged.lamina: the file is damaged (its checksum differs); "
         "copy or download the file again, or write it again with lamina"),
        (["model.lamina"], "model.lamina has several functions, name one: predict, step"),
        (["model.lamina", "predct"],
         "model.lamina has no function 'predct'; did you mean 'predict'? it has predict, step"),
        (["model.lamina", "predict", "--input", "x64.npy"],
         "predict: argument x: expected f32[32,64], got f64[32,64]"),
        (["model.lamina", "predict"], f"predict: missing argument x; it is {PREDICT}"),
        (["model.lamina", "predict", "--input", "x.npy", "--input", "x.npy"],
         f"predict takes 1 input, got more; it is {PREDICT}"),
        (["model.lamina", "predict", "--input", "x.npy", "--input", "x=x.npy"],
         f"predict: argument x is given twice; it is {PREDICT}"),
        (["model.lamina", "predict", "--input", "z=x.npy"], f"predict has no argument 'z'; it is {PREDICT}"),
        (["model.lamina", "predict", "--input", "nothing.npy"], "cannot read nothing.npy: No such file or directory"),
        (["model.lamina", "predict", "--input", "text.npy"],
         "cannot read text.npy: it is no .npy or .npz file of numbers"),
        (["model.lamina", "predict", "--input", "objects.npy"],
         "cannot read objects.npy: it is no .npy or .npz file of numbers"),
        (["model.lamina", "predict", "--input", "params.npz"],
         "params.npz: the argument x (f32[32,64]) needs an .npy file; it has w, scale"),
        (["model.lamina", "step", "--input", "other.npz", "--input", "x.npy"],
         "other.npz: the argument params ({scale: f32[], w: f32[64,10]}) needs arrays named scale, w; it has w"),
        (["model.lamina", "step", "--input", "x.npy", "--input", "x.npy"],
         "step: argument params: expected {scale: f32[], w: f32[64,10]}, got f32[32,64]"),
        (["model.lamina", "step", "--random-input", "--input", "x.npy"],
         "--random-input replaces all --input; give one or the other"),
        (["model.lamina", "step", "--random-input", "--output", "y.npy"],
         "cannot write y.npy: the result is {gradient: {scale: f32[], w: f32[64,10]}, loss: f32[]}; name a .npz file"),
        (["model.lamina", "predict", "--random-input", "--output", "y.txt"],
         "cannot write y.txt: name a .npy or .npz file"),
        (["model.lamina", "predict", "--random-input", "--output", "missing/y.npy"],
         "cannot write missing/y.npy: there is no directory missing"),
    ],
)  # fmt: skip
def test_errors_are_one_line(arguments: list[str], message: str, inputs: Path) -> None:
    assert run("lamina-run", *arguments, cwd=inputs) == (1, "", f"lamina-run: {message}\n")


def test_device_that_is_not_there(inputs: Path) -> None:
    done = run("lamina-run", "model.lamina", "predict", "--random-input", "--device", "tpu", cwd=inputs)
    assert done.code == 1
    assert done.err.startswith("lamina-run: no device 'tpu' on this machine; there are cpu:0 (CPU)")


def test_device_without_a_target(inputs: Path) -> None:
    if not lamina_runtime.devices("vulkan"):
        pytest.skip("no Vulkan driver on this machine (Mesa's lavapipe would do)")
    done = run("lamina-run", "model.lamina", "predict", "--random-input", "--device", "vulkan", cwd=inputs)
    assert done.code == 1
    assert done.err.startswith("lamina-run: model.lamina: no target on vulkan:0; the file has targets cpu-")
    assert done.err.count("\n") == 1
