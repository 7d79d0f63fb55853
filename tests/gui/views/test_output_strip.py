"""What comes out, below the inspector's page: bars, the target, what is not computed yet, links, folding, heights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from lstmviz.core.analysis.class_outputs import step_output
from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.engine.backward_step import BackwardStage
from lstmviz.core.experiments.what_if import SetWeight, WhatIf
from lstmviz.core.run import Run, analyse
from lstmviz.core.value_reference import ValueReference
from lstmviz.gui.style import DARK
from lstmviz.gui.views.inspector import InspectorView
from lstmviz.gui.views.inspector.output_words import share
from tests.experiments import company_b, letters, random_lstm
from tests.tokens import next_word

Open = Callable[[Run, Cursor], InspectorView]


@pytest.fixture
def open_view(qtbot: QtBot) -> Open:
    """Shows the inspector; what it requests of the cursor comes back, as it does in the window."""

    def opened(run: Run, cursor: Cursor) -> InspectorView:
        view = InspectorView()
        qtbot.addWidget(view)
        view.cursor_requested.connect(view.show_cursor)
        view.resize(285, 600)
        view.show_run(run, cursor)
        view.show()
        return view

    return opened


def test_the_likeliest_tokens_and_the_target_have_bars(open_view: Open) -> None:
    run = analyse(next_word())
    view = open_view(run, Cursor(2, stage=Stage.HIDDEN))
    bars = view.output.bars
    found = step_output(run, 2)
    assert found.target is not None
    assert view.output.header.text() == "What comes after “cat”?"
    assert bars.shown[:5] == found.likeliest
    assert found.target in bars.shown
    p = np.exp(run.trace.y[1, 0].astype(float))
    p /= p.sum()
    assert [each.probability for each in bars.shown] == pytest.approx([p[each.number] for each in bars.shown])
    assert f"The target is “sat”, {share(p[4])}." in bars.accessibleDescription()
    assert bars.accessibleDescription() in view.summary()


def test_a_target_that_is_not_among_the_likeliest_stands_below_them(open_view: Open) -> None:
    unlikely = WhatIf(SetWeight("head.bias", (4,), -9.0))
    view = open_view(analyse(replace(next_word(), what_ifs=(unlikely,))), Cursor(2, stage=Stage.HIDDEN))
    shown = view.output.bars.shown
    assert len(shown) == 6
    assert shown[-1].name == "sat"
    assert "place 9" in " ".join(view.output.bars._lines)
    assert shown[-1].before is not None
    assert "dotted: before the what-ifs" in " ".join(view.output.bars._lines)


def test_what_the_stage_has_not_computed_yet_is_said_and_pale(open_view: Open) -> None:
    run = analyse(next_word())
    view = open_view(run, Cursor(2, stage=Stage.FORGET))
    assert not view.output.bars.known
    assert "not computed yet" in " ".join(view.output.bars._lines)
    early = view.output.bars.grab().toImage()
    view.show_cursor(Cursor(2, stage=Stage.HIDDEN))
    assert view.output.bars.known
    assert view.output.bars.grab().toImage() != early


def test_the_backward_pass_knows_what_came_out(open_view: Open) -> None:
    run = analyse(replace(letters(), recipe=replace(letters().recipe, num_layers=2)))
    view = open_view(run, Cursor(2, "l0", Stage.CELL))
    assert not view.output.bars.known
    view.show_cursor(Cursor(2, "l1", BackwardStage.CARRY))
    assert view.output.bars.known


def test_a_click_on_a_token_asks_why_its_output_is_what_it_is(open_view: Open, qtbot: QtBot) -> None:
    run = analyse(next_word())
    view = open_view(run, Cursor(2, stage=Stage.HIDDEN))
    bars = view.output.bars
    said: list[str] = []
    view.hovered.connect(said.append)
    qtbot.mouseClick(bars.links[1], Qt.MouseButton.LeftButton)
    assert view.asked == ValueReference("y", 2, "", bars.shown[1].number)
    assert view.cards[0].explanation.value == bars.shown[1].y
    name, p = bars.shown[1].name, share(bars.shown[1].probability)
    assert view.page.content.sentence == f"The output for “{name}”: softmax makes {p} of it."
    assert "why is its y that?" in bars.links[1].accessibleName()


def test_the_bars_are_copied_as_a_table(open_view: Open) -> None:
    view = open_view(analyse(next_word()), Cursor(2, stage=Stage.HIDDEN))
    bars = view.output.bars
    bars.actions()[0].trigger()
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    head, *rows = (line.split("\t") for line in clipboard.text().split("\n"))
    assert head == ["name", "output", "y", "probability"]
    assert [(row[0], float(row[3])) for row in rows] == [(each.name, each.probability) for each in bars.shown]


def test_where_numbers_come_out_there_is_no_strip(open_view: Open) -> None:
    view = open_view(analyse(company_b()), Cursor(2))
    assert view.output.isHidden()
    assert view.output.summary() == ""
    view.show_run(analyse(letters()), Cursor(2))
    assert not view.output.isHidden()
    view.show_run(analyse(random_lstm()), Cursor(2))
    assert view.output.isHidden()


def test_it_folds(open_view: Open, qtbot: QtBot) -> None:
    view = open_view(analyse(letters()), Cursor(2))
    high = view.area.height()
    qtbot.mouseClick(view.output.header, Qt.MouseButton.LeftButton)
    assert view.output.bars.isHidden()
    qtbot.waitUntil(lambda: view.area.height() > high)
    view.show_cursor(Cursor(3))
    assert view.output.header.text() == "What comes after “l”?"
    assert view.output.bars.isHidden()


def test_it_keeps_its_height_from_step_to_step(open_view: Open) -> None:
    run = analyse(next_word())
    view = open_view(run, Cursor(1, stage=Stage.HIDDEN))
    most = 0
    for t in range(1, run.length + 1):
        view.show_cursor(Cursor(t, stage=Stage.HIDDEN))
        height = view.output.bars.sizeHint().height()
        assert height >= most
        most = height


def test_outputs_that_are_not_finite_are_told(open_view: Open) -> None:
    run = analyse(next_word())
    broken = replace(run, main=replace(run.main, trace=replace(run.trace, y=run.trace.y * np.nan)))
    view = open_view(broken, Cursor(2, stage=Stage.HIDDEN))
    assert view.output.bars.shown == ()
    assert "not a finite number" in " ".join(view.output.bars._lines)


def test_every_theme_is_drawn_in_its_colours(open_view: Open) -> None:
    view = open_view(analyse(letters()), Cursor(2, stage=Stage.HIDDEN))
    light = view.output.grab().toImage()
    view.set_theme(DARK)
    assert view.output.grab().toImage() != light


@pytest.mark.parametrize(
    ("probability", "words"),
    [(0.948, "94.8 %"), (1.0, "100.0 %"), (0.0, "0.0 %"), (0.0005, "0.1 %"), (2e-6, "2.0×10⁻⁶")],
)
def test_a_share_is_a_percentage_unless_it_is_tiny(probability: float, words: str) -> None:
    assert share(probability) == words
