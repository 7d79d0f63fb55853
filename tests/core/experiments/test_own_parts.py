"""What-ifs laid over networks with parts of their own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.intervention import intervene
from lstmviz.core.experiments.what_if import (
    Clamp,
    MemoryBlocks,
    Peepholes,
    ScaleWeight,
    Silence,
    UseVariant,
    Variant,
    WhatIf,
)
from lstmviz.core.gradients.gradient_check import gradient_check
from lstmviz.core.networks.parameters import Coupling
from lstmviz.core.run import analyse
from tests.own_parts import FEATURES, NETWORKS, each_network, experiment

CHANGES = {
    "hold h": (Clamp("h", "l0", 1, 2, 3, 0.4),),
    "hold c": (Clamp("c", "l0", 0, 2, 4, 0.4),),
    "hold gates": (Clamp("i", "l0", 0, 2, 3, 0.9), Clamp("f", "l0", 1, 3, 5, 0.2), Clamp("o", "l0", None, 2, 2, 0.5)),
    "silence": (Silence("l0", 0),),
    "linear": (UseVariant(Variant.NO_OUTPUT_ACTIVATION), UseVariant(Variant.NO_INPUT_ACTIVATION)),
    "coupled": (UseVariant(Variant.COUPLED_GATES),),
    "peepholes": (Peepholes(0.3, -0.4, 0.5),),
}


@each_network
@pytest.mark.parametrize("change", CHANGES)
def test_what_ifs_are_laid_over_the_networks_own_parts(name, change):
    net = NETWORKS[name]
    x = np.random.default_rng(2).normal(size=(5, 1, FEATURES))
    trace = intervene(net, x, CHANGES[change])
    dy = np.random.default_rng(3).normal(size=trace.y.shape)
    check = gradient_check(trace, dy, most=1)
    assert check.passed, check.in_words()
    alteration = trace["l0"].alteration
    assert alteration is not None
    if change == "coupled":
        assert alteration.coupled is Coupling.INPUT
    else:
        assert alteration.coupled is net.layers[0].coupled
    if change == "peepholes":
        assert_array_equal(alteration.peepholes[1], -0.4)
    with_what_if = replace(experiment(name), what_ifs=tuple(WhatIf(each) for each in CHANGES[change]))
    run = analyse(with_what_if)
    assert run.before is not None
    assert_array_equal(run.before.trace.y, analyse(experiment(name)).trace.y)
    assert run.trace["l0"].h.shape == run.before.trace["l0"].h.shape


def test_a_unit_that_a_projection_does_not_show_cannot_be_held_or_silenced():
    net = NETWORKS["projection"]
    x = np.ones((4, FEATURES))
    for change in (Clamp("h", "l0", 2, 1, 2, 0.0), Silence("l0", 4)):
        with pytest.raises(LstmvizError, match="unit"):
            intervene(net, x, (change,))
    assert intervene(net, x, (Clamp("c", "l0", 4, 1, 2, 0.0),)).y.shape == (4, 1, 2)


def test_blocks_and_peepholes_of_its_own_do_not_go_together():
    with pytest.raises(LstmvizError, match="shared gates"):
        intervene(NETWORKS["peepholes"], np.ones((4, FEATURES)), (MemoryBlocks(2, None),))
    shared = intervene(NETWORKS["projection"], np.ones((4, FEATURES)), (MemoryBlocks(2, None),))
    assert_array_equal(shared["l0"].i[..., 0], shared["l0"].i[..., 1])
    with pytest.raises(LstmvizError, match="no rows of a gate"):
        intervene(NETWORKS["projection"], np.ones((4, FEATURES)), (ScaleWeight("weight_hr_l0", 2.0, "f"),))


def test_the_gradient_of_peepholes_that_a_what_if_replaced_is_that_of_the_new_ones():
    net = NETWORKS["peepholes"]
    trace = intervene(net, np.ones((4, 1, FEATURES)), (Peepholes(0.3, -0.4, 0.5),))
    assert_array_equal(trace.network.state_dict()["peepholes_l0"][2], 0.5)
    assert gradient_check(trace, np.ones(trace.y.shape), most=3).passed
