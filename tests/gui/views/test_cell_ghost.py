"""The cell view of a run with what-ifs: what was before, what is held, and what is left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import QRectF, QSize
from PyQt6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.engine.backward_step import BackwardStage, LSTMBackwardStep
from lstmviz.core.experiment import Experiment
from lstmviz.core.experiments.what_if import (
    Change,
    Clamp,
    DeleteStep,
    MemoryBlocks,
    Peepholes,
    SetInput,
    SetStep,
    Silence,
    UseVariant,
    Variant,
    WhatIf,
)
from lstmviz.core.magnitudes import signed_magnitude
from lstmviz.core.quantity import Quantity
from lstmviz.core.run import Run, analyse
from lstmviz.core.text import number
from lstmviz.gui.style import LIGHT
from lstmviz.gui.views.cell import backward_diagram, canvas
from lstmviz.gui.views.cell.canvas import Canvas
from lstmviz.gui.views.cell.cell_view import CellView
from lstmviz.gui.views.cell.ghost_marks import draw_dot_before, draw_strip_before, was
from lstmviz.gui.views.cell.scene import Scales, Scene
from lstmviz.gui.views.cell.wording import PLAIN, Wording, wording_of
from tests.experiments import company_b, letters, linear_loop, random_lstm

Show = Callable[..., CellView]

HELD_OPEN = Clamp("f", "l0", 2, 3, 6, 1.0)


def altered(experiment: Experiment, *changes: Change) -> Run:
    return analyse(replace(experiment, what_ifs=tuple(map(WhatIf, changes))))


@pytest.fixture
def show(qtbot: QtBot) -> Show:
    def shown(run: Run, cursor: Cursor, *, beside: bool = False) -> CellView:
        view = CellView()
        qtbot.addWidget(view)
        view.resize(960, 640)
        view.show_run(run, cursor)
        view.show_rnn(beside)
        view.grab()
        return view

    return shown


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


def test_the_values_before_stand_beside_those_of_now(show: Show, written: list[str]) -> None:
    run = altered(letters(), HELD_OPEN)
    assert run.before is not None
    before, now = run.before.trace["l0"], run.trace["l0"]
    show(run, Cursor(5, stage=Stage.HIDDEN, unit=2))
    assert f"was {number(before.f[4, 0, 2])}" in written  # type: ignore[union-attr]
    for symbol in ("c", "h"):
        assert f"was {number(getattr(before, symbol)[4, 0, 2], signed=True)}" in written
    kept = before.f[4, 0, 2] * before.c[3, 0, 2]  # type: ignore[union-attr]
    assert f"was {number(kept, signed=True)}" in written
    assert before.c[3, 0, 2] != now.c[3, 0, 2]  # type: ignore[union-attr]
    assert any("“was”: before the what-ifs" in text for text in written)


def test_what_is_not_known_yet_is_not_told_of_before_either(show: Show, written: list[str]) -> None:
    run = altered(letters(), HELD_OPEN)
    assert run.before is not None
    show(run, Cursor(5, stage=Stage.FORGET, unit=2))
    layer = run.before.trace["l0"]
    assert f"was {number(layer.f[4, 0, 2])}" in written  # type: ignore[union-attr]
    assert f"was {number(layer.c[4, 0, 2], signed=True)}" not in written  # type: ignore[union-attr]
    assert f"was {number(layer.h[4, 0, 2], signed=True)}" not in written


@pytest.mark.parametrize("stage", [Stage.HIDDEN, Stage.INPUT])
def test_steps_that_no_what_if_reaches_look_as_if_there_were_none(show: Show, stage: Stage) -> None:
    plain = show(analyse(letters()), Cursor(2, stage=stage, unit=2)).grab().toImage()
    # c of another unit, so that the scales of the whole run stay what they are
    run = altered(letters(), Clamp("h", "l0", 2, 11, 11, 0.1))
    assert run.before is not None
    assert show(run, Cursor(2, stage=stage, unit=2)).grab().toImage() == plain


def test_a_run_of_another_length_has_no_values_before(show: Show, written: list[str]) -> None:
    show(altered(letters(), DeleteStep(3), HELD_OPEN), Cursor(5, stage=Stage.HIDDEN, unit=2))
    assert "held" in written
    assert not any("was" in text for text in written)


@pytest.mark.parametrize("experiment", [company_b(), letters()], ids=["one unit", "eight units"])
def test_held_nodes_say_so_at_their_steps_and_units_alone(
    show: Show, written: list[str], experiment: Experiment
) -> None:
    changes = [Clamp(symbol, "l0", 0, 2, 3, 0.25) for symbol in "fch"]
    run = altered(experiment, *changes)
    show(run, Cursor(3, stage=Stage.HIDDEN))
    for text in ("held", "c[3] held", "h[3] held", "kept nothing", "held at", "held at +0.250"):
        assert text in written, text
    assert written.count("held") == 1
    assert any(text.endswith("25.0 % open") for text in written)
    assert not any("keeps" in text or "lets" in text or "shows" in text for text in written)
    written.clear()
    show(run, Cursor(4, stage=Stage.HIDDEN))
    assert not any("held" in text for text in written)
    if experiment.recipe.hidden_size > 1:
        show(run, Cursor(3, stage=Stage.HIDDEN, unit=1))
        assert not any("held" in text for text in written)


def test_variants_are_named_with_formulas_that_hold(show: Show, written: list[str]) -> None:
    run = altered(letters(), *(UseVariant(variant) for variant in Variant if variant is not Variant.NO_INPUT_GATE))
    show(run, Cursor(4, stage=Stage.HIDDEN, unit=1))
    for text in ("no forget gate", "f = 1", "i = 1 − f", "g = z", "no output gate", "o = 1", "no tanh", "left out"):
        assert text in written, text
    for text in ("sigmoid(z)", "tanh(z)", "tanh", "held"):
        assert text not in written, text


def test_the_backward_pass_of_a_variant_and_of_a_held_gate(show: Show, written: list[str]) -> None:
    run = altered(letters(), HELD_OPEN, UseVariant(Variant.NO_OUTPUT_ACTIVATION), UseVariant(Variant.NO_OUTPUT_GATE))
    show(run, Cursor(4, stage=BackwardStage.CARRY, unit=2))
    for text in ("dz_f held", "no tanh", "no output gate", "dz_i"):
        assert text in written, text
    assert "dz_f" not in written
    assert sum(text.startswith("was") for text in written) >= 4  # the ledger of what goes back


def test_a_vanilla_rnn_that_is_held(show: Show, written: list[str]) -> None:
    run = altered(linear_loop(0.9, 6), Clamp("h", "l0", 0, 3, 3, 0.5))
    show(run, Cursor(3, stage=Stage.HIDDEN))
    assert "h is held" in written
    assert "h = z" not in written
    assert "was 0.810" in written
    show(run, Cursor(3, stage=BackwardStage.CARRY))
    assert "h held: dz[3]" in written
    written.clear()
    show(run, Cursor(5, stage=Stage.HIDDEN))
    assert "h = z" in written
    assert f"was {number(0.9**4)}" in written


def test_the_rnn_beside_has_a_ghost_where_the_sequence_changed(show: Show, written: list[str]) -> None:
    def told(*changes: Change) -> bool:
        run, cursor = altered(letters(), *changes), Cursor(4, stage=Stage.HIDDEN, unit=1)
        assert run.before is not None
        assert run.before.baseline is not None
        written.clear()
        show(run, cursor, beside=True)
        rnn = run.before.baseline.trace["l0"].h[3, 0, 1]
        return f"was {number(rnn, signed=True)}" in written

    assert told(SetInput(2, 0, 1.0))
    assert not told(HELD_OPEN)


def test_what_is_under_the_mouse_says_what_it_was_and_that_it_is_held(show: Show) -> None:
    run = altered(letters(), HELD_OPEN)
    assert run.before is not None
    view = show(run, Cursor(5, stage=Stage.HIDDEN, unit=2))
    box = next(each for each in view.regions if each.symbol == "f" and each.is_box)
    before = number(run.before.trace["l0"].f[4, 0, 2], digits=6)  # type: ignore[union-attr]
    assert view.sentence_of(box).endswith(f"A what-if holds it. Before: {before}, now 1.000000.")
    one_hot = next(each for each in view.regions if each.symbol == "x")
    assert "Before" not in view.sentence_of(one_hot)
    plain = show(run.before, Cursor(5, stage=Stage.HIDDEN, unit=2))
    assert "what-if" not in plain.sentence_of(box)


@pytest.mark.parametrize(
    "change",
    [
        HELD_OPEN,
        Clamp("c", "l0", None, 2, 9, 2.0),
        Silence("l0", 1),
        SetStep(3, (0.5, -1.0, 2.0)),
        Peepholes(0.5, -0.5, 1.0),
        MemoryBlocks(2),
        *map(UseVariant, Variant),
    ],
    ids=lambda change: change.in_words(),
)
@pytest.mark.parametrize("stage", [Stage.INPUT, Stage.HIDDEN, BackwardStage.FORGET, BackwardStage.CARRY])
def test_a_kept_ground_is_the_right_one_at_every_step_and_unit(
    show: Show, change: Change, stage: Stage | BackwardStage
) -> None:
    run = altered(random_lstm(hidden_size=6), change)
    view = show(run, Cursor(1, stage=stage))
    for cursor in (Cursor(3, stage=stage, unit=2), Cursor(7, stage=stage, unit=2), Cursor(3, stage=stage, unit=1)):
        view.show_cursor(cursor)
        assert view.grab().toImage() == show(run, cursor).grab().toImage()


@pytest.mark.parametrize("units", [1, 40, 200])
def test_marks_of_before_are_drawn_for_any_number_of_units_and_of_what_is_not_finite(show: Show, units: int) -> None:
    run = altered(
        random_lstm(hidden_size=units, length=5), Clamp("c", "l0", 0, 2, 2, 1e308), Clamp("f", "l0", 0, 3, 3, 1e10)
    )
    layer = run.trace["l0"]
    assert layer.c.max() > 1e308  # type: ignore[union-attr]
    for stage in (Stage.HIDDEN, BackwardStage.CARRY):
        assert not show(run, Cursor(4, stage=stage)).grab().isNull()


def test_wording_of_a_plain_layer_is_plain() -> None:
    assert wording_of(analyse(letters()), "l0", 3, 2) == PLAIN
    assert wording_of(altered(letters(), SetStep(1, (1.0, 0.0, 0.0, 0.0, 0.0))), "l0", 3, 2) == PLAIN


def test_a_clamp_wins_over_a_gate_that_is_left_out() -> None:
    run = altered(letters(), UseVariant(Variant.NO_FORGET_GATE), Clamp("f", "l0", 2, 3, 6, 0.5))
    assert wording_of(run, "l0", 2, 2) == Wording(left_out=frozenset({Quantity.FORGET_GATE}))
    assert wording_of(run, "l0", 3, 2) == Wording(held=frozenset("f"))
    assert wording_of(run, "l0", 3, 1).function(Quantity.FORGET_GATE) == "f = 1"


def test_peepholes_are_named_where_they_reach() -> None:
    wording = wording_of(altered(letters(), Peepholes(1.0, 1.0, 1.0)), "l0", 1, 0)
    seen = [wording.peephole(Quantity(gate)) for gate in (Quantity.FORGET_GATE, Quantity.CANDIDATE)]
    assert seen == ["c before", ""]
    assert wording.peephole(Quantity.OUTPUT_GATE) == "c now"


def test_the_curve_of_a_coupled_input_gate_falls_with_what_the_forget_gate_reads() -> None:
    run = altered(letters(), UseVariant(Variant.COUPLED_GATES))
    wording, layer = wording_of(run, "l0", 4, 3), run.trace["l0"]
    assert wording.read(Quantity.INPUT_GATE) == "z_f"
    curve = wording.curve(Quantity.INPUT_GATE)(layer.z_f[3, 0])  # type: ignore[union-attr]
    assert curve == pytest.approx(layer.i[3, 0], rel=1e-12)  # type: ignore[union-attr]


def test_numbers_that_read_the_same_are_not_told() -> None:
    assert was(0.75301, 0.75349) == ""
    assert was(0.753, -0.753, signed=True) == "was +0.753"


def test_a_strip_is_underlined_in_the_colours_of_before_where_it_differs() -> None:
    image = _drawn(
        lambda canvas: draw_strip_before(
            canvas,
            QRectF(10, 10, 60, 8),
            np.array([1.0, 0.5, 0.1]),
            np.array([1.0, 0.0, 0.1001]),
            gate=True,
            largest=1.0,
        )
    )
    line = [image.pixelColor(x, 20) for x in (20, 40, 60)]
    ground = QColor(LIGHT.surface)
    assert (line[0], line[2]) == (ground, ground)
    assert line[1] == LIGHT.colours(signed=False)[0]


def test_a_dot_that_did_not_move_has_no_shadow() -> None:
    def dotted(before: tuple[float, float]) -> QImage:
        return _drawn(
            lambda canvas: draw_dot_before(
                canvas, QRectF(0, 0, 80, 40), (0.0, 1.0), QColor("red"), now=(1.0, 0.7), before=before
            )
        )

    blank = _drawn(lambda canvas: None)
    assert dotted((1.0, 0.7)) == blank
    assert dotted((1.0, 0.2)) != blank


def test_a_scene_without_what_ifs_has_nothing_to_compare_with() -> None:
    run = analyse(letters())
    assert Scene(run, Cursor(3), LIGHT, QSize(800, 500), 1.0, False, Scales()).ghost is None


def _drawn(draw: Callable[[Canvas], object]) -> QImage:
    image = QImage(100, 60, QImage.Format.Format_RGB32)
    image.fill(QColor(LIGHT.surface))
    painter = QPainter(image)
    draw(Canvas(painter, LIGHT))
    painter.end()
    return image


def test_going_back_the_gradients_before_stand_beside_those_of_now(
    show: Show, written: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    strips: list[tuple[np.ndarray, np.ndarray]] = []

    def noted(canvas: Canvas, rect: QRectF, now: np.ndarray, before: np.ndarray, **options: object) -> None:
        strips.append((now, before))
        draw_strip_before(canvas, rect, now, before, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(backward_diagram, "draw_strip_before", noted)
    run = altered(letters(), HELD_OPEN)
    assert run.before is not None
    view = show(run, Cursor(5, "l0", BackwardStage.CARRY, 2))
    before = run.before.main.backward_step("l0", 5)
    assert isinstance(before, LSTMBackwardStep)
    for name in ("dc", "dc_after", "dc_before"):
        assert f"was {signed_magnitude(getattr(before, name)[2])}" in written
    for name in ("df", "di", "dz_i", "dg", "dz_g", "do", "dz_o", "dh", "dh_before"):
        assert signed_magnitude(getattr(before, name)[2], digits=2) in written
    assert len(strips) == 7  # both ends of the highway, dh, and the four gates
    assert all(not np.array_equal(now, then) for now, then in strips)
    written.clear()
    view.show_run(run.before, Cursor(5, "l0", BackwardStage.CARRY, 2))
    view.grab()
    assert not [text for text in written if text.startswith("was")]


@pytest.mark.parametrize("beside", [True, False])
def test_going_back_through_a_vanilla_rnn_shows_what_was_before(show: Show, written: list[str], beside: bool) -> None:
    experiment = letters() if beside else linear_loop(0.9, 6)
    run = altered(experiment, SetInput(3, 0, 2.0) if beside else Clamp("h", "l0", 0, 5, 5, 3.0))
    assert run.before is not None
    network, before = (run.baseline, run.before.baseline) if beside else (run.main, run.before.main)
    assert network is not None
    assert before is not None
    show(run, Cursor(4, "l0", BackwardStage.CARRY, 0), beside=beside)
    now, then = network.backward_step("l0", 4), before.backward_step("l0", 4)
    for name in ("dh", "dh_before"):
        value = signed_magnitude(getattr(then, name)[0])
        assert value != signed_magnitude(getattr(now, name)[0])
        assert written.count(f"was {value}") >= (1 if beside else 2)  # the wide ledger of the cell alone says it, too
