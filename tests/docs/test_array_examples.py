"""The examples of the array API run, and reach what they are about."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from test_transformation_examples import load


def test_a_convolutional_network_reads_digits() -> None:
    assert load("cnn").main(["--epochs", "14"]) >= 0.97


def test_a_transformer_learns_to_write() -> None:
    before, after, text = load("transformer").main(["--steps", "40", "--characters", "20"])
    assert after < 0.55 * before and len(text) == 20


def test_a_gaussian_process_covers_the_curve(tmp_path: Path) -> None:
    found = load("gaussian_process").main(["--output", str(tmp_path / "fit.png")])
    assert 0.4 < found["length"] < 1.5 and 0.08 < found["noise"] < 0.25 and found["covered"] > 0.8
    assert (tmp_path / "fit.png").read_bytes().startswith(b"\x89PNG")


def test_newtons_method_converges_quadratically() -> None:
    norms, accuracy = load("newton").main(["--steps", "11"])
    assert norms[-1] < 1e-13 and accuracy > 0.95
    errors = np.array([norm for norm in norms if 1e-12 < norm < 1e-2])
    assert np.all(errors[1:] < 10 * errors[:-1] ** 1.5)


def test_the_filter_removes_noise(tmp_path: Path) -> None:
    before, after = load("image_filter").main(["--steps", "12", "--output", str(tmp_path / "filtered.png")])
    assert after > before + 7
    assert (tmp_path / "filtered.png").read_bytes().startswith(b"\x89PNG")
