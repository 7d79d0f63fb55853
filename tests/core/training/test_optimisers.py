"""Optimisers against the formulas, step by step by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from lstmviz.core.training.optimisers import Moments, Optimiser, updated

WEIGHTS = np.array([1.0, -2.0, 0.5])
GRADIENTS = (np.array([0.5, -1.0, 0.0]), np.array([-0.25, 4.0, 1e-3]), np.array([1.0, 1.0, 1.0]))


def after(optimiser, gradients, lr=0.1, momentum=0.9):
    weights, moments = WEIGHTS, Moments.none(optimiser, WEIGHTS)
    for gradient in gradients:
        weights, moments = updated(weights, gradient, moments, lr, momentum)
    return weights, moments


def test_sgd_without_momentum_follows_the_gradient():
    assert_allclose(after(Optimiser.SGD, GRADIENTS, momentum=0.0)[0], WEIGHTS - 0.1 * sum(GRADIENTS))


def test_sgd_with_momentum_remembers_older_gradients():
    a, b, c = GRADIENTS
    shares = 1 + 0.9 + 0.81, 1 + 0.9, 1
    assert_allclose(after(Optimiser.SGD, GRADIENTS)[0], WEIGHTS - 0.1 * (shares[0] * a + shares[1] * b + shares[2] * c))


def test_adam_is_the_published_algorithm():
    weights, m, v = WEIGHTS.copy(), np.zeros(3), np.zeros(3)
    for t, gradient in enumerate(GRADIENTS, 1):
        m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
        weights = weights - 0.1 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    found, moments = after(Optimiser.ADAM, GRADIENTS)
    assert_allclose(found, weights, rtol=1e-14)
    assert moments.count == 3


@pytest.mark.parametrize("optimiser", Optimiser)
def test_nothing_given_is_changed_so_that_a_checkpoint_stays_what_it_is(optimiser):
    weights, moments = after(optimiser, GRADIENTS[:2])
    kept = weights.copy(), moments.first.copy()
    gradient = GRADIENTS[2].copy()
    updated(weights, gradient, moments, 0.1, 0.9)
    assert_array_equal(weights, kept[0])
    assert_array_equal(moments.first, kept[1])
    assert_array_equal(gradient, GRADIENTS[2])
    assert not moments.first.flags.writeable


def test_adam_takes_gradients_whose_square_overflows_without_breaking():
    weights, _ = updated(WEIGHTS, np.array([1e200, 1.0, 0.0]), Moments.none(Optimiser.ADAM, WEIGHTS), 0.1, 0.9)
    assert np.isfinite(weights).all()
