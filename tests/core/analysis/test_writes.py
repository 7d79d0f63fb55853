"""Who wrote and who erased: against a plain loop over all steps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lstmviz
from lstmviz.core.analysis.writes import last_eraser, last_writer
from lstmviz.core.engine.trace import LSTMTrace, Trace
from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.alteration import Alteration, Held
from tests.core.analysis.test_attribution import company, lstm_of, random_trace


def parts_by_looping(layer: LSTMTrace, t: int, unit: int, sequence: int) -> dict[int, float]:
    """Step -> a[step -> t], the latest first; the initial state under the key 0."""
    steps = range(t, len(layer.h) + 1) if layer.reverse else range(t, 0, -1)
    survival, parts = 1.0, {}
    for s in steps:
        at = (s - 1, sequence, unit)
        parts[s] = survival * layer.written[at]
        survival *= layer.kept[at]
    parts[0] = survival * layer.c_states[-1 if layer.reverse else 0, sequence, unit]
    return parts


@given(st.integers(1, 12), st.integers(0, 99), st.data())
def test_they_are_what_a_loop_finds(length: int, seed: int, data: st.DataObject) -> None:
    trace = random_trace(length, seed)
    t, unit, sequence = (data.draw(st.integers(*bounds)) for bounds in ((1, length), (0, 2), (0, 1)))
    share, below = data.draw(st.sampled_from([0.3, 0.5, 0.9])), data.draw(st.sampled_from([0.3, 0.5]))
    for name, layer in trace.layers.items():
        parts, c = parts_by_looping(layer, t, unit, sequence), layer.c[t - 1, sequence, unit]
        found = last_writer(trace, t, unit, name, share=share, sequence=sequence)
        enough = [s for s, part in parts.items() if abs(part) >= share * abs(c)]
        assert found.step == ((enough[0] or None) if enough else None)
        if found.step:
            assert found.value == pytest.approx(parts[found.step], rel=1e-12)
            how = "that wrote" if found.value * c > 0 else "whose write, of the other sign,"
            assert f"step {found.step} is the last {how}" in found.sentence
        erased = [s for s in parts if s and layer.f[s - 1, sequence, unit] < below]
        eraser = last_eraser(trace, t, unit, name, below=below, sequence=sequence)
        assert eraser.step == (erased[0] if erased else None)


def test_company_b_in_words() -> None:
    trace = company(1.0)
    found = last_writer(trace, 4, 0)
    assert found.step is None
    assert found.sentence.startswith("No single step wrote at least half of c[4] = 2.409")
    assert "the largest part still there, 0.934" in found.sentence
    assert found.sentence.endswith("is of step 4.")
    wrote = last_writer(trace, 4, 0, share=0.25)
    assert wrote.step == 4
    assert "step 4 is the last that wrote at least 25.0 % of it; it added +0.934." in wrote.sentence
    erased = last_eraser(trace, 4, 0)
    assert erased.step is None
    assert erased.sentence.startswith("No step up to 4 erased what was in c[4]: the lowest forget gate is 0.9")
    assert np.isnan(erased.value)


def test_what_is_left_of_the_initial_state() -> None:
    closed = {"f": (0, 0, 5), "i": (0, 0, -30), "g": (0, 0, 1), "o": (0, 0, 0)}
    trace = lstmviz.forward(lstm_of(closed), np.zeros((5, 1)), c0=[3.0])
    found = last_writer(trace, 5, 0)
    assert found.step is None
    assert found.sentence.startswith("No step wrote c[5] = 2.9")
    assert "is left of the initial state c[0] = 3" in found.sentence


def test_zero_and_nan_have_no_writer() -> None:
    silent = {"f": (0, 0, 0), "i": (0, 0, 0), "g": (0, 0, 0), "o": (0, 0, 0)}
    zero = lstmviz.forward(lstm_of(silent), np.zeros((3, 1)))
    assert last_writer(zero, 3, 0).sentence == "c[3] is exactly 0: no step wrote it."
    broken = lstmviz.forward(lstm_of(silent), [[0.0], [np.nan], [0.0]])
    assert last_writer(broken, 3, 0).step is None
    assert "c[3] is nan" in last_writer(broken, 3, 0).sentence


def test_a_gate_that_closes_erases_and_the_one_after_it_writes() -> None:
    network = lstm_of({"f": (-20, 0, 3), "i": (0, 0, 9), "g": (1, 0, 0), "o": (0, 0, 0)})
    trace = lstmviz.forward(network, [[0.05], [0.05], [1.0], [0.01], [0.01]])
    assert last_eraser(trace, 5, 0).step == 3
    assert last_eraser(trace, 2, 0).step is None
    assert "step 3 is the last that erased" in last_eraser(trace, 5, 0).sentence.lower()
    assert last_writer(trace, 5, 0).step == 3
    assert "of what it added is still there" in last_writer(trace, 5, 0).sentence


@pytest.mark.parametrize("name", ["l0", "l0_reverse"])
def test_a_held_cell_state_erases_and_writes(name: str) -> None:
    trace = random_trace(9, seed=4)
    layer = trace[name]
    mask = np.zeros((9, 3), bool)
    mask[4, 1] = True
    held = replace(layer, alteration=Alteration({"c": Held(mask, np.where(mask, layer.c[:, 0], 0.0))}))
    altered = Trace(trace.network, trace.x, trace.y, {**trace.layers, name: held})
    t = 3 if layer.reverse else 7
    assert last_eraser(altered, 5, 1, name, sequence=0).step == 5
    assert "a what-if set the memory there" in last_eraser(altered, t, 1, name, below=0.05, sequence=0).sentence
    writer = last_writer(altered, 5, 1, name, sequence=0)
    assert (writer.step, writer.value) == (5, layer.c[4, 0, 1])
    assert "a what-if set the memory there" in writer.sentence
    parts = parts_by_looping(held, t, 1, 0)
    enough = [s for s, part in parts.items() if abs(part) >= 0.5 * abs(layer.c[t - 1, 0, 1])]
    assert last_writer(altered, t, 1, name, sequence=0).step == (enough[0] if enough else None)
    assert last_eraser(altered, t, 2, name, below=0.05, sequence=0).step is None


def test_a_write_long_ago_is_found() -> None:
    """Farther back than the first parts that are looked at."""
    network = lstm_of({"f": (0, 0, 50), "i": (60, 0, -30), "g": (1, 0, 0), "o": (0, 0, 0)})
    x = np.zeros((20_000, 1))
    x[6] = 1.0
    found = last_writer(lstmviz.forward(network, x), 20_000, 0)
    assert found.step == 7
    assert found.value == pytest.approx(np.tanh(1.0))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"t": 0}, "no step 0"),
        ({"t": 10}, "no step 10"),
        ({"unit": 3}, "no unit 3"),
        ({"layer": "l7"}, "no layer called 'l7'"),
        ({"sequence": None}, "holds 2 sequences"),
    ],
)
def test_what_is_not_there_is_refused(change: dict, words: str) -> None:
    for look in (last_writer, last_eraser):
        with pytest.raises(LstmvizError, match=words):
            look(**{"trace": random_trace(), "t": 1, "unit": 0, "sequence": 0} | change)


def test_a_share_has_to_be_above_zero_and_an_rnn_has_no_cell_state() -> None:
    with pytest.raises(LstmvizError, match="share of 0 picks nothing"):
        last_writer(company(1.0), 1, 0, share=0)
    trace = lstmviz.forward(lstmviz.Network.create("rnn", 1, 2), [[1.0]])
    with pytest.raises(LstmvizError, match="no cell state"):
        last_writer(trace, 1, 0)
