"""What the debugger opens is what training saw."""

from __future__ import annotations

import numpy as np
import pytest

from lstmviz.core.experiments.sequence import SequenceKind
from lstmviz.core.run import analyse
from lstmviz.core.training.grammar_tasks import Counting
from lstmviz.core.training.memory_tasks import AddingProblem, LongLagRecall
from lstmviz.core.training.probe import Probe
from lstmviz.core.training.tasks import Task
from lstmviz.core.training.text_task import NextCharacter
from lstmviz.core.training.wave_tasks import SinePrediction
from lstmviz.io.sequences import parse_sequence
from lstmviz.io.training.moments import moment_experiment, text_experiment
from tests.gui.training.plans import finished, tiny_plan

TASKS = (AddingProblem(6), LongLagRecall(5, keys=2), SinePrediction(7), NextCharacter("ab\nabba. " * 20, 8))


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
@pytest.mark.parametrize("number", [0, 1], ids=["LSTM", "RNN"])
def test_experiment_has_sequence_weights_and_loss_of_the_moment(task: Task, number: int) -> None:
    record = finished(tiny_plan(task, updates=3))
    network, moment = record.networks[number], record.moments[2]
    experiment = moment_experiment(record, moment, network)
    run, probe = analyse(experiment), Probe(task)
    assert np.array_equal(run.sequence.values, probe.batch.x[:, 0])
    scored = probe.batch.mask.sum()
    assert run.main.loss == pytest.approx(probe.look(moment.states[network.key].network).loss * scored, rel=1e-12)
    assert experiment.title == f"{record.title}: {network.name} after 2 updates"


def test_gradient_of_the_debugger_is_that_of_the_map() -> None:
    record = finished(tiny_plan(updates=3))
    run = analyse(moment_experiment(record, record.moments[-1], record.networks[0]))
    lengths = np.log10(np.linalg.norm(run.main.gradients["l0"].h[:, 0], axis=1))
    assert lengths == pytest.approx(record.networks[0].log10_dh[-1], abs=1e-12)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_sequence_can_be_typed_again(task: Task) -> None:
    record = finished(tiny_plan(task, updates=1))
    sequence = moment_experiment(record, record.moments[0], record.networks[0]).sequence
    assert parse_sequence(sequence.source, sequence.kind, vocabulary=sequence.vocabulary) == sequence


def test_inputs_that_are_characters_become_a_text_without_what_is_filled_up() -> None:
    record = finished(tiny_plan(Counting(4), updates=1))
    experiment = moment_experiment(record, record.moments[0], record.networks[0])
    assert experiment.sequence.kind is SequenceKind.TEXT
    n = experiment.sequence.source.index("X")
    assert experiment.sequence.source == "a" * n + "X" + "b" * n
    assert f"the mean of the last {n + 1}" in experiment.look_for


def test_written_text_is_read_again_with_its_next_character_as_target() -> None:
    task = TASKS[-1]
    record = finished(tiny_plan(task, updates=1))
    experiment = text_experiment(task, record.moments[-1].states["network"].network, "abba")
    assert analyse(experiment).length == 4
    assert experiment.objective.next_input
