"""Handwritten digits: train in Python, compile ahead of time, predict in a process that has only the runtime.

    python docs/examples/digits.py [--device cpu|vulkan] [--epochs 30] [--output digits.lamina]

A network with two hidden layers learns scikit-learn's 1,797 digits (8×8 pixels) by minibatch SGD with momentum. The
training step is `jit` of `value_and_grad`; the norms of per-example gradients come from `vmap` of `grad`. The trained
`predict` is then compiled to an artifact, and a fresh process loads it with `lamina_runtime` alone.
"""

from __future__ import annotations

import argparse
import itertools
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table
from sklearn.datasets import load_digits

import lamina as la
import lamina.numpy as lnp
from lamina import artifact, nn

SIZES = (64, 128, 64, 10)
BATCH = 64
RATE, MOMENTUM = 0.05, 0.9


def load(seed=0):
    """Pixels scaled to [0, 1] and labels, shuffled: training and test parts."""
    digits = load_digits()
    order = np.random.default_rng(seed).permutation(len(digits.target))
    x = (digits.data[order] / 16).astype(np.float32)
    y = digits.target[order].astype(np.int32)
    return (x[:1440], y[:1440]), (x[1440:], y[1440:])


def initial_params(seed=0):
    rng = np.random.default_rng(seed)
    return [
        {"w": (rng.normal(size=(m, n)) * np.sqrt(2 / m)).astype(np.float32), "b": np.zeros(n, np.float32)}
        for m, n in itertools.pairwise(SIZES)
    ]


def logits(params, x):
    for layer in params[:-1]:
        x = nn.relu(x @ layer["w"] + layer["b"])
    return x @ params[-1]["w"] + params[-1]["b"]


def loss(params, x, y):
    """Mean cross-entropy; also right for a single example without a batch axis."""
    scores = nn.log_softmax(logits(params, x))
    return -lnp.mean(lnp.sum(scores * nn.one_hot(y, 10), axis=-1))


@la.jit
def step(params, velocity, x, y):
    """One step of SGD with momentum: new parameters and velocity, and the loss before it."""
    value, gradient = la.value_and_grad(loss)(params, x, y)
    velocity = la.tree.map(lambda v, g: MOMENTUM * v - RATE * g, velocity, gradient)
    return la.tree.map(lambda p, v: p + v, params, velocity), velocity, value


@la.jit
def gradient_norms(params, x, y):
    """Euclidean norm of the gradient of every example's own loss."""

    def norm(params, x, y):
        gradient = la.grad(loss)(params, x, y)
        return lnp.sqrt(sum(lnp.sum(g * g) for g in la.tree.leaves(gradient)))

    return la.vmap(norm, in_axes=(None, 0, 0))(params, x, y)


@la.jit
def accuracy(params, x, y):
    return lnp.mean(lnp.argmax(logits(params, x), axis=-1) == y)


trained: list = []  # the parameters, once there are any


def predict(x):
    """The digits in images f32[n, 64]. Trains a network if none is there: `lamina-compile` may come here directly."""
    if not trained:
        with la.ensure_compile_time_eval():  # this is no part of the program that is being traced
            trained.extend(train(load()[0], epochs=15, seed=0)[0])
    return lnp.argmax(logits(trained, x), axis=-1)


def train(data, epochs, seed, device=None, progress=lambda epochs: epochs):
    """Parameters after training, seconds until the first step was done, and milliseconds of a later step."""
    x, y = data
    params = initial_params(seed)
    params = la.device_put(params, device)
    velocity = la.tree.map(lnp.zeros_like, params)
    rng = np.random.default_rng(seed)
    started, first, times = time.perf_counter(), 0.0, []
    for _ in progress(range(epochs)):
        order = rng.permutation(len(x))
        for i in range(0, len(x) - BATCH + 1, BATCH):
            chosen = order[i : i + BATCH]
            before = time.perf_counter()
            params, velocity, _ = step(params, velocity, x[chosen], y[chosen])
            times.append(time.perf_counter() - before)
            first = first or time.perf_counter() - started
    return params, first, 1e3 * float(np.median(times))


def numpy_step_ms(x, y, repeats=50):
    """The same step written by hand in NumPy: milliseconds."""
    params = initial_params()
    velocity = [{k: np.zeros_like(v) for k, v in layer.items()} for layer in params]
    labels = np.eye(10, dtype=np.float32)[y]
    times = []
    for _ in range(repeats):
        before = time.perf_counter()
        inputs = [x]
        for layer in params[:-1]:
            inputs.append(np.maximum(inputs[-1] @ layer["w"] + layer["b"], 0))
        scores = inputs[-1] @ params[-1]["w"] + params[-1]["b"]
        exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
        delta = (exponentials / exponentials.sum(axis=1, keepdims=True) - labels) / len(x)
        for i in reversed(range(len(params))):
            gradient = {"w": inputs[i].T @ delta, "b": delta.sum(axis=0)}
            if i:
                delta = (delta @ params[i]["w"].T) * (inputs[i] > 0)
            for k, g in gradient.items():
                velocity[i][k] = MOMENTUM * velocity[i][k] - np.float32(RATE) * g
                params[i][k] = params[i][k] + velocity[i][k]
        times.append(time.perf_counter() - before)
    return 1e3 * float(np.median(times))


FRESH_PROCESS = """
import sys
import numpy as np
import lamina_runtime
program = lamina_runtime.load(sys.argv[1])
np.save(sys.argv[3], program.predict(np.load(sys.argv[2])))
forbidden = [m for m in ("lamina", "lamina_compiler", "iree.compiler") if m in sys.modules]
sys.exit(f"the runtime imported {forbidden}" if forbidden else 0)
"""


def predict_in_fresh_process(path, x):
    """What the artifact predicts where only the runtime is imported."""
    with tempfile.TemporaryDirectory() as folder:
        inputs, outputs = os.path.join(folder, "x.npy"), os.path.join(folder, "y.npy")
        np.save(inputs, x)
        subprocess.run([sys.executable, "-c", FRESH_PROCESS, str(path), inputs, outputs], check=True)
        return np.load(outputs)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cpu", help="where to train: cpu or vulkan")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--output", type=Path, default=Path("digits.lamina"))
    options = parser.parse_args()
    console = Console()

    training, test = load()
    params, compile_s, step_ms = train(
        training,
        options.epochs,
        seed=0,
        device=options.device,
        progress=lambda epochs: track(epochs, "training", console=console),
    )
    reached = float(accuracy(params, *test))
    norms = np.asarray(gradient_norms(params, training[0][:256], training[1][:256]))

    trained.extend(la.device_get(params))
    artifact.save(options.output, {"predict": (predict, (test[0],))}, targets=["cpu"])
    agrees = np.array_equal(predict_in_fresh_process(options.output, test[0]), np.asarray(predict(test[0])))

    table = Table(title="Handwritten digits", show_header=False)
    table.add_row("test accuracy", f"{reached:.1%}")
    table.add_row("first step, with compile", f"{compile_s:.2f} s")
    table.add_row("step", f"{step_ms:.3f} ms")
    table.add_row("step in NumPy", f"{numpy_step_ms(training[0][:BATCH], training[1][:BATCH]):.3f} ms")
    table.add_row("gradient norm of one example", f"median {np.median(norms):.2g}, largest {norms.max():.2g}")
    table.add_row("artifact", f"{options.output} ({options.output.stat().st_size / 1024:.0f} KB)")
    table.add_row("fresh process agrees", "yes" if agrees else "NO")
    console.print(table)
    if reached < 0.96 or not agrees:
        sys.exit("the trained network is not what it should be")


if __name__ == "__main__":
    main()
