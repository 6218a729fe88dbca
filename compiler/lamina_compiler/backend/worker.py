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
from ctypes import POINTER, Structure, byref, c_bool, c_char_p, c_int, c_int64, c_size_t, c_ssize_t, c_uint64, c_void_p
from itertools import pairwise
from typing import Any

Diagnostics = list[tuple[int, str]]
ERROR = 2  # ireeCompilerDiagnosticSeverity: note 0, warning 1, error 2, remark 3
MODULE_NAME = "module.mlir"
_NUMBER = "lamina.kernel"
_ALIGNMENT = 64  # bytes, of the sections of bytecode
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
_IREE: dict[str, tuple[Any, list[Any]]] = {
    "GlobalInitialize": (None, []),
    "ErrorGetMessage": (c_char_p, [c_void_p]),
    "SessionCreate": (c_void_p, []),
    "SessionDestroy": (None, [c_void_p]),
    "SessionSetFlags": (c_void_p, [c_void_p, c_int, POINTER(c_char_p)]),
    "SessionBorrowContext": (c_void_p, [c_void_p]),
    "SourceWrapBuffer": (c_void_p, [c_void_p, c_char_p, c_void_p, c_size_t, c_bool, POINTER(c_void_p)]),
    "SourceDestroy": (None, [c_void_p]),
    "InvocationCreate": (c_void_p, [c_void_p]),
    "InvocationDestroy": (None, [c_void_p]),
    "InvocationEnableCallbackDiagnostics": (None, [c_void_p, c_int, _DIAGNOSTIC_CALLBACK, c_void_p]),
    "InvocationParseSource": (c_bool, [c_void_p, c_void_p]),
    "InvocationExportStealModule": (c_void_p, [c_void_p]),
    "InvocationImportStealModule": (c_bool, [c_void_p, c_void_p]),
    "InvocationSetVerifyIR": (None, [c_void_p, c_bool]),
    "InvocationSetCompileFromPhase": (None, [c_void_p, c_char_p]),
    "InvocationSetCompileToPhase": (None, [c_void_p, c_char_p]),
    "InvocationPipeline": (c_bool, [c_void_p, c_int]),
    "InvocationOutputVMBytecode": (c_void_p, [c_void_p, c_void_p]),
    "OutputOpenMembuffer": (c_void_p, [POINTER(c_void_p)]),
    "OutputMapMemory": (c_void_p, [c_void_p, POINTER(c_void_p), POINTER(c_uint64)]),
    "OutputDestroy": (None, [c_void_p]),
}


class _Text(Structure):
    """MlirStringRef: characters, and their number."""

    _fields_ = (("data", c_void_p), ("length", c_size_t))

    def __init__(self, text: str) -> None:
        self._bytes = text.encode()  # which must live as long as the pointer to them
        super().__init__(ctypes.cast(c_char_p(self._bytes), c_void_p), len(self._bytes))

    def __str__(self) -> str:
        return ctypes.string_at(self.data, self.length).decode() if self.length else ""


# The part of MLIR's C API used here.
_MLIR: dict[str, tuple[Any, list[Any]]] = {
    "OperationCreateParse": (c_void_p, [c_void_p, _Text, _Text]),
    "OperationDestroy": (None, [c_void_p]),
    "OperationGetAttributeByName": (c_void_p, [c_void_p, _Text]),
    "OperationGetName": (c_void_p, [c_void_p]),
    "OperationGetNextInBlock": (c_void_p, [c_void_p]),
    "OperationGetRegion": (c_void_p, [c_void_p, c_ssize_t]),
    "OperationRemoveFromParent": (None, [c_void_p]),
    "RegionGetFirstBlock": (c_void_p, [c_void_p]),
    "BlockAppendOwnedOperation": (None, [c_void_p, c_void_p]),
    "BlockGetFirstOperation": (c_void_p, [c_void_p]),
    "IdentifierStr": (_Text, [c_void_p]),
    "IntegerAttrGetValueInt": (c_int64, [c_void_p]),
    "StringAttrGetValue": (_Text, [c_void_p]),
}


# Where IREE's phases stop for the module to be verified; after every pass that would be a third of the work.
_STOPS = (b"start", b"global-optimization", b"dispatch-creation", b"executable-sources", b"executable-targets", b"end")
_WHOLE = b"executable-sources"  # kernels are in the module from here on

# IREE runs what depends on constants only, kernels included, while it compiles; without, when the artifact is loaded.
_NO_CONST_EVAL = ["--iree-opt-const-eval=false"]


class _Refused(Exception):
    """IREE returned an error object rather than a diagnostic."""


class Iree:
    """IREE's compiler, and the MLIR in it, loaded from its shared library."""

    def __init__(self, library: str) -> None:
        loaded = ctypes.CDLL(library)
        for prefix, signatures in (("ireeCompiler", _IREE), ("mlir", _MLIR)):
            for name, (result, arguments) in signatures.items():
                function = getattr(loaded, prefix + name)
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
            self._set(session, flags)
            return diagnostics, self._run(session, module, diagnostics)
        except _Refused as refusal:
            diagnostics.append((ERROR, str(refusal)))
            return diagnostics, None
        finally:
            self.SessionDestroy(session)

    def _set(self, session: int, flags: list[str]) -> None:
        self._check(self.SessionSetFlags(session, len(flags), (c_char_p * len(flags))(*map(str.encode, flags))))

    def _run(self, session: int, module: bytes, diagnostics: Diagnostics) -> bytes | None:
        def report(severity: int, text: int, size: int, _: Any) -> None:
            diagnostics.append((severity, ctypes.string_at(text, size).decode(errors="replace")))

        callback = _DIAGNOSTIC_CALLBACK(report)
        source = c_void_p()
        invocation = self.InvocationCreate(session)
        try:
            self.InvocationEnableCallbackDiagnostics(invocation, 0, callback, None)
            # Text must end in a NUL, bytecode must not, and begins at an address that its alignment divides.
            text = not is_bytecode(module)
            memory = ctypes.create_string_buffer(len(module) + _ALIGNMENT)  # with a NUL at the end
            begin = ctypes.addressof(memory) + -ctypes.addressof(memory) % _ALIGNMENT
            ctypes.memmove(begin, module, len(module))
            name = MODULE_NAME.encode()
            self._check(self.SourceWrapBuffer(session, name, begin, len(module) + text, text, byref(source)))
            if not (self.InvocationParseSource(invocation, source) and self._phases(session, invocation)):
                return None
            return self._artifact(invocation)
        finally:
            self.InvocationDestroy(invocation)
            if source:
                self.SourceDestroy(source)

    def _phases(self, session: int, invocation: int) -> bool:
        """Run IREE's phases on the module of an invocation."""
        module = self.InvocationExportStealModule(invocation)
        kernels = _Kernels(self, module, self.SessionBorrowContext(session))
        if kernels.taken:
            self._set(session, _NO_CONST_EVAL)
        for start, stop in pairwise(_STOPS):
            if start == _WHOLE:
                kernels.put_back(module)
            self.InvocationSetVerifyIR(invocation, True)
            if not self.InvocationImportStealModule(invocation, module):  # verifies it
                return False
            self.InvocationSetVerifyIR(invocation, False)
            self.InvocationSetCompileFromPhase(invocation, start)
            self.InvocationSetCompileToPhase(invocation, stop)
            if not self.InvocationPipeline(invocation, 0):
                return False
            module = self.InvocationExportStealModule(invocation)
        return self.InvocationImportStealModule(invocation, module)

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


class _Kernels:
    """Kernels taken out of a module while IREE works on the program that calls them.

    They are many times as long as the program, and the passes over a whole module, of which there are hundreds, would
    leave them as they are. In the place of each stands a function that does nothing but carry the number of the kernel.
    """

    def __init__(self, mlir: Iree, module: int, context: int) -> None:
        self._mlir = mlir
        self.taken: list[list[int]] = []
        for executable in self._operations(module, "hal.executable.source"):
            names = [self._symbol(export) for export in self._operations(executable, "hal.executable.export")]
            for code in self._operations(executable, "builtin.module"):
                functions = list(self._operations(code))
                for function in functions:
                    mlir.OperationRemoveFromParent(function)
                for name in names:
                    mlir.BlockAppendOwnedOperation(self._block(code), self._stand_in(context, name))
                self.taken.append(functions)

    def put_back(self, module: int) -> None:
        """Put every kernel where the function that stands in for it has come to."""
        for executable in self._operations(module, "hal.executable"):
            for variant in self._operations(executable, "hal.executable.variant"):
                for code in self._operations(variant, "builtin.module"):
                    self._fill(code)
        for functions in self.taken:  # those that nobody calls
            for function in functions:
                self._mlir.OperationDestroy(function)

    def _fill(self, code: int) -> None:
        for function in list(self._operations(code)):
            if number := self._mlir.OperationGetAttributeByName(function, _Text(_NUMBER)):
                taken = self.taken[self._mlir.IntegerAttrGetValueInt(number)]
                self._mlir.OperationRemoveFromParent(function)
                self._mlir.OperationDestroy(function)
                while taken:
                    self._mlir.BlockAppendOwnedOperation(self._block(code), taken.pop(0))

    def _stand_in(self, context: int, name: str) -> int:
        symbol = "".join(c if c.isalnum() and c.isascii() else "".join(f"\\{b:02X}" for b in c.encode()) for c in name)
        text = f'func.func @"{symbol}"() attributes {{{_NUMBER} = {len(self.taken)} : i64}} {{ return }}'
        return self._mlir.OperationCreateParse(context, _Text(text), _Text("kernel"))

    def _operations(self, parent: int, name: str = "") -> Iterator[int]:
        """The operations in the first block of an operation, or those called `name`; each may be moved."""
        operation = self._mlir.BlockGetFirstOperation(self._block(parent))
        while operation:
            following = self._mlir.OperationGetNextInBlock(operation)
            if name in ("", str(self._mlir.IdentifierStr(self._mlir.OperationGetName(operation)))):
                yield operation
            operation = following

    def _block(self, operation: int) -> int:
        return self._mlir.RegionGetFirstBlock(self._mlir.OperationGetRegion(operation, 0))

    def _symbol(self, operation: int) -> str:
        return str(self._mlir.StringAttrGetValue(self._mlir.OperationGetAttributeByName(operation, _Text("sym_name"))))


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
