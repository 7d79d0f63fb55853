"""An object of the user's program, understood: a network of ours and what it reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.core.arrays import Array
from lstmviz.core.engine.passes import forward
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.token_table import TokenTable
from lstmviz.core.networks.network import Network
from lstmviz.core.text import count, number
from lstmviz.io.models.model_file import Candidate, Embedding
from lstmviz.io.models.rounding import TOLERANCES


@dataclass(frozen=True, eq=False)
class Live:
    """A network and its input.

    x       [T, B, I]
    h0, c0  [layers * directions, B, H], the state that it starts from; None for zeros
    title   what it is, for people
    notes   what was found and assumed, in sentences
    table   the embedding that x are rows of; None where x is no tokens
    tokens  the T numbers of the tokens that the first sequence reads; empty without a table
    """

    network: Network
    x: NDArray[Any]
    title: str
    notes: tuple[str, ...] = ()
    h0: Array | None = None
    c0: Array | None = None
    table: TokenTable | None = None
    tokens: tuple[int, ...] = ()

    @property
    def starts_from_zeros(self) -> bool:
        """Whether it starts from a state of zeros."""
        return all(state is None or not state.any() for state in (self.h0, self.c0))

    def agreement_words(self, output: NDArray[Any]) -> str:
        """How well our y agrees with ``output`` [T, B, O], which the user's own object has computed."""
        difference = float(np.abs(forward(self.network, self.x, self.h0, self.c0).y - output).max())
        digits = min(self.network.dtype.itemsize, output.dtype.itemsize)
        if difference <= TOLERANCES[digits] * max(1.0, float(np.abs(output).max())):
            return f"The output is the model’s own: the largest difference is {number(difference)}."
        return f"Careful: the model’s own output differs by up to {number(difference)}; it does more than this cell."


def network_of(candidate: Candidate, where: str) -> Network:
    """The candidate's network. Raises LstmvizError with the reason where the engine cannot run it."""
    if candidate.network is None:
        raise LstmvizError(candidate.refusal.rstrip("."), where=where)
    return candidate.network


def steps_first(x: NDArray[Any], network: Network, *, batch_first: bool) -> NDArray[Any]:
    """x as [T, B, I]: [T] for a single feature, [T, I], [T, B, I], or with ``batch_first`` [B, T, I].

    Raises LstmvizError for other shapes.
    """
    if x.ndim == 1 and network.input_size == 1:
        x = x[:, None]
    if x.ndim not in (2, 3) or x.shape[-1] != network.input_size or 0 in x.shape:
        batch = "sequences, steps" if batch_first else "steps, sequences"
        raise LstmvizError(
            f"The input has the shape {list(x.shape)}",
            where="x",
            how=f"It must be [steps, {network.input_size}] or [{batch}, {network.input_size}].",
        )
    if x.ndim == 2:
        return x[:, None, :]
    return x.swapaxes(0, 1) if batch_first else x


def embedded(tokens: NDArray[Any], embedding: Embedding) -> Array:
    """x [..., I] of the tokens [...]. Raises LstmvizError for a token that the table does not have."""
    table = embedding.weight
    if tokens.size and not 0 <= tokens.min() <= tokens.max() < len(table):
        raise LstmvizError(
            f"The tokens run from {tokens.min()} to {tokens.max()}",
            where="x",
            how=f"“{embedding.name}” has 0 to {len(table) - 1}.",
        )
    rows: Array = table[tokens]
    return rows


def in_words(network: Network) -> str:
    """What a network is, in a sentence."""
    cell = "LSTM" if network.cell.value == "lstm" else f"vanilla RNN ({network.layers[0].nonlinearity.value})"
    parts = [
        f"{cell} with {count(network.input_size, 'input')}",
        count(network.hidden_size, "unit"),
        count(len(network.layers), "layer"),
    ]
    if network.bidirectional:
        parts.append("both directions")
    if network.head:
        parts.append(f"a linear head of {count(network.output_size, 'output')}")
    kept = ", which is kept: all numbers have some seven digits" if network.dtype == np.float32 else ""
    return f"{', '.join(parts)}; its weights are {network.dtype}{kept}."
