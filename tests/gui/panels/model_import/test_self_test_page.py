"""The part of the model dialog that tests a network: what it offers, what it asks for, and how a result is shown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QPoint
from PyQt6.QtGui import QColor, QHelpEvent
from PyQt6.QtWidgets import QToolTip
from pytestqt.qtbot import QtBot

from lstmviz.core.engine.passes import forward
from lstmviz.core.networks.network import Network
from lstmviz.gui.panels.model_import.model_dialog import ModelDialog
from lstmviz.gui.panels.model_import.self_test_page import SelfTestPage, Slot, TestRequest
from lstmviz.gui.style import DARK, LIGHT
from lstmviz.io.models.model_file import Candidate
from lstmviz.io.models.reading import read_model
from lstmviz.io.models.self_test import self_test
from lstmviz.io.models.self_test_files import NumbersFile
from tests.experiments import random_lstm

FIXTURES = Path(__file__).parents[3] / "io" / "models" / "fixtures"
NETWORK = Network.create("lstm", 3, 2, output_size=2)
X = np.random.default_rng(0).standard_normal((40, 3))
Y = forward(NETWORK, X).y[:, 0]


@pytest.fixture
def candidate(tmp_path: Path) -> Candidate:
    arrays = {name.replace("head", "fc"): array for name, array in NETWORK.state_dict().items()}
    np.savez(tmp_path / "m.npz", **arrays)
    return read_model(tmp_path / "m.npz").candidate()


@pytest.fixture
def page(qtbot: QtBot, candidate: Candidate) -> SelfTestPage:
    page = SelfTestPage()
    qtbot.addWidget(page)
    page.show_candidate(candidate)
    page.resize(660, 400)
    page.show()
    return page


@pytest.fixture
def requests(page: SelfTestPage) -> list[TestRequest]:
    made: list[TestRequest] = []
    page.test_wanted.connect(made.append)
    return made


def array(values: np.ndarray, name: str = "x.npy") -> NumbersFile:
    return NumbersFile(name, {"": values})


def table(**columns: np.ndarray) -> NumbersFile:
    return NumbersFile("data.csv", dict(columns), True)


def test_two_arrays_are_compared(page: SelfTestPage, requests: list[TestRequest], candidate: Candidate) -> None:
    assert "input that you know the output of" in page.note.text()
    page.test_button.click()
    page.show_numbers(Slot.INPUT, array(X))
    assert page.expected_label.text() == "no file yet"
    assert not page.test_button.isEnabled()
    page.show_numbers(Slot.EXPECTED, array(Y, "y.npy"))
    assert page.input_label.text() == "x.npy, [40, 3]"
    assert page.part_box.isHidden()
    page.batch_box.click()
    page.test_button.click()
    (request,) = requests
    assert request.candidate == candidate
    assert (request.given.name, request.expected and request.expected.name) == ("x.npy", "y.npy")
    assert request.batch_first
    assert page.note.text() == "Computing …"
    assert not page.test_button.isEnabled()


def test_columns_of_one_table_are_offered_and_another_file_can_be_left_again(
    page: SelfTestPage, requests: list[TestRequest]
) -> None:
    page.show_numbers(Slot.INPUT, table(a=X[:, 0], b=X[:, 1], c=X[:, 2], y0=Y[:, 0], y1=Y[:, 1]))
    assert page.expected_label.text() == "in the same file as the input"
    offered = [page.part_box.itemText(number) for number in range(page.part_box.count())]
    assert offered[:2] == ["the last 2 columns", "the column “y1”"]
    page.test_button.click()
    assert requests[0].parts == ("y0", "y1")
    page.show_numbers(Slot.EXPECTED, table(u=Y[:, 0], v=Y[:, 1]))
    assert page.part_box.itemText(0) == "all 2 columns"
    page.part_box.setCurrentIndex(2)
    page.test_button.click()
    assert requests[1].parts == ("v",)
    page.same_button.click()
    assert page.expected_label.text() == "in the same file as the input"
    assert page.same_button.isHidden()


@pytest.mark.parametrize(
    ("change", "mark", "words"),
    [
        (lambda y: y, "✓", "The output is the expected one"),
        (lambda y: (y + 3e-8).round(12), "≈", "to some seven digits"),
        (lambda y: 1 / (1 + np.exp(-y)), "✗", "sigmoid"),
    ],
    ids=["agrees", "rounding", "differs"],
)
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_verdict_has_a_mark_a_colour_and_words(
    change: object, mark: str, words: str, theme: object, page: SelfTestPage, candidate: Candidate
) -> None:
    assert callable(change)
    page.show_numbers(Slot.INPUT, array(X))
    page.show_numbers(Slot.EXPECTED, array(change(Y), "y.npy"))
    page.set_theme(DARK if theme is DARK else LIGHT)
    page.show_test(self_test(candidate, X, change(Y)))
    assert page.mark.text() == mark
    assert words in page.verdict.text() + page.advice.text()
    assert "Compared: the output y, every step" in page.details.text()
    assert page.test_button.isEnabled()
    colour = {"✓": "input", "≈": "candidate", "✗": "warning"}[mark]
    assert getattr(theme, colour) in page.verdict.styleSheet()


def test_the_strip_paints_each_step_and_says_its_error(page: SelfTestPage, candidate: Candidate) -> None:
    wrong = Y.copy()
    wrong[20] += 1
    page.show_test(self_test(candidate, X, wrong))
    strip = page.strip
    strip.resize(44 + 400 + 74, 96)
    picture = strip.grab().toImage()
    row = strip.height() - 20 - 30
    colours = [picture.pixelColor(44 + 10 * step + 5, row) for step in range(40)]
    assert [step for step, colour in enumerate(colours) if colour == QColor(LIGHT.warning)] == [20]
    assert strip.words_at(44 + 205) == "step 21: largest error 1.000"
    assert strip.words_at(2) == ""
    assert "1 of 40 compared steps" in strip.accessibleDescription()
    strip.event(QHelpEvent(QHelpEvent.Type.ToolTip, QPoint(44 + 205, 30), QPoint(0, 0)))
    assert QToolTip.text() == "step 21: largest error 1.000"
    QToolTip.hideText()


def test_many_steps_share_a_bar_and_the_largest_counts(page: SelfTestPage, candidate: Candidate) -> None:
    x = np.random.default_rng(1).standard_normal((3000, 3))
    y = forward(NETWORK, x).y[:, 0].copy()
    y[1234] += 0.5
    page.show_test(self_test(candidate, x, y))
    page.strip.resize(44 + 100 + 74, 96)
    assert page.strip.words_at(44 + 41) == "steps 1,231 to 1,260: largest error 0.500"
    assert page.strip.words_at(44 + 42).startswith("steps 1,261 to 1,290: largest error 0.000") or "10⁻" in (
        page.strip.words_at(44 + 42)
    )


def test_what_is_outdated_goes(page: SelfTestPage, candidate: Candidate, qtbot: QtBot) -> None:
    page.show_numbers(Slot.INPUT, array(X))
    page.show_numbers(Slot.EXPECTED, array(Y))
    page.show_test(self_test(candidate, X, Y))
    assert not page.strip.isHidden()
    with qtbot.waitSignal(page.outdated):
        page.batch_box.click()
    assert page.strip.isHidden()
    assert page.verdict.text() == ""
    page.show_failure("The file is empty.")
    assert page.error_line.text() == "The file is empty."
    assert page.test_button.isEnabled()


def test_what_cannot_be_run_cannot_be_tested(qtbot: QtBot) -> None:
    dialog = ModelDialog("gru.pt", random_lstm(), None)
    qtbot.addWidget(dialog)
    dialog.open()
    dialog.show_file(read_model(FIXTURES / "gru.pt"))
    assert not dialog.test_button.isEnabled()
    assert not dialog.facts.isHidden()


def test_the_dialog_keeps_its_size_while_it_tests(qtbot: QtBot) -> None:
    dialog = ModelDialog("cell.pth", random_lstm(), None)
    qtbot.addWidget(dialog)
    dialog.open()
    found = read_model(FIXTURES / "cell.pth")
    dialog.show_file(found)
    dialog.test_button.click()
    assert dialog.test_button.text() == "Back to what was found"
    assert dialog.facts.isHidden()
    x, y = (np.load(FIXTURES / f"cell.{part}.npy") for part in "xy")
    dialog.test_page.show_test(self_test(found.candidate(), x, y + 1.5))
    qtbot.wait(20)
    assert (dialog.width(), dialog.height()) == (700, 500)
    dialog.test_button.click()
    assert not dialog.facts.isHidden()
    assert not dialog.fields.isHidden()
