"""The numbers of one step of a cell."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lstmviz.core.engine.step import lstm_step
from lstmviz.core.engine.trace import LSTMTrace
from lstmviz.core.experiments.what_if import Clamp, WhatIf
from lstmviz.core.run import analyse
from tests.experiments import random_lstm


def test_the_ledger_adds_up_where_the_cell_state_is_held() -> None:
    experiment = replace(random_lstm(), what_ifs=(WhatIf(Clamp("c", "l0", 2, 4, 6, 0.5)),))
    layer = analyse(experiment).trace["l0"]
    assert isinstance(layer, LSTMTrace)
    for t in range(1, 12):
        step = lstm_step(layer, t)
        np.testing.assert_allclose(step.kept + step.written, step.c, rtol=1e-14)
    assert lstm_step(layer, 5).kept[2] == 0
