"""Whether the outputs of a network choose among tokens or classes, and what these are called."""

from __future__ import annotations

from lstmviz.core.experiments.objective import ObjectiveKind
from lstmviz.core.experiments.token_table import token_label
from lstmviz.core.run import Run
from lstmviz.core.text import visible


def has_classes(run: Run) -> bool:
    """Whether the outputs choose among something: an output a token behind a head, or a loss of cross-entropy."""
    if run.network.output_size < 2:
        return False
    return run.objective.kind is ObjectiveKind.CROSS_ENTROPY or names_tokens(run)


def names_tokens(run: Run) -> bool:
    """Whether each output stands for one of the tokens or characters that the network reads."""
    return run.network.head is not None and run.network.output_size == run.sequence.token_count


def class_name(run: Run, number: int) -> str:
    """The token or character of an output, as it stands on an axis; otherwise its number."""
    if not names_tokens(run):
        return str(number)
    table = run.sequence.table
    return token_label(table, number) if table else visible(run.sequence.vocabulary[number])
