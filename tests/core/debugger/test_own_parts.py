"""Conditions over networks with parts of their own."""

from __future__ import annotations

from lstmviz.core.analysis.health import health_scan
from lstmviz.core.comparison.diff import diff
from lstmviz.core.debugger.conditions import find
from lstmviz.core.run import analyse
from tests.own_parts import NETWORKS, each_network, experiment


@each_network
def test_the_debugger_knows_every_node(name):
    run = analyse(experiment(name))
    assert health_scan(run)
    same = diff(run, run)
    assert same.same
    for layer, traced in run.trace.layers.items():
        for node in traced.nodes:
            assert len(list(find(run, f"{layer}.{node}[0] < 1e9"))) == run.length
    projected = NETWORKS[name].layers[0].directions[0].weight_hr is not None
    if projected:
        assert len(list(find(run, "norm(dm) >= 0"))) == run.length
