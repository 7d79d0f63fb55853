"""How to train: everything but the network and the task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any, TypeVar

import numpy as np

from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.network import Network
from lstmviz.core.training.batches import refuse_small
from lstmviz.core.training.optimisers import Optimiser
from lstmviz.core.training.tasks import Task

LARGEST_RATE = 10.0
"""The largest learning rate that is taken: above it nothing learns."""

Choice = TypeVar("Choice", bound=Enum)


class ClipBy(Enum):
    """What clipping looks at: the norm of all gradients together, or each of them."""

    NORM = "norm"
    VALUE = "value"


@dataclass(frozen=True)
class TrainingSettings:
    """How to train.

    optimizer       ``adam`` or ``sgd``
    lr              the learning rate
    momentum        of SGD, 0 for none; Adam has its own
    batch_size      sequences an update
    updates         how many at most
    clip            the threshold of clipping; None: gradients are taken as they are
    clip_by         ``norm`` or ``value``
    truncate        steps that a gradient flows back at most (truncated BPTT); None: to the beginning
    seed            of the batches
    validate_every  updates between two validations; 0 for none
    validation_size sequences of a validation, the same ones each time
    patience        stop after so many validations in a row without a better metric; None: never
    goal            stop when the metric of a validation is at least as good as this; None: never
    """

    optimizer: Optimiser = Optimiser.ADAM
    lr: float = 1e-3
    momentum: float = 0.9
    batch_size: int = 32
    updates: int = 1000
    clip: float | None = None
    clip_by: ClipBy = ClipBy.NORM
    truncate: int | None = None
    seed: int = 0
    validate_every: int = 50
    validation_size: int = 256
    patience: int | None = None
    goal: float | None = None

    def __post_init__(self) -> None:
        """Raises LstmvizError for the first impossible setting."""
        least = [("batch_size", 1), ("updates", 1), ("seed", 0), ("validate_every", 0), ("validation_size", 1)]
        least += [(name, 1) for name in ("truncate", "patience") if getattr(self, name) is not None]
        refuse_small([(name, getattr(self, name), smallest) for name, smallest in least])
        if not 0 < self.lr <= LARGEST_RATE:
            raise LstmvizError(
                f"The learning rate is {self.lr:g}",
                where="lr",
                how=f"It must be above 0 and at most {LARGEST_RATE:g}; 0.001 to 0.01 is usual.",
            )
        if not 0 <= self.momentum < 1:
            raise LstmvizError(f"The momentum is {self.momentum}", where="momentum", how="Give a number from 0 to 1.")
        if self.clip is not None and not 0 < self.clip < np.inf:
            raise LstmvizError(
                f"The threshold is {self.clip}", where="clip", how="Give a number above 0, or leave clipping out."
            )
        if self.validate_every == 0 and (self.patience is not None or self.goal is not None):
            raise LstmvizError(
                "Without validations nothing says when to stop early",
                where="validate_every",
                how="Give a number of updates, 50 for example.",
            )

    @staticmethod
    def of(settings: Mapping[str, Any]) -> TrainingSettings:
        """Settings by name, optimiser and clipping as words too. Raises LstmvizError for names that there are not."""
        known = [field.name for field in fields(TrainingSettings)]
        for name in settings:
            if name not in known:
                raise LstmvizError(
                    f"There is no setting {name}", where="training", how=f"There are: {', '.join(known)}."
                )
        given = dict(settings)
        for name, choices in (("optimizer", Optimiser), ("clip_by", ClipBy)):
            if name in given:
                given[name] = _chosen(name, given[name], choices)
        return TrainingSettings(**given)


def refuse_misfit(network: Network, task: Task, settings: TrainingSettings) -> None:
    """Raises LstmvizError where network and task do not fit, or gradients cannot be cut off as the settings ask."""
    for what, has, needs in (
        ("inputs", network.input_size, task.input_size),
        ("outputs", network.output_size, task.output_size),
    ):
        if has != needs:
            raise LstmvizError(
                f"The network has {has} {what}, the task “{task.title}” needs {needs}",
                where="network",
                how=f"Make a network with {needs} {what}" + (", with a linear head." if what == "outputs" else "."),
            )
    if settings.truncate is not None and network.bidirectional:
        raise LstmvizError(
            "A network that also reads from the end cannot be trained on windows",
            where="truncate",
            how="Leave truncation out, or take a network with one direction.",
        )


def _chosen(name: str, value: Any, choices: type[Choice]) -> Choice:
    try:
        return choices(value)
    except ValueError:
        words = ", ".join(str(choice.value) for choice in choices)
        raise LstmvizError(f"There is no {name} “{value}”", where=name, how=f"There are: {words}.") from None
