"""Modules that look like PyTorch's: the same numbers as theirs, the real input recorded, nothing of theirs changed."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from lstmviz.core.engine.trace import LSTMTrace
from lstmviz.core.errors import LstmvizError
from lstmviz.io.live_objects.experiments import experiment_of
from lstmviz.io.live_objects.running import forward
from lstmviz.io.live_objects.understanding import understood
from tests.io.live_objects.torch_like import LSTM, LSTMCell, Module, Tensor

X = np.random.default_rng(1).standard_normal((7, 4, 3))


class Tagger(Module):
    """Doubles its input in front of an LSTM, whose first state is not zero; a part that is no LSTM stands beside."""

    def __init__(self, **options: Any) -> None:
        super().__init__()
        self.low, self.norm = LSTM(3, 5, **options), Module()

    def forward(self, x: Tensor) -> Any:
        self.seen_training = self.low.training
        states = Tensor(np.full((1, 4, 5), 0.5)), Tensor(np.full((1, 4, 5), -0.25))
        return self.low(Tensor(2 * x.values), states)[0]


class StepByStep(Module):
    """Calls a cell once a step, over two sequences that have nothing to do with each other."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = LSTMCell(3, 5)

    def forward(self, x: Tensor) -> Any:
        for first in (0, 5):
            state = None
            for step in x.values[first : first + 5]:
                state = self.cell(Tensor(step), state)
        return state


@pytest.mark.parametrize("batch_first", [False, True])
def test_a_module_gives_the_numbers_that_it_gives_itself(batch_first: bool) -> None:
    module = LSTM(3, 5, batch_first=batch_first)
    x = X.swapaxes(0, 1) if batch_first else X
    y = module(Tensor(x))[0].values
    trace = forward(module, Tensor(x))
    assert np.abs(trace.y - (y.swapaxes(0, 1) if batch_first else y)).max() < 1e-14
    assert trace.x.shape == (7, 4, 3)


def test_one_sequence_needs_no_batch() -> None:
    module = LSTM(3, 5, batch_first=True)
    assert np.array_equal(forward(module, X[:, 2]).y[:, 0], forward(module, X[:, 2:3].swapaxes(0, 1)).y[:, 0])


def test_a_cell_reads_the_whole_sequence() -> None:
    cell, state = LSTMCell(3, 5), None
    for step in X:
        state = cell(Tensor(step), state)
    assert state is not None
    assert np.abs(forward(cell, X).y[-1] - state[0].values).max() < 1e-14


def test_the_real_input_of_a_part_and_its_first_state_are_recorded() -> None:
    model = Tagger(batch_first=True)
    x = Tensor(X.swapaxes(0, 1))
    trace = forward(model, x, name="low")
    assert np.array_equal(trace.x, 2 * X)
    assert np.abs(trace.y.swapaxes(0, 1) - model(x).values).max() < 1e-14
    assert trace["l0"].h_before[0].max() == 0.5


def test_recording_runs_in_eval_mode_and_leaves_the_model_as_it_was() -> None:
    model = Tagger()
    model.norm.training = False
    understood(model, Tensor(X))
    assert not model.seen_training
    assert model.training
    assert model.low.training
    assert not model.norm.training
    assert not model.low.hooks


def test_the_hook_goes_even_when_the_model_fails() -> None:
    model = Tagger()
    with pytest.raises(ValueError, match=r"matmul|shapes"):
        understood(model, Tensor(X[..., :2]))
    assert not model.low.hooks
    assert model.training


def test_what_is_said_of_a_recording() -> None:
    notes = " ".join(understood(Tagger(), Tensor(X)).notes)
    assert "The model calls it once, with 7 steps." in notes
    assert "The output is the model’s own" in notes


def test_a_model_that_does_more_than_the_cell_is_noticed() -> None:
    model = Tagger()
    model.low.weights[0] = model.low.weights[0] + 0.1  # not what stands under the weight's name
    assert "Careful" in " ".join(understood(model, Tensor(X)).notes)


def test_calls_that_hand_their_state_on_are_one_sequence() -> None:
    live = understood(StepByStep(), Tensor(np.random.default_rng(2).standard_normal((10, 2, 3))))
    assert live.x.shape == (5, 2, 3)
    assert "The model calls it 10 times; the first 5 are one sequence of 5 steps" in " ".join(live.notes)
    assert "the model’s own" in live.notes[-1]


def test_the_window_shows_the_first_sequence_and_says_what_it_leaves_out() -> None:
    experiment = experiment_of(understood(Tagger(), Tensor(X)))
    assert np.array_equal(experiment.sequence.values, 2 * X[:, 0])
    assert "x has 4 sequences; this is the first." in experiment.look_for
    assert "starts from a state that is not zero" in experiment.look_for


def test_float32_is_kept_and_said() -> None:
    live = understood(LSTMCell(3, 5, np.float32), X)
    assert live.network.dtype == np.float32
    assert "float32" in live.notes[0]
    assert experiment_of(live).build_network().dtype == np.float32


@pytest.mark.parametrize(
    ("thing", "x", "name", "said"),
    [
        (LSTM(3, 5, rows=3), X, None, "GRU"),
        (Module(), X, None, "no recurrent module"),
        (Tagger(), X, "norm", "There are: low"),
        (LSTM(3, 5), X, "low", "leave the name out"),
        (LSTM(3, 5), X[..., :2], None, r"\[steps, 3\] or \[steps, sequences, 3\]"),
        (LSTM(3, 5, batch_first=True), X[..., :2], None, r"\[sequences, steps, 3\]"),
        (LSTM(3, 5), np.array([["a"]]), None, "not real numbers"),
        (object(), X, None, "Give an lstmviz.Network"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_the_reason(thing: Any, x: Any, name: str | None, said: str) -> None:
    with pytest.raises(LstmvizError, match=said):
        forward(thing, x, name=name)


def test_a_projection_runs() -> None:
    module = LSTM(3, 5)
    weight_hr = np.linspace(-1, 1, 10).reshape(2, 5)
    module.weight_hr_l0 = Tensor(weight_hr)  # type: ignore[attr-defined]
    module.weight_hh_l0 = Tensor(np.ones((20, 2)))  # type: ignore[attr-defined]
    trace = forward(module, X)["l0"]
    assert isinstance(trace, LSTMTrace)
    np.testing.assert_allclose(trace.h, trace.o * trace.tanh_c @ weight_hr.T, rtol=1e-5)


def test_several_parts_have_to_be_chosen_from() -> None:
    model = Tagger()
    model.high = LSTM(5, 2)  # type: ignore[attr-defined]
    with pytest.raises(LstmvizError, match="low, high"):
        understood(model, Tensor(X))
    with pytest.raises(LstmvizError, match="does not call this module"):
        understood(model, Tensor(X), "high")


def test_a_state_dict_brings_its_embedding_and_head() -> None:
    arrays = {f"lstm.{name}": value for name, value in LSTM(3, 5).state_dict().items()}
    table = np.random.default_rng(3).standard_normal((6, 3))
    arrays = {"emb.weight": Tensor(table)} | arrays | {"out.weight": Tensor(np.ones((2, 5)))}
    trace = forward(arrays, np.array([5, 0, 1]))
    assert np.array_equal(trace.x[:, 0], table[[5, 0, 1]])
    assert np.abs(trace.y[..., 0] - trace["l0"].h.sum(-1)).max() < 1e-14
    with pytest.raises(LstmvizError, match="has 0 to 5"):
        forward(arrays, np.array([6]))


def test_a_network_is_run_as_by_the_engine() -> None:
    live = understood(LSTM(3, 5), X)
    assert np.array_equal(forward(live.network, X).y, forward(LSTM(3, 5), X).y)
    assert np.array_equal(forward(live.network, Tensor(X), h0=Tensor(np.ones((4, 5)))).x, X)


def test_a_value_that_is_not_finite_is_named_for_the_window() -> None:
    x = X[:, 0].copy()
    x[3, 1] = np.nan
    with pytest.raises(LstmvizError, match=r"step 4 has the value nan \(x, feature 1\)"):
        experiment_of(understood(LSTM(3, 5), x))


def test_neither_torch_nor_keras_nor_qt_is_loaded() -> None:
    program = (
        "import sys, numpy as np\n"
        "from lstmviz.io.live_objects.running import forward\n"
        "from tests.io.live_objects.torch_like import LSTM\n"
        "forward(LSTM(3, 5), np.zeros((4, 3)))\n"
        "print([name for name in ('torch', 'keras', 'tensorflow', 'PyQt6') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
