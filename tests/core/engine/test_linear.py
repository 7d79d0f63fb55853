"""The linear maps around the recurrence equal their sums written out, for few and for many columns."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from lstmviz.core.engine.linear import affine, input_gradient, weight_and_bias_gradient

STEPS, BATCH, OUTPUTS = 7, 2, 8


@pytest.mark.parametrize("inputs", [1, 2, 3, 4, 9])
def test_affine_and_its_gradients(inputs: int) -> None:
    random = np.random.default_rng(inputs)
    x, dz = (random.standard_normal((STEPS, BATCH, size)) for size in (inputs, OUTPUTS))
    weight, bias = random.standard_normal((OUTPUTS, inputs)), random.standard_normal(OUTPUTS)
    z = np.empty((STEPS, BATCH, OUTPUTS))
    affine(x, weight, bias, z)
    assert_allclose(z, np.einsum("oi,tbi->tbo", weight, x) + bias, rtol=1e-12, atol=1e-13)
    dweight, dbias = weight_and_bias_gradient(dz, x)
    assert_allclose(dweight, np.einsum("tbo,tbi->oi", dz, x), rtol=1e-12, atol=1e-13)
    assert_allclose(dbias, dz.sum((0, 1)), rtol=1e-12, atol=1e-13)
    assert_allclose(input_gradient(dz, weight), np.einsum("tbo,oi->tbi", dz, weight), rtol=1e-12, atol=1e-13)
