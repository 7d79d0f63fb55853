"""The picture, the words and the table of answers are what the networks answered."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtCore import QPoint
from pytestqt.qtbot import QtBot

from lstmviz.core.networks.network import Network
from lstmviz.core.training.catalogue import make_task
from lstmviz.core.training.inference import Answers, answers, answers_to_inputs, drawn_sequence
from lstmviz.core.training.tasks import Task
from lstmviz.core.training.text_task import NextCharacter
from lstmviz.gui.style import DARK, LIGHT
from lstmviz.gui.views.training.answers_parts import MOST_CLASSES, classes_shown
from lstmviz.gui.views.training.answers_plot import AnswersPlot
from lstmviz.gui.views.training.answers_words import sentence_at, table_of_answers, verdict

TEXT = NextCharacter("the quick brown fox jumps over the lazy dog. " * 8, 20)
TASKS = [make_task(name) for name in ("adding", "sine", "reber", "copy", "parity", "recall")] + [TEXT]


def answered(task: Task, seed: int = 1) -> Answers:
    networks = {
        cell.upper(): Network.create(cell, task.input_size, 4, output_size=task.output_size, seed=1)
        for cell in ("lstm", "rnn")
    }
    return answers(task, networks, drawn_sequence(task, seed))


@pytest.fixture
def plot(qtbot: QtBot) -> AnswersPlot:
    made = AnswersPlot()
    qtbot.addWidget(made)
    made.resize(700, 400)
    made.show()
    return made


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_every_task_is_drawn_in_both_themes_and_told_in_a_table(plot: AnswersPlot, task: Task) -> None:
    found = answered(task)
    plot.show_answers(found)
    pictures = []
    for theme in (LIGHT, DARK):
        plot.set_theme(theme)
        image = plot.grab().toImage()
        assert image.pixelColor(1, image.height() - 2).name() == theme.surface
        pictures.append(image)
    assert pictures[0] != pictures[1]
    assert len(plot.part_rects()) == (2 if found.is_classes else 1)
    header, rows = table_of_answers(found)
    assert len(rows) == found.length
    assert all(len(row) == len(header) for row in rows)
    assert [bool(row[2]) for row in rows] == found.asked.tolist()
    assert plot.accessibleDescription() == verdict(found)


def test_the_mouse_over_a_step_says_what_was_answered_there(qtbot: QtBot, plot: AnswersPlot) -> None:
    found = answered(make_task("parity"))
    plot.show_answers(found)
    rect = plot.part_rects()[0]
    said: list[str] = []
    plot.hovered.connect(said.append)
    place = QPoint(int(rect.left() + rect.width() * 4.5 / found.length), int(rect.center().y()))
    qtbot.mouseMove(plot, place)
    assert said[-1] == sentence_at(found, 5)
    outputs = found.answers["LSTM"].outputs[4]
    best = ("even", "odd")[int(outputs.argmax())]
    assert f"LSTM expects {best} {100 * outputs.max():.1f} %" in said[-1]
    assert said[-1].endswith(f"right is {('even', 'odd')[int(found.right(4)[0])]}")
    qtbot.mouseMove(plot, QPoint(2, place.y()))
    assert said[-1] == ""


def test_of_many_classes_the_right_and_the_likely_ones_are_shown() -> None:
    found = answered(TEXT)
    assert TEXT.output_size > MOST_CLASSES
    rows = classes_shown(found)
    assert len(rows) == MOST_CLASSES
    assert found.target is not None
    counts = np.bincount(found.target[found.asked].astype(int), minlength=TEXT.output_size)
    assert int(counts.argmax()) in rows


def test_without_targets_it_says_so() -> None:
    task = make_task("counting")
    network = Network.create("lstm", 3, 4, output_size=4, seed=1)
    found = answers_to_inputs(task, {"LSTM": network}, np.eye(3)[[0, 0]])
    assert "not known" in verdict(found)
    assert table_of_answers(found)[1][0][2] == ""


def test_networks_that_burst_can_be_drawn(plot: AnswersPlot) -> None:
    for name in ("sine", "parity"):
        task = make_task(name)
        network = Network.create(
            "rnn", 1, 4, nonlinearity="identity", recurrent_scale=1e40, output_size=task.output_size
        )
        with np.errstate(all="ignore"):
            plot.show_answers(answers(task, {"RNN": network}, drawn_sequence(task, 1)))
            assert not plot.grab().isNull()
        assert "RNN" in plot.accessibleDescription()
