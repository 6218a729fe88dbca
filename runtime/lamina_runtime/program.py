"""Load a `.lamina` file and call its functions."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from .artifact import Artifact, read
from .buffer import to_host
from .call import Executable, Function
from .device import Device
from .device import device as find_device
from .errors import ArtifactError, ExecutionError
from .signature import Signature


class ProgramFunction:
    """A function of a `Program`: call it with positional or keyword arguments; `signature` says which."""

    def __init__(self, signature: Signature, function: Function, device: Device) -> None:
        self.signature = signature
        self._function = function
        self._device = device
        self._results = signature.result_leaves()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Arrays (read-only, NumPy) in the result tree.

        Arguments are trees of arrays, or of buffers from `to_device`; Python numbers and lists of them are cast where
        that loses nothing but precision. Raises `ArgumentError` if they do not fit the signature, `ExecutionError` if
        the program fails.
        """
        views = self._function(self.signature.flatten(args, kwargs))
        return self.signature.rebuild(
            [
                to_host(view, leaf.numpy_dtype, tuple(view.shape), self._device)
                for view, leaf in zip(views, self._results, strict=True)
            ]
        )

    def __repr__(self) -> str:
        return f"<{self.signature} on {self._device}>"


class Program:
    """The functions of an artifact, loaded on a device: `program.predict(…)` or `program["predict"](…)`."""

    def __init__(self, artifact: Artifact, executable: Executable) -> None:
        self.artifact = artifact
        self.device = executable.device
        self.functions: Mapping[str, ProgramFunction] = {
            name: ProgramFunction(signature, executable.function(name), self.device)
            for name, signature in artifact.functions.items()
        }

    def signature(self, name: str) -> str:
        """Names, shapes and dtypes, as in `predict(params: {w: f32[64,10]}, x: f32[batch,64]) -> f32[batch,10]`."""
        return str(self[name].signature)

    def __getitem__(self, name: str) -> ProgramFunction:
        if name not in self.functions:
            raise KeyError(f"no function {name!r} in this program; it has {', '.join(self.functions)}")
        return self.functions[name]

    def __getattr__(self, name: str) -> ProgramFunction:
        functions = self.__dict__.get("functions", {})
        if name not in functions:
            raise AttributeError(f"no function {name!r} in this program; it has {', '.join(functions)}")
        return functions[name]

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.functions]

    def __repr__(self) -> str:
        return "\n".join([f"<Program on {self.device}", *(f"  {f.signature}" for f in self.functions.values())]) + ">"


def load(path: str | os.PathLike[str], device: str | Device = "cpu") -> Program:
    """Load the `.lamina` file at `path` on a device. It contains native code: load only files you trust.

    >>> program = load("model.lamina")  # doctest: +SKIP
    >>> program.predict(params, x)  # doctest: +SKIP

    Raises `ArtifactError` for a damaged file or one without a target for the device, `DeviceError` for a device that
    is not there.
    """
    chosen = find_device(device)
    artifact = read(path)
    refused: list[str] = []
    for target, vmfb in artifact.targets.items():
        if target.partition("-")[0] == chosen.platform:
            try:
                return Program(artifact, Executable(vmfb, chosen, large=artifact.large))
            except ExecutionError as error:
                refused.append(f"; {target}: {error}")
    targets = ", ".join(artifact.targets) or "none"
    what = "no target that runs" if refused else "no target"
    raise ArtifactError(
        f"{path}: {what} on {chosen}; the file has targets {targets}{''.join(refused)}. "
        f"Load it on a device of one of these, or compile it again for {chosen.platform}"
    )
