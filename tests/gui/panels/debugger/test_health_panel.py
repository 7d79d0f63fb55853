"""The health panel lists what the scan finds, in words, and a click goes to the place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from lstmviz.core.analysis.health import Severity, health_scan
from lstmviz.core.experiment import Experiment
from lstmviz.gui.panels.debugger.health_panel import WORDS, HealthPanel, severity_icon
from lstmviz.gui.session import Session
from lstmviz.gui.style import DARK, LIGHT
from tests.experiments import company_b, letters, linear_loop, random_lstm

MakePanel = Callable[[Experiment], HealthPanel]


@pytest.fixture
def make_panel(qtbot: QtBot) -> Iterator[MakePanel]:
    panels = []

    def make(experiment: Experiment) -> HealthPanel:
        session = Session(experiment)
        panel = HealthPanel(session)
        panel.session = session
        panels.append(panel)
        qtbot.addWidget(panel)
        panel.resize(300, 400)
        return panel

    yield make
    for panel in panels:
        panel.stop()
        panel.session.close()


def shown(panel: HealthPanel, qtbot: QtBot) -> HealthPanel:
    panel.show()
    qtbot.waitUntil(lambda: not panel.busy)
    return panel


def click(panel: HealthPanel, qtbot: QtBot, number: int) -> None:
    place = panel.list.visualItemRect(panel.list.item(number)).center()
    qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_every_finding_has_a_line_in_words(make_panel: MakePanel, qtbot: QtBot) -> None:
    panel = shown(make_panel(linear_loop(1e100, 12)), qtbot)
    assert panel.findings == health_scan(panel.session.run)
    texts = [panel.list.item(number).text() for number in range(panel.list.count())]
    assert len(texts) == len(panel.findings) >= 2
    for text, finding in zip(texts, panel.findings, strict=True):
        assert text.startswith(f"{WORDS[finding.severity]}. {finding.sentence}")
    assert texts[0].startswith("Broken. The forward pass breaks: z[")
    assert panel.summary_line.text().startswith("2 broken")


def test_a_click_and_enter_go_to_the_place(make_panel: MakePanel, qtbot: QtBot) -> None:
    panel = shown(make_panel(linear_loop(1e100, 12)), qtbot)
    forward, backward = (each.place for each in panel.findings[:2])
    click(panel, qtbot, 0)
    assert (panel.session.cursor.t, panel.session.cursor.backward) == (forward.t, False)
    qtbot.keyClick(panel.list, Qt.Key.Key_Down)
    qtbot.keyClick(panel.list, Qt.Key.Key_Return)
    assert (panel.session.cursor.t, panel.session.cursor.backward) == (backward.t, True)


def test_a_healthy_run_says_so_and_its_lines_lead_nowhere(make_panel: MakePanel, qtbot: QtBot) -> None:
    panel = shown(make_panel(company_b()), qtbot)
    assert panel.summary_line.text() == "Nothing is wrong with this run."
    before = panel.session.cursor
    click(panel, qtbot, 0)
    assert panel.session.cursor == before


def test_it_looks_only_while_it_is_seen(make_panel: MakePanel, qtbot: QtBot) -> None:
    panel = make_panel(linear_loop(0.5, 60))
    assert panel.findings == ()
    shown(panel, qtbot)
    assert [each.quantity for each in panel.findings] == ["dh"]
    panel.hide()
    panel.session.apply("another", linear_loop(1e100, 12))
    assert [each.quantity for each in panel.findings] == ["dh"]
    shown(panel, qtbot)
    assert panel.findings[0].severity is Severity.BROKEN
    panel.session.apply("healthy", letters("hello hello hello"))
    qtbot.waitUntil(lambda: not panel.busy)
    assert [each.severity for each in panel.findings] == [Severity.HEALTHY] * 2


def test_a_place_in_another_layer(make_panel: MakePanel, qtbot: QtBot) -> None:
    panel = shown(make_panel(replace(random_lstm(80, hidden_size=3, num_layers=2), baseline=None)), qtbot)
    deep = [number for number, each in enumerate(panel.findings) if each.place and each.place.layer == "l1"]
    assert deep
    assert "layer l1" in panel.list.item(deep[0]).text()
    click(panel, qtbot, deep[0])
    place, cursor = panel.findings[deep[0]].place, panel.session.cursor
    assert (cursor.t, cursor.layer, cursor.unit) == (place.t, "l1", place.unit)


def test_severities_differ_by_shape_and_follow_the_theme(make_panel: MakePanel, qtbot: QtBot) -> None:
    for theme in (LIGHT, DARK):
        images = [severity_icon(severity, theme).pixmap(16).toImage() for severity in Severity]
        masks = {bytes(image.createAlphaMask().constBits().asarray(image.height() * 4)) for image in images}
        assert len(masks) == len(Severity)
    panel = shown(make_panel(letters("hello hello hello")), qtbot)
    light = panel.list.item(0).icon().pixmap(16).toImage()
    panel.set_theme(DARK)
    assert panel.list.item(0).icon().pixmap(16).toImage() != light
