"""Small MLIR programs, and running and scripting them."""

import subprocess
import sys

import iree.runtime as rt
import numpy as np


def elementwise(operation: str, dtype: str = "f32", location: str = "unknown") -> str:
    """@f: tensor<4> → tensor<4> by one operation on %x."""
    tensor = f"tensor<4x{dtype}>"
    return f"""func.func @f(%x: {tensor}) -> {tensor} {{
      %0 = {operation} : {tensor} loc({location})
      return %0 : {tensor} }}"""


def add_constant(value: float) -> str:
    """@f: x + value; each value is another program to the cache."""
    return f"""func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {{
      %c = arith.constant dense<{value:e}> : tensor<4xf32>
      %0 = arith.addf %x, %c : tensor<4xf32>
      return %0 : tensor<4xf32> }}"""


def matmul(rows: int, dtype: str = "f32", name: str = "f") -> str:
    """@name: tensor<rows x 64> · tensor<64x64> + bias."""
    left, right, out = f"tensor<{rows}x64x{dtype}>", f"tensor<64x64x{dtype}>", f"tensor<{rows}x64xf32>"
    return f"""func.func @{name}(%a: {left}, %b: {right}, %bias: {out}) -> {out} {{
      %zero = arith.constant 0.0 : f32
      %empty = tensor.empty() : {out}
      %start = linalg.fill ins(%zero : f32) outs(%empty : {out}) -> {out}
      %product = linalg.matmul ins(%a, %b : {left}, {right}) outs(%start : {out}) -> {out}
      %sum = arith.addf %product, %bias : {out}
      return %sum : {out} }}\n"""


# Keeps IREE busy for many seconds; the tests that use it do not wait for its end.
SLOW = "".join(matmul(rows, name=f"f{rows}") for rows in range(3, 183))

# IREE segfaults on an operation of a dialect it does not know.
CRASHING = elementwise('"lamina.sin"(%x)').replace(": tensor<4xf32> loc", ": (tensor<4xf32>) -> tensor<4xf32> loc")


def run(artifact: bytes, *arrays: np.ndarray) -> np.ndarray:
    """Call @f of an artifact on the CPU."""
    context = rt.SystemContext(config=rt.Config("local-sync"))
    context.add_vm_module(rt.VmModule.copy_buffer(context.instance, artifact))
    return context.modules.module["f"](*arrays).to_host()


def python(script: str, *arguments: str, **options) -> str:
    """What another Python process prints."""
    command = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout
