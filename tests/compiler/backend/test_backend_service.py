import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from backend_programs import SLOW, add_constant, matmul, python, run

from lamina_compiler import backend
from lamina_compiler.backend import driver, service, worker

X = np.array([1.0, -2.0, 0.5, 3.0], np.float32)


@pytest.fixture
def pool():
    own = service.WorkerPool(driver._library(), size=2)
    yield own
    own.close()


def eventually(condition: Callable[[], object], seconds: float = 30.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return bool(condition())


def is_running(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def cpu_seconds(pid: int) -> float:
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def flags() -> tuple[str, ...]:
    return (*backend.target("cpu").flags, *backend.CompileOptions().iree_flags())


def test_threads_compile_side_by_side(pool: service.WorkerPool):
    programs = [add_constant(float(number)) for number in range(6)]
    with ThreadPoolExecutor(6) as threads:
        replies = list(threads.map(lambda program: pool.compile(flags(), program.encode()), programs))
        assert len(pool.pids()) == 2
    for number, reply in enumerate(replies):
        assert reply.artifact is not None
        np.testing.assert_array_equal(run(reply.artifact, X), X + np.float32(number))


def test_a_worker_killed_halfway(pool: service.WorkerPool):
    def kill_when_busy():
        assert eventually(lambda: pool.pids() and cpu_seconds(pool.pids()[0]) > 0.5)
        os.kill(pool.pids()[0], signal.SIGKILL)

    killer = threading.Thread(target=kill_when_busy)
    killer.start()
    with pytest.raises(service.WorkerDied, match="SIGKILL"):
        pool.compile(flags(), SLOW.encode())
    killer.join()
    assert pool.compile(flags(), add_constant(1.0).encode()).artifact


def test_a_worker_killed_while_idle_is_replaced(pool: service.WorkerPool):
    pool.prestart()
    (first,) = pool.pids()
    os.kill(first, signal.SIGKILL)
    assert eventually(lambda: not pool.pids())
    assert pool.compile(flags(), add_constant(1.0).encode()).artifact
    assert pool.pids() != [first]


def test_prestart_starts_the_worker_that_compiles(pool: service.WorkerPool):
    pool.prestart()
    pool.prestart()
    (started,) = pool.pids()
    assert pool.compile(flags(), add_constant(1.0).encode()).artifact
    assert pool.pids() == [started]


def test_a_python_that_cannot_start_is_reported(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    pool = service.WorkerPool(driver._library(), size=1)
    pool.prestart()
    with pytest.raises(service.WorkerDied, match="could not be started"):
        pool.compile(flags(), b"")


def test_printing_does_not_disturb_the_protocol(pool: service.WorkerPool):
    listing = (*flags(), "--iree-vm-bytecode-source-listing=-")  # tens of kilobytes on standard output
    for program in (matmul(4), add_constant(1.0)):
        reply = pool.compile(listing, program.encode(), timeout=60)
        assert reply.artifact is not None
    np.testing.assert_array_equal(run(reply.artifact, X), X + 1)


def test_the_worker_imports_neither_numpy_nor_mlir_nor_us():
    script = f"import runpy, sys; runpy.run_path({worker.__file__!r}); print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-I", "-S", "-c", script], text=True).split()
    assert not {"numpy", "iree", "torch_mlir", "lamina_compiler", "lamina"} & set(loaded)


START_SLOW = """
import sys, threading, time
from lamina_compiler import backend
from lamina_compiler.backend import service
threading.Thread(target=backend.compile, args=(sys.argv[1],), daemon=True).start()
while not (service._pool and service._pool.pids()):
    time.sleep(0.01)
print(*service._pool.pids(), flush=True)
"""


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_workers_end_when_the_parent_is_killed(end: signal.Signals):
    command = [sys.executable, "-c", START_SLOW + "time.sleep(60)", SLOW]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert eventually(lambda: cpu_seconds(pid) > 0.3)
        parent.send_signal(end)
    assert eventually(lambda: not is_running(pid), seconds=10)


def test_an_exit_in_the_middle_of_a_compile_is_silent():
    done = subprocess.run([sys.executable, "-c", START_SLOW, SLOW], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert eventually(lambda: not is_running(int(done.stdout)))


def test_ctrl_c_ends_the_compile_and_nothing_else():
    script = """
import os, signal, sys, threading
from lamina_compiler import backend
from lamina_compiler.backend import service
signal.signal(signal.SIGINT, signal.default_int_handler)  # processes started with & ignore it
backend.prestart()
(before,) = service._pool.pids()
# As a terminal does it: to the whole process group.
threading.Timer(0.5, lambda: os.killpg(0, signal.SIGINT)).start()
try:
    backend.compile(sys.argv[1])
except KeyboardInterrupt:
    print("interrupted", before in service._pool.pids(), len(backend.compile(sys.argv[2])) > 1000)
"""
    assert python(script, SLOW, add_constant(1.0), start_new_session=True) == "interrupted False True\n"


def test_a_forked_child_has_its_own_worker():
    script = """
import os, sys
from lamina_compiler import backend
from lamina_compiler.backend import service
backend.compile(sys.argv[1])
parents = service._pool.pids()
child = os.fork()
if child == 0:
    backend.compile(sys.argv[2])
    assert service._pool.pids() != parents
    sys.exit(7)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
backend.compile(sys.argv[3])
print(service._pool.pids() == parents, backend.statistics().compiles)
"""
    assert python(script, *map(add_constant, (1.0, 2.0, 3.0))) == "True 2\n"


def test_a_forked_child_does_not_keep_the_parents_workers_alive():
    script = """
import os, sys, time
from lamina_compiler import backend
from lamina_compiler.backend import service
backend.prestart()
print(*service._pool.pids(), flush=True)
if os.fork() == 0:
    os.close(1)
    time.sleep(5)
    os._exit(0)
os.kill(os.getpid(), 9)
"""
    parent = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert eventually(lambda: not is_running(int(parent.stdout)), seconds=4)
