"""Compiling processes: started when needed, replaced when they die, shared by threads."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import NamedTuple

from . import worker

# A new process is ready after 60 ms, and an idle one keeps 30 MB or more, so few are kept.
_IDLE_KEPT = 2


class Reply(NamedTuple):
    """What a compile came to; `artifact` is None when it failed, `log` is what was printed then."""

    artifact: bytes | None
    diagnostics: worker.Diagnostics
    log: str


class WorkerDied(Exception):
    """The process ended in the middle of a compile. `reason` is a clause, `log` what it printed."""

    def __init__(self, reason: str, log: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.log = log


class WorkerTimeout(Exception):
    """A compile was stopped because its time was over."""


class Worker:
    """One compiling process and the pipes to it. Used by one thread at a time."""

    def __init__(self, library: Path) -> None:
        self._log = tempfile.TemporaryFile("a+b", buffering=0)  # noqa: SIM115 - lives as long as the process
        # Isolated (-I -S): nothing of the user's environment or directory can break or slow down the start.
        # A session of its own: the terminal's Ctrl-C goes to the user's process alone.
        command = [sys.executable, "-I", "-S", worker.__file__, str(library)]
        pipe = subprocess.PIPE
        try:
            self._process = subprocess.Popen(
                command, stdin=pipe, stdout=pipe, stderr=self._log, bufsize=0, start_new_session=True
            )
        except OSError:
            self._log.close()
            raise
        assert self._process.stdin and self._process.stdout
        self._requests, self._replies = self._process.stdin, self._process.stdout

    @property
    def pid(self) -> int:
        return self._process.pid

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def compile(self, flags: tuple[str, ...], module: bytes, timeout: float | None) -> Reply:
        """Compile a module. After any exception the process is of no more use.

        Raises:
            WorkerDied: the process ended before it answered.
            WorkerTimeout: it took longer than `timeout` seconds.
        """
        if timeout is None:
            return self._exchange(flags, module)
        expired = threading.Event()
        timer = threading.Timer(timeout, lambda: (expired.set(), self._kill()))
        timer.daemon = True
        timer.start()
        try:
            return self._exchange(flags, module)
        except WorkerDied:
            if expired.is_set():
                raise WorkerTimeout from None
            raise
        finally:
            timer.cancel()

    def _exchange(self, flags: tuple[str, ...], module: bytes) -> Reply:
        self._log.truncate(0)
        try:
            worker.send(self._requests.fileno(), list(flags), module)
            (diagnostics, succeeded), artifact = worker.receive(self._replies.fileno())
        except (BrokenPipeError, EOFError):
            raise WorkerDied(self._cause_of_death(), self._read_log()) from None
        return Reply(artifact if succeeded else None, diagnostics, "" if succeeded else self._read_log())

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        self._kill()
        self._process.wait()
        self.close()

    def close(self) -> None:
        """Close our ends of the pipes, upon which the process ends by itself."""
        for stream in (self._requests, self._replies, self._log):
            stream.close()

    def abandon(self) -> None:
        """Neither wait for the process nor warn that it still runs."""
        self._process.returncode = 0

    def _kill(self) -> None:
        if self.is_alive():
            os.killpg(self.pid, signal.SIGKILL)  # with the linker it may have started

    def _cause_of_death(self) -> str:
        try:
            status = self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            return "stopped answering"
        if status == -signal.SIGKILL:
            return "was killed (SIGKILL), perhaps because the machine ran out of memory"
        if status < 0:
            return f"crashed ({signal.Signals(-status).name})"
        return f"ended with status {status}"

    def _read_log(self) -> str:
        self._log.seek(0)
        return self._log.read().decode(errors="replace")


class WorkerPool:
    """Up to `size` workers that compile side by side."""

    def __init__(self, library: Path, size: int) -> None:
        self._library = library
        self._slots = threading.BoundedSemaphore(size)
        self._lock = threading.Lock()
        self._workers: set[Worker] = set()
        self._idle: list[Worker] = []

    def prestart(self) -> None:
        """Start a worker, if there is none, and do not wait for it. Should that fail, the first compile says so."""
        with self._lock, contextlib.suppress(WorkerDied):
            if not self._workers:
                self._idle.append(self._start())

    def compile(self, flags: tuple[str, ...], module: bytes, timeout: float | None = None) -> Reply:
        """Compile on a free worker, waiting for one when all are busy; raises as `Worker.compile`."""
        with self._slots:
            chosen = self._take()
            try:
                reply = chosen.compile(flags, module, timeout)
            except BaseException:  # also Ctrl-C: an answer that nobody reads would reach the next request
                self._stop(chosen)
                raise
            self._give_back(chosen)
            return reply

    def pids(self) -> list[int]:
        """Process ids of the living workers."""
        with self._lock:
            return [member.pid for member in self._workers if member.is_alive()]

    def close(self) -> None:
        """At exit: end the idle workers. The busy ones end with our process; until then threads may wait on them."""
        with self._lock:
            for member in self._workers:
                if member in self._idle:
                    member.stop()
                else:
                    member.abandon()

    def disown(self) -> None:
        """In a forked child: the workers are the parent's, and our copies of their pipes would keep them alive."""
        for member in self._workers:
            member.abandon()
            member.close()

    def _start(self) -> Worker:
        try:
            started = Worker(self._library)
        except OSError as error:
            raise WorkerDied(f"could not be started ({error})", "") from None
        self._workers.add(started)
        return started

    def _take(self) -> Worker:
        with self._lock:
            while self._idle:
                candidate = self._idle.pop()
                if candidate.is_alive():
                    return candidate
                self._workers.discard(candidate)
                candidate.close()
            return self._start()

    def _give_back(self, member: Worker) -> None:
        with self._lock:
            if len(self._idle) < _IDLE_KEPT:
                self._idle.append(member)
                return
        self._stop(member)

    def _stop(self, member: Worker) -> None:
        with self._lock:
            self._workers.discard(member)
            self._idle = [other for other in self._idle if other is not member]
        member.stop()


_pool: WorkerPool | None = None
_pool_lock = threading.Lock()


def pool(library: Path) -> WorkerPool:
    """This process's workers."""
    global _pool
    with _pool_lock:
        if _pool is None:
            _pool = WorkerPool(library, os.cpu_count() or 1)
        return _pool


@atexit.register
def _stop_workers() -> None:
    if _pool is not None:
        _pool.close()


def _start_afresh() -> None:
    global _pool, _pool_lock
    inherited, _pool, _pool_lock = _pool, None, threading.Lock()
    if inherited is not None:
        inherited.disown()


os.register_at_fork(after_in_child=_start_afresh)
