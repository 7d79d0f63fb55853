"""What the charts and sentences of a training say is what its record says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtGui import QColor
from pytestqt.qtbot import QtBot

from lstmviz.core.training.memory_tasks import LongLagRecall
from lstmviz.core.training.progress_words import gradient_in_words, headline, stops_in_words
from lstmviz.core.training.record import TrainingRecord
from lstmviz.gui.style import LIGHT
from lstmviz.gui.views.training.chart import Chart, ChartContent, Level, Line
from lstmviz.gui.views.training.contents import axis_end, gates_content, gradient_content, loss_content, metric_content
from lstmviz.gui.views.training.curves import round_end, round_step, sampled, smoothed, spread, thinned
from lstmviz.gui.views.training.gradient_maps import GradientMaps
from tests.gui.training.plans import explosion, finished, text_plan, tiny_plan


@pytest.fixture(scope="module")
def record() -> TrainingRecord:
    return finished(tiny_plan())


def test_headline_says_where_both_are_and_what_can_be_had_without_learning(record: TrainingRecord) -> None:
    values = [
        replace(each, validations=np.array([[20.0, value, value]]))
        for each, value in zip(record.networks, (0.0191, 0.17), strict=True)
    ]
    assert headline(replace(record, networks=tuple(values))) == (
        "After 20 updates the LSTM is at 0.0191, the RNN at 0.170; always answering 1 has 0.167. "
        "(Mean squared error, on 8 sequences that training never shows.)"
    )


def test_headline_of_shares_and_before_a_validation() -> None:
    recall = finished(tiny_plan(LongLagRecall(4, keys=2), updates=2, beside=False))
    share = f"{100 * recall.networks[0].metric.mean():.1f} %"
    assert headline(recall).startswith(f"After 2 updates the LSTM is at {share}; guessing has 50.0 %.")
    assert headline(recall).endswith("mean of the last batches.)")


def test_gradient_sentence_compares_the_first_step_with_the_largest(record: TrainingRecord) -> None:
    lstm, rnn = record.networks
    curve = np.linspace(-9, 0, 6)[None]
    two = (replace(lstm, log10_dh=curve / 90), replace(rnn, log10_dh=curve))
    assert gradient_in_words(replace(record, networks=two)) == (
        "Of the probe’s gradient there is left at step 1, against its largest: LSTM 79.4 %, RNN about 10⁻⁹."
    )
    assert gradient_in_words(finished(text_plan(1))) == ""


def test_stop_is_said_once_where_all_say_the_same(record: TrainingRecord) -> None:
    assert stops_in_words(record) == "All 20 updates done."
    running = replace(record.networks[0], stop=None)
    assert stops_in_words(replace(record, networks=(running, record.networks[1]))) == "RNN: All 20 updates done."


def test_axis_grows_now_and_then() -> None:
    assert [round_end(update, 2000) for update in (0, 1, 2, 19, 20, 499, 500, 1999)] == [
        2, 2, 5, 20, 50, 500, 1000, 2000,
    ]  # fmt: skip
    assert round_end(7, 8) == 8
    assert [round_step(end, 5) for end in (5, 6, 11, 26, 2000)] == [1, 2, 5, 10, 500]


def test_axis_of_a_branch_holds_what_was_before(record: TrainingRecord) -> None:
    branch = finished(tiny_plan(updates=3), record, record.moments[4])
    assert branch.update == 7
    assert axis_end(branch) == 20


def test_contents_have_the_values_of_the_record(record: TrainingRecord) -> None:
    loss = loss_content(record, LIGHT)
    assert loss.level == Level(1 / 6, "always answering 1")
    rough = [line for line in loss.lines if line.rough]
    assert [line.y.tolist() for line in rough] == [each.loss.tolist() for each in record.networks]
    assert [line.name for line in loss.lines if line.name] == ["LSTM", "RNN"]
    gradient = gradient_content(record, LIGHT)
    assert sum(line.style.name == "DashLine" for line in gradient.lines) == 2
    gates = gates_content(record, LIGHT)
    assert record.networks[0].gates is not None
    assert gates.lines[0].name == "forget open"
    assert gates.lines[0].y.tolist() == record.networks[0].gates[:, 0, 1].tolist()


def test_metric_has_dots_at_validations() -> None:
    recall = finished(tiny_plan(LongLagRecall(4, keys=2)))
    content = metric_content(recall, LIGHT)
    dots = [line for line in content.lines if line.dots]
    assert [line.x.tolist() for line in dots] == [[10, 20], [10, 20]]
    assert content.shares


def test_thinning_keeps_extremes_and_the_last_point() -> None:
    y = np.zeros(1000)
    y[333], y[777] = 5, -5
    x, thin = thinned(np.arange(1000.0), y, 50)
    assert len(x) <= 101
    assert (thin.max(), thin.min(), x[-1]) == (5, -5, 999)
    assert sampled(np.arange(100.0), np.arange(100.0), 10)[0].tolist() == [*range(0, 99, 10), 99]


def test_smoothing_is_a_mean_of_what_is_finite() -> None:
    assert smoothed(np.array([1.0, 3.0, np.inf, 5.0]), 2).tolist() == [1, 2, 3, 5]


def test_names_are_moved_apart_within_the_chart() -> None:
    assert spread([10, 11, 98, 99], 13, 0, 100) == [10, 23, 87, 100]


def test_curve_is_drawn_where_its_values_are(qtbot: QtBot) -> None:
    chart = Chart("chart")
    qtbot.addWidget(chart)
    chart.resize(400, 200)
    line = Line(np.array([0.0, 10.0]), np.array([0.5, 0.5]), "#ff0000", "flat", width=4)
    chart.show_content(ChartContent("Flat", (line,), 10, logarithmic=False, level=Level(0.9, "guessing")))
    image, centre = chart.grab().toImage(), chart.plot_rect().center().toPoint()
    assert image.pixelColor(centre).name() == "#ff0000"
    assert image.pixelColor(centre.x(), centre.y() + 8) == QColor(LIGHT.surface)
    assert chart.sentence_at(4) == "Flat after update 4: flat 0.500, guessing 0.900"


def test_level_at_zero_is_left_out_of_a_logarithmic_axis(qtbot: QtBot) -> None:
    chart = Chart("chart")
    qtbot.addWidget(chart)
    line = Line(np.array([1.0, 2.0]), np.array([0.0, 0.1]), "#ff0000", "loss")
    chart.show_content(ChartContent("Loss", (line,), 2, level=Level(0.0, "nothing")))
    assert not chart.grab().isNull()


def test_maps_share_one_scale_and_say_their_values(qtbot: QtBot, record: TrainingRecord) -> None:
    maps = GradientMaps()
    qtbot.addWidget(maps)
    maps.resize(700, 160)
    lstm, rnn = record.networks
    dead = replace(rnn, log10_dh=np.where(np.arange(6) < 3, -np.inf, rnn.log10_dh - 5))
    maps.show_networks((lstm, dead), 20)
    everything = np.concatenate([lstm.log10_dh.ravel(), dead.log10_dh[:, 3:].ravel()])
    assert maps.scale.low == np.floor(everything.min())
    assert maps.scale.high == np.ceil(everything.max())
    assert maps.sentence_at(1, 20, 1) == "RNN after 20 updates: the length of dL/dh[1] is exactly 0"
    image, rects = maps.grab().toImage(), maps.map_rects()
    bottom = int(rects[1].bottom()) - 8
    assert image.pixelColor(int(rects[1].center().x()), bottom) == QColor(LIGHT.surface)
    assert image.pixelColor(int(rects[0].center().x()), bottom) != QColor(LIGHT.surface)


def test_explosion_is_drawn(qtbot: QtBot) -> None:
    exploded = finished(explosion())
    maps = GradientMaps()
    qtbot.addWidget(maps)
    maps.show_networks(exploded.networks, axis_end(exploded))
    assert not maps.grab().isNull()
    assert maps.sentence_at(0, 2, 1).endswith("is not finite")
