"""The forward pass of whatever the user has: a network of ours, or an object of PyTorch or Keras."""

from __future__ import annotations

from typing import Any

from lstmviz.core.engine import passes
from lstmviz.core.engine.trace import Trace
from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.network import Network


def forward(module_or_network: Any, x: Any, h0: Any = None, c0: Any = None, *, name: str | None = None) -> Trace:
    """Run a network over x and keep every intermediate; arrays of the trace are [T, B, H].

    module_or_network  a Network; an LSTM or RNN of PyTorch or Keras, or a model that has one; a state dict
    x       [T, I] or [T, B, I]; [B, T, I] where the module says batch_first, and for Keras; for a whole model what
            the model takes: it is run once, and the trace is that of its recurrent part on what that really reads
    h0, c0  [layers * directions, B, H], for one layer and direction also [B, H] or [H]; zeros where None
    name    which recurrent part of a model, where there are several

    Raises LstmvizError for other shapes, for what is not numbers, and for what the engine cannot run, with the reason.
    """
    h0, c0 = _plain(h0), _plain(c0)
    if isinstance(module_or_network, Network) and name is None:
        return passes.forward(module_or_network, _plain(x), h0, c0)
    from lstmviz.io.live_objects.understanding import understood

    live = understood(module_or_network, x, name)
    if live.h0 is not None and (h0 is not None or c0 is not None):
        raise LstmvizError("The model itself gives the first state", where="h0, c0", how="Leave them out.")
    return passes.forward(live.network, live.x, live.h0 if h0 is None else h0, live.c0 if c0 is None else c0)


def _plain(values: Any) -> Any:
    """Tensors of PyTorch as arrays, anything else as it is: the engine has its own words for what does not fit."""
    if not hasattr(values, "detach"):
        return values
    from lstmviz.io.live_objects.foreign_arrays import as_numpy

    return as_numpy(values, "a tensor")
