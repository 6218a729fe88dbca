"""What the target of a module lacks: attributes of the module, which lowering rules look at."""

from __future__ import annotations

from .mlir import ir

NO_F64 = "lamina.no_f64"  # no f64 arithmetic
NO_HOST = "lamina.no_host"  # no Python process that functions of the host could run in
NO_VECTORS = "lamina.no_vectors"  # no wide vector instructions, but many threads: a GPU


def mark(module: ir.Module, *, has_f64: bool, has_host: bool, has_vectors: bool) -> None:
    """Say what there is."""
    for name, there in ((NO_F64, has_f64), (NO_HOST, has_host), (NO_VECTORS, has_vectors)):
        if not there:
            module.operation.attributes[name] = ir.UnitAttr.get()


def has_f64(module: ir.Module) -> bool:
    return NO_F64 not in module.operation.attributes


def has_host(module: ir.Module) -> bool:
    return NO_HOST not in module.operation.attributes


def is_vulkan(module: ir.Module) -> bool:
    """Vulkan is the one target without f64."""
    return not has_f64(module)


def has_vectors(module: ir.Module) -> bool:
    """Whether a kernel should use the `vector` dialect; a target without f64 is a GPU, too."""
    return NO_VECTORS not in module.operation.attributes and has_f64(module)
