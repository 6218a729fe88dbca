import os
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

import pytest
from backend_programs import add_constant, python

from lamina_compiler import backend
from lamina_compiler.backend import driver
from lamina_compiler.backend.cache import Cache

COMPILE_ALL = """
import sys
from lamina_compiler import backend
for program in sys.argv[1:]:
    backend.compile(program)
print(backend.statistics().compiles, backend.statistics().hits)
"""


def only_entry(cache_directory: Path) -> Path:
    (entry,) = (cache_directory / "artifacts").iterdir()
    return entry


def test_a_second_process_compiles_nothing():
    programs = [add_constant(1.0), add_constant(2.0)]
    assert python(COMPILE_ALL, *programs).split() == ["2", "0"]
    assert python(COMPILE_ALL, *programs).split() == ["0", "2"]


def test_module_target_and_options_are_part_of_the_key():
    options = [
        backend.CompileOptions(),
        backend.CompileOptions(opt_level="O1"),
        backend.CompileOptions(data_tiling=True),
        backend.CompileOptions(flags=("--iree-opt-const-eval=false",)),
    ]
    made_from = list(product((b"a", b"b"), backend.TARGETS.values(), options))
    assert len({driver._key(*parts) for parts in made_from}) == len(made_from)


def test_an_artifact_for_this_cpu_is_not_found_from_another(monkeypatch: pytest.MonkeyPatch):
    def keys() -> list[str]:
        return [
            driver._key(b"module", backend.target(name), backend.CompileOptions()) for name in ("cpu", "cpu-aarch64")
        ]

    host, portable = keys()
    assert driver.description_of_host().strip()
    monkeypatch.setattr(driver, "description_of_host", lambda: "another machine that shares the home directory")
    assert keys()[0] != host
    assert keys()[1] == portable


def flip_a_byte(entry: bytes) -> bytes:
    return entry[:200] + bytes([entry[200] ^ 1]) + entry[201:]


@pytest.mark.parametrize("damage", [flip_a_byte, lambda entry: entry[:-1], lambda entry: b""])
def test_a_damaged_entry_is_compiled_again(cache_directory: Path, damage):
    artifact = backend.compile(add_constant(1.0))
    entry = only_entry(cache_directory)
    entry.write_bytes(damage(entry.read_bytes()))
    with pytest.warns(backend.CacheWarning, match=entry.name):
        assert backend.compile(add_constant(1.0)) == artifact
    before = backend.statistics().compiles
    assert backend.compile(add_constant(1.0)) == artifact
    assert backend.statistics().compiles == before


def test_an_entry_under_another_name_is_not_used(cache_directory: Path):
    cache = Cache(cache_directory, 1 << 20)
    cache.store("a", b"artifact")
    (cache_directory / "a").rename(cache_directory / "b")
    with pytest.warns(backend.CacheWarning):
        assert cache.load("b") is None
    assert not (cache_directory / "b").exists()


def test_a_cache_that_cannot_be_written_warns_once(cache_directory: Path):
    cache_directory.write_text("a file where the directory should be")
    with pytest.warns(backend.CacheWarning, match=str(cache_directory)):
        backend.compile(add_constant(1.0))
    backend.compile(add_constant(1.0))


def test_a_full_disk_warns_and_goes_on():
    # /dev/full is of no use for directories; a limit on file sizes fails the same write.
    script = """
import resource, signal, warnings
from lamina_compiler import backend
backend.prestart()
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    print(len(backend.compile(PROGRAM)) > 1000, [w.category.__name__ for w in caught])
""".replace("PROGRAM", repr(add_constant(1.0)))
    assert python(script) == "True ['CacheWarning']\n"


def test_switched_off(monkeypatch: pytest.MonkeyPatch, cache_directory: Path):
    monkeypatch.setenv("LAMINA_CACHE", "0")
    before = backend.statistics()
    assert backend.compile(add_constant(1.0)) == backend.compile(add_constant(1.0))
    assert backend.statistics().compiles == before.compiles + 2
    assert not cache_directory.exists()


def test_location(monkeypatch: pytest.MonkeyPatch, cache_directory: Path):
    assert backend.cache_root() == cache_directory
    monkeypatch.delenv("LAMINA_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", "/xdg")
    assert backend.cache_root() == Path("/xdg/lamina")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/ada")
    assert backend.cache_root() == Path("/home/ada/.cache/lamina")


def test_entries_used_longest_ago_are_evicted(cache_directory: Path):
    cache = Cache(cache_directory, max_bytes=3500)
    for age, key in enumerate(["c", "b", "a"]):
        cache.store(key, bytes(1000))
        os.utime(cache_directory / key, (time.time() - 100 + age,) * 2)
    assert cache.load("c") == bytes(1000)  # used just now
    cache.store("d", bytes(1000))
    assert sorted(entry.name for entry in cache_directory.iterdir()) == ["a", "c", "d"]


def test_what_a_dead_writer_left_is_removed(cache_directory: Path):
    cache_directory.mkdir()
    old, young = cache_directory / ".old", cache_directory / ".young"
    for path in (old, young):
        path.write_bytes(b"half an ent")
    os.utime(old, (time.time() - 7200,) * 2)
    Cache(cache_directory, 1 << 20).store("a", b"artifact")
    assert not old.exists()
    assert young.exists()


def test_the_bound_must_be_a_number(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LAMINA_CACHE_MAX_BYTES", "2 GB")
    with pytest.raises(ValueError, match="LAMINA_CACHE_MAX_BYTES must be a number of bytes; got '2 GB'"):
        backend.compile(add_constant(1.0))


def test_processes_share_a_small_cache(tmp_path: Path):
    script = """
import hashlib, random, sys, warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from lamina_compiler.backend.cache import Cache
warnings.simplefilter("error")
cache, hits = Cache(Path(sys.argv[1]), max_bytes=30_000), 0
for _ in range(300):
    key = str(random.randrange(12))
    artifact = hashlib.sha256(key.encode()).digest() * 150
    found = cache.load(key)
    assert found in (None, artifact)
    hits += found is not None
    if found is None:
        cache.store(key, artifact)
print(hits)
"""
    with ThreadPoolExecutor(3) as threads:
        hits = list(threads.map(lambda _: int(python(script, str(tmp_path / "shared"))), range(3)))
    assert all(hits)
    assert sum(entry.stat().st_size for entry in (tmp_path / "shared").iterdir()) <= 30_000
