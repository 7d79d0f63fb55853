from __future__ import annotations

import json
from dataclasses import astuple, replace

import pytest

from lstmviz.core.experiments.what_if import (
    CHANGES,
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
    WhatIf,
)
from tests.experiments import random_lstm

IN_WORDS = [
    (Clamp("f", "l0", 2, 3, 8, 1.0), "clamp f[2] = 1, steps 3-8"),
    (Clamp("o", "l1_reverse", None, 1, 4, 0.25), "clamp every o of l1_reverse = 0.25, steps 1-4"),
    (Clamp("c", "l0", 0, 5, 5, -2.0), "set c[0] = −2, step 5"),
    (Silence("l0", 2), "silence unit 2"),
    (Silence("l1", 0), "silence unit 0 of l1"),
    (SetInput(3, 0, 0.5), "set x[3] = 0.5"),
    (SetInput(3, 2, 0.5), "set x[3][2] = 0.5"),
    (SwapSteps(3, 5), "swap steps 3 and 5"),
    (InsertStep(3, (0.5, -1.0)), "insert step 3: x = 0.5, −1"),
    (InsertStep(3, (0.0, 1.0, 0.0, 0.5, 0.0)), "insert step 3: x = 0, 1, 0, 0.5, …"),
    (InsertStep(3, (0.0, 1.0, 0.0, 0.0, 0.0)), "insert step 3: feature 1 is 1, the others 0"),
    (SetStep(3, (0.0, 0.0, 1.0)), "set step 3: feature 2 is 1, the others 0"),
    (SetStep(3, (-1.0, 0.5)), "set step 3: x = −1, 0.5"),
    (SetStep(3, (1.0,)), "set step 3: x = 1"),
    (DeleteStep(4), "delete step 4"),
    (SetWeight("weight_hh_l0", (3, 0), 0.5), "set weight_hh_l0[3, 0] = 0.5"),
    (ScaleWeight("weight_hh_l0", 2.0), "scale weight_hh_l0 by 2"),
    (ScaleWeight("weight_hh_l0", 2.0, "f"), "scale weight_hh_l0 by 2, rows of f"),
    (UseVariant(Variant.COUPLED_GATES), "coupled gates, i = 1 − f"),
    (UseVariant(Variant.NO_INPUT_GATE, "l1"), "no input gate, i = 1, layer l1"),
    (Peepholes(1.0, 0.5, -1.0), "peepholes p_i = 1, p_f = 0.5, p_o = −1"),
    (
        Peepholes((1.0, 2.0), (3.0, 3.0), (), "l0"),
        "peepholes p_i = a weight a unit, p_f = 3, p_o = a weight a unit, layer l0",
    ),
    (MemoryBlocks(4), "memory blocks of 4 cells"),
    (MemoryBlocks(1, "l0"), "memory blocks of 1 cell, layer l0"),
]


@pytest.mark.parametrize(("change", "words"), IN_WORDS, ids=[words for _, words in IN_WORDS])
def test_a_change_has_a_name_for_people(change, words):
    assert WhatIf(change).in_words() == change.in_words() == words


def test_every_kind_of_change_is_named_and_made_of_plain_fields():
    assert {type(change) for change, _ in IN_WORDS} == set(CHANGES)
    for change, _ in IN_WORDS:
        assert hash(change) == hash(replace(change))
        json.dumps([each.value if isinstance(each, Variant) else each for each in astuple(change)], allow_nan=False)


def test_only_enabled_what_ifs_count():
    clamp, silence = Clamp("f", "l0", 2, 3, 8, 1.0), Silence("l0", 2)
    plain = random_lstm()
    one = replace(plain, what_ifs=(WhatIf(clamp), WhatIf(silence, enabled=False)))
    assert one.changes == (clamp,)
    assert one.without_what_ifs() == plain
    assert one.has_numbers_of(replace(plain, what_ifs=(WhatIf(clamp),)))
    assert not one.has_numbers_of(plain)
    assert not one.has_numbers_of(replace(plain, what_ifs=(WhatIf(clamp), WhatIf(silence))))
    assert replace(plain, what_ifs=(WhatIf(silence, enabled=False),)).has_numbers_of(plain)
