"""A change that does not fit its network or sequence is refused, by what it is called and with what would fit."""

from __future__ import annotations

import pytest

from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.intervention import intervene
from lstmviz.core.experiments.what_if import (
    Clamp,
    DeleteStep,
    InsertStep,
    MemoryBlocks,
    Peepholes,
    ScaleWeight,
    SetInput,
    SetStep,
    SetWeight,
    Silence,
    SwapSteps,
    UseVariant,
    Variant,
)
from tests.core.experiments.altered_reference import PEEPHOLES, setting

MISFITS = [
    (Clamp("f", "l3", 0, 1, 2, 1.0), r"clamp f\[0\] of l3 = 1, steps 1-2” does not fit: there is no layer called 'l3'"),
    (Clamp("f", "l0", 9, 1, 2, 1.0), "no unit 9.*from 0 to 2"),
    (Clamp("f", "l0", 0, 6, 7, 1.0), "no step 6.*from 1 to 5"),
    (Clamp("f", "l0", 0, 0, 7, 1.0), "no step 0"),
    (Clamp("f", "l0", 0, 3, 2, 1.0), "ends at step 2, before it begins"),
    (Clamp("q", "l0", 0, 1, 2, 1.0), "no node 'q'.*i, f, g, o, c, h"),
    (Clamp("f", "l0", 0, 1, 2, float("nan")), "nan is not a finite number"),
    (Silence("l0", -1), "no unit -1"),
    (SetInput(6, 0, 1.0), r"set x\[6\] = 1” does not fit: there is no step 6"),
    (SetInput(1, 2, 1.0), "no feature 2.*from 0 to 1"),
    (SwapSteps(1, 6), "swap steps 1 and 6.*no step 6"),
    (InsertStep(7, (1.0, 2.0)), "no place for a new step 7.*from 1 to 6"),
    (InsertStep(1, (1.0,)), "1 values, the sequence has 2 features"),
    (SetStep(1, (1.0,)), "1 values, the sequence has 2 features"),
    (SetStep(6, (1.0, 2.0)), "no step 6.*from 1 to 5"),
    (DeleteStep(6), "delete step 6” does not fit: there is no step 6"),
    (SetWeight("weight_hh_l1", (0, 0), 1.0), "no weight called 'weight_hh_l1'.*weight_hh_l0"),
    (SetWeight("weight_hh_l0", (12, 0), 1.0), r"no entry \[12, 0\].*\[12, 3\]"),
    (SetWeight("weight_hh_l0", (0,), 1.0), r"no entry \[0\]"),
    (ScaleWeight("head.weight", 2.0), "no weight called 'head.weight'"),
    (ScaleWeight("weight_hh_l0", 2.0, "q"), "no rows of a gate 'q'"),
    (Peepholes((1.0, 2.0), 0.0, 0.0), "p_i has 2 weights for 3 units"),
    (Peepholes(1.0, 1.0, 1.0, "l7"), "no layer called 'l7'"),
    (MemoryBlocks(4), "no size of a block 4.*from 1 to 3"),
]


@pytest.mark.parametrize(("change", "words"), MISFITS, ids=[f"{n}" for n in range(len(MISFITS))])
def test_what_does_not_fit_is_named(change, words):
    net, x, _, _ = setting()
    with pytest.raises(LstmvizError, match=words):
        intervene(net, x, [change])


@pytest.mark.parametrize(
    "change",
    [Clamp("f", "l0", 0, 1, 2, 1.0), UseVariant(Variant.COUPLED_GATES), PEEPHOLES, MemoryBlocks(2)],
)
def test_a_vanilla_rnn_has_no_gates_to_change(change):
    net, x, _, _ = setting(cell="rnn")
    with pytest.raises(LstmvizError, match="vanilla RNN has no"):
        intervene(net, x, [change])


def test_peepholes_and_shared_gates_exclude_each_other():
    net, x, _, _ = setting()
    for changes in ([PEEPHOLES, MemoryBlocks(2)], [MemoryBlocks(2), PEEPHOLES]):
        with pytest.raises(LstmvizError, match="shared gates of l0"):
            intervene(net, x, changes)


def test_the_last_step_cannot_be_deleted():
    net, x, _, _ = setting(length=2)
    with pytest.raises(LstmvizError, match="delete step 1” does not fit: it is the only step"):
        intervene(net, x, [DeleteStep(2), DeleteStep(1)])
