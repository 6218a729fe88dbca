"""The records of the higher-order operations, one per file; importing this registers them."""

from . import callback as callback
from . import checkpoint as checkpoint
from . import cond as cond
from . import custom_jvp as custom_jvp
from . import custom_vjp as custom_vjp
from . import custom_vmap as custom_vmap
from . import linear_call as linear_call
from . import linear_solve as linear_solve
from . import scan as scan
from . import while_loop as while_loop
