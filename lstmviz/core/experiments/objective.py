"""What is asked of the network's outputs: a loss L, and its gradient dL/dy that starts the backward pass."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from lstmviz.core.arrays import Array, ValueEquality
from lstmviz.core.engine.activations import log_softmax
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.sequence import Sequence


class ObjectiveKind(Enum):
    """Which loss."""

    SQUARED_ERROR = "squared error"
    CROSS_ENTROPY = "cross-entropy"
    SUM_OF_LAST = "sum of h[T]"
    ONE_UNIT = "one unit at one step"


class Where(Enum):
    """At which steps the loss looks."""

    LAST = "last step"
    EVERY = "every step"


@dataclass(frozen=True, eq=False)
class Objective(ValueEquality):
    """A loss over y[t], the outputs of the network.

    SQUARED_ERROR  L = sum over steps and outputs of (y - target)^2
    CROSS_ENTROPY  L = - sum over steps of log softmax(y)[target]; targets are class numbers from 0
    SUM_OF_LAST    L = sum of y[T]
    ONE_UNIT       L = y[t][unit]

    target   float64 [1, n] or [T, n], read-only; None with ``next_input``
    next_input  the target of step t is the input of step t + 1 (the last step then has none)
    unit, t  for ONE_UNIT; t counts from 1, and 0 means the last step
    """

    kind: ObjectiveKind = ObjectiveKind.SUM_OF_LAST
    where: Where = Where.LAST
    target: Array | None = None
    next_input: bool = False
    unit: int = 0
    t: int = 0

    def evaluate(self, y: Array, sequence: Sequence) -> tuple[float, Array]:
        """L and dL/dy for y [T, 1, O]. Raises LstmvizError where target and outputs do not fit."""
        dy = np.zeros_like(y)
        with np.errstate(all="ignore"):
            if self.kind is ObjectiveKind.SUM_OF_LAST:
                dy[-1] = 1
                return float(y[-1].sum()), dy
            if self.kind is ObjectiveKind.ONE_UNIT:
                return self._one_unit(y, dy)
            steps = self._steps(len(y))
            if self.kind is ObjectiveKind.SQUARED_ERROR:
                error = self._errors(y, steps, sequence)
                dy[steps, 0] = 2 * error
                return float((error * error).sum()), dy
            log_p, classes = self._log_softmax(y, steps, sequence)
            dy[steps, 0] = np.exp(log_p)
            dy[steps, 0][classes] -= 1
            return float(-log_p[classes].sum()), dy

    def losses(self, y: Array, sequence: Sequence) -> Array:
        """What each step adds to L, [T], for y [T, 1, O]; 0 where the loss does not look. They add up to L.

        Raises LstmvizError as ``evaluate`` does.
        """
        losses = np.zeros(len(y))
        with np.errstate(all="ignore"):
            if self.kind is ObjectiveKind.SUM_OF_LAST:
                losses[-1] = y[-1].sum()
            elif self.kind is ObjectiveKind.ONE_UNIT:
                t = self._checked_t(y)
                losses[t - 1] = y[t - 1, 0, self.unit]
            elif self.kind is ObjectiveKind.SQUARED_ERROR:
                steps = self._steps(len(y))
                losses[steps] = (self._errors(y, steps, sequence) ** 2).sum(1)
            else:
                steps = self._steps(len(y))
                log_p, classes = self._log_softmax(y, steps, sequence)
                losses[steps] = -log_p[classes]
        return losses

    def steps(self, length: int) -> range:
        """The steps (from 1) at which the loss looks."""
        if self.kind is ObjectiveKind.ONE_UNIT:
            t = self.t or length
            return range(t, t + 1)
        if self.kind is ObjectiveKind.SUM_OF_LAST:
            return range(length, length + 1)
        steps = self._steps(length)
        return range(steps.start + 1, steps.stop + 1)

    def in_words(self) -> str:
        """The loss as one readable formula."""
        sum_over = "sum over t of " if self.where is Where.EVERY else ""
        step = "t" if self.where is Where.EVERY else "T"
        if self.kind is ObjectiveKind.SUM_OF_LAST:
            return "L = sum of y[T]"
        if self.kind is ObjectiveKind.ONE_UNIT:
            return f"L = y[{self.t or 'T'}] of unit {self.unit}"
        target = "x[t+1]" if self.next_input else f"target[{step}]"
        if self.kind is ObjectiveKind.SQUARED_ERROR:
            return f"L = {sum_over}(y[{step}] − {target})²"
        return f"L = − {sum_over}log softmax(y[{step}]) at {target}"

    def _one_unit(self, y: Array, dy: Array) -> tuple[float, Array]:
        t = self._checked_t(y)
        dy[t - 1, 0, self.unit] = 1
        return float(y[t - 1, 0, self.unit]), dy

    def _checked_t(self, y: Array) -> int:
        """The step at which ONE_UNIT looks, from 1. Raises LstmvizError where y has no such step or unit."""
        t = self.t or len(y)
        if not 1 <= t <= len(y):
            raise LstmvizError(
                f"The sequence has no step {t}", where="objective", how=f"Choose a step from 1 to {len(y)}."
            )
        if not 0 <= self.unit < y.shape[-1]:
            raise LstmvizError(
                f"There is no unit {self.unit}", where="objective", how=f"Units count from 0 to {y.shape[-1] - 1}."
            )
        return t

    def _steps(self, length: int) -> slice:
        """The rows of y at which the loss looks."""
        if self.next_input:
            if length < 2:
                raise LstmvizError(
                    "The next input needs two steps or more", where="objective", how="Make the sequence longer."
                )
            return slice(0, length - 1) if self.where is Where.EVERY else slice(length - 2, length - 1)
        return slice(0, length) if self.where is Where.EVERY else slice(length - 1, length)

    def _targets(self, y: Array, sequence: Sequence) -> Array:
        """Targets as [T, n], n = 1 or more, one row a step."""
        length = len(y)
        if self.next_input:
            targets = np.roll(sequence.values, -1, axis=0)
        elif self.target is None:
            raise LstmvizError("The objective has no target", where="objective", how="Type the target, for example 1.")
        elif len(self.target) not in (1, length):
            raise LstmvizError(
                f"There are {len(self.target)} targets for {length} steps",
                where="objective",
                how=f"Give one target, or one a step ({length} rows).",
            )
        else:
            targets = np.broadcast_to(self.target, (length, self.target.shape[1]))
        if self.kind is ObjectiveKind.SQUARED_ERROR and targets.shape[1] not in (1, y.shape[-1]):
            raise LstmvizError(
                f"A target has {targets.shape[1]} values, the network {y.shape[-1]} outputs",
                where="objective",
                how=f"Give 1 or {y.shape[-1]} values, or set the number of outputs to {targets.shape[1]}.",
            )
        return targets

    def _classes(self, y: Array, sequence: Sequence) -> NDArray[np.intp]:
        """Target classes [T] as whole numbers."""
        if self.next_input:
            classes = np.roll(sequence.classes, -1)
            self._refuse_no_token(classes, len(y))
        else:
            targets = self._targets(y, sequence)
            classes = targets[:, 0].astype(int)
            if targets.shape[1] != 1 or (classes != targets[:, 0]).any() or classes.min() < 0:
                raise LstmvizError(
                    "Cross-entropy needs class numbers", where="objective", how="Whole numbers from 0, one a step."
                )
        if classes.max() >= y.shape[-1]:
            raise LstmvizError(
                f"Class {classes.max()} needs {classes.max() + 1} outputs, the network has {y.shape[-1]}",
                where="objective",
                how=f"Set the number of outputs to {classes.max() + 1} or more.",
            )
        return np.asarray(classes, np.intp)

    def _refuse_no_token(self, classes: NDArray[np.intp], length: int) -> None:
        """Raises LstmvizError where the loss looks at a step after which no token is read."""
        looked = self._steps(length)
        none = np.flatnonzero(classes[looked] < 0)
        if len(none):
            raise LstmvizError(
                f"Step {looked.start + int(none[0]) + 2} reads no token, so it cannot be what comes next",
                where="objective",
                how="Let the step read a token, or choose another target.",
            )

    def _errors(self, y: Array, steps: slice, sequence: Sequence) -> Array:
        """y - target at the steps at which the loss looks, [steps, O]."""
        errors: Array = y[steps, 0] - self._targets(y, sequence)[steps]
        return errors

    def _log_softmax(
        self, y: Array, steps: slice, sequence: Sequence
    ) -> tuple[Array, tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """log softmax(y) at the steps at which the loss looks, [steps, O], and the places of its target classes."""
        classes = self._classes(y, sequence)[steps]
        return log_softmax(y[steps, 0]), (np.arange(len(classes)), classes)
