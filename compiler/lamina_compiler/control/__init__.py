"""The records of the higher-order operations, one per file; importing this registers them."""

from . import cond, scan, while_loop  # noqa: F401
