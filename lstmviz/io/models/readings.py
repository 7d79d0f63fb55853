"""What a model from a file can read at first: the sequence that is there, its own tokens, or noise; and what is asked.

A model's file has no sequence. A network that reads tokens gets tokens; any other gets numbers of its input's width.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle, islice

import numpy as np

from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.objective import Objective, ObjectiveKind, Where
from lstmviz.core.experiments.sequence import Sequence, SequenceKind
from lstmviz.core.experiments.token_table import TokenTable
from lstmviz.core.networks.network import Network
from lstmviz.core.numerals import shortened
from lstmviz.core.text import count
from lstmviz.io.formula import MAX_FORMULAS, noise
from lstmviz.io.live_objects.live import network_of
from lstmviz.io.models.model_file import Candidate
from lstmviz.io.sequences import MAX_VOCABULARY, parse_sequence
from lstmviz.io.tables import format_rows
from lstmviz.io.typed_tokens import can_be_typed, parse_tokens, typed_tokens

STEPS = 16
"""T of what is made up here."""

_MOST_VALUES = 100_000
_TEXTS = ("hello world", "the cat sat on the mat", "to be or not to be", "banana", "abcabcabcabc")


@dataclass(frozen=True)
class Reading:
    """A sequence that fits a network, the objective that goes with it, and both in words (no full stop)."""

    words: str
    sequence: Sequence
    objective: Objective


def readings(
    candidate: Candidate,
    vocabulary: tuple[str, ...] = (),
    present: Sequence | None = None,
    objective: Objective | None = None,
) -> tuple[Reading, ...]:
    """What the candidate can read, the likeliest first; there is always one.

    vocabulary          the tokens in the order of their numbers; empty for none
    present, objective  what is in the window now, kept where it fits

    Raises LstmvizError where the candidate cannot be run or the vocabulary is of another size.
    """
    network = network_of(candidate, candidate.name)
    table = token_table(candidate, vocabulary)
    found = [_tokens(network, table, present)] if table else []
    if present is not None and present.input_size == network.input_size:
        words = f"the sequence that is there now, {count(present.length, 'step')}"
        found.append(Reading(words, present, _fitting(objective, network, present)))
    if not candidate.embedding:
        found.append(_noise(network))
    return tuple(found)


def _fitting(objective: Objective | None, network: Network, sequence: Sequence) -> Objective:
    """``objective`` where the outputs fit it, otherwise the sum of the last output."""
    if objective is None:
        return Objective()
    try:
        objective.evaluate(np.zeros((sequence.length, 1, network.output_size)), sequence)
    except LstmvizError:
        return Objective()
    return objective


def token_table(candidate: Candidate, vocabulary: tuple[str, ...] = ()) -> TokenTable | None:
    """The tokens that the candidate reads: rows of its embedding, or one-hot; None where it reads numbers.

    Raises LstmvizError where the vocabulary is of another size.
    """
    embedding = candidate.embedding
    if embedding is not None:
        size = len(embedding.weight)
        _refuse_misfit(vocabulary, size, f"the embedding “{shortened(embedding.name)}” has {size:,} rows")
        return TokenTable(vocabulary, embedding.weight, embedding.name)
    if not vocabulary:
        return None
    size = candidate.input_size
    _refuse_misfit(vocabulary, size, f"the network reads {count(size, 'input')} a step")
    return TokenTable(vocabulary)


def _tokens(network: Network, table: TokenTable, present: Sequence | None) -> Reading:
    """Some tokens of the table, as a text where they are few characters one-hot.

    A head of as many outputs as there are tokens foretells the next one.
    """
    text = _first_text(table, present)
    if table.vectors is None and _are_characters(table.tokens):
        sequence = parse_sequence(text, SequenceKind.TEXT, vocabulary=table.tokens)
    else:
        sequence = parse_sequence(text, SequenceKind.TOKENS, table=table)
    between = "" if table.tokens and table.by_characters else " "
    shown = shortened(between.join(sequence.labels), 48)
    words = f"the text “{shown}”" if table.tokens else f"tokens by their numbers: {shown}"
    return Reading(words, sequence, next_token_objective(network, sequence))


def next_token_objective(network: Network, sequence: Sequence) -> Objective:
    """Cross-entropy against the next token where a head has an output for each; otherwise the sum of y[T]."""
    foretells = network.head is not None and network.output_size == sequence.token_count and sequence.length > 1
    return Objective(ObjectiveKind.CROSS_ENTROPY, Where.EVERY, next_input=True) if foretells else Objective()


def _first_text(table: TokenTable, present: Sequence | None) -> str:
    """The present text, a few words, or the first tokens in order: the first of these that the table has."""
    most = max(_MOST_VALUES // table.width, 2)
    written = present is not None and present.kind in (SequenceKind.TEXT, SequenceKind.TOKENS)
    texts = (present.source, *_TEXTS) if present and written else _TEXTS
    for text in texts if table.tokens else ():
        numbers = _numbers_in(text, table)
        if len(numbers) > 1:
            return typed_tokens(numbers[:most], table)
    first = list(islice((number for number in range(table.size) if can_be_typed(number, table)), STEPS))
    return typed_tokens(islice(cycle(first), min(STEPS, most)), table)


def _numbers_in(text: str, table: TokenTable) -> tuple[int, ...]:
    """The numbers of the tokens in a text; none where it has others."""
    try:
        return parse_tokens(text, table).numbers
    except LstmvizError:
        return ()


def _noise(network: Network) -> Reading:
    """Normal noise, a seed a feature: as formulas, which can be changed, or as numbers where they are too many."""
    size = network.input_size
    if size <= MAX_FORMULAS:
        formulas = "\n".join(f"noise(t, {seed})" for seed in range(size))
        sequence = parse_sequence(formulas, SequenceKind.FORMULA, length=STEPS)
    else:
        values = noise(np.arange(1.0, STEPS + 1)[:, None], np.arange(float(size))[None, :])
        sequence = parse_sequence(format_rows(values), SequenceKind.NUMBERS)
    words = f"noise, {STEPS} steps: random numbers, the same each time"
    return Reading(words, sequence, Objective())


def _refuse_misfit(vocabulary: tuple[str, ...], size: int, what: str) -> None:
    if vocabulary and len(vocabulary) != size:
        raise LstmvizError(
            f"The vocabulary has {count(len(vocabulary), 'token')}; {what}",
            how="Choose the vocabulary that the model was trained with, or go on without one.",
        )


def _are_characters(vocabulary: tuple[str, ...]) -> bool:
    """Whether it can be that of a typed text."""
    single = all(len(token) == 1 for token in vocabulary)
    return single and len(set(vocabulary)) == len(vocabulary) <= MAX_VOCABULARY
