"""A network and what it reads as a whole experiment, for the window."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiment import Experiment
from lstmviz.core.experiments.objective import Objective
from lstmviz.core.experiments.recipe import BaselineRecipe, NetworkRecipe
from lstmviz.core.experiments.sequence import Sequence, SequenceKind
from lstmviz.core.experiments.token_table import TokenTable
from lstmviz.core.networks.network import Network
from lstmviz.core.networks.parameters import Cell
from lstmviz.core.progress import drain
from lstmviz.io.live_objects.live import Live
from lstmviz.io.models.readings import next_token_objective
from lstmviz.io.sequence_files.as_typed import as_typed, refuse_too_many
from lstmviz.io.sequences import parse_sequence, plain_names
from lstmviz.io.typed_tokens import can_be_typed, typed_tokens


def experiment_of(live: Live, vocabulary: Iterable[str] = ()) -> Experiment:
    """The first sequence of the batch as an experiment; what was found and assumed is what to look at.

    vocabulary  the tokens of the embedding in the order of their numbers; empty: they go by their numbers

    Raises LstmvizError for values that are not finite, for more of them than a sequence may have, and for a vocabulary
    of another size than the embedding.
    """
    table = _named(live.table, tuple(vocabulary))
    notes = list(live.notes)
    batch = live.x.shape[1]
    if batch > 1:
        notes.append(f"x has {batch:,} sequences; this is the first.")
    if not live.starts_from_zeros:
        notes.append("The model starts from a state that is not zero; here it starts from zeros, so numbers differ.")
    if table is None:
        return network_experiment(live.network, live.x[:, 0], live.title, " ".join(notes))
    _refuse_non_finite(np.asarray(live.x[:, 0], np.float64))
    if not all(can_be_typed(number, table) for number in live.tokens):
        table = replace(table, tokens=())
    sequence = parse_sequence(typed_tokens(live.tokens, table), SequenceKind.TOKENS, table=table)
    objective = next_token_objective(live.network, sequence)
    return _experiment(live.network, sequence, objective, live.title, " ".join(notes))


def _named(table: TokenTable | None, vocabulary: tuple[str, ...]) -> TokenTable | None:
    """The table with the names of its tokens."""
    if not vocabulary:
        return table
    if table is None:
        raise LstmvizError(
            "There is a vocabulary, but no embedding was found that looks x up",
            where="vocabulary",
            how="Leave it out, or give a whole model and the numbers of its tokens.",
        )
    return replace(table, tokens=vocabulary)


def network_experiment(network: Network, x: NDArray[Any], title: str, look_for: str = "") -> Experiment:
    """An experiment of given weights on x [T, I]: L = sum of y[T]; an LSTM gets a vanilla RNN beside it.

    Raises LstmvizError for values that are not finite, and for more of them than a sequence may have.
    """
    values = np.asarray(x, np.float64)
    _refuse_non_finite(values)
    refuse_too_many(values, "x", "show a part of it, as x[:1000]")
    sequence = drain(as_typed(values, plain_names(values.shape[1])))
    return _experiment(network, sequence, Objective(), title, look_for)


def _experiment(network: Network, sequence: Sequence, objective: Objective, title: str, look_for: str) -> Experiment:
    """An LSTM gets a vanilla RNN beside it."""
    return Experiment(
        title=title,
        look_for=look_for,
        sequence=sequence,
        recipe=NetworkRecipe.given(network),
        baseline=BaselineRecipe() if network.cell is Cell.LSTM else None,
        objective=objective,
    )


def _refuse_non_finite(values: NDArray[np.float64]) -> None:
    finite = np.isfinite(values)
    if not finite.all():
        step, feature = np.argwhere(~finite)[0].tolist()
        raise LstmvizError(
            f"The input of step {step + 1} has the value {values[step, feature]}",
            where=f"x, feature {feature}",
            how="Give finite numbers.",
        )
