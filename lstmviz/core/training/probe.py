"""A fixed sequence that is looked at again and again while a network learns."""

from __future__ import annotations

from dataclasses import dataclass

from lstmviz.core.arrays import Array
from lstmviz.core.engine.passes import backward, forward
from lstmviz.core.engine.trace import Gradients, Trace
from lstmviz.core.magnitudes import log10_norms
from lstmviz.core.networks.network import Network
from lstmviz.core.training.batches import Batch, Stream, random_for
from lstmviz.core.training.losses import Loss
from lstmviz.core.training.tasks import Task


@dataclass(frozen=True, eq=False)
class Probed:
    """The probe sequence under the weights of one moment.

    loss      of the probe alone
    trace     forwards
    gradients backwards from that loss
    """

    loss: float
    trace: Trace
    gradients: Gradients

    @property
    def log10_dh(self) -> Array:
        """log10 ||dL/dh[t]||_2 of the first layer, [T]; -inf where the gradient is exactly zero."""
        return log10_norms(self.gradients["l0"].h[:, 0])


class Probe:
    """One sequence of a task, the same for the same seed, that training never shows."""

    def __init__(self, task: Task, seed: int = 0) -> None:
        self.batch: Batch = task.validation(random_for(seed, Stream.PROBE, 0), 1)
        self._loss: Loss = task.loss

    def look(self, network: Network) -> Probed:
        """Forwards and backwards under the weights of ``network``."""
        trace = forward(network, self.batch.x)
        loss, dy = self._loss.evaluate(trace.y, self.batch)
        return Probed(loss, trace, backward(trace, dy))
