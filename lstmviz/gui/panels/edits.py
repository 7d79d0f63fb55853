"""What a change of one part of an experiment does to the rest: pure functions, experiment to experiment.

A change is asked for on one part alone. ``edited`` makes it, and then brings along whatever no longer fits, so that
typing never ends in an experiment that cannot run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lstmviz.core.arrays import Array, frozen
from lstmviz.core.experiment import Experiment
from lstmviz.core.experiments.objective import Objective, ObjectiveKind, Where
from lstmviz.core.experiments.recipe import BaselineRecipe, NetworkRecipe
from lstmviz.core.experiments.sequence import Sequence
from lstmviz.core.networks.initialisation import draw_head
from lstmviz.core.networks.network import Network
from lstmviz.core.networks.parameters import GATES, Cell, Head
from lstmviz.core.text import count

Change = Callable[[Experiment], Experiment]

OUTPUTS_LIMIT = 10_000
"""The widest read-out that is made unasked; beyond it the user is told what would be needed."""

FIRST_TARGET = frozen([[1.0]])
FIRST_CLASS = frozen([[0.0]])

_DETERMINES_WEIGHTS = {"cell", "hidden_size", "num_layers", "bidirectional", "initialisation", "seed"}


@dataclass(frozen=True)
class Edited:
    """An experiment after a change.

    asked       with the change alone; it may not fit together
    experiment  with the rest brought along
    notes       what was brought along, in sentences
    """

    asked: Experiment
    experiment: Experiment
    notes: tuple[str, ...]


def edited(experiment: Experiment, change: Change) -> Edited:
    """``change`` made, and everything else brought into line with it."""
    asked = change(experiment)
    had_weights, has_weights = experiment.recipe.weights, asked.recipe.weights
    notes = ["New weights were drawn."] if had_weights is not None and has_weights is None else []
    notes += (
        ["A new vanilla RNN was drawn."] if _given_rnn(experiment) and asked.baseline and not _given_rnn(asked) else []
    )
    new_target = asked.objective.target is not experiment.objective.target
    result, more_notes = fitted(asked, keep_target=new_target)
    return Edited(asked, result, (*notes, *more_notes))


# The changes that panels ask for


def with_sequence(experiment: Experiment, sequence: Sequence) -> Experiment:
    """Another sequence; a read-out that predicts the next input keeps as many outputs as there can be inputs."""
    old, new = (each.token_count or each.input_size for each in (experiment.sequence, sequence))
    recipe = experiment.recipe
    reads_others = sequence.input_size != experiment.sequence.input_size
    if experiment.objective.next_input and reads_others and recipe.output_size == old != new:
        recipe = with_outputs(recipe, new)
    return replace(experiment, sequence=sequence, recipe=recipe)


def with_recipe(experiment: Experiment, **changes: Any) -> Experiment:
    """Other fields of the recipe. Weights given by hand stay where they can, otherwise new ones are drawn."""
    recipe = replace(experiment.recipe, **changes)
    if _DETERMINES_WEIGHTS & changes.keys():
        recipe = drawn(recipe)
    elif recipe.weights is not None:
        recipe = replace(recipe, weights=_as_described(recipe.weights, recipe))
    objective = experiment.objective
    target = objective.target
    if "output_size" in changes and target is not None and target.shape[1] not in (1, outputs(recipe)):
        objective = replace(objective, target=frozen(target[:, :1]))
    baseline = experiment.baseline
    if (_DETERMINES_WEIGHTS | {"output_size"}) & changes.keys():
        baseline = drawn_baseline(baseline)
    return replace(experiment, recipe=recipe, baseline=baseline, objective=objective)


def with_drawn_weights(experiment: Experiment) -> Experiment:
    """Weights drawn from the seed in place of given ones, also in the vanilla RNN beside the network."""
    return replace(experiment, recipe=drawn(experiment.recipe), baseline=drawn_baseline(experiment.baseline))


def with_baseline(experiment: Experiment, baseline: BaselineRecipe | None) -> Experiment:
    """Another vanilla RNN beside the network, or none."""
    return replace(experiment, baseline=baseline)


def with_other_baseline(experiment: Experiment, **changes: Any) -> Experiment:
    """Other fields of the vanilla RNN beside the network, which is drawn anew; one is put there where there is none."""
    baseline = drawn_baseline(experiment.baseline) or BaselineRecipe()
    return with_baseline(experiment, replace(baseline, **changes))


def with_objective(experiment: Experiment, **changes: Any) -> Experiment:
    """Other fields of the objective."""
    return replace(experiment, objective=replace(experiment.objective, **changes))


def with_objective_kind(experiment: Experiment, kind: ObjectiveKind) -> Experiment:
    """Another loss, with targets that make sense for it: on tokens cross-entropy predicts the next one.

    But a given read-out that has not an output for each token chooses among classes of its own.
    """
    objective = replace(experiment.objective, kind=kind)
    if kind is ObjectiveKind.CROSS_ENTROPY:
        tokens, recipe = experiment.sequence.token_count, experiment.recipe
        if tokens and (recipe.weights is None or outputs(recipe) == tokens):
            objective = replace(objective, where=Where.EVERY, next_input=True, target=None)
        elif objective.target is not None and not _are_classes(objective.target):
            objective = replace(objective, target=FIRST_CLASS)
    return replace(experiment, objective=objective)


def with_weights(experiment: Experiment, changes: tuple[tuple[str, tuple[int, ...], float], ...]) -> Experiment:
    """Some weights of the network set by hand: (PyTorch's name, index, value) of each. Raises LstmvizError."""
    recipe = experiment.recipe
    for name, index, value in changes:
        recipe = recipe.with_weight(experiment.sequence.input_size, name, index, value)
    return replace(experiment, recipe=recipe)


# Bringing the rest along


def fitted(experiment: Experiment, *, keep_target: bool = False) -> tuple[Experiment, tuple[str, ...]]:
    """The experiment with whatever does not fit the sequence brought into line, and sentences that say what.

    ``keep_target`` leaves the number of targets alone: one who types them may have to type more.
    """
    notes = []
    sequence, recipe = experiment.sequence, experiment.recipe
    if recipe.weights is not None and recipe.weights.input_size != sequence.input_size:
        width = count(recipe.weights.input_size, "feature")
        notes.append(f"The weights given by hand read {width} a step, so new ones were drawn.")
        recipe = drawn(recipe)
    objective = _fitted_to_length(experiment.objective, sequence, keep_target)
    needed = _needed_outputs(objective, sequence, outputs(recipe))
    if needed != outputs(recipe):
        recipe = with_outputs(recipe, needed)
        notes.append(f"The read-out now has {count(needed, 'output')}, as the objective needs.")
    baseline = experiment.baseline
    if baseline and baseline.weights and _reads_or_answers_otherwise(baseline.weights, sequence, recipe):
        notes.append("The given vanilla RNN does not fit any more, so a new one was drawn.")
        baseline = drawn_baseline(baseline)
    objective = replace(objective, unit=min(objective.unit, max(outputs(recipe) - 1, 0)))
    if objective != experiment.objective:
        notes.append(f"The objective was brought along: {objective.in_words()}.")
    return replace(experiment, recipe=recipe, baseline=baseline, objective=objective), tuple(notes)


def drawn(recipe: NetworkRecipe) -> NetworkRecipe:
    """The recipe with drawn weights, and for an LSTM a forget bias of 1 where none was chosen."""
    if recipe.weights is None:
        return recipe
    forget_bias = recipe.forget_bias
    if forget_bias is None and recipe.cell is Cell.LSTM:
        forget_bias = 1.0
    return replace(recipe, weights=None, forget_bias=forget_bias)


def drawn_baseline(baseline: BaselineRecipe | None) -> BaselineRecipe | None:
    """The vanilla RNN beside the network with drawn weights."""
    return replace(baseline, weights=None) if baseline and baseline.weights else baseline


def _given_rnn(experiment: Experiment) -> bool:
    return experiment.baseline is not None and experiment.baseline.weights is not None


def _reads_or_answers_otherwise(rnn: Network, sequence: Sequence, recipe: NetworkRecipe) -> bool:
    """Whether a given RNN has another input or read-out than the network that it stands beside."""
    read_out = recipe.output_size if recipe.weights is None else recipe.weights.head and recipe.weights.output_size
    return rnn.input_size != sequence.input_size or (rnn.head and rnn.output_size) != (read_out or None)


def outputs(recipe: NetworkRecipe) -> int:
    """The width of y[t]."""
    if recipe.weights is not None:
        return recipe.weights.output_size
    return recipe.output_size or recipe.hidden_size * (2 if recipe.bidirectional else 1)


def with_outputs(recipe: NetworkRecipe, output_size: int) -> NetworkRecipe:
    """The recipe with a linear head of ``output_size`` outputs; given weights keep theirs, the head is drawn."""
    recipe = replace(recipe, output_size=output_size)
    if recipe.weights is not None:
        recipe = replace(recipe, weights=_as_described(recipe.weights, recipe))
    return recipe


def _as_described(weights: Network, recipe: NetworkRecipe) -> Network:
    """Given weights with the recipe's nonlinearity, and with a drawn head where its width is another."""
    layers = tuple(replace(layer, nonlinearity=recipe.nonlinearity) for layer in weights.layers)
    head = weights.head
    if recipe.output_size != (weights.output_size if head else 0):
        head = _drawn_head(weights, recipe) if recipe.output_size else None
    return replace(weights, layers=layers, head=head)


def _drawn_head(weights: Network, recipe: NetworkRecipe) -> Head:
    head = draw_head(np.random.default_rng(recipe.seed), weights.layers[-1].output_size, recipe.output_size)
    return Head(frozen(head.weight, weights.dtype), frozen(head.bias, weights.dtype))


def _fitted_to_length(objective: Objective, sequence: Sequence, keep_target: bool) -> Objective:
    """The objective on a sequence of this length and kind; its unit is left alone."""
    length = sequence.length
    if objective.kind is ObjectiveKind.SUM_OF_LAST:
        return objective
    if objective.kind is ObjectiveKind.ONE_UNIT:
        return replace(objective, t=min(objective.t, length))
    classes = objective.kind is ObjectiveKind.CROSS_ENTROPY
    if objective.next_input and length > 1:
        if classes and not sequence.reads_tokens and sequence.input_size == 1:
            return replace(objective, kind=ObjectiveKind.SQUARED_ERROR)  # numbers have no next character
        return objective
    target = objective.target
    if target is None:
        target = FIRST_CLASS if classes else FIRST_TARGET
    if len(target) not in (1, length) and not keep_target:
        target = frozen(target[-1:])
    if target is objective.target and not objective.next_input:
        return objective
    return replace(objective, next_input=False, target=target)


def _needed_outputs(objective: Objective, sequence: Sequence, present: int) -> int:
    """How wide y[t] must be: ``present`` where that fits, or where nothing reasonable would."""
    needed = present
    if objective.kind is ObjectiveKind.CROSS_ENTROPY:
        if objective.next_input:
            needed = max(present, sequence.token_count or sequence.input_size, 2)
        elif objective.target is not None and _are_classes(objective.target):
            needed = max(present, int(min(float(objective.target.max()), OUTPUTS_LIMIT)) + 1, 2)
    elif objective.kind is ObjectiveKind.SQUARED_ERROR:
        target = sequence.values if objective.next_input else objective.target
        if target is not None and target.shape[1] not in (1, present):
            needed = int(target.shape[1])
    return needed if needed <= OUTPUTS_LIMIT else present


def _are_classes(target: Array) -> bool:
    """Whether these are class numbers: one column of whole numbers from 0."""
    return target.shape[1] == 1 and bool((target >= 0).all() and (target == np.floor(target)).all())


def weights_as_counted(network: Network) -> int:
    """How many weights there are on paper, where each gate has one bias b = bias_ih + bias_hh."""
    twice = sum(array.size for name, array in network.state_dict().items() if name.startswith("bias_hh"))
    return network.num_parameters - twice


def forget_bias_of(network: Network) -> float:
    """The mean b_f of an LSTM; 0 for an RNN."""
    if network.cell is not Cell.LSTM:
        return 0.0
    biases = [parameters.bias[parameters.block(GATES.index("f"))] for _, _, parameters in network.directions()]
    return float(np.mean(np.concatenate(biases)))
