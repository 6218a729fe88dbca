"""The ops of the dialect as functions: strict about shapes and dtypes, one op each. `lamina.numpy` is built on them."""

from lamina.lax._ops import *  # noqa: F403
from lamina.lax._ops import __all__ as __all__
