"""The commands as real processes, and a small model to compile and run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

MODEL = """
import numpy as np

from lamina import grad, jit, lax

WEIGHTS = np.random.default_rng(0).standard_normal((64, 10)).astype("f4")


def dot(x, y):
    return lax.dot_general(x, y, (((1,), (0,)), ((), ())))


def predict(x):
    return lax.tanh(dot(x, WEIGHTS))


@jit
def loss(params, x):
    y = lax.mul(dot(x, params["w"]), params["scale"])
    return lax.reduce_sum(lax.mul(y, y), (0, 1))


def step(params, x):
    return {"gradient": grad(loss)(params, x), "loss": loss(params, x)}


def wide(x):
    return lax.add(x, x)


def factor(x):
    return lax.linalg.schur(x)


def broken(x):
    return helper(x)


def helper(x):
    return x.no_such_attribute
"""


class Result(NamedTuple):
    code: int
    out: str
    err: str


def run(command: str, *arguments: str, cwd: Path, stdin: str = "") -> Result:
    """Run an installed command; nothing of it may be a traceback of Lamina's own."""
    path = os.path.join(os.path.dirname(sys.executable), command)
    done = subprocess.run([path, *arguments], cwd=cwd, input=stdin, capture_output=True, text=True, timeout=300)
    assert "lamina_tools" not in done.stderr, done.stderr
    return Result(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    os.environ["LAMINA_CACHE_DIR"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with model.py."""
    folder = tmp_path_factory.mktemp("model")
    (folder / "model.py").write_text(MODEL)
    return folder


@pytest.fixture(scope="session")
def artifact(folder: Path) -> Path:
    """model.lamina for the CPU, with `predict` and `step`."""
    arguments = ["predict:f32[32,64]", "step:{w: f32[64,10], scale: f32}", "step:x=f32[32,64]"]
    flags = [flag for argument in arguments for flag in ("--arg", argument)]
    done = run("lamina-compile", "model.py:predict,step", *flags, cwd=folder)
    assert done.code == 0, done.err
    return folder / "model.lamina"
