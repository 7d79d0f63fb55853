"""See inside an LSTM. The public library: networks, forward and backward with every intermediate. Loads no Qt."""

from __future__ import annotations

from lstmviz.core.engine import backward, forward
from lstmviz.core.errors import LstmvizError
from lstmviz.core.network import Network
from lstmviz.core.trace import Gradients, Trace

__version__ = "0.1.0"

__all__ = ["Gradients", "LstmvizError", "Network", "Trace", "__version__", "backward", "forward"]
