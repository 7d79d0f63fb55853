"""Networks that read tokens of a table, which many tests look at."""

from __future__ import annotations

import numpy as np

from lstmviz.core.arrays import frozen
from lstmviz.core.experiment import Experiment
from lstmviz.core.experiments.objective import Objective, ObjectiveKind, Where
from lstmviz.core.experiments.recipe import BaselineRecipe, NetworkRecipe
from lstmviz.core.experiments.sequence import Sequence, SequenceKind
from lstmviz.core.experiments.token_table import TokenTable
from lstmviz.core.networks.network import Network
from lstmviz.io.sequences import parse_sequence

WORDS = ("<unk>", ".", "the", "cat", "sat", "on", "mat", "New York", "dog")
TEXT = "the cat sat on the mat"


def embedding(size: int = len(WORDS), width: int = 3) -> np.ndarray:
    """float32 numbers, as trained models have them."""
    return np.random.default_rng(7).standard_normal((size, width)).astype(np.float32)


def words(vocabulary: tuple[str, ...] = WORDS, width: int = 3) -> TokenTable:
    """An embedding of these words."""
    return TokenTable(vocabulary, frozen(embedding(len(vocabulary), width)), "emb")


def typed(text: str, table: TokenTable) -> Sequence:
    """The sequence of a text of tokens."""
    return parse_sequence(text, SequenceKind.TOKENS, table=table)


def next_word(text: str = TEXT, table: TokenTable | None = None, hidden_size: int = 5) -> Experiment:
    """An LSTM behind an embedding, with a head of one output a token, that foretells the next one."""
    sequence = typed(text, table or words())
    network = Network.create(
        "lstm", sequence.input_size, hidden_size, output_size=sequence.token_count, seed=2, forget_bias=1.0
    )
    return Experiment(
        title="next word",
        look_for="",
        sequence=sequence,
        recipe=NetworkRecipe.given(network),
        baseline=BaselineRecipe(),
        objective=Objective(ObjectiveKind.CROSS_ENTROPY, Where.EVERY, next_input=True),
    )
