"""Runs lit once over the selected .mlir files, in parallel; each file is a pytest test of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lamina_compiler.higher_order import KINDS
from lamina_compiler.opdef import REGISTRY
from lamina_compiler.passes import PASSES

ROOT = Path(__file__).parent
FILES = sorted(str(path.relative_to(ROOT)) for path in ROOT.rglob("*.mlir"))


@pytest.fixture(scope="session")
def results(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, str]]:
    """Result code and output by file, of the files that this session has tests for."""
    selected = {item.callspec.params.get("file") for item in request.session.items if hasattr(item, "callspec")}
    folder = tmp_path_factory.mktemp("lit")
    report = folder / "report.json"
    command = [os.path.join(os.path.dirname(sys.executable), "lit"), "-q", "-j2", "--param", f"exec_root={folder}"]
    files = [str(ROOT / file) for file in FILES if file in selected]
    subprocess.run([*command, "--output", str(report), *files], capture_output=True, check=False)
    tests = json.loads(report.read_text())["tests"]
    return {test["name"].removeprefix("lamina :: "): (test["code"], test["output"]) for test in tests}


@pytest.mark.parametrize("file", FILES)
def test_file(file: str, results: dict[str, tuple[str, str]]) -> None:
    code, output = results[file]
    assert code == "PASS", output


@pytest.mark.parametrize("name", [name.removeprefix("lamina-") for name in PASSES])
def test_every_pass_has_a_file(name: str) -> None:
    assert f"passes/{name}.mlir" in FILES


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_higher_order_operation_has_a_file(kind: str) -> None:
    assert f"control/{kind}.mlir" in FILES


@pytest.mark.parametrize("family", sorted({record.family for record in REGISTRY.values()}))
def test_every_op_family_has_a_file(family: str) -> None:
    assert f"dialect/{family}.mlir" in FILES
