"""What a network from a file can read: tokens, the present sequence, noise; and the objective that goes with it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstmviz.core.engine.passes import forward
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.objective import Objective, ObjectiveKind, Where
from lstmviz.core.experiments.sequence import SequenceKind
from lstmviz.core.networks.network import Network
from lstmviz.io.models.model_file import Candidate
from lstmviz.io.models.reading import read_model
from lstmviz.io.models.readings import STEPS, readings
from lstmviz.io.models.vocabulary import read_vocabulary
from lstmviz.io.sequences import parse_sequence
from tests.experiments import squared_error

FIXTURES = Path(__file__).parent / "fixtures"


def candidate_of(folder: Path, input_size: int, output_size: int = 0) -> Candidate:
    arrays = Network.create("lstm", input_size, 2, output_size=output_size).state_dict()
    path = folder / "network.npz"
    named: dict[str, Any] = {name if "head" in name else f"rnn.{name}": array for name, array in arrays.items()}
    np.savez(path, **named)
    return read_model(path).candidate()


def test_a_network_behind_an_embedding_reads_its_tokens_by_number_and_foretells_the_next() -> None:
    candidate = read_model(FIXTURES / "checkpoint.pt").candidate()
    (reading,) = readings(candidate)
    sequence = reading.sequence
    assert candidate.embedding is not None
    assert sequence.table is not None
    assert (sequence.kind, sequence.source) == (SequenceKind.TOKENS, " ".join(map(str, sequence.numbers)))
    assert sequence.length == STEPS
    np.testing.assert_array_equal(sequence.values, candidate.embedding.weight[list(sequence.numbers)])
    assert sequence.table.vectors is candidate.embedding.weight
    assert reading.objective == Objective(ObjectiveKind.CROSS_ENTROPY, Where.EVERY, next_input=True)
    assert reading.words.startswith("tokens by their numbers: 0 1 2 3 4 5 0")


def test_the_recorded_output_of_the_framework_comes_out_of_the_typed_tokens() -> None:
    candidate = read_model(FIXTURES / "checkpoint.pt").candidate()
    tokens = np.load(FIXTURES / "checkpoint.x.npy").ravel()
    text = "".join("abcdef"[token] for token in tokens)
    present = parse_sequence(text, SequenceKind.TEXT)
    reading = readings(candidate, tuple("abcdef"), present)[0]
    expected = np.load(FIXTURES / "checkpoint.y.npy").reshape(len(tokens), -1)
    assert candidate.network is not None
    assert reading.sequence.source == text
    assert reading.sequence.labels == tuple(text)
    y = forward(candidate.network, reading.sequence.values).y[:, 0]
    np.testing.assert_allclose(y, expected, atol=1e-6)


def test_a_vocabulary_of_characters_gives_a_text_and_one_of_words_gives_tokens(tmp_path: Path) -> None:
    characters = tuple("abn d")
    candidate = candidate_of(tmp_path, 5, output_size=5)
    reading = readings(candidate, characters)[0]
    assert (reading.sequence.kind, reading.sequence.source) == (SequenceKind.TEXT, "banana")
    assert reading.sequence.vocabulary == characters
    assert (reading.objective.next_input, reading.objective.where) == (True, Where.EVERY)
    words = ("mat", "cat", "on", "the", "sat")
    reading = readings(candidate, words)[0]
    assert (reading.sequence.kind, reading.sequence.source) == (SequenceKind.TOKENS, "the cat sat on the mat")
    assert reading.sequence.labels == ("the", "cat", "sat", "on", "the", "mat")
    np.testing.assert_array_equal(reading.sequence.values.argmax(1), [3, 1, 4, 2, 3, 0])
    assert reading.sequence.features == words
    assert reading.words == "the text “the cat sat on the mat”"


def test_the_present_text_is_read_where_the_vocabulary_has_its_characters(tmp_path: Path) -> None:
    candidate = candidate_of(tmp_path, 4)
    present = parse_sequence("abba", SequenceKind.TEXT)
    assert readings(candidate, tuple("xyab"), present)[0].sequence.source == "abba"
    assert readings(candidate, tuple("xyzb"), present)[0].sequence.labels[:5] == tuple("xyzbx")


def test_a_sequence_that_fits_is_kept_with_its_objective_and_noise_is_offered_after_it(tmp_path: Path) -> None:
    candidate = candidate_of(tmp_path, 2)
    present = parse_sequence("1, 2\n3, 4", SequenceKind.NUMBERS)
    kept, noise = readings(candidate, (), present, squared_error([[1.0, 0.0]]))
    assert kept.sequence is present
    assert kept.objective == squared_error([[1.0, 0.0]])
    assert readings(candidate, (), present, squared_error([[1.0, 2.0, 3.0]]))[0].objective == Objective()
    assert (noise.sequence.kind, noise.sequence.length, noise.sequence.input_size) == (SequenceKind.FORMULA, STEPS, 2)
    other = parse_sequence("1, 2, 3", SequenceKind.NUMBERS)
    (only,) = readings(candidate, (), other, squared_error([[1.0]]))
    assert only == noise


def test_noise_of_many_features_is_the_formulas_noise_as_numbers(tmp_path: Path) -> None:
    (few,) = readings(candidate_of(tmp_path, 256))
    (many,) = readings(candidate_of(tmp_path, 300))
    assert many.sequence.kind is SequenceKind.NUMBERS
    np.testing.assert_array_equal(many.sequence.values[:, :256], few.sequence.values)


def test_a_vocabulary_of_another_size_is_refused_with_both_sizes(tmp_path: Path) -> None:
    path = tmp_path / "v.json"
    path.write_text(json.dumps(["a", "b"]), encoding="utf-8")
    with pytest.raises(LstmvizError, match=r"2 tokens; the network reads 3 inputs"):
        readings(candidate_of(tmp_path, 3), read_vocabulary(path))
    with pytest.raises(LstmvizError, match=r"2 tokens; the embedding “embedding” has 6 rows"):
        readings(read_model(FIXTURES / "checkpoint.pt").candidate(), read_vocabulary(path))


def test_what_cannot_be_run_reads_nothing(tmp_path: Path) -> None:
    candidate = replace(candidate_of(tmp_path, 3), network=None, refusal="This is a GRU.")
    with pytest.raises(LstmvizError, match="This is a GRU"):
        readings(candidate)
