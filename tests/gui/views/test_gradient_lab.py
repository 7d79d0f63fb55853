"""Clipping, the forget bias's closed form and U = rho x orthogonal, laid over the measured gradients."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QValidator, QWheelEvent
from PyQt6.QtWidgets import QApplication, QCheckBox, QLabel, QToolButton
from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import Cursor
from lstmviz.core.experiment import Experiment
from lstmviz.core.run import Run, analyse
from lstmviz.gui.style import DARK
from lstmviz.gui.views.gradients.gradients_view import GradientsView
from lstmviz.gui.views.gradients.lab import (
    NO_FORGET_GATE,
    NO_VANILLA_RNN,
    NOT_ORTHOGONAL,
    forget_bias_line,
)
from lstmviz.gui.views.gradients.legend import ThresholdBox
from tests.experiments import company_b, linear_loop, orthogonal_rnn, random_lstm

Show = Callable[[Experiment], tuple[GradientsView, Run]]


@pytest.fixture
def show(qtbot: QtBot) -> Iterator[Show]:
    """Shows an experiment's run in a Gradients view with the comparisons unfolded."""

    def shown(experiment: Experiment) -> tuple[GradientsView, Run]:
        view, run = GradientsView(), analyse(experiment)
        qtbot.addWidget(view)
        view.resize(900, 640)
        view.show_run(run, Cursor(1))
        view.show()
        unfold(view)
        QApplication.processEvents()
        return view, run

    return shown


def unfold(view: GradientsView) -> None:
    button = view.findChild(QToolButton, "show_comparisons")
    assert button is not None
    button.click()


def switch(view: GradientsView, name: str) -> QCheckBox:
    found = view.findChild(QCheckBox, f"compare_{name}")
    assert found is not None
    return found


def said(view: GradientsView) -> str:
    label = view.findChild(QLabel, "compared")
    assert label is not None
    return label.text()


def test_view_is_as_quiet_as_before_until_it_is_asked(qtbot: QtBot) -> None:
    view, run = GradientsView(), analyse(random_lstm(20))
    qtbot.addWidget(view)
    view.show_run(run, Cursor(1))
    view.show()
    height = view.legend.height()
    view.controls.clip.setChecked(True)
    assert not view.controls.isVisible()
    assert not view.plot.threshold.shown
    unfold(view)
    assert view.controls.isVisible()
    assert view.plot.threshold.shown
    assert view.legend.height() > height
    unfold(view)
    assert not view.controls.isVisible()
    assert not view.plot.threshold.shown
    assert not view.plot.clipped_by_key["h"].isVisible()
    assert view.legend.height() == height
    assert view.controls.clip.isChecked()


def test_clipping_draws_its_line_and_curves(show: Show) -> None:
    view, run = show(linear_loop(1.5, 12))
    view.controls.threshold.setValue(10)  # a norm that is typed is meant
    assert switch(view, "clipping").isChecked()
    heights = view.plot.clipped_by_key["h"].getOriginalDataset()[1]
    assert heights == pytest.approx(np.minimum(run.main.log10_dh["l0"], 1.0))
    assert view.plot.items_by_key["h"].opacity() < 1
    assert view.plot.threshold.line.value() == 1.0
    assert view.plot.threshold.label.toPlainText() == "clipped at norm 10"
    assert "after the backward pass" in said(view)
    assert said(view) in view.legend.toolTip()
    headers, rows = view.table()
    assert headers[2] == "clipped at norm 10: RNN ‖dL/dh[t]‖"
    assert rows[0][2] == pytest.approx(10)
    switch(view, "clipping").click()
    assert view.plot.items_by_key["h"].opacity() == 1
    assert not view.plot.threshold.shown


def test_closed_form_is_drawn_named_and_explained(show: Show) -> None:
    view, run = show(random_lstm(30, forget_bias=3.0))
    switch(view, "forget_bias").click()
    t, heights = view.plot.references["forget_bias"].getData()
    line = forget_bias_line(run, "l0")
    assert line is not None
    assert (t[-1], heights[-1]) == pytest.approx((30, run.main.log10_dc["l0"][-1]))
    assert (heights[1] - heights[0]) / (t[1] - t[0]) == pytest.approx(-line.log10_per_step)
    assert view.plot.reference_labels["forget_bias"].toPlainText() == "closed form sigmoid(3)^k"
    assert "half-life 14.3 steps at b_f = 3" in said(view)
    assert "also sees x[t] and h[t−1]" in view.summary()
    view.plot.show_read_out(30)
    assert "closed form sigmoid(3)^k" in view.plot.read_out
    assert view.table()[0][-1] == "closed form sigmoid(3)^k"
    view.set_theme(DARK)
    assert view.plot.references["forget_bias"].opts["pen"].color().name() == DARK.forget


def test_names_of_lines_stay_inside_the_plot(show: Show) -> None:
    view, _ = show(company_b())
    for name in ("clipping", "forget_bias", "orthogonal"):
        switch(view, name).click()
    for width, height in ((900, 640), (700, 440), (1300, 760)):
        view.resize(width, height)
        QApplication.processEvents()
        box = view.plot.getViewBox()
        for label in (*view.plot.reference_labels.values(), view.plot.threshold.label):
            if label.isVisible():
                bounds, corner = label.textItem.boundingRect(), box.mapFromView(label.pos())
                inside = box.rect().adjusted(-1, -1, 1, 1)
                assert inside.contains(corner)
                assert inside.contains(corner + QPointF(bounds.width(), -bounds.height()))


@pytest.mark.parametrize(("size", "placed"), [((0, 0), False), ((600, 400), True)])
def test_names_are_placed_where_there_is_room(show: Show, size: tuple[int, int], placed: bool) -> None:
    view, _ = show(random_lstm(9))
    switch(view, "forget_bias").click()
    name = view.plot.reference_labels["forget_bias"]
    nowhere = QPointF(-50, -50)
    name.setPos(nowhere)
    view.plot.getViewBox().resize(*size)
    view.plot._place_names()
    assert (name.pos() != nowhere) is placed


def test_switches_say_why_they_are_off_and_come_back(show: Show) -> None:
    view, _ = show(random_lstm(9, forget_bias=1.0))
    assert not switch(view, "orthogonal").isEnabled()
    assert switch(view, "orthogonal").toolTip() == NOT_ORTHOGONAL
    assert "initialisation: orthogonal" in NOT_ORTHOGONAL
    switch(view, "forget_bias").click()
    view.show_run(analyse(orthogonal_rnn(0.9)), Cursor(1))
    assert not switch(view, "forget_bias").isEnabled()
    assert switch(view, "forget_bias").toolTip() == NO_FORGET_GATE
    assert not view.plot.references["forget_bias"].isVisible()
    switch(view, "orthogonal").click()
    assert view.plot.references["orthogonal"].isVisible()
    view.show_run(analyse(replace(random_lstm(9), baseline=None)), Cursor(1))
    assert switch(view, "orthogonal").toolTip() == NO_VANILLA_RNN
    assert switch(view, "forget_bias").isEnabled()
    assert switch(view, "forget_bias").isChecked()
    assert view.plot.references["forget_bias"].isVisible()
    assert not view.plot.references["orthogonal"].isVisible()


def test_controls_have_names_and_tips_and_leave_the_keys(show: Show) -> None:
    view, _ = show(random_lstm(9))
    for name in ("clipping", "forget_bias", "orthogonal"):
        found = switch(view, name)
        assert found.accessibleName()
        assert found.toolTip()
        assert found.focusPolicy() == Qt.FocusPolicy.TabFocus
    assert view.controls.threshold.accessibleName()


def test_moving_the_cursor_changes_no_comparison(show: Show) -> None:
    view, _ = show(orthogonal_rnn(0.9))
    switch(view, "clipping").click()
    switch(view, "orthogonal").click()
    QApplication.processEvents()
    before = view.plot.clipped_by_key["h"].getOriginalDataset()[1]
    place = view.plot.reference_labels["orthogonal"].pos()
    view.show_cursor(Cursor(33))
    QApplication.processEvents()
    assert view.plot.clipped_by_key["h"].getOriginalDataset()[1] is before
    assert view.plot.reference_labels["orthogonal"].pos() == place


def test_narrow_view_stacks_the_switches(show: Show) -> None:
    view, _ = show(random_lstm(9))
    low = view.controls.height()
    view.resize(360, 640)
    QApplication.processEvents()
    assert view.controls.height() > 2 * low
    assert switch(view, "orthogonal").geometry().right() <= view.controls.width()
    view.resize(900, 640)
    QApplication.processEvents()
    assert view.controls.height() == low


def test_threshold_goes_up_and_down_in_1_2_5(qtbot: QtBot) -> None:
    box = ThresholdBox()
    qtbot.addWidget(box)
    seen = []
    for steps in (1, 1, 1, -3, -1, -1):
        box.stepBy(steps)
        seen.append(box.text())
    assert seen == ["2", "5", "10", "1", "0.5", "0.2"]
    box.setValue(1e12)
    box.stepBy(1)
    assert box.value() == 1e12


def test_threshold_takes_powers_of_ten_and_refuses_words(qtbot: QtBot) -> None:
    box = ThresholdBox()
    qtbot.addWidget(box)
    box.selectAll()
    qtbot.keyClicks(box, "1e-3")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert box.value() == 1e-3
    assert box.validate("1e-", 3)[0] is QValidator.State.Intermediate
    assert box.validate("0", 1)[0] is QValidator.State.Intermediate
    assert box.validate("one", 3)[0] is QValidator.State.Invalid
    assert box.validate("nan", 3)[0] is QValidator.State.Invalid
    box.lineEdit().setText("1e-")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert box.value() == 1e-3


def test_wheel_over_the_threshold_scrolls_unless_it_has_the_focus(show: Show) -> None:
    view, _ = show(company_b())
    box = view.controls.threshold
    QApplication.setActiveWindow(view)

    def turn() -> bool:
        """Turn the wheel over the box; whether it took the notch for itself."""
        place = QPointF(box.rect().center())
        event = QWheelEvent(
            place, QPointF(box.mapToGlobal(place.toPoint())), QPoint(), QPoint(0, 120),
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(box, event)
        return event.isAccepted()

    box.clearFocus()
    assert not turn()
    assert box.value() == 1
    box.setFocus()
    assert box.hasFocus()
    assert turn()
    assert box.value() == 2
