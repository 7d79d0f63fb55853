"""Writing text one character after the other, and seeing why each was chosen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.engine.activations import log_softmax
from lstmviz.core.engine.passes import forward
from lstmviz.core.engine.trace import Trace
from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.network import Network
from lstmviz.core.training.batches import one_hot
from lstmviz.core.training.bptt import last_states


@dataclass(frozen=True)
class Suggestion:
    """A character that may come next, and its probability at the temperature asked for."""

    character: str
    probability: float


@dataclass(frozen=True, eq=False)
class GeneratedCharacter:
    """One character that the network wrote.

    character    the one that was drawn
    probability  what it had
    suggestions  the likeliest ones, best first
    trace        the steps that led to it: all of the prompt for the first character, then one step, [t, 1, ...]
    """

    character: str
    probability: float
    suggestions: tuple[Suggestion, ...]
    trace: Trace


def generate(
    network: Network,
    vocabulary: tuple[str, ...],
    prompt: str,
    *,
    temperature: float = 1.0,
    top_k: int = 5,
    seed: int = 0,
) -> Iterator[GeneratedCharacter]:
    """Go on writing after ``prompt``, without end: take as many as you like with ``itertools.islice``.

    temperature  logits are divided by it: below 1 the likeliest gain, 0 takes the likeliest always
    top_k        how many suggestions to list

    The state is carried from step to step. The random number of a character depends on the seed and its place in the
    text alone: the same comes out for the same seed, written at once or in pieces.
    Checks its arguments at once. Raises LstmvizError for a prompt that is empty or has unknown characters, a network
    that does not fit the vocabulary or reads from the end too, and impossible settings.
    """
    _refuse_misfit(network, vocabulary)
    if not 0 <= temperature < np.inf:
        raise LstmvizError(f"The temperature is {temperature}", where="temperature", how="Give a number, 0 or more.")
    if top_k < 1:
        raise LstmvizError(f"The number of suggestions is {top_k}", where="top_k", how="Give 1 or more.")
    return _generate(network, vocabulary, _codes(vocabulary, prompt), temperature, top_k, seed)


def suggestions(
    network: Network, vocabulary: tuple[str, ...], text: str, top_k: int = 3, *, temperature: float = 1.0
) -> tuple[Suggestion, ...]:
    """The likeliest characters after ``text``, best first, as above a phone's keyboard. Raises like ``generate``."""
    written = generate(network, vocabulary, text, top_k=top_k, temperature=temperature)
    return next(written).suggestions


@dataclass(frozen=True)
class ReadCharacter:
    """One character of a text, as the network saw it coming.

    character    the one that stands there
    probability  what it had after everything before it
    suggestions  the likeliest ones there, best first
    """

    character: str
    probability: float
    suggestions: tuple[Suggestion, ...]


def read_text(
    network: Network, vocabulary: tuple[str, ...], text: str, *, temperature: float = 1.0, top_k: int = 5
) -> tuple[ReadCharacter, ...]:
    """Every character of ``text`` but the first: how likely it was, and what else was. Raises like ``generate``."""
    _refuse_misfit(network, vocabulary)
    codes = _codes(vocabulary, text)
    logits = np.asarray(forward(network, one_hot(np.array(codes), len(vocabulary))[:, None]).y[:, 0], np.float64)
    found = []
    for step, code in enumerate(codes[1:]):
        chances = probabilities(logits[step], temperature)
        found.append(ReadCharacter(vocabulary[code], float(chances[code]), _likeliest(vocabulary, chances, top_k)))
    return tuple(found)


def _likeliest(vocabulary: tuple[str, ...], chances: Array, top_k: int) -> tuple[Suggestion, ...]:
    best = np.argsort(-chances, kind="stable")[:top_k]
    return tuple(Suggestion(vocabulary[k], float(chances[k])) for k in best)


def probabilities(logits: Array, temperature: float) -> Array:
    """softmax(logits / temperature), [V]; at 0 all of it goes to the largest."""
    if temperature == 0:
        return one_hot(np.asarray(logits.argmax()), len(logits))
    with np.errstate(all="ignore"):
        # the largest is taken out before dividing, so that a tiny temperature cannot overflow to inf - inf
        return np.asarray(np.exp(log_softmax((logits - logits.max()) / temperature)))


def _generate(
    network: Network,
    vocabulary: tuple[str, ...],
    codes: list[int],
    temperature: float,
    top_k: int,
    seed: int,
) -> Iterator[GeneratedCharacter]:
    h: Array | None = None
    c: Array | None = None
    for place in count(len(codes)):
        trace = forward(network, one_hot(np.array(codes), len(vocabulary)), h, c)
        logits = np.asarray(trace.y[-1, 0], np.float64)
        if not np.isfinite(logits).all():
            raise LstmvizError(
                f"The network cannot go on: {trace.first_nonfinite or 'an output is not finite'}",
                where="generation",
                how="Take an earlier checkpoint.",
            )
        chances = probabilities(logits, temperature)
        # the first whose running sum exceeds a random number; rounding may leave the whole sum below it
        number = np.random.default_rng((seed, place)).random()
        drawn = min(int(np.searchsorted(chances.cumsum(), number, "right")), len(chances) - 1)
        best = _likeliest(vocabulary, chances, top_k)
        h, c = last_states(trace)
        codes = [drawn]
        yield GeneratedCharacter(vocabulary[drawn], float(chances[drawn]), best, trace)


def _codes(vocabulary: tuple[str, ...], prompt: str) -> list[int]:
    if not prompt:
        raise LstmvizError("There is nothing to go on from", where="prompt", how="Type a character or more.")
    for place, character in enumerate(prompt):
        if character not in vocabulary:
            raise LstmvizError(
                f"The network has never seen “{character}”",
                where="prompt",
                how=f"It knows: {''.join(vocabulary)}",
                span=(place, place + 1),
            )
    return [vocabulary.index(character) for character in prompt]


def _refuse_misfit(network: Network, vocabulary: tuple[str, ...]) -> None:
    if network.bidirectional:
        raise LstmvizError(
            "A network that also reads from the end cannot write: the end is not there yet",
            where="network",
            how="Take a network with one direction.",
        )
    if not network.input_size == network.output_size == len(vocabulary):
        raise LstmvizError(
            f"The network reads {network.input_size} and answers {network.output_size} characters, "
            f"the vocabulary has {len(vocabulary)}",
            where="network",
            how="Take the vocabulary that it was trained with.",
        )
