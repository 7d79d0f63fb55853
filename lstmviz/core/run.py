"""A run: all the numbers of an experiment, computed once and never changed."""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

from lstmviz.core.arrays import Array
from lstmviz.core.engine.backward_step import BackwardStep, gradient_from_above, layer_backward_step
from lstmviz.core.engine.bug_museum import Bug, buggy_backward
from lstmviz.core.engine.passes import backward_steps, forward_steps
from lstmviz.core.engine.trace import Gradients, LSTMGradients, Trace
from lstmviz.core.experiment import Experiment
from lstmviz.core.experiments.objective import Objective
from lstmviz.core.experiments.sequence import Sequence
from lstmviz.core.magnitudes import log10_norms
from lstmviz.core.networks.alteration import Alteration
from lstmviz.core.networks.memory import refuse_impossible_sizes, refuse_large_run
from lstmviz.core.networks.network import Network
from lstmviz.core.progress import drain

Result = TypeVar("Result")

_SECONDS_OF_AN_ALTERED_STEP = 60e-6

_SOON_DRAWN = 2**16
"""Recurrent weights of one gate in all layers that are drawn in some milliseconds, orthogonal ones too."""


@dataclass(frozen=True)
class Progress:
    """How far an analysis is: the fraction done, 0 to 1, and what it is doing."""

    fraction: float
    doing: str


@dataclass(frozen=True, eq=False)
class NetworkRun:
    """One network on the experiment's sequence: forward, loss L, and backward from dy = dL/dy [T, 1, O]."""

    trace: Trace
    loss: float
    dy: Array
    gradients: Gradients

    @property
    def network(self) -> Network:
        """The network that ran."""
        return self.trace.network

    def backward_step(self, layer: str, t: int) -> BackwardStep:
        """The numbers of step ``t`` (from 1) of the backward pass through ``layer``."""
        if layer not in self._dh_above:
            self._dh_above[layer] = gradient_from_above(self.trace, self.gradients, self.dy, layer)
        dh_above = self._dh_above[layer][t - 1, 0]
        return layer_backward_step(self.trace[layer], self.gradients[layer], dh_above, (t - 1, 0))

    @cached_property
    def _dh_above(self) -> dict[str, Array]:
        return {}

    @cached_property
    def log10_dh(self) -> dict[str, Array]:
        """For each layer log10 ||dL/dh[t]||_2 over its units, [T]; -inf where the gradient is exactly zero."""
        return {name: log10_norms(grads.h[:, 0]) for name, grads in self.gradients.layers.items()}

    @cached_property
    def log10_dc(self) -> dict[str, Array]:
        """The same for ||dL/dc[t]||_2; empty for a vanilla RNN."""
        layers = self.gradients.layers.items()
        return {name: log10_norms(grads.c[:, 0]) for name, grads in layers if isinstance(grads, LSTMGradients)}


@dataclass(frozen=True, eq=False)
class Run:
    """Everything that views draw.

    sequence  what both networks read: the experiment's, as its enabled what-ifs leave it
    objective  the experiment's, whose targets have moved with the steps of the sequence
    baseline  the vanilla RNN's run, or None without one
    before    the run of the same experiment without what-ifs, None where none is enabled
    """

    experiment: Experiment
    sequence: Sequence
    objective: Objective
    main: NetworkRun
    baseline: NetworkRun | None
    before: Run | None = None

    def has_numbers_of(self, other: Run) -> bool:
        """Whether both hold the very same numbers: their experiments differ in annotations and words at most."""
        mine, theirs = ((run.main, run.baseline, run.before and run.before.main) for run in (self, other))
        return all(a is b for a, b in zip(mine, theirs, strict=True))

    @property
    def network(self) -> Network:
        """The network under study."""
        return self.main.network

    @property
    def trace(self) -> Trace:
        """The forward pass of the network under study."""
        return self.main.trace

    @property
    def gradients(self) -> Gradients:
        """The backward pass of the network under study."""
        return self.main.gradients

    @property
    def length(self) -> int:
        """T, the number of steps."""
        return self.sequence.length


def analyse(experiment: Experiment, known: Run | None = None) -> Run:
    """Run the experiment forwards and backwards, its baseline too; and what it was before its what-ifs.

    known  an earlier run; as far as it has the numbers that are needed, they are taken from there

    Raises LstmvizError for what the user can mend: sizes, weights or targets that do not fit, and a what-if that
    does not fit the rest any more, which it names.
    """
    return drain(analysing(experiment, known))


def analysing(experiment: Experiment, known: Run | None = None) -> Generator[Progress, None, Run]:
    """``analyse`` in small pieces: each ``yield`` is progress and a place to stop."""
    plain = experiment.without_what_ifs()
    before = _known_run(plain, known)
    start = 0.0
    if before is None:
        share = 0.5 if experiment.changes else 1.0
        before, start = (yield from _analysing_plain(plain, share)), share
    if not experiment.changes:
        return replace(before, experiment=experiment)
    return (yield from _analysing_altered(experiment, before, start))


def _known_run(plain: Experiment, known: Run | None) -> Run | None:
    """The run of ``plain``, an experiment without what-ifs, where ``known`` is it or holds it."""
    found = known.before or known if known else None
    if found is None or found.experiment.changes or not found.experiment.has_numbers_of(plain):
        return None
    return replace(found, experiment=plain)


def _analysing_plain(experiment: Experiment, share: float) -> Generator[Progress, None, Run]:
    """The run of an experiment without what-ifs; its progress runs from 0 to ``share``."""
    refuse_hopeless(experiment)
    network = experiment.build_network()
    baseline = experiment.baseline.build(experiment.recipe, network) if experiment.baseline else None
    plans = [_Plan(network, {}, None), *([_Plan(baseline, {}, None)] if baseline else [])]
    runs = yield from _running_all(experiment, experiment.sequence, experiment.objective, plans, 0.0, share)
    return Run(experiment, experiment.sequence, experiment.objective, runs[0], runs[1] if baseline else None)


def _changed(experiment: Experiment, network: Network) -> tuple[Sequence, Objective, Network, Mapping[str, Alteration]]:
    """What the what-ifs make of sequence, objective and network, and how they alter its equations.

    Raises LstmvizError that names the what-if that does not fit.
    """
    from lstmviz.core.experiments.intervention import alterations_of, changed_network
    from lstmviz.core.experiments.sequence_changes import changed_objective, changed_sequence

    changes = experiment.changes
    sequence = changed_sequence(experiment.sequence, changes)
    objective = changed_objective(experiment.objective, experiment.sequence.length, changes)
    network = changed_network(network, changes)
    return sequence, objective, network, alterations_of(network, sequence.length, changes)


def _analysing_altered(experiment: Experiment, before: Run, start: float) -> Generator[Progress, None, Run]:
    """The run of an experiment with what-ifs, which goes on from ``before`` where that is still the same."""
    sequence, objective, network, alterations = _changed(experiment, before.network)
    plans = [_Plan(network, alterations, before.trace)]
    if before.baseline and sequence is not experiment.sequence:
        plans.append(_Plan(before.baseline.network, {}, before.baseline.trace))
    runs = yield from _running_all(experiment, sequence, objective, plans, start, 1 - start)
    return Run(experiment, sequence, objective, runs[0], runs[1] if len(runs) == 2 else before.baseline, before)


@dataclass(frozen=True, eq=False)
class _Plan:
    """What to run: a network, how its layers are altered, and a trace to go on from."""

    network: Network
    alterations: Mapping[str, Alteration]
    known: Trace | None


def _running_all(
    experiment: Experiment, sequence: Sequence, objective: Objective, plans: list[_Plan], start: float, share: float
) -> Generator[Progress, None, list[NetworkRun]]:
    """The network under study and its baseline; their progress runs from ``start`` over ``share``."""
    for plan in plans:
        net = plan.network
        refuse_large_run(sequence.length, net.hidden_size, len(net.layers), net.num_directions)
    runs = []
    each = share / len(plans)
    for number, plan in enumerate(plans):
        name = "vanilla RNN" if number else "network"
        running = _running(experiment.bug, sequence, objective, plan, name, start + number * each, each)
        runs.append((yield from running))
    return runs


def _running(
    bug: Bug | None, sequence: Sequence, objective: Objective, plan: _Plan, name: str, start: float, share: float
) -> Generator[Progress, None, NetworkRun]:
    """Forward, loss and backward of one network; its progress runs from ``start`` over ``share``."""
    x = sequence.values[:, None, :]
    passes = forward_steps(plan.network, x, alterations=plan.alterations, known=plan.known)
    trace = yield from _reported(passes, f"{name}, forwards", start, share / 2)
    loss, dy = objective.evaluate(trace.y, sequence)
    if bug and plan.network.cell in bug.cells:
        gradients = buggy_backward(trace, dy, bug)
    else:
        passes_back = backward_steps(trace, dy)
        gradients = yield from _reported(passes_back, f"{name}, backwards", start + share / 2, share / 2)
    run = NetworkRun(trace, loss, dy, gradients)
    # every view asks for these: better computed here than on the GUI thread
    _ = run.log10_dh, run.log10_dc
    return run


def _reported(
    steps: Generator[float, None, Result], doing: str, start: float, share: float
) -> Generator[Progress, None, Result]:
    """The same generator with its fractions turned into Progress."""
    while True:
        try:
            fraction = next(steps)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]
        yield Progress(start + share * fraction, doing)


def refuse_hopeless(experiment: Experiment) -> None:
    """Raises LstmvizError for sizes that no run can have and what-ifs that do not fit, before anything is computed.

    In a large network what-ifs are looked at only when it has been drawn, which takes a while.
    """
    recipe, sequence = experiment.recipe, experiment.sequence
    sizes = (recipe.hidden_size, recipe.num_layers)
    refuse_impossible_sizes(recipe.cell, sequence.input_size, *sizes, recipe.bidirectional)
    refuse_large_run(sequence.length, *sizes, 2 if recipe.bidirectional else 1)
    soon_drawn = recipe.weights is not None or math.prod(sizes) * recipe.hidden_size <= _SOON_DRAWN
    if experiment.changes and soon_drawn:
        _changed(experiment, experiment.build_network())


def expected_seconds(experiment: Experiment) -> float:
    """A rough guess of what ``analyse`` takes, to decide whether it may run on the GUI thread.

    A step, forwards and backwards, costs some NumPy calls, a little for every unit, and reads every recurrent
    weight twice.
    """
    recipe = experiment.recipe
    directions = recipe.num_layers * (2 if recipe.bidirectional else 1)
    bytes_read = 2 * 8 * recipe.cell.blocks * recipe.hidden_size**2
    networks = 2 if experiment.baseline else 1
    seconds_a_step = 10e-6 + 0.2e-6 * recipe.hidden_size + bytes_read / 20e9
    seconds = networks * seconds_a_step
    if recipe.weights is not None and not recipe.weights.plain:
        seconds += 2 * _SECONDS_OF_AN_ALTERED_STEP
    if experiment.changes:
        # a second run, in which altered layers are computed by a slower loop
        seconds = 2 * seconds + _SECONDS_OF_AN_ALTERED_STEP
    return directions * experiment.sequence.length * seconds
