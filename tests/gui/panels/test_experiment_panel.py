from dataclasses import replace

import pytest
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QLabel,
    QPlainTextEdit,
    QScrollArea,
    QSlider,
    QWidget,
)

from lstmviz.gui.panels.example_section import CHANGED
from lstmviz.gui.panels.experiment_panel import NARROWEST, ExperimentPanel
from lstmviz.gui.panels.section import Section
from lstmviz.gui.session import Session
from lstmviz.gui.style import DARK
from lstmviz.io.experiments import example_titles, load_example


@pytest.fixture
def example(request, make_panel, examples):
    return make_panel(examples[request.param])


def test_shows_the_example_and_what_to_look_at(panel):
    assert panel.findChild(QComboBox, "example_choice").currentText() == "Worked example"
    assert panel.findChild(QLabel, "look_for").text() == "Look at the memory. It holds."


def test_a_changed_example_says_so_until_the_change_is_undone(qtbot):
    session = Session(load_example("company-b").experiment)
    panel = ExperimentPanel(session, example_titles())
    qtbot.addWidget(panel)
    line = panel.findChild(QLabel, "example_changed")
    assert line.isHidden()
    session.apply("drop the baseline", replace(session.experiment, baseline=None))
    assert not line.isHidden()
    assert line.text() == CHANGED
    session.undo()
    assert line.isHidden()


def test_choosing_an_example_asks_for_it_by_name(qtbot, panel):
    box = panel.findChild(QComboBox, "example_choice")
    with qtbot.waitSignal(panel.example_chosen) as chosen:
        box.activated.emit(box.findText("Letters"))
    assert chosen.args == ["letters"]


def test_choosing_the_present_example_again_forgets_what_was_mistyped(panel):
    editor = panel.findChild(QPlainTextEdit, "sequence_text_edit")
    editor.setPlainText("1, x")
    panel.sequence_section.field.flush()
    panel.findChild(QComboBox, "example_choice").activated.emit(0)
    assert editor.toPlainText() == "1, 0.5, 0.25, 1"
    assert panel.findChild(QLabel, "sequence_error").isHidden()


def test_an_example_that_is_not_opened_after_all_leaves_what_is_half_typed(panel):
    editor, box = panel.findChild(QPlainTextEdit, "sequence_text_edit"), panel.findChild(QComboBox, "example_choice")
    editor.setPlainText("1, x")
    panel.sequence_section.field.flush()
    box.setCurrentIndex(1)
    box.activated.emit(1)
    assert editor.toPlainText() == "1, x"
    assert box.currentText() == "Worked example"


def test_a_title_without_an_example_is_shown_all_the_same(qtbot, panel):
    other = ExperimentPanel(panel.session, ())
    qtbot.addWidget(other)
    assert other.findChild(QComboBox, "example_choice").placeholderText() == "Worked example"


def test_another_experiment_shows_everywhere(panel, examples):
    panel.session.apply("open", examples["letters"])
    assert panel.findChild(QComboBox, "example_choice").currentText() == "Letters"
    assert panel.findChild(QPlainTextEdit, "sequence_text_edit").toPlainText() == "hello hello"
    assert panel.network_section.output_size.value() == 5
    panel.session.undo()
    assert panel.findChild(QPlainTextEdit, "sequence_text_edit").toPlainText() == "1, 0.5, 0.25, 1"


@pytest.mark.parametrize("example", ["feedback"], indirect=True)
def test_dragging_a_control_follows_live_and_is_one_undo(example):
    session: Session = example.session
    slider = example.findChild(QSlider, "control_recurrent_scale_slider")
    runs = []
    session.run_changed.connect(runs.append)
    for position in range(10, 40, 10):
        slider.setValue(position)
    assert len(runs) == 3
    assert session.experiment.recipe.recurrent_scale > 0.5
    assert session.undo_name == "change the recurrent weight w"
    session.undo()
    assert session.experiment.recipe.recurrent_scale == 1.0
    assert session.undo_name == ""


@pytest.mark.parametrize("example", ["feedback"], indirect=True)
def test_the_box_of_a_control_takes_numbers_beyond_the_slider(example):
    box = example.controls_section.findChild(QWidget, "control_recurrent_scale_box")
    box.setValue(1.75)
    assert example.session.experiment.recipe.recurrent_scale == 1.75
    slider = example.findChild(QSlider, "control_recurrent_scale_slider")
    assert slider.value() == slider.maximum()


@pytest.mark.parametrize("example", ["feedback"], indirect=True)
def test_controls_go_with_their_example(example, examples):
    example.session.apply("open", examples["letters"])
    assert example.controls_section.isHidden()
    example.session.undo()
    assert example.findChild(QSlider, "control_recurrent_scale_slider").isVisible()


@pytest.mark.parametrize("example", ["worked", "letters", "feedback"], indirect=True)
def test_nothing_is_wider_than_the_narrowest_panel(qtbot, example):
    example.resize(NARROWEST, 500)
    example.network_section.more_button.click()
    qtbot.wait(1)
    scroll = example.findChild(QScrollArea, "experiment_scroll")
    assert scroll.widget().width() <= scroll.viewport().width()


@pytest.mark.parametrize("example", ["worked", "letters", "feedback"], indirect=True)
def test_fields_have_names_for_tests_and_screen_readers(example):
    kinds = (QAbstractSpinBox, QComboBox, QAbstractButton, QPlainTextEdit, QSlider)
    fields = [widget for kind in kinds for widget in example.findChildren(kind)]
    assert len(fields) > 20
    for widget in fields:
        assert widget.objectName(), widget
        assert widget.accessibleName() or widget.text(), widget.objectName()
        assert widget.toolTip(), widget.objectName()


def test_another_section_is_one_call(qtbot, panel):
    class Remarks(Section):
        def __init__(self):
            super().__init__("Remarks", "remarks")

        def show_run(self, run):
            super().show_run(run)
            self.note_line.setText(run.experiment.title)

    section = Remarks()
    panel.add_section(section)
    qtbot.waitUntil(section.isVisible)
    assert section.note_line.text() == "Worked example"


def test_a_theme_reaches_every_section(panel):
    panel.set_theme(DARK)
    assert panel.sequence_section.theme is DARK
    assert DARK.warning in panel.styleSheet()


def test_a_failure_of_somebody_else_is_not_shown_at_a_field(panel, examples):
    letters = examples["letters"]
    wrong = replace(letters, recipe=replace(letters.recipe, output_size=2))
    panel.session.apply("open", wrong)
    for name in ("sequence_error", "network_error", "objective_error"):
        assert panel.findChild(QLabel, name).isHidden()
