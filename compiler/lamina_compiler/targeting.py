"""What the target of a module has and lacks: attributes of the module, which lowering rules look at."""

from __future__ import annotations

from .errors import PassError
from .mlir import ir
from .vectors import AVX512, KNOWN, Vectors

NO_F64 = "lamina.no_f64"  # no f64 arithmetic
NO_HOST = "lamina.no_host"  # no Python process that functions of the host could run in
NO_VECTORS = "lamina.no_vectors"  # no wide vector instructions, but many threads: a GPU
VECTORS = "lamina.vectors"  # those of a CPU, as `numbers`, where these are not AVX-512's
_BY_NUMBERS = {vectors.numbers: vectors for vectors in KNOWN}


def mark(module: ir.Module, *, has_f64: bool, has_host: bool, vectors: Vectors | None) -> None:
    """Say what there is."""
    attributes = module.operation.attributes
    for name, there in ((NO_F64, has_f64), (NO_HOST, has_host), (NO_VECTORS, vectors is not None)):
        if not there:
            attributes[name] = ir.UnitAttr.get()
    if vectors not in (None, AVX512):
        attributes[VECTORS] = ir.DenseI64ArrayAttr.get(list(vectors.numbers))


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


def vectors_of(module: ir.Module) -> Vectors:
    """The vector registers of the CPU. PassError if the attribute says what no CPU has."""
    if VECTORS not in module.operation.attributes:
        return AVX512
    attribute = module.operation.attributes[VECTORS]
    numbers = tuple(attribute) if isinstance(attribute, ir.DenseI64ArrayAttr) else ()
    if numbers not in _BY_NUMBERS:
        listed = ", ".join(f"array<i64: {', '.join(map(str, known))}>" for known in _BY_NUMBERS)
        what = f"'{VECTORS}' is the bytes and the number of a CPU's vector registers, and 1 for VNNI"
        raise PassError(f"{what}, one of {listed}; got {attribute}", module.operation.location)
    return _BY_NUMBERS[numbers]
