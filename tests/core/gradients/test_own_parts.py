"""How gradients travel through networks with parts of their own."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lstmviz
from lstmviz.core.analysis.attribution import attribute_memory
from lstmviz.core.analysis.saturation import saturation
from lstmviz.core.engine.backward_step import backward_step
from lstmviz.core.gradients.connectivity import connectivity, itemised_gradients
from lstmviz.core.gradients.flows import gradient_flows
from lstmviz.core.gradients.jacobians import jacobian_norms, jacobian_singular_values
from lstmviz.core.gradients.path_split import path_split
from tests.own_parts import NETWORKS, each_network, started


@each_network
def test_maps_agree_with_the_backward_pass(name):
    trace, dy = started(NETWORKS[name], batch=1)
    grads = lstmviz.backward(trace, dy)
    assert connectivity(trace).shape == (6, 6)
    for layer in trace.layers:
        items = itemised_gradients(trace, dy, layer)
        assert_allclose(items.sum(1), grads[layer].h[:, 0], rtol=1e-9, atol=1e-12)
        parts = attribute_memory(trace, 3, 0, layer)
        assert abs(parts.residual) < 1e-13
        logs = parts.log10[np.abs(parts.values) > 0]
        assert_allclose(logs, np.log10(np.abs(parts.values[np.abs(parts.values) > 0])), rtol=1e-9, atol=1e-9)
        split = path_split(trace, layer=layer)
        assert_allclose(10**split.forget_product.log10, np.abs(split.forget_product.values), rtol=1e-9)
        assert saturation(trace, layer)


@pytest.mark.parametrize("name", ["peepholes", "projection", "wider projection"])
def test_jacobians_agree_with_differences(name):
    net = NETWORKS[name]
    trace, _ = started(net, batch=1)
    layer = trace["l0"]
    h, c = layer.h[2, 0], layer.c[2, 0]

    def last(h: np.ndarray, c: np.ndarray) -> dict[str, np.ndarray]:
        again = lstmviz.forward(net, trace.x[3:], h, c)["l0"]
        return {"h": again.h[-1, 0], "c": again.c[-1, 0]}

    for of in ("h", "c"):
        columns = [(last(h + 1e-6 * d, c)[of] - last(h - 1e-6 * d, c)[of]) / 2e-6 for d in np.eye(len(h))]
        assert_allclose(jacobian_norms(trace, of, "h")[2], np.linalg.norm(columns), rtol=1e-7)
        values, exact = (
            jacobian_singular_values(trace, 3, of, "h"),
            np.linalg.svd(np.stack(columns, 1), compute_uv=False),
        )
        rank = min(net.layers[0].hidden_size, net.h_size)
        assert_allclose(values[:rank], exact[:rank], rtol=1e-5)
        assert np.isnan(values[rank:]).all()
    held = [(last(h, c + 1e-6 * d)["c"] - last(h, c - 1e-6 * d)["c"]) / 2e-6 for d in np.eye(len(c))]
    assert_allclose(10 ** path_split(trace).held_h.log10_norm[3], np.linalg.norm(held), rtol=1e-7)


@each_network
def test_what_flows_between_the_steps_is_all_that_a_step_receives(name):
    trace, dy = started(NETWORKS[name], batch=1)
    grads = lstmviz.backward(trace, dy)
    for layer in trace.layers:
        flows = gradient_flows(trace, grads, layer)
        for t in range(2, 6):
            step = backward_step(trace, grads, dy, t, layer)
            entry = t - 2 if trace[layer].reverse else t - 1
            assert_allclose(10 ** flows.cell[entry], np.linalg.norm(step.dc_after), rtol=1e-11)
            assert_allclose(10 ** flows.hidden[entry], np.linalg.norm(step.dh_after), rtol=1e-11)
