"""All weights of a network as one vector, as optimisers and clipping want them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.engine.nonfinite import HEAD, NonFinite
from lstmviz.core.networks.network import Network


def flattened(arrays: Mapping[str, Array]) -> Array:
    """The arrays of a state dict, one behind the other, [P]."""
    return np.concatenate([array.ravel() for array in arrays.values()])


def with_weights(network: Network, vector: Array) -> Network:
    """``network`` with the weights [P] of ``vector``, in the order of its state dict."""
    changes, start = {}, 0
    for name, array in network.state_dict().items():
        changes[name] = vector[start : start + array.size].reshape(array.shape)
        start += array.size
    return network.with_parameters(changes)


def first_nonfinite_weight(network: Network) -> NonFinite | None:
    """The first weight that is infinite or nan, in the order of the state dict."""
    for name, array in network.state_dict().items():
        wrong = np.argwhere(~np.isfinite(array))
        if len(wrong):
            node, _, layer = name.removeprefix("head.").partition("_l")
            index = tuple(wrong[0])
            return NonFinite(f"l{layer}" if layer else HEAD, node, 0, 0, int(index[0]), float(array[index]))
    return None
