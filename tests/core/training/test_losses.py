"""Losses and their gradients, through the network too, against central differences; metrics by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from lstmviz.core.engine.activations import log_softmax
from lstmviz.core.networks.network import Network
from lstmviz.core.training.batches import make_batch
from lstmviz.core.training.bptt import loss_and_gradient
from lstmviz.core.training.flat import flattened, with_weights
from lstmviz.core.training.losses import Loss
from lstmviz.core.training.metrics import Metric


def a_batch(loss, steps=6, size=3, inputs=2, outputs=4, seed=0):
    """Scored here and there, with steps and a sequence that are not scored at all."""
    random = np.random.default_rng(seed)
    mask = random.random((steps, size)) < 0.5
    mask[1], mask[:, 1], mask[0, 0] = False, False, True
    target = random.standard_normal((steps, size, outputs))
    if loss is Loss.CROSS_ENTROPY:
        target = random.integers(0, outputs, (steps, size))
    return make_batch(random.standard_normal((steps, size, inputs)), target, mask)


def central_differences(value, at, step=1e-6):
    slopes = np.empty_like(at)
    for index in np.ndindex(at.shape):
        moved = [at.copy(), at.copy()]
        moved[0][index] += step
        moved[1][index] -= step
        slopes[index] = (value(moved[0]) - value(moved[1])) / (2 * step)
    return slopes


@pytest.mark.parametrize("loss", Loss)
def test_dy_is_the_slope_of_the_loss(loss):
    batch = a_batch(loss)
    y = np.random.default_rng(1).standard_normal((6, 3, 4))
    slopes = central_differences(lambda moved: loss.evaluate(moved, batch)[0], y)
    dy = loss.evaluate(y, batch)[1]
    assert_allclose(dy, slopes, atol=1e-9)
    assert (dy[~batch.mask] == 0).all()


@pytest.mark.parametrize("cell", ["lstm", "rnn"])
@pytest.mark.parametrize("loss", Loss)
def test_the_gradient_of_every_weight_is_the_slope_of_the_loss(loss, cell):
    batch = a_batch(loss)
    network = Network.create(cell, 2, 3, output_size=4, seed=1)

    def value(weights):
        return loss_and_gradient(with_weights(network, weights), loss, batch).loss

    weights = flattened(network.state_dict())
    assert_allclose(
        loss_and_gradient(network, loss, batch).gradient, central_differences(value, weights), atol=1e-8, rtol=1e-6
    )


def test_the_losses_are_means_over_what_is_scored():
    mask = np.array([[True, False], [True, True]])
    numbers = make_batch(np.zeros((2, 2, 1)), np.zeros((2, 2, 2)), mask)
    y = np.array([[[1.0, 2.0], [9.0, 9.0]], [[3.0, 0.0], [0.0, 1.0]]])
    assert Loss.SQUARED_ERROR.evaluate(y, numbers)[0] == pytest.approx((1 + 4 + 9 + 0 + 0 + 1) / 6)
    classes = make_batch(np.zeros((2, 2, 1)), np.array([[0, 0], [1, 1]]), mask)
    wrong = -np.log([1 / (1 + np.e), 1 / (1 + np.e**3), 1 / (1 + np.e**-1)])
    assert Loss.CROSS_ENTROPY.evaluate(y, classes)[0] == pytest.approx(wrong.mean())


@pytest.mark.parametrize("loss", Loss)
def test_windows_add_up_to_the_whole(loss):
    batch = a_batch(loss)
    y = np.random.default_rng(1).standard_normal((6, 3, 4))
    whole, dy = loss.evaluate(y, batch)
    first, second = loss.evaluate(y[:4], batch, 0), loss.evaluate(y[4:], batch, 4)
    assert first[0] + second[0] == pytest.approx(whole)
    assert_allclose(np.concatenate([first[1], second[1]]), dy)


def test_huge_logits_neither_overflow_nor_give_the_log_of_zero():
    batch = make_batch(np.zeros((1, 1, 1)), np.array([[1]]), np.ones((1, 1), bool))
    value, dy = Loss.CROSS_ENTROPY.evaluate(np.array([[[1e4, -1e4]]]), batch)
    assert value == 2e4
    assert_allclose(dy, [[[1, -1]]])
    assert_allclose(np.exp(log_softmax(np.array([1e308, 1e308]))), 0.5)


def test_metrics():
    asked = np.array([[True, True], [True, False]])
    legal = np.array([[[1, 1, 0], [1, 0, 0]], [[0, 1, 0], [0, 0, 1]]], bool)
    target = np.array([[0, 1], [1, 0]])
    batch = make_batch(np.zeros((2, 2, 1)), target, np.ones((2, 2), bool), asked, legal)
    y = np.array([[[3.0, 2, 1], [1, 2, 0]], [[0, 1, 0], [0, 5, 0]]])
    assert Metric.ACCURACY.measure(y, batch) == 1
    assert Metric.WHOLE_SEQUENCES.measure(y, batch) == 1
    assert Metric.LEGAL_SYMBOLS.measure(y, batch) == pytest.approx(2 / 3)
    worse = y.copy()
    worse[1, 0] = [1, 0, 0]
    assert Metric.ACCURACY.measure(worse, batch) == pytest.approx(2 / 3)
    assert Metric.WHOLE_SEQUENCES.measure(worse, batch) == 0.5
    numbers = make_batch(np.zeros((2, 2, 1)), np.zeros((2, 2, 3)), np.ones((2, 2), bool), asked)
    assert Metric.MEAN_SQUARED_ERROR.measure(y, numbers) == pytest.approx((9 + 4 + 1 + 1 + 4 + 0 + 0 + 1 + 0) / 9)
    assert Metric.MEAN_SQUARED_ERROR.better(1, 2)
    assert not Metric.ACCURACY.better(1, 2)
