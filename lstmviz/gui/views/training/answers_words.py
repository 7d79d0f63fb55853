"""What networks answer to one sequence, in words and as a table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.text import percent, significant, visible
from lstmviz.core.training.inference import Answers
from lstmviz.core.training.progress_words import metric_words
from lstmviz.core.training.table_task import TablePrediction
from lstmviz.core.training.tasks import Task
from lstmviz.gui.views.training.table_twin import Table

_MOST_FEATURES = 8
_LIKELIEST = 3


def verdict(answers: Answers) -> str:
    """How well every network did on this sequence."""
    scored = {name: each.score for name, each in answers.answers.items() if each.score is not None}
    if not scored:
        return "What would be right is not known for this sequence; here is what the networks answer."
    metric = answers.task.metric
    parts = [f"{name} {metric_words(metric, score.metric)}" for name, score in scored.items()]
    unit = "; 1 is the variance of the column" if _scaled(answers.task) else ""
    return f"On this sequence, {metric.value}: {', '.join(parts)}{unit}."


def _scaled(task: Task) -> bool:
    return isinstance(task, TablePrediction) and not task.classes and task.target_deviation != 1


def input_words(task: Task, x: Array) -> str:
    """What stands in one step x [I]: the symbol of a one-hot step, or its numbers."""
    if task.input_size > 1 and is_one_hot(x[None]):
        return shown_name(task.features[int(x.argmax())])
    if task.input_size > 1 and not x.any():
        return "–"
    if task.input_size <= _MOST_FEATURES:
        return ", ".join(significant(value, 3) if value % 1 else f"{value:.0f}" for value in x.tolist())
    return f"{task.input_size} numbers"


def is_one_hot(x: Array) -> bool:
    """Whether every step of x [T, I] is one symbol, or nothing."""
    return bool(np.isin(x, (0.0, 1.0)).all() and (x.sum(-1) <= 1).all() and x.any())


def shown_name(name: str) -> str:
    """The name of a symbol, also where it is a character that cannot be seen."""
    return visible(name) if len(name) == 1 else name


def names_of_classes(task: Task) -> tuple[str, ...]:
    """The classes as they are shown."""
    return tuple(shown_name(name) for name in task.answers)


def sentence_at(answers: Answers, t: int) -> str:
    """What every network answers at step t, from 1, and what is right."""
    step, task = t - 1, answers.task
    parts = [f"{name} {_answer_words(answers, each.outputs[step])}" for name, each in answers.answers.items()]
    words = f"Step {t}, reading {input_words(task, answers.x[step])}: {'; '.join(parts)}"
    right = right_words(answers, step)
    return f"{words}; right is {right}" if right else words


def right_words(answers: Answers, step: int) -> str:
    """What is right at a step, from 0; empty where nothing is asked."""
    if answers.target is None or not answers.asked[step]:
        return ""
    if answers.is_classes:
        names = names_of_classes(answers.task)
        return " or ".join(names[number] for number in answers.right(step))
    return ", ".join(significant(value, 3) for value in answers.target[step].tolist())


def table_of_answers(answers: Answers) -> Table:
    """A row a step: what was read, what is right, and every network's answer with its probability for classes."""
    columns = ("answer", "probability", "of the right one") if answers.is_classes else ("answer", "error")
    header = ("t", "read", "right", *(f"{name} {column}" for name in answers.answers for column in columns))
    rows = []
    for step in range(answers.length):
        cells = [str(step + 1), input_words(answers.task, answers.x[step]), right_words(answers, step)]
        for each in answers.answers.values():
            cells += _cells(answers, each.outputs[step], step)
        rows.append(tuple(cells))
    return header, rows


def _cells(answers: Answers, outputs: Array, step: int) -> Sequence[str]:
    asked = answers.target is not None and bool(answers.asked[step])
    if answers.is_classes:
        best = int(outputs.argmax())
        right = percent(float(outputs[list(answers.right(step))].sum())) if asked else ""
        return names_of_classes(answers.task)[best], percent(float(outputs[best])), right
    error = ""
    if asked and answers.target is not None:
        error = ", ".join(significant(value, 3) for value in (outputs - answers.target[step]).tolist())
    return ", ".join(significant(value, 4) for value in outputs.tolist()), error


def _answer_words(answers: Answers, outputs: Array) -> str:
    if not answers.is_classes:
        return "says " + ", ".join(significant(value, 3) for value in outputs.tolist())
    names = names_of_classes(answers.task)
    best = np.argsort(-outputs, kind="stable")[:_LIKELIEST]
    return "expects " + ", ".join(f"{names[k]} {percent(float(outputs[k]))}" for k in best)
