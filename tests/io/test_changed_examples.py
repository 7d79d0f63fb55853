"""An example whose numbers were changed says so; its sliders, what-ifs and annotations are there to be used."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lstmviz.core.experiments.sequence import SequenceKind
from lstmviz.core.experiments.what_if import Clamp, WhatIf
from lstmviz.io.experiments import example_names, is_changed_example, load_example
from lstmviz.io.sequences import parse_sequence
from lstmviz.io.sessions import SessionFile, load_session, save_session


@pytest.mark.parametrize("name", example_names())
def test_an_example_is_not_changed_when_it_is_opened_or_saved(name: str, tmp_path: Path) -> None:
    example = load_example(name)
    assert not is_changed_example(example.experiment)
    path = tmp_path / "saved.lstmviz"
    save_session(path, SessionFile(example.experiment, example.cursor))
    assert not is_changed_example(load_session(path).experiment)


@pytest.mark.parametrize("name", example_names())
def test_other_numbers_change_it(name: str) -> None:
    experiment = load_example(name).experiment
    recipe = replace(experiment.recipe, weights=None, seed=experiment.recipe.seed + 1)
    objective = replace(experiment.objective, unit=7)
    sequence = parse_sequence("1, 2, 3", SequenceKind.NUMBERS)
    for change in ({"sequence": sequence}, {"recipe": recipe}, {"objective": objective}):
        assert is_changed_example(replace(experiment, **change)), change


def test_what_an_example_offers_does_not_change_it() -> None:
    loop = load_example("feedback-loop").experiment
    moved = replace(loop, recipe=replace(loop.recipe, **{loop.controls[0].field: 0.7}))
    asked = replace(moved, what_ifs=(WhatIf(Clamp("h", "l0", 0, 1, 2, 0.5)),), notes="my own")
    for experiment in (moved, asked):
        assert not is_changed_example(experiment)
    assert is_changed_example(replace(moved, recipe=replace(moved.recipe, hidden_size=2)))


def test_an_experiment_of_ones_own_is_no_changed_example() -> None:
    assert not is_changed_example(replace(load_example("company-b").experiment, title="mine", baseline=None))
