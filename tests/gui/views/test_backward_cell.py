"""The cell view in the backward pass."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import Cursor
from lstmviz.core.engine.backward_step import BACKWARD_STAGES, BackwardStage
from lstmviz.core.experiment import Experiment
from lstmviz.core.run import analyse
from lstmviz.gui.style import DARK, LIGHT, Theme
from lstmviz.gui.views.cell import canvas
from lstmviz.gui.views.cell.cell_view import CellView
from lstmviz.gui.views.cell.gradient_scale import GradientScale
from tests.experiments import company_b, letters, linear_loop, random_lstm


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that the diagrams write, in order."""
    texts: list[str] = []
    original = canvas.Canvas.text

    def noted(self: canvas.Canvas, rect: object, text: str, *args: object, **options: object) -> None:
        if not (options.get("value") and self._strength == 0):
            texts.append(text)
        original(self, rect, text, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(canvas.Canvas, "text", noted)
    return texts


def _shown(qtbot: QtBot, experiment: Experiment, cursor: Cursor, *, beside: bool = False) -> CellView:
    view = CellView()
    qtbot.addWidget(view)
    view.resize(900, 560)
    view.show_run(analyse(experiment), cursor)
    view.show_rnn(beside)
    view.grab()
    return view


def test_the_worked_example_shows_its_gradients(qtbot: QtBot, written: list[str]) -> None:
    _shown(qtbot, company_b(), Cursor(3, stage=BackwardStage.CARRY))
    text = " ".join(written)
    for number in ("−0.00420", "−0.00267", "−0.00303"):  # dh[3], dc[3], and what goes on to h[2], which is dh[2]
        assert number in text


def test_what_has_not_been_computed_yet_is_not_told(qtbot: QtBot, written: list[str]) -> None:
    _shown(qtbot, company_b(), Cursor(3, stage=BackwardStage.ARRIVE))
    text = " ".join(written)
    assert "−0.00420" in text
    assert "−0.00267" not in text
    assert "−0.00303" not in text


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    "experiment", [company_b(), letters(), linear_loop(1.2, 4), random_lstm(hidden_size=64, bidirectional=True)]
)
def test_every_backward_stage_draws_a_picture_of_its_own(qtbot: QtBot, experiment: Experiment, theme: Theme) -> None:
    view = _shown(qtbot, experiment, Cursor(2, stage=BackwardStage.ARRIVE), beside=True)
    view.set_theme(theme)
    assert view.run is not None
    for layer in view.run.trace.layers:
        pictures = []
        for stage in BACKWARD_STAGES[view.run.network.cell]:
            view.show_cursor(Cursor(2, layer, stage))
            view.show_fraction(0.5)
            pictures.append(view.grab().toImage())
            view.show_fraction(1.0)
            pictures.append(view.grab().toImage())
        assert all(one != other for one, other in pairwise(pictures))


def test_the_scale_is_logarithmic_and_signed() -> None:
    scale = GradientScale.of(np.array([-3.2, -np.inf, -0.5, np.nan]))
    assert (scale.low, scale.high) == (-8, 0)
    np.testing.assert_allclose(scale.shares(np.array([1.0, -1e-4, 0.0, 1e-20, -10.0])), [1, -0.5, 0, 0, -1])
    assert "10⁻⁸" in scale.in_words()


@pytest.mark.parametrize(("weight", "says"), [(1e200, "∞"), (0.0, "0")])
def test_gradients_that_are_infinite_or_zero_are_told(
    qtbot: QtBot, written: list[str], weight: float, says: str
) -> None:
    _shown(qtbot, linear_loop(weight, 5), Cursor(1, stage=BackwardStage.CARRY))
    assert says in written
