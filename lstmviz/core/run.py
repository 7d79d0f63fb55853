"""A run: all the numbers of an experiment, computed once and never changed."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from lstmviz.core.arrays import Array
from lstmviz.core.backward_step import BackwardStep, gradient_from_above, layer_backward_step
from lstmviz.core.bug_museum import buggy_backward
from lstmviz.core.engine import backward_steps, forward_steps
from lstmviz.core.experiment import Experiment
from lstmviz.core.magnitudes import log10_norms
from lstmviz.core.memory import refuse_impossible_sizes, refuse_large_run
from lstmviz.core.network import Network
from lstmviz.core.progress import drain
from lstmviz.core.trace import Gradients, LSTMGradients, Trace

Result = TypeVar("Result")


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
    """Everything that views draw. ``baseline`` is the vanilla RNN's run, or None without one."""

    experiment: Experiment
    main: NetworkRun
    baseline: NetworkRun | None

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
        return self.experiment.sequence.length


def analyse(experiment: Experiment) -> Run:
    """Run the experiment forwards and backwards, its baseline too.

    Raises LstmvizError for what the user can mend: sizes, weights or targets that do not fit.
    """
    return drain(analysing(experiment))


def analysing(experiment: Experiment) -> Generator[Progress, None, Run]:
    """``analyse`` in small pieces: each ``yield`` is progress and a place to stop."""
    refuse_hopeless(experiment)
    network = experiment.build_network()
    baseline = experiment.baseline.build(experiment.recipe, network) if experiment.baseline else None
    networks = [network] if baseline is None else [network, baseline]
    for each in networks:
        refuse_large_run(experiment.sequence.length, each.hidden_size, len(each.layers), each.num_directions)
    runs = []
    for number, each in enumerate(networks):
        name = "vanilla RNN" if each is baseline else "network"
        runs.append((yield from _running(experiment, each, name, number / len(networks), 1 / len(networks))))
    return Run(experiment, runs[0], runs[1] if baseline else None)


def _running(
    experiment: Experiment, network: Network, name: str, start: float, share: float
) -> Generator[Progress, None, NetworkRun]:
    """Forward, loss and backward of one network; its progress runs from ``start`` over ``share``."""
    x = experiment.sequence.values[:, None, :]
    passes = forward_steps(network, x)
    trace = yield from _reported(passes, f"{name}, forwards", start, share / 2)
    loss, dy = experiment.objective.evaluate(trace.y, experiment.sequence)
    bug = experiment.bug if experiment.bug and network.cell in experiment.bug.cells else None
    if bug:
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
    """Raises LstmvizError for sizes that no run can have, before anything is computed."""
    recipe, sequence = experiment.recipe, experiment.sequence
    sizes = (recipe.hidden_size, recipe.num_layers)
    refuse_impossible_sizes(recipe.cell, sequence.input_size, *sizes, recipe.bidirectional)
    refuse_large_run(sequence.length, *sizes, 2 if recipe.bidirectional else 1)


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
    return networks * directions * experiment.sequence.length * seconds_a_step
