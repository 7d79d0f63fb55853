"""Layers in Keras's layout: kernels that multiply from the right, gates i, f, c, o, the batch first."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from lstmviz.core.errors import LstmvizError
from lstmviz.io.live_objects.keras_layers import is_keras
from lstmviz.io.live_objects.running import forward
from lstmviz.io.live_objects.understanding import understood

X = np.random.default_rng(1).standard_normal((4, 7, 3))


class Layer:
    """What is asked of a layer."""

    __module__ = "keras.src.layers.layer"

    def __init__(self, units: int = 5, inputs: int = 3, blocks: int = 4, **config: Any) -> None:
        random = np.random.default_rng(units)
        self.name, self.units = f"layer_{units}", units
        shapes = (inputs, blocks * units), (units, blocks * units), (blocks * units,)
        self.weights = [0.5 * random.standard_normal(shape) for shape in shapes]
        self.config = {"name": self.name, "activation": "tanh"} | config

    def get_weights(self) -> list[Any]:
        return self.weights

    def get_config(self) -> dict[str, Any]:
        return self.config


class LSTM(Layer):
    def __init__(self, units: int = 5, inputs: int = 3, **config: Any) -> None:
        super().__init__(units, inputs, **{"recurrent_activation": "sigmoid"} | config)

    def __call__(self, x: Any) -> Any:
        """Keras's own equations, [B, T, I] -> [B, T, H]."""
        kernel, recurrent, bias = self.weights
        h = c = np.zeros((len(x), self.units))
        rows = []
        for step in x.swapaxes(0, 1):
            i, f, candidate, o = np.split(step @ kernel + h @ recurrent + bias, 4, axis=1)
            i, f, o = (1 / (1 + np.exp(-z)) for z in (i, f, o))
            c = f * c + i * np.tanh(candidate)
            h = o * np.tanh(c)
            rows.append(h)
        return np.stack(rows, 1)


class SimpleRNN(Layer):
    def __init__(self, units: int = 5, inputs: int = 3, **config: Any) -> None:
        super().__init__(units, inputs, 1, **config)


class GRU(Layer):
    def __init__(self) -> None:
        super().__init__(blocks=3)


class Bidirectional(Layer):
    def __init__(self, merge_mode: str = "concat") -> None:
        self.name, self.forward_layer, self.backward_layer = "both", LSTM(5), LSTM(5)
        self.backward_layer.weights = [-each for each in self.forward_layer.weights]
        self.weights = [*self.forward_layer.weights, *self.backward_layer.weights]
        inside = {"class_name": "LSTM", "config": self.forward_layer.config}
        self.config = {"name": self.name, "merge_mode": merge_mode, "layer": inside}


class MyLSTM(LSTM):
    """A user's own, made from Keras's."""

    __module__ = "my_program"


class Sequential(Layer):
    """A model of layers; each input is named after the number of the layer."""

    def __init__(self, *layers: Layer) -> None:
        self.layers, self.inputs = layers, "inputs"
        for layer in layers:
            layer.input = f"in front of {layer.name}"  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", [LSTM, MyLSTM])
def test_a_layer_gives_the_numbers_that_it_gives_itself(kind: type[LSTM]) -> None:
    layer = kind()
    assert is_keras(layer)
    assert np.abs(forward(layer, X).y.swapaxes(0, 1) - layer(X)).max() < 1e-14


def test_both_directions_stand_side_by_side() -> None:
    layer = Bidirectional()
    y = forward(layer, X).y.swapaxes(0, 1)
    assert np.abs(y[..., :5] - layer.forward_layer(X)).max() < 1e-14
    assert np.abs(y[..., 5:] - layer.backward_layer(X[:, ::-1])[:, ::-1]).max() < 1e-14


def test_a_layer_that_goes_backwards_reads_from_the_end_and_says_so() -> None:
    layer = LSTM(go_backwards=True)
    live = understood(layer, X)
    assert np.array_equal(live.x, X.swapaxes(0, 1)[::-1])
    assert "from its end" in live.notes[-1]


def test_a_simple_rnn_has_the_function_of_its_configuration() -> None:
    layer = SimpleRNN(activation="relu")
    trace = forward(layer, X)
    kernel, _, bias = layer.weights
    assert np.abs(trace.y[0] - np.maximum(X[:, 0] @ kernel + bias, 0)).max() < 1e-14


def test_the_real_input_of_a_layer_comes_from_the_model_cut_off_in_front_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    low, high = LSTM(5), LSTM(4, 5)
    made: list[tuple[Any, Any]] = []

    def model(inputs: Any, outputs: Any) -> Any:
        made.append((inputs, outputs))
        return SimpleNamespace(predict=lambda x, verbose: low(x))

    monkeypatch.setitem(sys.modules, "keras", SimpleNamespace(Model=model))
    trace = forward(Sequential(low, high), X, name="layer_4")
    assert made == [("inputs", "in front of layer_4")]
    assert np.abs(trace.y.swapaxes(0, 1) - high(low(X))).max() < 1e-14


@pytest.mark.parametrize(
    ("thing", "name", "said"),
    [
        (GRU(), None, "GRU"),
        (LSTM(activation="relu"), None, "relu in place of tanh"),
        (Bidirectional("sum"), None, "joined by sum"),
        (LSTM(), "other", "Leave the name out"),
        (Sequential(Layer()), None, "no recurrent layer"),
        (Sequential(LSTM(5), LSTM(4, 5)), None, "layer_5, layer_4"),
        (Sequential(LSTM(5), LSTM(4, 5)), "x", "There is no recurrent layer “x”"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_the_reason(thing: Any, name: str | None, said: str) -> None:
    with pytest.raises(LstmvizError, match=said):
        understood(thing, X, name)


def test_a_layer_that_was_never_called_has_no_weights() -> None:
    layer = LSTM()
    layer.weights = []
    with pytest.raises(LstmvizError, match=r"build\(x.shape\)"):
        understood(layer, X)
