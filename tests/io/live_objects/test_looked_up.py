"""Models of the user's own program that look tokens up: the tokens are found, and can be typed in the window."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.objective import Objective, ObjectiveKind
from lstmviz.core.experiments.sequence import SequenceKind
from lstmviz.core.run import analyse
from lstmviz.io.live_objects.experiments import experiment_of
from lstmviz.io.live_objects.looked_up import looked_up
from lstmviz.io.live_objects.understanding import understood
from tests.io.live_objects.torch_like import LSTM, Module, Tensor
from tests.tokens import embedding

TOKENS = np.array([[5, 0, 1, 5], [2, 2, 3, 4]])


class Embedding(Module):
    def __init__(self, scale: float = 1.0) -> None:
        super().__init__()
        self.weight, self.scale = Tensor(embedding(6)), scale

    def forward(self, x: Tensor) -> Any:
        return Tensor(self.scale * self.weight.values[x.values])


class Reader(Module):
    """Looks tokens [B, T] up, and hands the rows to an LSTM."""

    def __init__(self, scale: float = 1.0, *, batch_first: bool = True) -> None:
        super().__init__()
        self.emb, self.lstm = Embedding(scale), LSTM(3, 4, batch_first=batch_first)

    def forward(self, x: Tensor, *_: Any) -> Any:
        return self.lstm(self.emb(x))[0]


@pytest.mark.parametrize("batch_first", [True, False])
def test_the_tokens_of_the_first_sequence_can_be_typed(batch_first: bool) -> None:
    model = Reader(batch_first=batch_first)
    live = understood(model, Tensor(TOKENS if batch_first else TOKENS.T))
    assert live.table is not None
    assert live.table.name == "emb"
    assert live.tokens == (5, 0, 1, 5)
    assert "rows of the embedding “emb”" in " ".join(live.notes)
    experiment = experiment_of(live)
    assert (experiment.sequence.kind, experiment.sequence.source) == (SequenceKind.TOKENS, "5 0 1 5")
    np.testing.assert_array_equal(experiment.sequence.values, live.x[:, 0])
    np.testing.assert_array_equal(analyse(experiment).trace.x[:, 0], embedding(6)[[5, 0, 1, 5]])


def test_with_a_vocabulary_words_can_be_typed() -> None:
    live = understood(Reader(), Tensor(TOKENS))
    sequence = experiment_of(live, ["the", "cat", "sat", "on", "a", "mat"]).sequence
    assert sequence.source == "mat the cat mat"
    with pytest.raises(LstmvizError, match="2 tokens; the embedding has 6 rows"):
        experiment_of(live, ["the", "cat"])
    with pytest.raises(LstmvizError, match="no embedding was found"):
        experiment_of(understood(LSTM(3, 4), np.ones((2, 3))), ["the"])


def test_tokens_that_cannot_be_typed_go_by_their_numbers() -> None:
    sequence = experiment_of(understood(Reader(), Tensor(TOKENS)), ["", "a", "b", "c", "d", "e"]).sequence
    assert sequence.source == "5 0 1 5"


def test_what_stands_beside_the_tokens_does_not_matter() -> None:
    assert understood(Reader(), (Tensor(TOKENS), Tensor(np.ones(2)))).tokens == (5, 0, 1, 5)


def test_rows_that_are_changed_on_the_way_are_numbers() -> None:
    live = understood(Reader(scale=2.0), Tensor(TOKENS))
    assert (live.table, live.tokens) == (None, ())
    assert experiment_of(live).sequence.kind is SequenceKind.NUMBERS


@pytest.mark.parametrize("x", [np.ones((4, 3)), np.array([[[0]]]), {"x": 1}, "text", (), np.array([9, 9, 9, 9])])
def test_what_are_no_tokens_of_the_model_is_left_alone(x: Any) -> None:
    assert looked_up(Reader(), x, np.zeros((4, 3), np.float32)) is None


def test_a_state_dict_with_a_head_foretells_the_next_token() -> None:
    arrays = {f"lstm.{name}": value for name, value in LSTM(3, 5).state_dict().items()}
    head = {"out.weight": Tensor(np.ones((6, 5)))}
    live = understood({"emb.weight": Tensor(embedding(6))} | arrays | head, np.array([5, 0, 1]))
    assert live.tokens == (5, 0, 1)
    objective = experiment_of(live).objective
    assert (objective.kind, objective.next_input) == (ObjectiveKind.CROSS_ENTROPY, True)
    alone = understood({"emb.weight": Tensor(embedding(6))} | arrays, np.array([5, 0, 1]))
    assert experiment_of(alone).objective == Objective()


class Looker:
    """A layer of Keras that looks tokens up."""

    name = "lookup"

    def get_weights(self) -> list[Any]:
        return [embedding(6).astype(np.float16)]


def test_an_embedding_of_keras_is_found_among_the_layers() -> None:
    layer = type("Embedding", (Looker,), {})()
    model = type("Model", (), {"layers": [object.__new__(type("Layer", (), {"name": "a"})), layer]})()
    read = embedding(6).astype(np.float16)[TOKENS[1]]
    found = looked_up(model, TOKENS[1:], read)
    assert found is not None
    table, tokens = found
    assert (table.name, tokens) == ("lookup", (2, 2, 3, 4))
    assert table.vectors is not None
    assert table.vectors.dtype == np.float32
