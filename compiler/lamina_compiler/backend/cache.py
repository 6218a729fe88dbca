"""Artifacts kept on disk under the hash of everything they were made from.

An entry is a file named by its key: a magic line, the SHA-256 of key and artifact, the artifact. A corrupt .vmfb can
crash the process that loads it, so the checksum is verified before an entry is used.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import time
import warnings
from dataclasses import dataclass
from pathlib import Path

from .errors import CacheWarning

_MAGIC = b"lamina artifact 1\n"
_DEFAULT_MAX_BYTES = 2 << 30
_ABANDONED_AFTER = 3600.0  # seconds until a half-written file is one whose writer died

_warned_directories: set[Path] = set()


def cache_root() -> Path | None:
    """Where Lamina keeps files between runs; None when `LAMINA_CACHE=0`, or there is no home directory.

    `$LAMINA_CACHE_DIR`, else `$XDG_CACHE_HOME/lamina`, else `~/.cache/lamina`.
    """
    if os.environ.get("LAMINA_CACHE") == "0":
        return None
    if named := os.environ.get("LAMINA_CACHE_DIR"):
        return Path(named)
    if shared := os.environ.get("XDG_CACHE_HOME"):
        return Path(shared) / "lamina"
    try:
        return Path.home() / ".cache" / "lamina"
    except RuntimeError:
        return None


def _max_bytes() -> int:
    text = os.environ.get("LAMINA_CACHE_MAX_BYTES", str(_DEFAULT_MAX_BYTES))
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"LAMINA_CACHE_MAX_BYTES must be a number of bytes; got {text!r}.") from None


@dataclass(frozen=True)
class Cache:
    """Artifacts in one directory, at most `max_bytes` of them; any number of processes may share it."""

    directory: Path
    max_bytes: int

    @classmethod
    def of_environment(cls) -> Cache | None:
        """The cache the environment variables ask for; None when it is switched off."""
        root = cache_root()
        return None if root is None else cls(root / "artifacts", _max_bytes())

    def load(self, key: str) -> bytes | None:
        """The artifact stored under `key`. A damaged entry is removed with a warning and counts as absent."""
        path = self.directory / key
        try:
            entry = path.read_bytes()
        except OSError:
            return None
        artifact = entry[len(_MAGIC) + 32 :]
        if entry != _entry(key, artifact):
            _remove(path)
            warnings.warn(
                f"The cached artifact {path} is damaged; it was removed and will be compiled again.",
                CacheWarning,
                stacklevel=2,
            )
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # the time of last use, for eviction
        return artifact

    def store(self, key: str, artifact: bytes) -> None:
        """Keep an artifact. What the file system refuses is warned about once and otherwise ignored."""
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_atomically(self.directory / key, _entry(key, artifact))
            self._evict()
        except OSError as error:
            if self.directory not in _warned_directories:
                _warned_directories.add(self.directory)
                warnings.warn(
                    f"Compiled programs cannot be kept in {self.directory} ({error.strerror or error}); each run will "
                    "compile them again. Set LAMINA_CACHE_DIR to a writable directory, or LAMINA_CACHE=0.",
                    CacheWarning,
                    stacklevel=2,
                )

    def _evict(self) -> None:
        """Remove the entries used longest ago until the rest fits, and what writers that died left behind."""
        now, total, entries = time.time(), 0, []
        for item in os.scandir(self.directory):
            try:
                status = item.stat()
            except FileNotFoundError:  # another process evicts too
                continue
            if not item.name.startswith("."):
                total += status.st_size
                entries.append((status.st_mtime_ns, status.st_size, item.path))
            elif now - status.st_mtime > _ABANDONED_AFTER:
                _remove(Path(item.path))
        for _, size, path in sorted(entries):
            if total <= self.max_bytes:
                break
            _remove(Path(path))
            total -= size


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees all of it or nothing; raises OSError."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
        os.replace(temporary, path)
    except BaseException:
        _remove(Path(temporary))
        raise


def _entry(key: str, artifact: bytes) -> bytes:
    return _MAGIC + hashlib.sha256(key.encode() + artifact).digest() + artifact


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
