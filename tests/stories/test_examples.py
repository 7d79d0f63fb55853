"""The examples, and the sliders that they bring along."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import QAction
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QAbstractSpinBox, QComboBox, QSlider

from lstmviz.io.experiments import example_names, load_example
from tests.stories.conftest import Open
from tests.stories.person import CONTROL, KEYS, Person


def title(name: str) -> str:
    return load_example(name).experiment.title


def test_every_example_opens_from_the_panel_at_a_step_worth_seeing(person: Person) -> None:
    for name in (*example_names(), "company-b"):
        person.choose("example_choice", title(name))
        example = load_example(name)
        assert person.run.experiment == example.experiment
        assert person.at == (example.cursor.t, example.cursor.stage), name
        assert person.window.windowTitle() == f"{example.experiment.title}[*]"
        assert person.reads("look_for") == example.experiment.look_for
        assert person.editor.toPlainText() == example.experiment.sequence.source
        assert person.find(QComboBox, "example_choice").currentText() == example.experiment.title
        assert all(view.run is person.run for view in person.window.views if view.isVisible())


def test_every_example_opens_from_the_menu_and_undo_brings_back_what_was_there(person: Person) -> None:
    person.write_sequence("1, 2, 3")
    person.leave_field()
    mine = person.window.session.experiment
    for name in example_names():
        action = next(each for each in person.window.findChildren(QAction) if each.data() == name)
        action.trigger()
        assert person.window.session.experiment == load_example(name).experiment
        assert person.window.undo_action.text() == f"Undo open {title(name)}"
        person.press(KEYS.Key_Z, CONTROL)
        assert person.window.session.experiment == mine
        assert person.editor.toPlainText() == "1, 2, 3"


@pytest.mark.parametrize("weight", ["0.5", "0.95", "1", "1.2", "1.5"])
def test_in_the_feedback_loop_the_gradient_is_a_power_of_the_weight(open_window: Open, weight: str) -> None:
    person = open_window("feedback-loop")
    person.window.tabs.setCurrentWidget(person.window.tabs.view("gradients"))
    person.write_number("control_recurrent_scale_box", weight)
    header, rows = person.window.tabs.view("gradients").table()
    assert header == ("step", "RNN ‖dL/dh[t]‖")
    gradient = np.array([row[1] for row in rows])
    np.testing.assert_allclose(gradient, float(weight) ** np.arange(59, -1, -1), rtol=1e-9)
    assert float(person.run.trace["l0"].h[-1].item()) == pytest.approx(float(weight) ** 59)


def test_everything_follows_while_a_slider_is_dragged_and_one_undo_takes_the_drag_back(open_window: Open) -> None:
    person = open_window("feedback-loop")
    before = person.window.session.experiment
    slider = person.find(QSlider, "control_recurrent_scale_slider")
    runs: list[object] = []
    person.window.session.run_changed.connect(runs.append)
    start, middle = QPointF(slider.width() * 0.4, slider.height() / 2), slider.height() // 2
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=start.toPoint())
    for x in range(int(start.x()), slider.width() - 8, 12):
        point = start.toPoint()
        point.setX(x)
        point.setY(middle)
        QTest.mouseMove(slider, point)
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=point)
    assert len(runs) > 3
    weight = float(person.find(QAbstractSpinBox, "control_recurrent_scale_box").text())
    assert weight > 1.3
    assert person.run.experiment.recipe.recurrent_scale == weight
    assert 10 ** person.run.main.log10_dh["l0"][0] == pytest.approx(weight**59)
    person.leave_field()
    person.press(KEYS.Key_Z, CONTROL)
    assert person.window.session.experiment == before
    assert not person.window.undo_action.isEnabled()
    assert person.find(QAbstractSpinBox, "control_recurrent_scale_box").text() == "0.9"


def test_a_higher_forget_bias_brings_the_gradient_back_to_the_first_step(open_window: Open) -> None:
    person = open_window("long-lag")
    person.window.tabs.setCurrentWidget(person.window.tabs.view("gradients"))
    at_step_1, of_the_rnn = [], []
    for bias in ("-1", "1", "3"):
        person.write_number("control_forget_bias_box", bias)
        row = person.window.tabs.view("gradients").table()[1][0]
        at_step_1.append(row[1])
        of_the_rnn.append(row[3])
    assert at_step_1 == sorted(at_step_1)
    assert at_step_1[-1] > 1e6 * at_step_1[0]
    assert len(set(of_the_rnn)) == 1
    assert at_step_1[-1] > 1e3 * of_the_rnn[0]
    assert "the LSTM's gradient is" in person.window.tabs.view("gradients").summary()


def test_a_zoomed_timeline_stays_zoomed_while_a_slider_moves(open_window: Open) -> None:
    person = open_window("long-lag")
    timeline = person.window.timeline_view
    person.wheel(timeline, QPointF(timeline.width() / 2, timeline.height() / 2), 4)
    zoomed = timeline.time_range
    assert zoomed != (0.5, 100.5)
    person.write_number("control_forget_bias_box", "1")
    assert timeline.time_range == zoomed
    person.choose("example_choice", title("company-a"))
    assert timeline.time_range == (0.5, 4.5)
