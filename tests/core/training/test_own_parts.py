"""Networks with peepholes, coupled gates, projections and layers of different sizes are trained like any other."""

from __future__ import annotations

import numpy as np
import pytest

from lstmviz.core.training.batches import Batch
from lstmviz.core.training.bptt import loss_and_gradient
from lstmviz.core.training.flat import flattened, with_weights
from lstmviz.core.training.losses import Loss
from tests.own_parts import FEATURES, NETWORKS

TRAINED = [name for name, network in NETWORKS.items() if network.head]


def batch(length: int = 5, size: int = 3) -> Batch:
    random = np.random.default_rng(1)
    x, target = random.normal(size=(length, size, FEATURES)), random.normal(size=(length, size, 2))
    everywhere = np.ones((length, size), np.bool_)
    return Batch(x, target, everywhere, everywhere)


@pytest.mark.parametrize("name", TRAINED)
def test_the_gradient_of_every_weight_is_that_of_central_differences(name: str) -> None:
    network, step = NETWORKS[name], 1e-6
    weights = flattened(network.state_dict())
    found = loss_and_gradient(network, Loss.SQUARED_ERROR, batch()).gradient
    for place in range(0, len(weights), 3):
        up, down = (weights.copy(), weights.copy())
        up[place] += step
        down[place] -= step
        losses = [
            loss_and_gradient(with_weights(network, each), Loss.SQUARED_ERROR, batch()).loss for each in (up, down)
        ]
        assert found[place] == pytest.approx((losses[0] - losses[1]) / (2 * step), rel=1e-5, abs=1e-8)


@pytest.mark.parametrize("name", [name for name in TRAINED if not NETWORKS[name].bidirectional])
def test_states_go_on_from_window_to_window(name: str) -> None:
    whole, in_windows = (
        loss_and_gradient(NETWORKS[name], Loss.SQUARED_ERROR, batch(6), window) for window in (None, 2)
    )
    np.testing.assert_allclose(in_windows.y, whole.y, rtol=1e-12)
    assert in_windows.loss == pytest.approx(whole.loss, rel=1e-12)
