"""A formula of t -> the values of a sequence: ``sin(t/5) + 0.2*noise(t)``."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.core.debugger.evaluation import Fault, Function, evaluate, first_fault
from lstmviz.core.debugger.expression import MAX_CHARACTERS, Node, parse
from lstmviz.core.errors import LstmvizError
from lstmviz.core.numerals import shortened
from lstmviz.io.tables import MAX_STEPS, MAX_VALUES

MAX_FORMULAS = 256


def noise(x: Any, seed: Any = 0.0) -> NDArray[np.float64]:
    """Standard normal values that depend on ``x`` and ``seed`` alone: the same at every call, on every machine.

    The bits of both are mixed (SplitMix64, Steele, Lea and Flood 2014) into two uniform numbers, which Box and
    Muller's formula turns into a normal one. Shapes of x and seed broadcast.
    """
    with np.errstate(over="ignore"):
        bits = _mixed(_bits(x) ^ _mixed(_bits(seed)))
        radius = (np.right_shift(bits, np.uint64(11)) + 1.0) * 2.0**-53
        angle = np.right_shift(_mixed(bits), np.uint64(11)) * 2.0**-53
    return np.asarray(np.sqrt(-2.0 * np.log(radius)) * np.cos(2.0 * np.pi * angle))


def _bits(x: Any) -> NDArray[np.uint64]:
    # Adding zero makes -0.0 and 0.0 the same number.
    return np.atleast_1d(np.asarray(x, dtype=np.float64) + 0.0).view(np.uint64)


def _mixed(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """One step of SplitMix64; arithmetic modulo 2**64."""
    mixed = bits + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


FUNCTIONS = {
    "sin": Function(np.sin),
    "cos": Function(np.cos),
    "tan": Function(np.tan),
    "exp": Function(np.exp),
    "log": Function(np.log),
    "sqrt": Function(np.sqrt),
    "abs": Function(np.abs),
    "sign": Function(np.sign),
    "floor": Function(np.floor),
    "min": Function(np.minimum, 2, 2),
    "max": Function(np.maximum, 2, 2),
    "step": Function(lambda x: x >= 0.0),
    "noise": Function(noise, 1, 2),
}

_REASONS = {
    "log": "The logarithm needs a number above 0.",
    "sqrt": "The square root needs a number that is not negative.",
    "/": "The divisor is 0 or too small there.",
    "%": "The divisor is 0 there.",
    "**": "A negative number has no fractional power, 0 has no negative one, and powers beyond 1.8e308 do not fit.",
    "exp": "exp(x) is beyond the largest float64 where x is above 709.",
}


def formula_values(text: str, length: int) -> NDArray[np.float64]:
    """The formulas of ``text``, one a line, at t = 1 .. ``length``: float64 [length, formulas], finite.

    Conditions count as 0 and 1. Raises LstmvizError with the span of a mistake, or of the part that is not finite at
    some t.
    """
    lines = _lines(text)
    _refuse_size(text, length, len(lines))
    t = np.arange(1.0, length + 1.0)
    values = np.empty((length, len(lines)))
    for column, (start, line) in enumerate(lines):
        node = parse(line, offset=start)
        values[:, column : column + 1] = evaluate(node, _names(t, length), FUNCTIONS)
        finite = np.isfinite(values[:, column])
        if not finite.all():
            step = int(finite.argmin())
            raise _not_finite(node, text, step + 1, length, float(values[step, column]))
    return values


def _names(t: NDArray[np.float64], length: int) -> dict[str, Any]:
    return {"t": t, "T": float(length), "pi": math.pi, "e": math.e}


def _lines(text: str) -> list[tuple[int, str]]:
    """The lines that are not blank, each with its place in the text."""
    most = MAX_FORMULAS * (MAX_CHARACTERS + 1)
    if len(text) > most:
        raise LstmvizError(
            f"The formulas have {len(text):,} characters; the limit is {most:,}",
            how="Shorten them.",
            span=(most, len(text)),
        )
    found = []
    start = 0
    for line in text.replace("\r", "\n").replace("\ufeff", " ").split("\n"):
        if line.strip():
            found.append((start, line))
        start += len(line) + 1
    return found


def _refuse_size(text: str, length: int, formulas: int) -> None:
    everything = (0, len(text))
    if not formulas:
        raise LstmvizError("The sequence is empty", how="Type a formula of t such as sin(t/5).", span=everything)
    if length < 1:
        raise LstmvizError(f"T = {length} steps make no sequence", how="Choose T = 1 or more.", span=everything)
    if length > MAX_STEPS:
        raise LstmvizError(
            f"T = {length:,} steps are too many; the limit is {MAX_STEPS:,}", how="Choose a smaller T.", span=everything
        )
    if formulas > MAX_FORMULAS:
        raise LstmvizError(
            f"There are {formulas:,} formulas; the limit is {MAX_FORMULAS}", how="Remove some lines.", span=everything
        )
    if length * formulas > MAX_VALUES:
        raise LstmvizError(
            f"{formulas} formulas at {length:,} steps give {length * formulas:,} values; the limit is {MAX_VALUES:,}",
            how=f"Choose T = {MAX_VALUES // formulas:,} or less, or remove some lines.",
            span=everything,
        )


def _not_finite(node: Node, text: str, t: int, length: int, value: float) -> LstmvizError:
    """The error for a formula whose value at ``t`` is not finite, marking the part where that begins."""
    at_t = _names(np.array([float(t)]), length)
    fault = first_fault(node, at_t, FUNCTIONS) or Fault(node.span, "", value)
    part = shortened(text[fault.span[0] : fault.span[1]])
    what = "not a number" if math.isnan(fault.value) else "infinite"
    return LstmvizError(
        f"{part} is {what} at t = {t}",
        how=_REASONS.get(fault.by, "Change it so that it stays finite from t = 1 to T."),
        span=fault.span,
    )
