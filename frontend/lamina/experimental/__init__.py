"""Names that JAX keeps under `experimental`; `experimental.ode` is imported by its name."""

from lamina._callbacks import io_callback

__all__ = ["io_callback"]
