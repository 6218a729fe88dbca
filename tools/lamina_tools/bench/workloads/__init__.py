"""All workloads; importing this fills the table."""

from . import arrays as arrays
from . import calls as calls
from . import dense as dense
from . import factorizations as factorizations
from . import loops as loops
from . import ordering as ordering
from . import simulations as simulations
from . import training as training
