"""Networks whose layers have parts of their own: peepholes, coupled gates, projections, different sizes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import lstmviz
from lstmviz.core.arrays import Array
from lstmviz.core.engine.trace import Trace
from lstmviz.core.experiment import Experiment
from lstmviz.core.experiments.recipe import NetworkRecipe
from lstmviz.core.networks.network import Network
from lstmviz.core.networks.parameters import Coupling
from tests.experiments import random_lstm

FEATURES = 3


def network(
    *sizes: tuple[int, int],
    directions: int = 1,
    peepholes: bool = False,
    coupled: Coupling | None = None,
    outputs: int = 0,
    seed: int = 0,
) -> Network:
    """Random weights for one layer a size (H, P); P = 0 for no projection."""
    random = np.random.default_rng(seed)
    weights: dict[str, Array] = {}
    width = FEATURES
    for number, (units, projected) in enumerate(sizes):
        shown = projected or units
        for suffix in ("", "_reverse")[:directions]:
            shapes: dict[str, tuple[int, ...]] = {
                "weight_ih": (4 * units, width),
                "weight_hh": (4 * units, shown),
                "bias_ih": (4 * units,),
                "bias_hh": (4 * units,),
            }
            if projected:
                shapes["weight_hr"] = (projected, units)
            if peepholes:
                shapes["peepholes"] = (3, units)
            for name, shape in shapes.items():
                weights[f"{name}_l{number}{suffix}"] = random.normal(0, 0.6, shape)
        width = directions * shown
    if outputs:
        weights |= {"head.weight": random.normal(0, 0.6, (outputs, width)), "head.bias": random.normal(0, 0.6, outputs)}
    return Network.from_state_dict(weights, coupled=coupled)


NETWORKS = {
    "peepholes": network((4, 0), peepholes=True, outputs=2),
    "peepholes, stacked, both directions": network((4, 0), (4, 0), directions=2, peepholes=True, outputs=2),
    "i = 1 - f": network((4, 0), (4, 0), directions=2, coupled=Coupling.INPUT),
    "f = 1 - i": network((4, 0), (4, 0), directions=2, coupled=Coupling.FORGET, peepholes=True, outputs=2),
    "projection": network((5, 2)),
    "projection, stacked, both directions": network((5, 2), (4, 3), directions=2, outputs=2),
    "wider projection": network((3, 5), outputs=2),
    "sizes": network((6, 0), (3, 0), outputs=2),
    "sizes, growing, both directions": network((2, 0), (5, 0), (3, 0), directions=2),
    "everything": network((5, 3), (4, 0), (2, 4), directions=2, peepholes=True, coupled=Coupling.FORGET, outputs=2),
}
"""By what they have of their own."""

each_network = pytest.mark.parametrize("name", NETWORKS)


def experiment(name: str, length: int = 6) -> Experiment:
    """The network of this name on random numbers, beside a vanilla RNN."""
    return replace(random_lstm(length, features=FEATURES), recipe=NetworkRecipe.given(NETWORKS[name]))


def started(net: Network, length: int = 6, batch: int = 2) -> tuple[Trace, Array]:
    """A trace from random inputs and initial states, and a random dL/dy."""
    random = np.random.default_rng(1)
    count = len(net.layers) * net.num_directions
    h0, c0 = (random.normal(size=(count, batch, size)) for size in (net.h_size, net.hidden_size))
    trace = lstmviz.forward(net, random.normal(size=(length, batch, FEATURES)), h0, c0)
    return trace, random.normal(size=trace.y.shape)
