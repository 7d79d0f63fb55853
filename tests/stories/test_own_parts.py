"""The window on networks with peepholes, coupled gates, projections and layers of different sizes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import Cursor, Stage, clamped, stages_of, turned
from lstmviz.core.engine.backward_step import BackwardStage
from lstmviz.core.experiments.what_if import Clamp, SetInput, WhatIf
from lstmviz.gui.main_window import MainWindow
from lstmviz.gui.settings import Settings
from lstmviz.io.experiments import Example
from lstmviz.io.sessions import SessionFile, load_session, save_session
from tests.own_parts import NETWORKS, experiment
from tests.stories.conftest import leave


def opened(qtbot: QtBot, name: str) -> MainWindow:
    example = Example(name, experiment(name), Cursor(3))
    window = MainWindow(example, Settings(reduce_motion=True), None)
    qtbot.addWidget(window, before_close_func=leave)
    window.resize(1280, 800)
    with qtbot.waitExposed(window):
        window.show()
    return window


@pytest.mark.parametrize("name", NETWORKS)
def test_every_tab_shows_every_stage_of_every_layer(name: str, qtbot: QtBot) -> None:
    window = opened(qtbot, name)
    session = window.session
    run = session.run
    for tab in range(window.tabs.count()):
        window.tabs.setCurrentIndex(tab)
        for layer, traced in run.trace.layers.items():
            for unit in (0, traced.parameters.hidden_size - 1):
                forwards = clamped(run, Cursor(3, layer, unit=unit))
                for cursor in (forwards, turned(run, forwards, backward=True)):
                    for stage in stages_of(run, cursor):
                        session.seek(Cursor(3, layer, stage, unit))
                        assert session.cursor == Cursor(3, layer, stage, unit)
                        assert window.status.sentence.text()
                    QApplication.processEvents()
                    for view in window.views:
                        if view.isVisible():
                            assert not view.grab().isNull()


@pytest.mark.parametrize("name", ["projection", "projection, stacked, both directions", "everything"])
def test_everything_in_the_cell_can_be_asked_about_with_what_ifs_too(name: str, qtbot: QtBot) -> None:
    window = opened(qtbot, name)
    session = window.session
    changes = (Clamp("h", "l0", 1, 2, 4, 0.5), Clamp("f", "l0", 0, 3, 4, 0.1), SetInput(2, 0, 2.0))
    changed = replace(session.experiment, what_ifs=tuple(map(WhatIf, changes)))
    with qtbot.waitSignal(session.run_changed):
        session.apply("what if", changed)
    run = session.run
    assert run.before is not None
    for unit in (0, 1, run.trace["l0"].parameters.hidden_size - 1):
        for stage in (Stage.HIDDEN, BackwardStage.CARRY):
            session.seek(Cursor(3, "l0", stage, unit))
            QApplication.processEvents()
            assert not window.cell_view.grab().isNull()
            assert window.cell_view.regions
            for region in window.cell_view.regions:
                assert window.cell_view.sentence_of(region)
            assert window.inspector_view.cards


@pytest.mark.parametrize("name", NETWORKS)
def test_sessions_keep_what_networks_have_of_their_own(name: str, tmp_path: Path) -> None:
    path = tmp_path / "own.lstmviz"
    save_session(path, SessionFile(experiment(name), Cursor(3)))
    back = load_session(path).experiment
    assert back == experiment(name)
    assert back.build_network().layers[0].coupled is NETWORKS[name].layers[0].coupled
