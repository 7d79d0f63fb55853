"""Self-test of an opened model: it reads a known input, and its output is compared with the one that is expected."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.core.arrays import Array, ValueEquality, frozen
from lstmviz.core.engine.passes import forward_steps
from lstmviz.core.engine.trace import Trace
from lstmviz.core.errors import LstmvizError
from lstmviz.core.progress import Steps, drain
from lstmviz.core.text import count, number
from lstmviz.io.live_objects.live import embedded, network_of, steps_first
from lstmviz.io.models.model_file import Candidate
from lstmviz.io.models.output_forms import Form, Quantity, forms_of
from lstmviz.io.models.rounding import TOLERANCES
from lstmviz.io.models.self_test_causes import LARGEST_SHARE, Cause, Comparison, finding_cause, spread


@dataclass(frozen=True)
class Place:
    """Where in the output; step t counts from 1, ``sequence`` in the batch and ``output`` from 0."""

    t: int
    sequence: int
    output: int

    @property
    def words(self) -> str:
        """Such as ``step 3, output 1``."""
        batch = f", sequence {self.sequence}" if self.sequence else ""
        return f"step {self.t:,}{batch}, output {self.output}"


@dataclass(frozen=True, eq=False)
class SelfTest(ValueEquality):
    """How far a network's output is from the expected one.

    largest, place                    the largest |y - expected|, and where
    largest_relative, relative_place  the largest |y - expected| / max(|y|, |expected|), and where
    steps        t of each compared step, from 1
    step_errors  [len(steps)], the largest |y - expected| of each
    tolerance    what rounding explains, with ``tolerance_reason``
    compared     what was compared: ``the output y, every step``
    cause        what explains a large error, because it was tried and the error went; None where nothing did
    tried        everything that was tried
    """

    largest: float
    place: Place
    largest_relative: float
    relative_place: Place
    steps: tuple[int, ...]
    step_errors: Array
    tolerance: float
    tolerance_reason: str
    compared: str
    cause: Cause | None = None
    tried: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether rounding explains the error."""
        return self.largest <= self.tolerance

    @property
    def verdict(self) -> str:
        """In one sentence."""
        rounding = f"up to {number(self.tolerance)} is rounding ({self.tolerance_reason})"
        if self.passed:
            return f"The output is the expected one: the largest error is {number(self.largest)}, and {rounding}."
        if self.cause is not None and self.cause.rounding:
            return f"The output is the expected one to some seven digits: the largest error is {number(self.largest)}."
        return (
            f"The output is not the expected one: the largest error is {number(self.largest)}, at {self.place.words}; "
            f"only {rounding}."
        )

    @property
    def advice(self) -> str:
        """What a large error comes from, as far as it is known; empty for a small one."""
        if self.passed:
            return ""
        if self.cause is not None:
            return self.cause.words
        return (
            f"None of the usual causes explains it; tried were {', '.join(self.tried)}. Were the input and the "
            "expected output written by this very model, without dropout, and from a state of zeros?"
        )


def self_test(
    candidate: Candidate,
    x: NDArray[Any],
    expected: NDArray[Any],
    *,
    batch_first: bool = False,
    tolerance: float | None = None,
    decimals: int | None = None,
) -> SelfTest:
    """Compare the candidate's output on x with the expected one.

    x         [T, I], [T, B, I] or with ``batch_first`` [B, T, I], [T] for a single feature; whole numbers [T] or
              [T, B] are tokens where the candidate has an embedding
    expected  [T, B, O], or [B, T, O] with ``batch_first``; [B, O] for the last step alone; a batch of one and a single
              output may be left out; h of the top layer where it is as wide, not y
    tolerance the largest error that counts as rounding; None for TOLERANCES
    decimals  after the point in the expected numbers, where they were written as text; None for all of them

    Raises LstmvizError for a candidate that cannot be run, for shapes that do not fit and for NaN.
    """
    return drain(self_testing(candidate, x, expected, batch_first=batch_first, tolerance=tolerance, decimals=decimals))


def self_testing(
    candidate: Candidate,
    x: NDArray[Any],
    expected: NDArray[Any],
    *,
    batch_first: bool = False,
    tolerance: float | None = None,
    decimals: int | None = None,
) -> Steps[SelfTest]:
    """``self_test`` with progress; each yield is a place to stop."""
    network = network_of(candidate, candidate.name)
    _refuse_what_is_no_number(x, "x")
    _refuse_what_is_no_number(expected, "the expected output")
    if candidate.embedding and _are_tokens(x, network.input_size):
        x = embedded(x.astype(np.int64), candidate.embedding)
    x = steps_first(x, network, batch_first=batch_first)
    trace = yield from forward_steps(network, x[::-1] if candidate.reads_backwards else x)
    form = _form_of(trace, expected, batch_first=batch_first)
    if form is None:
        raise _misfit(trace, expected, batch_first=batch_first)
    precision, reason = _precision(network.dtype, expected, decimals)
    scale = max(float(np.abs(expected).max(initial=0.0)), 1.0)
    if tolerance is None:
        tolerance = precision * scale
        small = LARGEST_SHARE * spread(expected)
        if decimals is None and 0 < small < tolerance:
            tolerance, reason = small, f"a {round(1 / LARGEST_SHARE)}th of how much the expected numbers differ"
    else:
        reason = "the tolerance that was given"
    found = _measured(trace, form, expected, tolerance, reason)
    if found.passed:
        return found
    comparison = Comparison(candidate, network, x, expected, form, tolerance)
    cause, tried = yield from finding_cause(comparison, trace)
    return replace(found, cause=cause, tried=tried)


def _measured(trace: Trace, form: Form, expected: NDArray[Any], tolerance: float, reason: str) -> SelfTest:
    computed = form.computed(trace)
    wanted = form.as_computed(expected, computed)
    assert wanted is not None
    y, wanted = computed.astype(np.float64), wanted.astype(np.float64)
    with np.errstate(all="ignore"):
        errors = np.abs(y - wanted)
        relative = errors / np.maximum(np.maximum(np.abs(y), np.abs(wanted)), np.finfo(np.float64).tiny)
    errors, relative = (np.nan_to_num(each, nan=np.inf, posinf=np.inf) for each in (errors, relative))
    every = len(errors) == trace.length
    steps = tuple(range(1, trace.length + 1)) if every else (trace.length,)
    return SelfTest(
        largest=float(errors.max()),
        place=_place(errors, steps),
        largest_relative=float(relative.max()),
        relative_place=_place(relative, steps),
        steps=steps,
        step_errors=frozen(errors.max((1, 2))),
        tolerance=tolerance,
        tolerance_reason=reason,
        compared=form.words,
    )


def _place(errors: Array, steps: tuple[int, ...]) -> Place:
    row, sequence, output = np.unravel_index(int(errors.argmax()), errors.shape)
    return Place(steps[int(row)], int(sequence), int(output))


def _form_of(trace: Trace, expected: NDArray[Any], *, batch_first: bool) -> Form | None:
    """The usual form that has the shape of ``expected``."""
    fitting = (
        form
        for form in forms_of(trace, batch_first=batch_first)
        if form.as_computed(expected, form.computed(trace)) is not None
    )
    return next(fitting, None)


def _misfit(trace: Trace, expected: NDArray[Any], *, batch_first: bool) -> LstmvizError:
    shapes: list[str] = []
    for form in forms_of(trace, batch_first=batch_first):
        if form.quantity is not Quantity.C:
            shapes += [str(list(shape)) for shape in reversed(form.shapes(form.computed(trace)))]
    how = f"For this input of {count(trace.length, 'step')} it must be {' or '.join(dict.fromkeys(shapes))}."
    turned = drain(forward_steps(trace.network, trace.x.swapaxes(0, 1)))
    if _form_of(turned, expected, batch_first=not batch_first) is not None:
        how += f" It fits if {'steps' if batch_first else 'sequences'} come first in the files: say so."
    return LstmvizError(f"The expected output has the shape {list(expected.shape)}", how=how)


def _are_tokens(x: NDArray[Any], input_size: int) -> bool:
    """Whether x are numbers of tokens: whole, and not rows of as many features as the network reads."""
    if x.dtype.kind in "iu":
        return True
    vectors = x.ndim == 3 or (x.ndim == 2 and x.shape[-1] == input_size)
    return not vectors and bool((x == np.round(x)).all())


def _refuse_what_is_no_number(values: NDArray[Any], where: str) -> None:
    if values.dtype.kind not in "fiub" or not values.size:
        what = "is empty" if values.dtype.kind in "fiub" else f"is of type {values.dtype}"
        raise LstmvizError(f"It {what}", where=where, how="Give an array of numbers.")
    if not np.isfinite(values).all():
        index = np.unravel_index(int(np.argmin(np.isfinite(values))), values.shape)
        place = ", ".join(str(int(each)) for each in index)
        raise LstmvizError(f"The number at [{place}] is not finite", where=where, how="Save it anew, without NaN.")


def _precision(dtype: np.dtype[Any], expected: NDArray[Any], decimals: int | None) -> tuple[float, str]:
    """What rounding may do to an output near 1, and whose rounding it is."""
    size, words = dtype.itemsize, f"the weights are {dtype}"
    if expected.dtype.kind == "f":
        kept = [kind for kind in (np.float16, np.float32) if _fits(expected, kind)]
        if kept and np.dtype(kept[0]).itemsize < size:
            size, words = np.dtype(kept[0]).itemsize, f"the expected numbers have the digits of {np.dtype(kept[0])}"
    tolerance = TOLERANCES[size]
    if decimals is not None and 0.5000001 * 10.0**-decimals > tolerance:
        return 0.5000001 * 10.0**-decimals, f"the expected numbers have {count(decimals, 'decimal')}"
    return tolerance, words


def _fits(values: NDArray[Any], kind: type[np.floating[Any]]) -> bool:
    """Whether ``values``, all of them and not only a few round ones, are numbers of this type."""
    if values.dtype.itemsize <= np.dtype(kind).itemsize:
        return True
    with np.errstate(all="ignore"):
        exact = values.astype(kind) == values
    round_ones = values * 1024 == np.round(values * 1024)
    return bool(exact.all()) and not bool(round_ones.all())
