"""The sentence of a stage tells the truth, what-ifs included."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.experiments.what_if import Change, Clamp, UseVariant, Variant, WhatIf
from lstmviz.core.explanations.narration import stage_sentence
from lstmviz.core.run import analyse
from tests.experiments import company_b, linear_loop


def sentence(stage: Stage, *changes: Change, t: int = 3) -> str:
    run = analyse(replace(company_b(), what_ifs=tuple(WhatIf(change) for change in changes)))
    return stage_sentence(run, Cursor(t, stage=stage))


def test_what_a_stage_does() -> None:
    assert sentence(Stage.FORGET) == "The forget gate keeps 97.5 % of the memory c[2] = 0.914."
    assert sentence(Stage.CELL).endswith("The memory now holds 1.481.")
    assert "tanh(c[3])" in sentence(Stage.HIDDEN)


@pytest.mark.parametrize(
    ("stage", "symbol", "name"),
    [
        (Stage.FORGET, "f", "forget gate"),
        (Stage.CANDIDATE, "g", "candidate"),
        (Stage.CELL, "c", "cell state"),
        (Stage.HIDDEN, "h", "hidden state"),
    ],
)
def test_a_node_that_is_held_is_not_said_to_be_computed(stage: Stage, symbol: str, name: str) -> None:
    clamp = Clamp(symbol, "l0", None, 3, 3, 0.25)
    assert sentence(stage, clamp) == f"A what-if holds the {name} at 0.250, whatever the cell computes."
    assert "what-if" not in sentence(stage, clamp, t=4)


def test_without_the_output_activation_the_memory_itself_is_shown() -> None:
    words = sentence(Stage.HIDDEN, UseVariant(Variant.NO_OUTPUT_ACTIVATION))
    assert "% of c[3] = " in words
    assert "tanh" not in words


def test_a_held_output_of_a_vanilla_rnn() -> None:
    run = analyse(replace(linear_loop(0.9, 6), what_ifs=(WhatIf(Clamp("h", "l0", 0, 2, 2, 0.5)),)))
    assert "A what-if holds the hidden state at 0.500" in stage_sentence(run, Cursor(2))
