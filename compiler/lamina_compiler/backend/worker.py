"""The process that compiles, so that a crash of IREE never takes the user's Python along.

Started as `python -I -S worker.py <libIREECompiler>`. It binds IREE's C API itself and imports a handful of standard
modules only: `iree.compiler.api` would bring NumPy and MLIR's bindings and start five times slower.

Messages in both directions are a header (marshalled) and a payload (bytes), each with its length in front:
request = flags, module; reply = (diagnostics as (severity, text), succeeded), artifact.
"""

from __future__ import annotations

import ctypes
import marshal
import os
import resource
import struct
import sys
from collections.abc import Iterator
from ctypes import POINTER, byref, c_bool, c_char_p, c_int, c_size_t, c_uint64, c_void_p
from typing import Any

Diagnostics = list[tuple[int, str]]
ERROR = 2  # ireeCompilerDiagnosticSeverity: note 0, warning 1, error 2, remark 3
MODULE_NAME = "module.mlir"
_BYTECODE_MAGIC = b"ML\xefR"
_LENGTHS = struct.Struct("<QQ")


def send(fd: int, header: Any, payload: bytes) -> None:
    """Write one message to a pipe."""
    head = marshal.dumps(header)
    for part in (_LENGTHS.pack(len(head), len(payload)), head, payload):
        view = memoryview(part)
        while len(view):
            view = view[os.write(fd, view) :]


def receive(fd: int) -> tuple[Any, bytes]:
    """Read one message; raises EOFError when the other end has gone."""
    head, payload = _LENGTHS.unpack(_read(fd, _LENGTHS.size))
    return marshal.loads(_read(fd, head)), _read(fd, payload)


def _read(fd: int, size: int) -> bytes:
    chunks = []
    while size:
        chunk = os.read(fd, min(size, 1 << 20))
        if not chunk:
            raise EOFError
        chunks.append(chunk)
        size -= len(chunk)
    return b"".join(chunks)


def is_bytecode(module: bytes) -> bool:
    """Whether a module is MLIR bytecode rather than text."""
    return module.startswith(_BYTECODE_MAGIC)


_DIAGNOSTIC_CALLBACK = ctypes.CFUNCTYPE(None, c_int, c_void_p, c_size_t, c_void_p)

# The part of iree/compiler/embedding_api.h used here: name → (result, arguments).
_SIGNATURES: dict[str, tuple[Any, list[Any]]] = {
    "GlobalInitialize": (None, []),
    "ErrorGetMessage": (c_char_p, [c_void_p]),
    "SessionCreate": (c_void_p, []),
    "SessionDestroy": (None, [c_void_p]),
    "SessionSetFlags": (c_void_p, [c_void_p, c_int, POINTER(c_char_p)]),
    "SourceWrapBuffer": (c_void_p, [c_void_p, c_char_p, c_char_p, c_size_t, c_bool, POINTER(c_void_p)]),
    "SourceDestroy": (None, [c_void_p]),
    "InvocationCreate": (c_void_p, [c_void_p]),
    "InvocationDestroy": (None, [c_void_p]),
    "InvocationEnableCallbackDiagnostics": (None, [c_void_p, c_int, _DIAGNOSTIC_CALLBACK, c_void_p]),
    "InvocationParseSource": (c_bool, [c_void_p, c_void_p]),
    "InvocationPipeline": (c_bool, [c_void_p, c_int]),
    "InvocationOutputVMBytecode": (c_void_p, [c_void_p, c_void_p]),
    "OutputOpenMembuffer": (c_void_p, [POINTER(c_void_p)]),
    "OutputMapMemory": (c_void_p, [c_void_p, POINTER(c_void_p), POINTER(c_uint64)]),
    "OutputDestroy": (None, [c_void_p]),
}


class _Refused(Exception):
    """IREE returned an error object rather than a diagnostic."""


class Iree:
    """IREE's compiler, loaded from its shared library."""

    def __init__(self, library: str) -> None:
        loaded = ctypes.CDLL(library)
        for name, (result, arguments) in _SIGNATURES.items():
            function = getattr(loaded, "ireeCompiler" + name)
            function.restype, function.argtypes = result, arguments
            setattr(self, name, function)
        self.GlobalInitialize()

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)  # declared so that type checkers accept the functions set above

    def compile(self, flags: list[str], module: bytes) -> tuple[Diagnostics, bytes | None]:
        """Compile a module; the artifact is None when there were errors."""
        diagnostics: Diagnostics = []
        # A session of its own for each compile costs 6 ms and frees the constants the last module left in it.
        session = self.SessionCreate()
        try:
            self._check(self.SessionSetFlags(session, len(flags), (c_char_p * len(flags))(*map(str.encode, flags))))
            return diagnostics, self._run(session, module, diagnostics)
        except _Refused as refusal:
            diagnostics.append((ERROR, str(refusal)))
            return diagnostics, None
        finally:
            self.SessionDestroy(session)

    def _run(self, session: int, module: bytes, diagnostics: Diagnostics) -> bytes | None:
        def report(severity: int, text: int, size: int, _: Any) -> None:
            diagnostics.append((severity, ctypes.string_at(text, size).decode(errors="replace")))

        callback = _DIAGNOSTIC_CALLBACK(report)
        source = c_void_p()
        invocation = self.InvocationCreate(session)
        try:
            self.InvocationEnableCallbackDiagnostics(invocation, 0, callback, None)
            # Text must end in a NUL, which CPython keeps behind every bytes object; bytecode must not.
            text = not is_bytecode(module)
            name = MODULE_NAME.encode()
            self._check(self.SourceWrapBuffer(session, name, module, len(module) + text, text, byref(source)))
            if not (self.InvocationParseSource(invocation, source) and self.InvocationPipeline(invocation, 0)):
                return None
            return self._artifact(invocation)
        finally:
            self.InvocationDestroy(invocation)
            if source:
                self.SourceDestroy(source)

    def _artifact(self, invocation: int) -> bytes:
        output, contents, size = c_void_p(), c_void_p(), c_uint64()
        self._check(self.OutputOpenMembuffer(byref(output)))
        try:
            self._check(self.InvocationOutputVMBytecode(invocation, output))
            self._check(self.OutputMapMemory(output, byref(contents), byref(size)))
            return bytes((ctypes.c_char * size.value).from_address(contents.value or 0))
        finally:
            self.OutputDestroy(output)

    def _check(self, error: int | None) -> None:
        if error is not None:
            raise _Refused(self.ErrorGetMessage(error).decode(errors="replace"))


def _requests(fd: int) -> Iterator[tuple[list[str], bytes]]:
    """Requests as they arrive. When the parent goes, this process ends at once, also in the middle of a compile."""
    from queue import SimpleQueue
    from threading import Thread

    queue: SimpleQueue[tuple[list[str], bytes]] = SimpleQueue()

    def read() -> None:
        try:
            while True:
                queue.put(receive(fd))
        except EOFError:
            pass
        finally:
            os._exit(0)

    Thread(target=read, daemon=True).start()
    while True:
        yield queue.get()


def main(library: str) -> None:
    # IREE, LLVM and the linker print on 1 and 2: both go to the log, the protocol gets a descriptor of its own.
    replies = os.dup(1)
    os.dup2(2, 1)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash leaves no core file in the user's directory
    iree = Iree(library)
    for flags, module in _requests(0):
        diagnostics, artifact = iree.compile(flags, module)
        send(replies, (diagnostics, artifact is not None), artifact or b"")


if __name__ == "__main__":
    main(sys.argv[1])
