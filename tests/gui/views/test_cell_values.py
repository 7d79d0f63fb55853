"""Clicking a value of the cell diagram asks why it is what it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.engine.backward_step import BackwardStage
from lstmviz.core.experiment import Experiment
from lstmviz.core.quantity import Quantity
from lstmviz.core.run import analyse
from lstmviz.core.text import number
from lstmviz.core.value_reference import ValueReference, value_of
from lstmviz.gui.views.cell.canvas import Region
from lstmviz.gui.views.cell.cell_view import CellView
from tests.experiments import company_b, letters, linear_loop, random_lstm

Show = Callable[..., CellView]

LSTM = ("x", "f", "i", "g", "o", "z_f", "z_i", "z_g", "z_o", "c", "tanh_c", "h")
LSTM_BACKWARD = ("dh", "dc", "df", "di", "dg", "do", "dz_f", "dz_i", "dz_g", "dz_o")


@pytest.fixture
def show(qtbot: QtBot) -> Show:
    def _show(experiment: Experiment, cursor: Cursor, *, beside: bool = False) -> CellView:
        view = CellView()
        qtbot.addWidget(view)
        view.resize(900, 560)
        view.show_run(analyse(experiment), cursor)
        view.show_rnn(beside)
        view.grab()
        return view

    return _show


def _asked(qtbot: QtBot, view: CellView, region: Region) -> list[ValueReference]:
    """What a click on a region asks for."""
    asked: list[ValueReference] = []
    view.value_asked.connect(asked.append)
    place = (region.rect.center() * view._to_drawing).toPoint()
    assert view.region_at(place.toPointF()) == region
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=place)
    view.value_asked.disconnect(asked.append)
    return asked


def _regions(view: CellView, symbol: str, *, before: bool = False, baseline: bool = False) -> list[Region]:
    """The places of a symbol that nothing smaller covers."""
    return [
        region
        for region in view.regions
        if (region.symbol, region.before, region.baseline) == (symbol, before, baseline)
        and view.region_at(region.rect.center() * view._to_drawing) == region
    ]


@pytest.mark.parametrize("symbol", LSTM)
@pytest.mark.parametrize("experiment", [company_b(), letters()], ids=["one unit", "eight units"])
def test_every_value_of_the_forward_pass(qtbot: QtBot, show: Show, experiment: Experiment, symbol: str) -> None:
    view = show(experiment, Cursor(3, stage=Stage.HIDDEN))
    places = _regions(view, symbol)
    assert places
    for region in places:
        assert _asked(qtbot, view, region) == [ValueReference(symbol, 3, "l0", region.units[0])]


@pytest.mark.parametrize("symbol", LSTM_BACKWARD)
@pytest.mark.parametrize("experiment", [company_b(), letters()], ids=["one unit", "eight units"])
def test_every_value_of_the_backward_pass(qtbot: QtBot, show: Show, experiment: Experiment, symbol: str) -> None:
    view = show(experiment, Cursor(3, stage=BackwardStage.CARRY))
    places = _regions(view, symbol)
    assert places
    for region in places:
        assert _asked(qtbot, view, region) == [ValueReference(symbol, 3, "l0", region.units[0])]


@pytest.mark.parametrize(
    ("stage", "symbol"),
    [(Stage.CELL, "c"), (Stage.CELL, "h"), (BackwardStage.CARRY, "dc"), (BackwardStage.CARRY, "dh")],
)
@pytest.mark.parametrize(("layer", "before"), [("l0", 2), ("l0_reverse", 4)])
def test_a_state_before_belongs_to_the_step_before(
    qtbot: QtBot, show: Show, stage: Stage | BackwardStage, symbol: str, layer: str, before: int
) -> None:
    view = show(random_lstm(bidirectional=True), Cursor(3, layer, stage, unit=1))
    region = next(each for each in _regions(view, symbol, before=True) if each.units == (5, 5) or each.is_box)
    assert _asked(qtbot, view, region) == [ValueReference(symbol, before, layer, region.units[0])]


@pytest.mark.parametrize("symbol", ["x", "z", "h"])
def test_a_vanilla_rnn_forwards(qtbot: QtBot, show: Show, symbol: str) -> None:
    view = show(linear_loop(1.1, 5), Cursor(3, stage=Stage.HIDDEN))
    for region in _regions(view, symbol):
        assert _asked(qtbot, view, region) == [ValueReference(symbol, 3, "l0", 0)]
    assert _regions(view, symbol)


@pytest.mark.parametrize("symbol", ["dh", "dz"])
def test_a_vanilla_rnn_backwards(qtbot: QtBot, show: Show, symbol: str) -> None:
    view = show(linear_loop(1.1, 5), Cursor(3, stage=BackwardStage.CARRY))
    for region in _regions(view, symbol):
        assert _asked(qtbot, view, region) == [ValueReference(symbol, 3, "l0", 0)]
    assert _regions(view, symbol)


@pytest.mark.parametrize(("stage", "symbol"), [(Stage.HIDDEN, "h"), (Stage.HIDDEN, "z"), (BackwardStage.CARRY, "dz")])
def test_the_rnn_beside_is_asked_about_itself(
    qtbot: QtBot, show: Show, stage: Stage | BackwardStage, symbol: str
) -> None:
    view = show(letters(), Cursor(3, stage=stage, unit=1), beside=True)
    region = _regions(view, symbol, baseline=True)[0]
    assert view.run is not None
    reference = ValueReference(symbol, 3, "l0", region.units[0], baseline=True)
    assert _asked(qtbot, view, region) == [reference]
    assert number(value_of(view.run, reference), digits=6) in view.sentence_of(region)
    assert "vanilla RNN" in view.sentence_of(region)


def test_the_unit_is_pinned_before_its_value_is_asked_for(qtbot: QtBot, show: Show) -> None:
    view = show(letters(), Cursor(5, stage=BackwardStage.CARRY, unit=2))
    order: list[object] = []
    view.cursor_requested.connect(order.append)
    view.value_asked.connect(order.append)
    region = next(each for each in _regions(view, "dz_f") if each.units == (6, 6))
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=(region.rect.center() * view._to_drawing).toPoint())
    assert order == [Cursor(5, stage=BackwardStage.CARRY, unit=6), ValueReference("dz_f", 5, "l0", 6)]


def test_a_gate_of_the_pinned_unit_leads_to_its_stage_of_the_same_pass(qtbot: QtBot, show: Show) -> None:
    view = show(letters(), Cursor(5, stage=BackwardStage.CARRY, unit=2))
    region = next(each for each in _regions(view, "di") if each.quantity is Quantity.INPUT_GATE)
    with qtbot.waitSignal(view.cursor_requested) as moved:
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=(region.rect.center() * view._to_drawing).toPoint())
    assert moved.args == [Cursor(5, stage=BackwardStage.INPUT, unit=2)]


def test_an_input_is_asked_about_without_a_move(qtbot: QtBot, show: Show) -> None:
    view = show(letters(), Cursor(5, stage=Stage.CELL, unit=2))
    region = next(each for each in _regions(view, "x") if each.units == (1, 1))
    with qtbot.assertNotEmitted(view.cursor_requested):
        assert _asked(qtbot, view, region) == [ValueReference("x", 5, "l0", 1)]


def test_a_gradient_under_the_mouse_is_told_with_its_number(show: Show) -> None:
    view = show(letters(), Cursor(5, stage=BackwardStage.CARRY, unit=2))
    assert view.run is not None
    region = next(each for each in _regions(view, "dc") if each.units == (4, 4))
    value = value_of(view.run, ValueReference("dc", 5, "l0", 4))
    assert view.sentence_of(region) == f"dc[5] of unit 4 = {number(value, digits=6)}."


def test_the_state_before_the_first_step_can_be_asked_about(qtbot: QtBot, show: Show) -> None:
    view = show(company_b(), Cursor(1, stage=Stage.CELL))
    region = _regions(view, "c", before=True)[0]
    assert _asked(qtbot, view, region) == [ValueReference("c", 0, "l0", 0)]
