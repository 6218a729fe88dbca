"""The `.lamina` file: what is written comes back, what is damaged is refused."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections import namedtuple
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lamina_runtime as lr
from lamina_runtime import describe
from lamina_runtime.artifact import pack

from .conftest import BIG

State = namedtuple("State", "mean scale")
F4 = np.zeros(4, "f4")


def signature(name: str, result: Any, **arguments: Any) -> lr.Signature:
    return lr.Signature(name, {n: describe(tree) for n, tree in arguments.items()}, describe(result))


SIGNATURES = {
    s.name: s
    for s in (
        signature("add", F4, a=F4, b=F4),
        signature("sum_and_both", {"sum": F4, "state": State(F4, [F4])}, inputs=(F4, {"b": F4}), nothing=None),
        signature("identity_bf16", (describe(np.zeros((2, 3), "f4")),), a=lr.Leaf((2, 3), "bf16")),
        signature("add_dynamic", lr.Leaf(("n", 3), "f32"), a=lr.Leaf(("n", 3), "f32"), b=lr.Leaf(("n", 3), "f32")),
        signature("identity_big", np.zeros(BIG, "f4"), x=np.zeros(BIG, "f4")),
    )
}


@pytest.fixture(scope="session")
def artifact(vmfb: bytes) -> lr.Artifact:
    return lr.Artifact(SIGNATURES, {"cpu": vmfb}, b"portable program", b"weights", {"lamina": "0.1.0"}, large=True)


@pytest.fixture
def path(tmp_path: Path, artifact: lr.Artifact) -> Path:
    path = tmp_path / "model.lamina"
    lr.write(path, artifact)
    return path


def refused(path: Path) -> str:
    with pytest.raises(lr.ArtifactError) as raised:
        lr.load(path)
    message = str(raised.value)
    assert message.startswith(f"{path}: ")
    return message.removeprefix(f"{path}: ")


def test_round_trip(path: Path, artifact: lr.Artifact) -> None:
    assert lr.read(path) == artifact
    without_weights = replace(artifact, weights=None, versions={})
    lr.write(path, without_weights)
    assert lr.read(path) == without_weights


def test_equal_artifacts_are_equal_files(path: Path, artifact: lr.Artifact, tmp_path: Path) -> None:
    lr.write(tmp_path / "again.lamina", artifact)
    assert (tmp_path / "again.lamina").read_bytes() == path.read_bytes()


def test_any_zip_tool_reads_it(path: Path, vmfb: bytes) -> None:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["manifest.json", "cpu.vmfb", "program.mlirbc", "weights.safetensors"]
        assert archive.read("cpu.vmfb") == vmfb
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}


def test_a_failed_write_leaves_the_old_file(path: Path, artifact: lr.Artifact) -> None:
    before = path.read_bytes()
    with pytest.raises(lr.ArtifactError, match=r"bad target name '\.\./x'"):
        lr.write(path, replace(artifact, targets={"../x": b""}))
    with pytest.raises(TypeError):
        lr.write(path, replace(artifact, versions={"lamina": object()}))  # type: ignore[dict-item]
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_no_flipped_byte_passes(path: Path) -> None:
    data = path.read_bytes()
    generator = random.Random(0)
    headers = [*range(64), *range(len(data) - 400, len(data))]
    for position in [*headers, *(generator.randrange(len(data)) for _ in range(200))]:
        flipped = bytearray(data)
        flipped[position] ^= generator.randrange(1, 256)
        path.write_bytes(flipped)
        assert "lamina" in refused(path), position


def test_no_truncation_passes(path: Path) -> None:
    data = path.read_bytes()
    generator = random.Random(1)
    for length in [*range(1, 40), *range(len(data) - 60, len(data)), *generator.sample(range(len(data)), 60)]:
        path.write_bytes(data[:length])
        refused(path)
    path.write_bytes(data + b"\0")
    refused(path)


def test_what_is_no_file(tmp_path: Path) -> None:
    expected = {
        tmp_path / "missing": "cannot be read (No such file or directory); give the path of a .lamina file",
        tmp_path: "cannot be read (Is a directory); give the path of a .lamina file",
    }
    for path, message in expected.items():
        assert refused(path) == message


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty; copy or download the file again, or write it again with lamina"),
        (b"#!/bin/sh\n", "this is not a Lamina artifact (it is no zip file); give the path of a .lamina file"),
        (b"PK\3\4", "the file is cut off, damaged, or not written by lamina; copy or download the file again, or "),
    ],
)
def test_what_is_no_artifact(data: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "model.lamina"
    path.write_bytes(data)
    assert refused(path).startswith(message)


def test_a_foreign_zip(tmp_path: Path) -> None:
    path = tmp_path / "model.lamina"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "a")
    assert refused(path).startswith("the file is cut off, damaged, or not written by lamina")


Members = dict[str, bytes]
Json = Any


def with_manifest(change: Callable[[Json], Any]) -> Callable[[Members], Any]:
    def edit(members: Members) -> None:
        document = json.loads(members["manifest.json"])
        change(document)
        members["manifest.json"] = json.dumps(document).encode()

    return edit


def function(change: Callable[[Json], Any]) -> Callable[[Members], Any]:
    return with_manifest(lambda m: change(m["functions"]["add"]))


LEAF = {"kind": "leaf", "shape": [4], "dtype": "f32"}


# The file is packed again after each edit, with a right checksum: this is what a faulty writer would produce.
@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda m: m.pop("manifest.json"), "member 'manifest.json' is missing"),
        (lambda m: m.pop("program.mlirbc"), "member 'program.mlirbc' is missing"),
        (lambda m: m.pop("cpu.vmfb"), "member 'cpu.vmfb' is missing"),
        (lambda m: m.pop("weights.safetensors"), "member 'weights.safetensors' is missing"),
        (lambda m: m.update({"extra": b""}), "member 'extra' is unexpected"),
        (lambda m: m.update({"cpu.vmfb": b"x"}), r"member 'cpu.vmfb' has 1 bytes instead of \d+"),
        (lambda m: m.update({"weights.safetensors": b"wEights"}), "member 'weights.safetensors' differs from its"),
        (lambda m: m.update({"manifest.json": b"{"}), "manifest.json is not JSON"),
        (lambda m: m.update({"manifest.json": b"\xff"}), "manifest.json is not JSON"),
        (lambda m: m.update({"manifest.json": b"[" * 100_000}), "manifest.json is not JSON"),
        (lambda m: m.update({"manifest.json": b"[]"}), "manifest.json: 'format_version' is missing"),
        (
            with_manifest(lambda m: m.update(format_version=2)),
            "it has format version 2, .* reads version 1: update lam",
        ),
        (with_manifest(lambda m: m.update(format_version=0)), "it has format version 0, .*: write the artifact again"),
        (
            with_manifest(lambda m: m.update(format_version=True)),
            "manifest.json.format_version: expected int, got True",
        ),
        (with_manifest(lambda m: m.pop("large")), "manifest.json: 'large' is missing"),
        (with_manifest(lambda m: m.update(more=1)), "manifest.json: unknown 'more'"),
        (with_manifest(lambda m: m.update(targets=["../cpu"])), "manifest.json: bad target name '../cpu'"),
        (with_manifest(lambda m: m.update(targets=[1])), "targets and versions: expected str, got 1"),
        (with_manifest(lambda m: m.update(members=[])), "manifest.json.members: expected dict"),
        (function(lambda f: f.pop("result")), "functions.add: 'result' is missing"),
        (function(lambda f: f.update(result=[])), "functions.add.result: expected dict"),
        (
            function(lambda f: f.update(result={"kind": "set"})),
            "functions.add.result: unknown kind 'set'; known are leaf",
        ),
        (
            function(lambda f: f["arguments"]["a"].update(dtype="f31")),
            "arguments.a.dtype: unknown dtype 'f31'; known are",
        ),
        (function(lambda f: f["arguments"]["a"].update(shape=[-1])), "arguments.a.shape: -1 is not a size or a name"),
        (function(lambda f: f["arguments"]["a"].update(shape=["a b"])), "arguments.a.shape: 'a b' is not a size"),
        (function(lambda f: f["arguments"]["a"].update(more=1)), "functions.add.arguments.a: unknown 'more'"),
        (
            function(lambda f: f.update(result={"kind": "namedtuple", "name": "class", "fields": {}})),
            "functions.add.result: 'class' cannot be a name in a namedtuple",
        ),
        (
            function(lambda f: f.update(result={"kind": "tuple", "items": [LEAF, {"kind": "dict", "items": []}]})),
            r"functions.add.result.items\[1\].items: expected dict, got \[\]",
        ),
        (with_manifest(lambda m: m["functions"].update(nope=m["functions"]["add"])), "has no function 'nope'"),
    ],
)
def test_faulty_artifacts(edit: Callable[[Members], Any], message: str, path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    edit(members)
    path.write_bytes(pack(members))
    with pytest.raises(lr.ArtifactError, match=message) as raised:
        lr.load(path)
    assert str(path) in str(raised.value)


def repacked(archive: Callable[[zipfile.ZipFile], Any]) -> bytes:
    """A zip that `archive` fills, with the checksum of an artifact."""
    import zlib

    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as opened:
        archive(opened)
        opened.comment = b"lamina crc32 00000000"
    body = file.getvalue()[:-8]
    return body + f"{zlib.crc32(body[:-13]):08x}".encode()


def test_duplicate_and_compressed_members(tmp_path: Path) -> None:
    def twice(archive: zipfile.ZipFile) -> None:
        archive.writestr("manifest.json", "{}")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("manifest.json", "{}")

    path = tmp_path / "model.lamina"
    path.write_bytes(repacked(twice))
    assert refused(path).startswith("member 'manifest.json' occurs twice")
    path.write_bytes(repacked(lambda a: a.writestr("manifest.json", "{}" * 99, zipfile.ZIP_DEFLATED)))
    assert refused(path).startswith("member 'manifest.json' is compressed")


def test_targets(path: Path, artifact: lr.Artifact, vmfb: bytes) -> None:
    lr.write(path, replace(artifact, targets={"vulkan-ampere": b"v", "cuda": b"c"}))
    assert refused(path) == (
        "no target on cpu:0; the file has targets vulkan-ampere, cuda. "
        "Load it on a device of one of these, or compile it again for cpu"
    )
    lr.write(path, replace(artifact, targets={"cpu-other": b"not for this machine", "cpu-this": vmfb}))
    assert lr.load(path).add(F4, F4).tolist() == [0, 0, 0, 0]
    lr.write(path, replace(artifact, targets={"cpu-other": b"not for this machine"}))
    other = "no target that runs on cpu:0; the file has targets cpu-other; cpu-other: the program cannot be loaded on "
    assert refused(path).startswith(other)
    with pytest.raises(lr.DeviceError, match="no device 'tpu'"):
        lr.load(path, "tpu")
