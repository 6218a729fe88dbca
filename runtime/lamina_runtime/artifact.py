"""The `.lamina` file: compiled programs for several targets, their signatures, the portable program, weights.

An uncompressed zip, so any zip tool lists and unpacks it: `manifest.json`, one `<target>.vmfb` per target,
`program.mlirbc`, and optionally `weights.safetensors`. The zip comment is a checksum of all bytes before it, the
manifest has the SHA-256 of every other member.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import secrets
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .errors import ArtifactError
from .manifest import Manifest, Member
from .signature import Signature

_MANIFEST, _PROGRAM, _WEIGHTS = "manifest.json", "program.mlirbc", "weights.safetensors"
_TARGET = re.compile(r"(?:cpu|vulkan|cuda)(?:-[\w.-]+)?")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # equal contents give equal files
_COMMENT = b"lamina crc32 "
_COMMENT_SIZE = len(_COMMENT) + 8
_END = b"PK\x05\x06"  # the zip's last record, 22 bytes before the comment
_END_SIZE = 22
_DAMAGED = "copy or download the file again, or write it again with lamina"


@dataclass(frozen=True)
class Artifact:
    """The checked contents of a `.lamina` file.

    `functions`: signature by name. `targets`: .vmfb bytes by target, `<platform>` or `<platform>-<variant>`, in order
    of preference. `program`: the portable program (opaque). `weights`: a safetensors file (opaque). `versions`: of the
    packages that wrote it. `large`: whether the CPU should run it on all cores.
    """

    functions: Mapping[str, Signature]
    targets: Mapping[str, bytes]
    program: bytes
    weights: bytes | None = None
    versions: Mapping[str, str] | None = None
    large: bool = False


def write(path: str | os.PathLike[str], artifact: Artifact) -> None:
    """Write `artifact` to `path`, atomically: a reader sees the old file or the whole new one.

    Raises `ArtifactError` for a bad target name, `OSError` if the file cannot be written.
    """
    for target in artifact.targets:
        if not _TARGET.fullmatch(target):
            raise ArtifactError(f"{path}: bad target name {target!r}; write <platform> or <platform>-<variant>")
    members = {f"{target}.vmfb": vmfb for target, vmfb in artifact.targets.items()} | {_PROGRAM: artifact.program}
    if artifact.weights is not None:
        members[_WEIGHTS] = artifact.weights
    manifest = Manifest(
        artifact.functions,
        tuple(artifact.targets),
        artifact.versions or {},
        artifact.large,
        {name: Member(len(data), hashlib.sha256(data).hexdigest()) for name, data in members.items()},
    )
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(pack({_MANIFEST: manifest.to_json(), **members}))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def read(path: str | os.PathLike[str]) -> Artifact:
    """Read and check the `.lamina` file at `path`; nothing of it reaches IREE unless all of it is sound.

    Raises `ArtifactError` for anything but a whole, unchanged artifact of the format version this package reads.
    """
    try:
        members = _unpack(Path(path).read_bytes())
        manifest = Manifest.from_json(members.pop(_MANIFEST))
        _check_members(manifest, members)
    except OSError as error:
        reason = error.strerror or error
        raise ArtifactError(f"{path}: cannot be read ({reason}); give the path of a .lamina file") from None
    except ValueError as error:
        raise ArtifactError(f"{path}: {error}") from None
    return Artifact(
        manifest.functions,
        {target: members[f"{target}.vmfb"] for target in manifest.targets},
        members[_PROGRAM],
        members.get(_WEIGHTS),
        manifest.versions,
        manifest.large,
    )


def pack(members: Mapping[str, bytes]) -> bytes:
    """The zip file with `members`, uncompressed, and its checksum as comment."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), data)
        archive.comment = bytes(_COMMENT_SIZE)  # so that the length of the comment is part of what is summed
    body = file.getvalue()[:-_COMMENT_SIZE]
    return body + _comment(body)


def _comment(body: bytes) -> bytes:
    return _COMMENT + f"{zlib.crc32(body):08x}".encode()


def _unpack(data: bytes) -> dict[str, bytes]:
    """The members of a zip that `pack` wrote, after a checksum over every byte. Raises `ValueError`."""
    body, comment = data[:-_COMMENT_SIZE], data[-_COMMENT_SIZE:]
    if not data:
        raise ValueError(f"the file is empty; {_DAMAGED}")
    if not data.startswith(b"PK"):
        raise ValueError("this is not a Lamina artifact (it is no zip file); give the path of a .lamina file")
    if body[-_END_SIZE : -_END_SIZE + 4] != _END or not comment.startswith(_COMMENT):
        raise ValueError(f"the file is cut off, damaged, or not written by lamina; {_DAMAGED}")
    if comment != _comment(body):
        raise ValueError(f"the file is damaged (its checksum differs); {_DAMAGED}")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            names = [info.filename for info in infos]
            if len(set(names)) < len(names):
                raise ValueError(f"member {max(names, key=names.count)!r} occurs twice; {_DAMAGED}")
            for info in infos:
                if info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size:
                    raise ValueError(f"member {info.filename!r} is compressed; artifacts are not: {_DAMAGED}")
            members = {info.filename: archive.read(info) for info in infos}
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise ValueError(f"the file is damaged ({error}); {_DAMAGED}") from None
    if _MANIFEST not in members:
        raise ValueError(f"member {_MANIFEST!r} is missing; {_DAMAGED}")
    return members


def _check_members(manifest: Manifest, members: Mapping[str, bytes]) -> None:
    for target in manifest.targets:
        if not _TARGET.fullmatch(target):
            raise ValueError(f"manifest.json: bad target name {target!r}; {_DAMAGED}")
    required = {_PROGRAM, *(f"{target}.vmfb" for target in manifest.targets)}
    for name in sorted(required - members.keys() | manifest.members.keys() - members.keys()):
        raise ValueError(f"member {name!r} is missing; {_DAMAGED}")
    for name in sorted(members.keys() - required - {_WEIGHTS} | members.keys() - manifest.members.keys()):
        raise ValueError(f"member {name!r} is unexpected; {_DAMAGED}")
    for name, data in members.items():
        expected = manifest.members[name]
        if len(data) != expected.size:
            raise ValueError(f"member {name!r} has {len(data)} bytes instead of {expected.size}; {_DAMAGED}")
        if hashlib.sha256(data).hexdigest() != expected.sha256:
            raise ValueError(f"member {name!r} differs from its checksum in the manifest; {_DAMAGED}")
