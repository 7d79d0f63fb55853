"""What is said about the probabilities that come out of a step."""

from __future__ import annotations

import numpy as np

from lstmviz.core.analysis.class_names import class_name, has_classes, names_tokens
from lstmviz.core.analysis.class_outputs import StepOutput
from lstmviz.core.engine.activations import log_softmax
from lstmviz.core.numerals import shortened
from lstmviz.core.run import Run
from lstmviz.core.text import number, percent
from lstmviz.core.value_reference import ValueReference, network_run

_LEAST = 5e-4
_LABEL_CHARACTERS = 16


def share(probability: float) -> str:
    """A probability as a percentage; a tiny one as a power of ten."""
    return percent(probability) if probability >= _LEAST or probability == 0 else number(probability, digits=2)


def question(run: Run, t: int) -> str:
    """What the outputs answer at step ``t``."""
    if names_tokens(run):
        return f"What comes after “{shortened(run.sequence.labels[t - 1], _LABEL_CHARACTERS)}”?"
    return f"Which class, after step {t}?"


def softmax_in_words(found: StepOutput) -> str:
    """How probabilities are made of outputs, and what the dotted lines are, where there are any."""
    words = f"softmax: p = eʸ / sum of all {found.outputs:,} eʸ"
    return words + ("; dotted: before the what-ifs" if any(each.before is not None for each in found.likeliest) else "")


def target_in_words(found: StepOutput) -> str:
    """How likely the network finds what is right; empty where nothing is asked."""
    target = found.target
    if target is None:
        return ""
    place = "likeliest" if found.rank == 1 else f"place {found.rank:,}"
    return f"▸ target: {place}, loss −log p = {number(found.loss)}"


def class_in_words(run: Run, ref: ValueReference) -> str:
    """What an output stands for, and the probability that it becomes; empty for other values."""
    network = network_run(run, ref)
    if ref.symbol != "y" or not has_classes(run) or network.network.output_size != run.network.output_size:
        return ""
    y = np.asarray(network.trace.y[ref.t - 1, 0], np.float64)
    if not np.isfinite(y).all():
        return ""
    p = share(float(np.exp(log_softmax(y)[ref.unit])))
    return f"the output for “{class_name(run, ref.unit)}”: softmax makes {p} of it"


def as_table(found: StepOutput) -> str:
    """The bars as lines of tab-separated columns, with a heading."""
    target = found.target
    rows = list(found.likeliest)
    if target is not None and all(each.number != target.number for each in rows):
        rows.append(target)
    lines = [f"{each.name}\t{each.number}\t{each.y!r}\t{each.probability!r}" for each in rows]
    return "\n".join(["name\toutput\ty\tprobability", *lines])


def as_sentence(run: Run, found: StepOutput) -> str:
    """Everything that is drawn, for screen readers and the clipboard."""
    if not found.likeliest:
        return "An output is not a finite number, so there are no probabilities."
    shares = ", ".join(f"“{each.name}” {share(each.probability)}" for each in found.likeliest)
    target = found.target and f" The target is “{found.target.name}”, {share(found.target.probability)}."
    return f"{question(run, found.t)} {shares}.{target or ''}"
