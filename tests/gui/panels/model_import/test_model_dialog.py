"""The dialog over a model's file: what it shows, what it lets one choose, and the experiment that it hands over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from lstmviz.core.experiment import Experiment
from lstmviz.core.experiments.sequence import SequenceKind
from lstmviz.core.networks.network import Network
from lstmviz.core.networks.parameters import Nonlinearity
from lstmviz.gui.panels.model_import.candidates_table import COLUMNS
from lstmviz.gui.panels.model_import.model_dialog import ModelDialog
from lstmviz.gui.style import DARK
from lstmviz.io.models.reading import read_model
from tests.experiments import random_lstm

FIXTURES = Path(__file__).parents[3] / "io" / "models" / "fixtures"

Open = Callable[[Path], ModelDialog]


@pytest.fixture
def chosen() -> list[Experiment]:
    return []


@pytest.fixture
def open_dialog(qtbot: QtBot, chosen: list[Experiment]) -> Iterator[Open]:
    window = QWidget()
    qtbot.addWidget(window)

    def open_file(path: Path) -> ModelDialog:
        dialog = ModelDialog(path.name, random_lstm(5, 4, 1), window, theme=DARK)
        dialog.chosen.connect(chosen.append)
        dialog.open()
        dialog.show_file(read_model(path))
        return dialog

    yield open_file
    for dialog in window.findChildren(ModelDialog):
        dialog.reject()


def saved(path: Path, **networks: Network) -> Path:
    arrays: dict[str, Any] = {
        f"{key}.{name}": a for key, network in networks.items() for name, a in network.state_dict().items()
    }
    np.savez(path, **arrays)
    return path


def row(dialog: ModelDialog, number: int) -> list[str]:
    items = [dialog.table.item(number, column) for column in range(len(COLUMNS))]
    return [item.text() for item in items if item is not None]


def test_an_only_network_is_chosen_and_opened(open_dialog: Open, chosen: list[Experiment]) -> None:
    dialog = open_dialog(FIXTURES / "checkpoint.pt")
    assert row(dialog, 0) == ["lstm", "LSTM", "2", "1", "3", "4", "6", "can be opened"]
    assert "It holds 1 recurrent network." in dialog.format_line.text()
    assert "Not used: optimizer_state_dict" in dialog.facts.text
    assert dialog.function_box.isHidden()
    dialog.open_button.click()
    (experiment,) = chosen
    assert experiment.title == "checkpoint"
    assert experiment.build_network() == read_model(FIXTURES / "checkpoint.pt").candidate().network


def test_one_of_several_is_chosen_and_its_facts_stand_there(
    open_dialog: Open, chosen: list[Experiment], tmp_path: Path
) -> None:
    encoder, decoder = Network.create("lstm", 3, 2, bidirectional=True), Network.create("lstm", 1, 2)
    dialog = open_dialog(saved(tmp_path / "two.npz", encoder=encoder, decoder=decoder))
    assert [row(dialog, number)[0] for number in (0, 1)] == ["encoder", "decoder"]
    assert "both directions" in dialog.facts.text
    assert [dialog.reading_box.itemText(n)[:5] for n in range(dialog.reading_box.count())] == ["noise"]
    dialog.table.setCurrentCell(1, 3)
    assert "one direction" in dialog.facts.text
    assert dialog.reading_box.itemText(0) == "the sequence that is there now, 5 steps"
    dialog.reading_box.setCurrentIndex(1)
    dialog.open_button.click()
    (experiment,) = chosen
    assert experiment.title == "two, decoder"
    assert experiment.build_network() == decoder
    assert experiment.sequence.kind is SequenceKind.FORMULA


@pytest.mark.parametrize(("name", "reason"), [("gru.pt", "This is a GRU"), ("hard_sigmoid.keras", "hard_sigmoid")])
def test_what_cannot_be_run_is_shown_with_the_reason_and_not_opened(
    name: str, reason: str, open_dialog: Open, chosen: list[Experiment]
) -> None:
    dialog = open_dialog(FIXTURES / name)
    assert row(dialog, 0)[-1] == "cannot be run"
    assert reason in dialog.error_line.text()
    assert "Gate order" in dialog.facts.text
    assert not dialog.open_button.isEnabled()
    dialog.open_button.click()
    assert not chosen


def test_the_function_of_a_vanilla_rnn_is_asked_for_where_the_file_is_silent(
    open_dialog: Open, chosen: list[Experiment], tmp_path: Path
) -> None:
    assert open_dialog(FIXTURES / "relu_module.pt").function_box.isHidden()
    dialog = open_dialog(saved(tmp_path / "rnn.npz", net=Network.create("rnn", 1, 2)))
    assert not dialog.function_box.isHidden()
    dialog.function_box.setCurrentIndex(1)
    dialog.open_button.click()
    assert chosen[0].build_network().layers[0].nonlinearity is Nonlinearity.RELU


def test_a_vocabulary_names_the_tokens_and_one_that_does_not_fit_can_be_left_again(
    open_dialog: Open, chosen: list[Experiment]
) -> None:
    dialog = open_dialog(FIXTURES / "checkpoint.pt")
    dialog.show_vocabulary("v.txt", ("a", "b"))
    assert "2 tokens; the embedding “embedding” has 6 rows" in dialog.error_line.text()
    assert not dialog.open_button.isEnabled()
    dialog.without_button.click()
    assert dialog.error_line.text() == ""
    assert dialog.open_button.isEnabled()
    dialog.show_vocabulary("v.txt", tuple("ban.xy"))
    assert dialog.vocabulary_label.text() == "v.txt, 6 tokens"
    dialog.open_button.click()
    assert chosen[0].sequence.labels == tuple("banana")


def test_everything_is_in_sight_at_the_size_that_it_opens_with(open_dialog: Open) -> None:
    dialog = open_dialog(FIXTURES / "checkpoint.pt")
    assert (dialog.width(), dialog.height()) == (700, 500)
    scrolled = dialog.facts.verticalScrollBar()
    assert scrolled is not None
    assert scrolled.maximum() == 0
    for part in (dialog.table, dialog.facts, dialog.reading_box, dialog.open_button):
        assert dialog.rect().contains(part.mapTo(dialog, part.rect().bottomRight()))
