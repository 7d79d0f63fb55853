"""The inputs of a task as a text that a person can edit, and back."""

from __future__ import annotations

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.sequence import SequenceKind
from lstmviz.core.numerals import shortened
from lstmviz.core.training.tasks import Task
from lstmviz.core.training.text_task import NextCharacter
from lstmviz.io.sequences import parse_sequence
from lstmviz.io.tables import format_rows

_BETWEEN = ", "
_DECIMALS = 3


def is_symbolic(task: Task) -> bool:
    """Whether every step of the task's inputs is one of several symbols."""
    return task.loss.name == "CROSS_ENTROPY" and task.input_size > 1 and task.name != "table"


def inputs_as_text(task: Task, x: Array) -> str:
    """The inputs x [T, I]: symbols by their names, numbers a row a step with as many digits as one wants to read."""
    if not is_symbolic(task):
        return format_rows(np.round(x, _DECIMALS) + 0.0)  # no -0
    names = [task.features[column] for column in x.argmax(-1)]
    return ("" if _characters(task) else _BETWEEN).join(names)


def inputs_of_text(task: Task, text: str) -> Array:
    """The inputs [T, I] in a text. Raises LstmvizError with the place of what is none."""
    if not is_symbolic(task):
        values = parse_sequence(text, SequenceKind.NUMBERS).values
        return np.asarray(values, np.float64)
    pieces = _pieces(task, text)
    if not pieces:
        raise LstmvizError("There is no sequence", where="sequence", how=f"Give symbols: {_known(task)}")
    columns = {name: column for column, name in enumerate(task.features)}
    x = np.zeros((len(pieces), task.input_size))
    for step, (start, name) in enumerate(pieces):
        if name not in columns:
            raise LstmvizError(
                f"There is no symbol “{shortened(name, 20)}” here",
                where=f"step {step + 1}",
                how=f"There are: {_known(task)}",
                span=(start, start + len(name)),
            )
        x[step, columns[name]] = 1
    return x


def _characters(task: Task) -> bool:
    return all(len(name) == 1 for name in task.features)


def _pieces(task: Task, text: str) -> list[tuple[int, str]]:
    """(place, symbol) of every step."""
    if isinstance(task, NextCharacter):
        return list(enumerate(text))
    if _characters(task):
        return [(place, character) for place, character in enumerate(text) if not character.isspace()]
    pieces, start = [], 0
    for piece in text.replace("\n", ",").split(","):
        if piece.strip():
            pieces.append((start + len(piece) - len(piece.lstrip()), piece.strip()))
        start += len(piece) + 1
    return pieces


def _known(task: Task) -> str:
    return ("" if _characters(task) else _BETWEEN).join(task.features[:60])
