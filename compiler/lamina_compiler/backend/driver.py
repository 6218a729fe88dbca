"""From a module to an artifact: cache, worker, errors."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import importlib.util
import os
import platform
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..vectors import description_of_host
from . import branch_moves, service
from .cache import Cache
from .diagnostics import Attempt
from .errors import CompileError, CompilerCrash
from .options import CompileOptions
from .targets import Target
from .targets import target as find_target
from .worker import is_bytecode


@dataclass(frozen=True)
class Statistics:
    """What compiling has cost this process so far.

    Attributes:
        compiles: modules handed to IREE, successful or not.
        hits: artifacts found on disk.
        seconds: time spent waiting for IREE, summed over threads.
    """

    compiles: int = 0
    hits: int = 0
    seconds: float = 0.0


# IREE's MLIR is newer, and spells this attribute otherwise: as many characters, so it may be replaced in bytecode, too.
_SPELLING = (b"#gpu<dim x>", b"#gpu.dim<x>")

_statistics = Statistics()
_statistics_lock = threading.Lock()


def compile(
    module: bytes | str,
    target: str | Target = "cpu",
    options: CompileOptions = CompileOptions(),  # noqa: B008 - immutable
    *,
    name: str = "the program",
) -> bytes:
    """Compile a module to an artifact that the runtime loads (the bytes of a .vmfb).

    The result comes from the disk cache when the same module was compiled before with the same flags and IREE. Safe to
    call from any thread; calls from several threads compile side by side.

    Args:
        module: MLIR bytecode or text: upstream dialects (func, linalg, tensor, arith, math, scf, complex) or IREE's.
        target: a name from `TARGETS`, or a `Target`.
        options: optimization choices.
        name: what error messages call the module, such as "`train_step`".

    Raises:
        CompileError: IREE refused the module.
        CompilerCrash: IREE crashed; only the compiling process is lost.
        CompileTimeout: the environment variable LAMINA_COMPILE_TIMEOUT is set, and these seconds were over.
        UnknownTarget: no target has this name.

    >>> artifact = compile("func.func @twice(%x: tensor<4xf32>) -> tensor<4xf32> {"
    ...                    "  %0 = arith.addf %x, %x : tensor<4xf32>  return %0 : tensor<4xf32> }")
    """
    chosen = find_target(target)
    options = dataclasses.replace(options, opt_level=min(options.opt_level, chosen.highest_level))
    if isinstance(module, str):
        module = module.encode()
    if not is_bytecode(module):
        module = module.rstrip(b"\0")
    module = module.replace(*_SPELLING)
    cache = Cache.of_environment()
    key = _key(module, chosen, options)
    if cache is not None and (artifact := cache.load(key)) is not None:
        _count(hits=1)
        return artifact
    artifact = _compile_anyhow(module, chosen, options, name)
    if b"scf" in module:
        artifact = branch_moves.repaired(artifact)
    if cache is not None:
        cache.store(key, artifact)
    return artifact


def compile_all(
    module: bytes | str,
    targets: Iterable[str | Target],
    options: CompileOptions = CompileOptions(),  # noqa: B008 - immutable
    *,
    name: str = "the program",
) -> dict[str, bytes]:
    """Compile a module for several targets; artifacts by target name. Raises as `compile`, at the first failure."""
    records = [find_target(target) for target in targets]
    return {record.name: compile(module, record, options, name=name) for record in records}


def prestart() -> None:
    """Start a compiling process in the background, so that the first compile need not wait for it."""
    service.pool(_library()).prestart()


def statistics() -> Statistics:
    """How much was compiled by, and how much was found on disk for, this process."""
    return _statistics


def _compile_anyhow(module: bytes, target: Target, options: CompileOptions, name: str) -> bytes:
    """Compile; a program that one of IREE's optimizations breaks goes without. The first failure is reported."""
    try:
        return _compile(module, target, options, name)
    except CompileError as error:
        failure = error
    for milder in _ever_milder(options, failure):
        try:
            return _compile(module, target, milder, name)
        except CompileError:
            continue
    raise failure


# IREE says these, or crashes, where its own optimizations went wrong, not the program: it has formed a dispatch that it
# cannot turn into code, or fused operations in an order that is none.
_IREES_FAULT = (
    "failed to run translation", "does not dominate this use", "circular dependency", "expected rank to be smaller",
    "failed to solve for timepoint coverage",
)  # fmt: skip
_UNORDERED_CONSTANTS = "global source initialization order invalid"  # said where it evaluates constants to compile
_NO_CONST_EVAL = "--iree-opt-const-eval=false"
_NO_MULTI_USE = "--iree-dispatch-creation-fuse-multi-use=false"  # most such fusions are of producers with several users


def _ever_milder(options: CompileOptions, failure: CompileError) -> Iterator[CompileOptions]:
    """What may help: no data tiling (IREE crashes on some programs with it), then lower optimization levels."""
    plain = dataclasses.replace(options, data_tiling=False)
    if options.data_tiling:
        yield plain
    if any(_UNORDERED_CONSTANTS in message for message in failure.diagnostics):
        yield dataclasses.replace(plain, flags=(*plain.flags, _NO_CONST_EVAL))
    said = any(sign in message for message in failure.diagnostics for sign in _IREES_FAULT)
    if said or isinstance(failure, CompilerCrash):
        yield dataclasses.replace(plain, flags=(*plain.flags, _NO_MULTI_USE))
        for level in ("O1", "O0"):
            if level < options.opt_level:
                yield dataclasses.replace(plain, opt_level=level)


def _compile(module: bytes, target: Target, options: CompileOptions, name: str) -> bytes:
    flags = (*target.flags, *options.iree_flags())
    attempt = Attempt(name, target, flags, module)
    timeout = _timeout()
    start = time.perf_counter()
    try:
        reply = service.pool(_library()).compile(flags, module, timeout)
    except service.WorkerDied as death:
        raise attempt.crashed(death) from None
    except service.WorkerTimeout:
        raise attempt.timed_out(timeout or 0) from None
    finally:
        _count(compiles=1, seconds=time.perf_counter() - start)
    if reply.artifact is None:
        raise attempt.failed(reply)
    return reply.artifact


def _timeout() -> float | None:
    text = os.environ.get("LAMINA_COMPILE_TIMEOUT")
    try:
        return float(text) if text else None
    except ValueError:
        raise ValueError(f"LAMINA_COMPILE_TIMEOUT must be a number of seconds; got {text!r}.") from None


_REPAIRS = "moves before reads"  # what is done to IREE's artifacts


def _key(module: bytes, target: Target, options: CompileOptions) -> str:
    """The cache key: everything the artifact depends on."""
    # what target-cpu=host stands for: a home directory, and the cache in it, may be shared by unlike machines
    host = description_of_host() if target.is_host else ""
    made_from = (_iree_version(), _REPAIRS, host, *target.flags, *options.iree_flags())
    return hashlib.sha256("\0".join(made_from).encode() + b"\0\0" + module).hexdigest()


@functools.cache
def _iree_directory() -> Path:
    found = importlib.util.find_spec("iree.compiler") if importlib.util.find_spec("iree") else None
    if found is None or found.origin is None:
        raise ImportError("Compiling needs IREE's compiler: pip install iree-base-compiler")
    return Path(found.origin).parent


def _library() -> Path:
    suffix = "dylib" if platform.system() == "Darwin" else "so"
    return _iree_directory() / "_mlir_libs" / f"libIREECompiler.{suffix}"


@functools.cache
def _iree_version() -> str:
    return (_iree_directory() / "version.py").read_text()  # version and source revision


def _count(compiles: int = 0, hits: int = 0, seconds: float = 0.0) -> None:
    global _statistics
    with _statistics_lock:
        old = _statistics
        _statistics = Statistics(old.compiles + compiles, old.hits + hits, old.seconds + seconds)


def _renew_lock() -> None:
    global _statistics_lock
    _statistics_lock = threading.Lock()


os.register_at_fork(after_in_child=_renew_lock)
