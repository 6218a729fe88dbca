"""The way to IREE: `compile` turns a module of upstream MLIR dialects into an artifact for a target.

Compiles run in a process of their own and are cached on disk. Environment: LAMINA_CACHE_DIR (where), LAMINA_CACHE=0
(no cache), LAMINA_CACHE_MAX_BYTES (default 2 GiB), LAMINA_COMPILE_TIMEOUT (seconds, default none).
"""

from .cache import cache_root
from .driver import Statistics, compile, compile_all, prestart, statistics
from .errors import (
    CacheWarning,
    CompileError,
    CompilerCrash,
    CompileTimeout,
    FlagRefused,
    SourceLocation,
    UnknownTarget,
)
from .options import ALLOWED_FLAGS, CompileOptions
from .targets import TARGETS, Target, target

__all__ = [
    "ALLOWED_FLAGS",
    "TARGETS",
    "CacheWarning",
    "CompileError",
    "CompileOptions",
    "CompileTimeout",
    "CompilerCrash",
    "FlagRefused",
    "SourceLocation",
    "Statistics",
    "Target",
    "UnknownTarget",
    "cache_root",
    "compile",
    "compile_all",
    "prestart",
    "statistics",
    "target",
]
