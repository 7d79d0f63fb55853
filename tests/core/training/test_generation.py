"""Writing character by character: the state is carried, temperature and seed do what they say."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
from numpy.testing import assert_allclose

from lstmviz.core.engine.passes import forward
from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.network import Network
from lstmviz.core.training.generation import generate, probabilities, read_text, suggestions
from lstmviz.core.training.text_task import NextCharacter
from lstmviz.core.training.training import train

LETTERS = ("a", "b", "c")
NETWORK = Network.create("lstm", 3, 4, num_layers=2, output_size=3, seed=2)


def written(count=12, network=NETWORK, **options):
    return list(islice(generate(network, LETTERS, "ab", **options), count))


@pytest.mark.parametrize("cell", ["lstm", "rnn"])
def test_carrying_the_state_gives_what_reading_everything_again_gives(cell):
    network = Network.create(cell, 3, 4, num_layers=2, output_size=3, seed=2)
    steps = written(6, network)
    text = "ab" + "".join(step.character for step in steps[:-1])
    logits = forward(network, np.eye(3)[[LETTERS.index(c) for c in text]]).y[-1, 0]
    assert_allclose(steps[-1].trace.y[-1, 0], logits, rtol=1e-12)
    chances = np.exp(logits) / np.exp(logits).sum()
    assert steps[-1].probability == pytest.approx(chances[LETTERS.index(steps[-1].character)])


def test_the_seed_decides():
    texts = ["".join(step.character for step in written(30, seed=seed)) for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]


def test_suggestions_are_the_likeliest_best_first():
    step = written(1, top_k=2)[0]
    chances = [suggestion.probability for suggestion in step.suggestions]
    assert chances == sorted(chances, reverse=True)
    assert len(chances) == 2
    everything = written(1, top_k=9)[0].suggestions
    assert sum(each.probability for each in everything) == pytest.approx(1)
    assert suggestions(NETWORK, LETTERS, "ab", 2) == step.suggestions


def test_temperature():
    logits = np.array([1.0, 2.0, 0.0])
    assert_allclose(probabilities(logits, 0), [0, 1, 0])
    assert_allclose(probabilities(logits, 1e-320), [0, 1, 0])
    assert_allclose(probabilities(logits, 2.0), np.exp(logits / 2) / np.exp(logits / 2).sum())
    assert_allclose(probabilities(logits, 1e300), 1 / 3)
    greedy = [step.character for step in written(8, temperature=0)]
    assert greedy == [step.suggestions[0].character for step in written(8, temperature=0)]


def test_characters_come_as_often_as_their_probability_says():
    step = written(1)[0]
    drawn = [next(generate(NETWORK, LETTERS, "ab", seed=seed)).character for seed in range(400)]
    for each in step.suggestions:
        assert drawn.count(each.character) / 400 == pytest.approx(each.probability, abs=0.09)


def test_a_trained_network_writes_what_it_has_learned():
    task = NextCharacter("abc" * 60, 12)
    network = Network.create("lstm", 3, 8, output_size=3)
    for progress in train(network, task, lr=0.05, updates=60, validate_every=60):
        trained = progress
    assert trained.validation.metric > 0.95 > 2 * task.baseline.metric
    text = islice(generate(trained.network, task.vocabulary, "ab", temperature=0.2), 9)
    assert "".join(step.character for step in text) == "cabcabcab"


@pytest.mark.parametrize(
    ("prompt", "options", "words"),
    [
        ("", {}, "nothing to go on from"),
        ("ax", {}, "never seen “x”"),
        ("a", {"temperature": -1}, "temperature"),
        ("a", {"top_k": 0}, "suggestions"),
    ],
)
def test_what_cannot_be_written_is_refused_at_once(prompt, options, words):
    with pytest.raises(LstmvizError, match=words):
        generate(NETWORK, LETTERS, prompt, **options)


def test_networks_that_cannot_write_are_refused():
    with pytest.raises(LstmvizError, match="the end is not there yet"):
        generate(Network.create("lstm", 3, 4, bidirectional=True, output_size=3), LETTERS, "a")
    with pytest.raises(LstmvizError, match="vocabulary has 2"):
        generate(NETWORK, ("a", "b"), "a")
    broken = NETWORK.with_parameters({"head.bias": np.array([np.nan, 0, 0])})
    with pytest.raises(LstmvizError, match="earlier checkpoint"):
        next(generate(broken, LETTERS, "a"))


def test_a_text_written_in_pieces_is_the_one_written_at_once():
    whole = "".join(each.character for each in islice(generate(NETWORK, LETTERS, "ab", seed=3), 12))
    text = "ab"
    for _ in range(12):
        text += next(generate(NETWORK, LETTERS, text, seed=3)).character
    assert text == "ab" + whole
    other = "".join(each.character for each in islice(generate(NETWORK, LETTERS, "ab", seed=4), 12))
    assert other != whole


def test_reading_says_how_likely_every_character_was():
    read = read_text(NETWORK, LETTERS, "abba", temperature=0.7)
    assert [each.character for each in read] == ["b", "b", "a"]
    for number, each in enumerate(read, 1):
        expected = next(generate(NETWORK, LETTERS, "abba"[:number], temperature=0.7)).suggestions
        assert [s.character for s in each.suggestions] == [s.character for s in expected]
        assert each.suggestions[0].probability == pytest.approx(expected[0].probability)
        shown = {s.character: s.probability for s in each.suggestions}
        assert each.probability == pytest.approx(shown.get(each.character, each.probability))
    assert read_text(NETWORK, LETTERS, "a") == ()
