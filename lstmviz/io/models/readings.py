"""What a model from a file can read at first: the sequence that is there, its own tokens, or noise; and what is asked.

A model's file has no sequence. A network that reads tokens gets tokens; any other gets numbers of its input's width.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lstmviz.core.arrays import Array, frozen
from lstmviz.core.errors import LstmvizError
from lstmviz.core.network import Network
from lstmviz.core.numerals import shortened
from lstmviz.core.objective import Objective, ObjectiveKind, Where
from lstmviz.core.sequence import Sequence, SequenceKind
from lstmviz.core.text import count
from lstmviz.io.formula import MAX_FORMULAS, noise
from lstmviz.io.live_objects.live import embedded, network_of
from lstmviz.io.models.model_file import Candidate
from lstmviz.io.sequences import MAX_VOCABULARY, parse_sequence, visible
from lstmviz.io.tables import format_rows

STEPS = 16
"""T of what is made up here."""

_MOST_VALUES = 100_000
_TEXTS = ("hello world", "the cat sat on the mat", "to be or not to be", "banana", "abcabcabcabc")
_LABEL_CHARACTERS = 8


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
    found = []
    if candidate.embedding:
        found.append(_embedded_tokens(candidate, network, vocabulary, present))
    elif vocabulary:
        found.append(_one_hot_tokens(network, vocabulary, present))
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


def _embedded_tokens(
    candidate: Candidate, network: Network, vocabulary: tuple[str, ...], present: Sequence | None
) -> Reading:
    """Rows of the embedding: x[t] = weight[token]. A head of as many outputs foretells the next token."""
    embedding = candidate.embedding
    assert embedding is not None
    size = len(embedding.weight)
    _refuse_misfit(vocabulary, size, f"the embedding “{shortened(embedding.name)}” has {size:,} rows")
    numbers = _token_numbers(size, network.input_size, vocabulary, present)
    read, following = numbers[:-1], numbers[1:]
    labels = tuple(_label(vocabulary[number]) if vocabulary else str(number) for number in read)
    sequence = parse_sequence(format_rows(embedded(np.array(read), embedding)), SequenceKind.NUMBERS)
    shown = f"tokens of the embedding: {shortened(' '.join(labels), 48)}"
    target = frozen(np.array(following, float)[:, None])
    foretells = network.head is not None and network.output_size == size
    objective = Objective(ObjectiveKind.CROSS_ENTROPY, Where.EVERY, target) if foretells else Objective()
    return Reading(shown, replace(sequence, labels=labels), objective)


def _one_hot_tokens(network: Network, vocabulary: tuple[str, ...], present: Sequence | None) -> Reading:
    """Tokens one-hot: as a text where each is a character, otherwise as rows of numbers."""
    size = network.input_size
    _refuse_misfit(vocabulary, size, f"the network reads {count(size, 'input')} a step")
    numbers = _token_numbers(size, size, vocabulary, present)
    foretells = network.head is not None and network.output_size == size
    objective = Objective(ObjectiveKind.CROSS_ENTROPY, Where.EVERY, next_input=True) if foretells else Objective()
    if _are_characters(vocabulary):
        text = "".join(vocabulary[number] for number in numbers)
        sequence = parse_sequence(text, SequenceKind.TEXT, vocabulary=vocabulary)
        return Reading(f"the text “{shortened(''.join(sequence.labels), 48)}”", sequence, objective)
    labels = tuple(_label(vocabulary[number]) for number in numbers)
    rows: Array = np.eye(size)[numbers]
    sequence = parse_sequence(format_rows(rows), SequenceKind.NUMBERS)
    sequence = replace(sequence, labels=labels, features=tuple(map(_label, vocabulary)))
    return Reading(f"tokens of the vocabulary: {shortened(' '.join(labels), 48)}", sequence, objective)


def _token_numbers(size: int, width: int, vocabulary: tuple[str, ...], present: Sequence | None) -> list[int]:
    """Numbers of tokens, two at least: the present text, a few words, or the first tokens in order."""
    most = max(_MOST_VALUES // width, 2)
    by_token = {token: number for number, token in enumerate(vocabulary)}
    texts = (present.source, *_TEXTS) if present and present.kind is SequenceKind.TEXT else _TEXTS
    for text in texts:
        for parts in (list(text), text.split()):
            if len(parts) > 1 and all(part in by_token for part in parts):
                return [by_token[part] for part in parts[:most]]
    return [number % size for number in range(STEPS + 1)]


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


def _label(token: str) -> str:
    """A token as it stands on the time axis."""
    return shortened("".join(map(visible, token)) or "∅", _LABEL_CHARACTERS)
