"""The charts and maps of a training in numbers, and the plot of the learning-rate finder."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from lstmviz.core.text import percent, significant
from lstmviz.core.training.learning_rate import RatePoint
from lstmviz.core.training.record import TrainingRecord
from lstmviz.gui.views.training.axes import linear_ticks, log_ticks
from lstmviz.gui.views.training.rate_plot import RatePlot
from lstmviz.gui.views.training.record_tables import record_table, table_titles
from lstmviz.gui.views.training.table_twin import TableTwin
from tests.gui.training.plans import finished, tiny_plan

POINTS = tuple(RatePoint(10.0**k, loss, loss) for k, loss in ((-5, 2.0), (-4, 1.0), (-3, 0.5), (-2, 0.1), (-1, 4.0)))


@pytest.fixture(scope="module")
def record() -> TrainingRecord:
    return finished(tiny_plan())


def test_every_chart_and_map_has_its_table(record: TrainingRecord) -> None:
    updates, validations, gates, lstm, rnn = (record_table(record, title) for title in table_titles(record))
    network = record.networks[0]
    assert len(updates[1]) == 20
    assert updates[1][4][0] == "5"
    assert updates[1][4][1:5] == tuple(
        significant(float(values[4]), 6)
        for values in (network.loss, network.metric, network.gradient_norm, network.clipped_norm)
    )
    assert [row[0] for row in validations[1]] == ["10", "20"]
    assert network.gates is not None
    assert gates[1][0][1:3] == tuple(percent(float(share)) for share in network.gates[0, 0])
    for (header, rows), each in ((lstm, record.networks[0]), (rnn, record.networks[1])):
        assert header[-1] == "t = 6"
        assert rows[3][-1] == f"{each.log10_dh[3, -1]:.2f}".replace("-", "−")
    for header, rows in (updates, validations, gates, lstm, rnn):
        assert all(len(row) == len(header) for row in rows)


def test_an_rnn_alone_has_no_table_of_gates() -> None:
    titles = table_titles(finished(tiny_plan(beside=False)))
    assert len(titles) == 4


def test_a_table_grows_and_is_copied(qtbot: QtBot) -> None:
    twin = TableTwin("twin", "Numbers")
    qtbot.addWidget(twin)
    twin.show_table((("a", "b"), [("1", "2")]))
    twin.selectRow(0)
    twin.show_table((("a", "b"), [("1", "2"), ("3", "4")]))
    model = twin.model()
    assert model is not None
    assert model.rowCount() == 2
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    qtbot.keyClick(twin, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert clipboard.text() == "a\tb\n1\t2"
    twin.clearSelection()
    twin.copy()
    assert clipboard.text() == "a\tb\n1\t2\n3\t4"
    twin.show_table((("c",), []))
    assert (model.rowCount(), model.columnCount()) == (0, 1)


def test_a_click_into_the_rates_takes_one(qtbot: QtBot) -> None:
    plot = RatePlot()
    qtbot.addWidget(plot)
    plot.resize(600, 300)
    plot.show()
    plot.show_points(POINTS, "loss", 1e-5, 1.0)
    with qtbot.waitSignal(plot.rate_chosen) as chosen:
        x = round(plot.x_of(0.01))
        qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=QPoint(x, 100))
    assert chosen.args[0] == pytest.approx(0.01, rel=0.03)
    plot.show_rate(0.003)
    assert plot.accessibleDescription() == ("The smoothed loss is least at a rate of 0.010: 0.100. Marked: 0.0030.")
    assert [row[0] for row in plot.table()[1]] == ["1.00×10⁻⁵", "0.000100", "0.00100", "0.0100", "0.100"]
    assert not plot.grab().isNull()


@pytest.mark.parametrize(("low", "high"), [(-5.0, 0.0), (-1.2, -0.4), (-0.02, 0.01), (0.0, 100.0)])
def test_ticks_of_a_log_axis_are_inside_and_readable(low: float, high: float) -> None:
    ticks = log_ticks(low, high, 6)
    assert all(low <= value <= high for value, _ in ticks)
    assert [value for value, _ in ticks] == sorted(value for value, _ in ticks)
    assert ticks


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-1e9, 3e9), (0.1234, 0.1235), (5.0, 5.0)])
def test_ticks_of_a_plain_axis_are_few_and_round(low: float, high: float) -> None:
    ticks = linear_ticks(low, high, 6)
    assert len(ticks) <= 8
    assert all(float(words) == pytest.approx(value, abs=1e-9 * max(abs(high), 1)) for value, words in ticks)
