"""What the drawing of a cell says of parts that are the network's own."""

from __future__ import annotations

import numpy as np
import pytest

from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.engine.trace import LSTMTrace
from lstmviz.core.quantity import Quantity
from lstmviz.core.run import analyse
from lstmviz.gui.views.cell.cell_view import CellView
from lstmviz.gui.views.cell.wording import wording_of
from tests.own_parts import experiment


@pytest.mark.parametrize(
    ("name", "made", "source"),
    [("i = 1 - f", Quantity.INPUT_GATE, "z_f"), ("f = 1 - i", Quantity.FORGET_GATE, "z_i")],
)
def test_a_gate_that_is_one_minus_another_is_drawn_over_what_that_one_reads(
    name: str, made: Quantity, source: str
) -> None:
    run = analyse(experiment(name))
    layer, wording = run.trace["l0"], wording_of(run, "l0", 2, 1)
    assert isinstance(layer, LSTMTrace)
    assert wording.function(made) == f"{made.symbol} = 1 − {source[-1]}"
    assert wording.read(made) == source
    curve = wording.curve(made)(getattr(layer, source)[1, 0])
    np.testing.assert_allclose(curve, made.of(layer)[1], rtol=1e-12)
    assert wording.peephole(made) == ""
    assert wording.function(Quantity.OUTPUT_GATE) == "sigmoid(z)"


def test_a_projection_is_said_in_words() -> None:
    run = analyse(experiment("projection"))
    assert wording_of(run, "l0", 2, 4).projection(5) == ("projection:", "5 units → 2", "h = W_hr × m")
    plain = analyse(experiment("sizes"))
    assert wording_of(plain, "l1", 2, 1).projection(3) == ()


def test_a_click_on_what_goes_into_the_projection_asks_for_it(qtbot) -> None:
    view = CellView()
    qtbot.addWidget(view)
    view.resize(800, 560)
    run = analyse(experiment("projection"))
    view.show_run(run, Cursor(3, "l0", Stage.HIDDEN, 4))
    view.grab()
    symbols = {(region.symbol, region.units) for region in view.regions}
    assert ("m", (4, 4)) in symbols
    assert ("h", (1, 1)) in symbols
    assert not any(symbol == "h" and units[1] > 1 for symbol, units in symbols)
    (region,) = [region for region in view.regions if region.symbol == "m"]
    assert view.sentence_of(region).startswith("m[3] of unit 4 = ")
