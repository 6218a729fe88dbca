"""The records of the higher-order operations, one per file; importing this registers them."""

from . import checkpoint, cond, custom_jvp, custom_vjp, scan, while_loop  # noqa: F401
