"""How hard to optimize, and the IREE flags a user may add."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import FlagRefused

_BOOL = "true|false|0|1"
_INT = r"\d+"
_LEVEL = "O[0-3]"

# Only flags that neither change results silently, nor write files, nor run other programs, nor crash the compiler.
# All of them are options of an IREE session; those that exist on iree-compile's command line only cannot be set.
ALLOWED_FLAGS: dict[str, str] = {
    "--iree-dispatch-creation-enable-aggressive-fusion": _BOOL,
    "--iree-dispatch-creation-enable-aggressive-reshape-movement": _BOOL,
    "--iree-dispatch-creation-enable-fuse-padding-into-linalg-consumer-ops": _BOOL,
    "--iree-dispatch-creation-enable-split-reduction": _BOOL,
    "--iree-dispatch-creation-fuse-multi-use": _BOOL,
    "--iree-dispatch-creation-opt-level": _LEVEL,
    "--iree-execution-model": "async-internal|async-external",
    "--iree-flow-enable-pad-handling": _BOOL,
    "--iree-global-opt-enable-sink-transpose-through-pad": _BOOL,
    "--iree-global-opt-propagate-transposes-through-conv": _BOOL,
    "--iree-global-opt-use-im2col-for-convs": _BOOL,
    "--iree-global-optimization-opt-level": _LEVEL,
    "--iree-hal-executable-debug-level": _INT,
    "--iree-llvmcpu-debug-symbols": _BOOL,
    "--iree-llvmcpu-disable-distribution": _BOOL,
    "--iree-llvmcpu-enable-inner-tiled": _BOOL,
    "--iree-llvmcpu-loop-interleaving": _BOOL,
    "--iree-llvmcpu-loop-unrolling": _BOOL,
    "--iree-llvmcpu-loop-vectorization": _BOOL,
    "--iree-llvmcpu-mlir-opt-level": _LEVEL,
    "--iree-llvmcpu-reassociate-fp-reductions": _BOOL,
    "--iree-llvmcpu-slp-vectorization": _BOOL,
    "--iree-llvmcpu-stack-allocation-limit": _INT,
    "--iree-llvmcpu-target-vector-width-in-bytes": _INT,
    "--iree-llvmcpu-use-decompose-softmax-fuse": _BOOL,
    "--iree-opt-aggressively-propagate-transposes": _BOOL,
    "--iree-opt-const-eval": _BOOL,
    "--iree-opt-const-expr-hoisting": _BOOL,
    "--iree-opt-const-expr-max-size-increase-threshold": _INT,
    "--iree-opt-generalize-matmul": _BOOL,
    "--iree-opt-outer-dim-concat": _BOOL,
    "--iree-opt-strip-assertions": _BOOL,
    "--iree-vm-bytecode-module-strip-debug-ops": _BOOL,
    "--iree-vm-bytecode-module-strip-source-map": _BOOL,
}


@dataclass(frozen=True)
class CompileOptions:
    """Choices of one compile that do not change what the program means.

    Args:
        opt_level: IREE's optimization level, "O0" to "O3". None was found faster than O2 (docs/performance.md).
        data_tiling: pack matmul operands into tiles. A program that IREE cannot compile so is compiled without.
        flags: further IREE flags, each `--name` or `--name=value` with a name from `ALLOWED_FLAGS`.

    Raises:
        ValueError: an `opt_level` that does not exist.
        FlagRefused: a flag that is not allowed.

    >>> CompileOptions(flags=("--iree-opt-const-eval=false",)).iree_flags()
    ('--iree-opt-level=O2', '--iree-opt-const-eval=false')
    """

    opt_level: str = "O2"
    data_tiling: bool = False
    flags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not re.fullmatch(_LEVEL, str(self.opt_level)):
            raise ValueError(f"opt_level must be one of 'O0', 'O1', 'O2', 'O3', not {self.opt_level!r}.")
        for flag in self.flags:
            _check_flag(flag)

    @classmethod
    def of_names(cls, values: Mapping[str, Any]) -> CompileOptions:
        """Options by name: "opt_level", "data_tiling", and IREE's flags, with or without the leading dashes.

        Raises TypeError for what is no such mapping, and as the constructor.

        >>> CompileOptions.of_names({"opt_level": "O3", "iree-opt-const-eval": False}).iree_flags()
        ('--iree-opt-level=O3', '--iree-opt-const-eval=false')
        """
        if not isinstance(values, Mapping) or not all(isinstance(name, str) for name in values):
            raise TypeError(f"compiler options are a mapping of names to values, not {values!r}")
        plain = {name.removeprefix("--"): value for name, value in values.items()}
        level = plain.pop("opt_level", plain.pop("iree-opt-level", cls.opt_level))
        tiling = plain.pop("data_tiling", plain.pop("iree-opt-data-tiling", cls.data_tiling))
        texts = {name: str(value).lower() if isinstance(value, bool) else value for name, value in plain.items()}
        return cls(level, bool(tiling), tuple(f"--{name}={text}" for name, text in texts.items()))

    def iree_flags(self) -> tuple[str, ...]:
        """These choices as flags of an IREE session."""
        tiling = ("--iree-opt-data-tiling",) if self.data_tiling else ()
        return (f"--iree-opt-level={self.opt_level}", *tiling, *self.flags)


def _check_flag(flag: str) -> None:
    name, has_value, value = flag.partition("=")
    if name not in ALLOWED_FLAGS:
        raise FlagRefused(
            f"The IREE flag {name!r} is not one that Lamina passes on: flags that are unknown, change results "
            f"silently, write files, run other programs or crash the compiler are refused. Allowed are:\n  "
            + "\n  ".join(ALLOWED_FLAGS)
        )
    values = ALLOWED_FLAGS[name]
    if not (re.fullmatch(values, value) if has_value else values == _BOOL):
        expected = "a number" if values == _INT else values.replace("[0-3]", "0|O1|O2|O3").replace("|", ", ")
        raise FlagRefused(f"The IREE flag {name!r} takes {expected}; got {flag!r}.")
