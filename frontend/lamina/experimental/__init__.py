"""Names that JAX keeps under `experimental`."""

from lamina._callbacks import io_callback

__all__ = ["io_callback"]
