"""See inside an LSTM. The public library: networks, forward and backward with every intermediate. Loads no Qt."""

from __future__ import annotations

from lstmviz.core.attribution import attribute_memory
from lstmviz.core.connectivity import connectivity
from lstmviz.core.engine import backward, forward
from lstmviz.core.errors import LstmvizError
from lstmviz.core.gradient_check import gradient_check
from lstmviz.core.jacobians import jacobian_norms
from lstmviz.core.network import Network
from lstmviz.core.path_split import path_split
from lstmviz.core.saturation import saturation
from lstmviz.core.trace import Gradients, Trace

__version__ = "0.1.0"

__all__ = [
    "Gradients",
    "LstmvizError",
    "Network",
    "Trace",
    "__version__",
    "attribute_memory",
    "backward",
    "connectivity",
    "forward",
    "gradient_check",
    "jacobian_norms",
    "path_split",
    "saturation",
]
