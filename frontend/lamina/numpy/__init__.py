"""NumPy's functions on Lamina arrays: `import lamina.numpy as lnp`."""

from lamina.numpy._basic import *  # noqa: F403
