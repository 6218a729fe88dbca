"""Names for values that checkpoint policies refer to, and the list of what a backward pass keeps."""

from lamina._checkpoint import checkpoint
from lamina._checkpoint import checkpoint as remat
from lamina._residuals import checkpoint_name, print_saved_residuals, saved_residuals

__all__ = ["checkpoint", "checkpoint_name", "print_saved_residuals", "remat", "saved_residuals"]
