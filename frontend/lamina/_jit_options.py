"""The options of jit that say where and how a program is compiled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from lamina import tree_util
from lamina_compiler.backend import CompileOptions
from lamina_runtime.device import Device
from lamina_runtime.device import device as find_device


class ProgramOptions(NamedTuple):
    """Where a program runs (None: where its arguments are), and how it is compiled."""

    device: Device | None = None
    compiler: CompileOptions = CompileOptions()

    def changed(self, device: str | Device | None, compiler: Mapping[str, Any] | None) -> ProgramOptions:
        """With another device or other compiler options, where they are given."""
        return ProgramOptions(
            self.device if device is None else find_device(device),
            CompileOptions.of_names(compiler) if compiler else self.compiler,
        )


def program_options(
    device: str | Device | None, backend: str | None, compiler_options: Mapping[str, Any] | None
) -> ProgramOptions:
    """The options that arguments of jit stand for. `backend` is the first device of a platform."""
    if device is not None and backend is not None:
        raise ValueError(f"jit takes a device or a backend, not both; got {device=} and {backend=}")
    return ProgramOptions().changed(backend if device is None else device, compiler_options)


def refuse_shardings(**shardings: Any) -> None:
    """NotImplementedError for layouts over several devices; None, also for single arguments, says nothing."""
    for name, sharding in shardings.items():
        if tree_util.tree_leaves(sharding):
            raise NotImplementedError(
                f"jit: {name}= lays arrays out over several devices, which programs do not span yet. Leave it out; "
                "device= says on which device a program runs."
            )


def refuse_nested(name: str, options: ProgramOptions) -> None:
    """ValueError if a function that becomes a part of a program has compiler options of its own."""
    if options.compiler != CompileOptions():
        raise ValueError(
            f"compiler_options were given to `{name}`, which is called inside of another jitted function and so is "
            "compiled as a part of it. Give them to the outermost jit."
        )
