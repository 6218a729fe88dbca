"""The ops of the lamina dialect, a family per module. Importing this package fills the registry."""

from . import argument as argument
from . import arithmetic as arithmetic
from . import collective as collective
from . import contract as contract
from . import convert as convert
from . import convolution as convolution
from . import cumulative as cumulative
from . import gather as gather
from . import index as index
from . import logical as logical
from . import marker as marker
from . import random as random
from . import reduce as reduce
from . import reduce_window as reduce_window
from . import scatter as scatter
from . import shape as shape
from . import slicing as slicing
from . import transcendental as transcendental
from . import triangular as triangular
from . import window_elements as window_elements
