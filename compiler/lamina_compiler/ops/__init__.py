"""The ops of the lamina dialect, a family per module. Importing this package fills the registry."""

from . import (
    arithmetic,
    contract,
    convert,
    convolution,
    cumulative,
    gather,
    index,
    logical,
    reduce,
    reduce_window,
    scatter,
    shape,
    slicing,
    transcendental,
    window_elements,
)

__all__ = [
    "arithmetic",
    "contract",
    "convert",
    "convolution",
    "cumulative",
    "gather",
    "index",
    "logical",
    "reduce",
    "reduce_window",
    "scatter",
    "shape",
    "slicing",
    "transcendental",
    "window_elements",
]
