"""Why an output is not the expected one: each usual cause is tried, and named only if the error goes with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.core.arrays import Array
from lstmviz.core.engine.passes import forward_steps
from lstmviz.core.engine.trace import Trace
from lstmviz.core.networks.network import Network
from lstmviz.core.networks.parameters import GATES, Cell, CellParameters, Nonlinearity
from lstmviz.core.progress import Steps, part
from lstmviz.core.text import number
from lstmviz.io.models.hard_sigmoid import SLOPES, can_be_hard, hard_sigmoid_steps
from lstmviz.io.models.model_file import Candidate
from lstmviz.io.models.output_forms import OUTPUT_FUNCTIONS, Form, Part, Quantity, forms_of

_SCREENED_STEPS = 256
"""A long run is first tried on so many steps; of a network that reads forwards they do not depend on the rest."""

_MOST_WORK, _ALWAYS_TRIED = 10**11, 8
"""Multiplications in all other runs together, some tens of seconds; and how many runs there are at any rate."""

_ROUNDING_APART = 30
"""Two programs with 32 bits each differ by no more than so many times what one differs from 64 bits."""

_BATCH_FIRST, _REVERSED = "the batch first", "the steps in reverse"

_LETTERS = {"c": "g"}
"""Keras and ONNX call the candidate c."""


LARGEST_SHARE = 0.05
"""Of how much the expected numbers differ among themselves: a larger error is a wrong output, however small it is."""


def spread(expected: NDArray[Any]) -> float:
    """How much the expected numbers differ among themselves; the size of an only one."""
    return float(np.ptp(expected)) if expected.size > 1 else float(np.abs(expected).max(initial=0.0))


@dataclass(frozen=True)
class Cause:
    """What explains an error.

    words     in sentences
    largest   the largest error that is left when it is taken into account
    rounding  whether it is only that the expected output was computed with 32 bits
    """

    words: str
    largest: float
    rounding: bool = False


@dataclass(frozen=True, eq=False)
class Comparison:
    """What is compared: x [T, B, I] and the expected output as it lies in its file, read as ``form``."""

    candidate: Candidate
    network: Network
    x: NDArray[Any]
    expected: NDArray[Any]
    form: Form
    tolerance: float

    def screened(self, trace: Trace) -> Comparison | None:
        """The same for its first steps; None where they depend on later ones, or are all there are."""
        if self.form.part is not Part.EVERY or self.network.bidirectional or len(self.x) <= _SCREENED_STEPS:
            return None
        axis = self.form.shapes(self.form.computed(trace))[self.expected.shape].index("T")
        expected = self.expected.take(np.arange(_SCREENED_STEPS), axis)
        return replace(self, x=self.x[:_SCREENED_STEPS], expected=expected)


@dataclass(frozen=True, eq=False)
class _Variant:
    """Another run that may be the model's: of which network, on which input. ``slope`` is that of a hard_sigmoid."""

    words: str
    name: str
    network: Network
    x: NDArray[Any]
    batch_first: bool
    slope: float | None = None

    @property
    def turned(self) -> bool:
        """Whether other steps come first than in the plain run."""
        return self.name in (_REVERSED, _BATCH_FIRST)

    def steps(self, reads_backwards: bool) -> Steps[Trace]:
        x = self.x[::-1] if reads_backwards else self.x
        return forward_steps(self.network, x) if self.slope is None else hard_sigmoid_steps(self.network, x, self.slope)


def finding_cause(comparison: Comparison, trace: Trace) -> Steps[tuple[Cause | None, tuple[str, ...]]]:
    """The first cause that brings the error down to rounding, or None; and the names of all that was tried."""
    tried = ["other steps and states of the network", "softmax, sigmoid, tanh and relu on y", "a shift by one step"]
    cause = (yield from _fewer_digits(comparison, trace)) or _cause_of_output(
        comparison, trace, comparison.form.batch_first, ""
    )
    if cause is not None:
        return cause, tuple(tried)
    screened = comparison.screened(trace)
    short = list(_variants(screened)) if screened else []
    work = len((screened or comparison).x) * trace.x.shape[1] * comparison.network.num_parameters
    variants = list(_variants(comparison))[: max(_MOST_WORK // work, _ALWAYS_TRIED)]
    for place, variant in enumerate(variants):
        if variant.name not in tried:
            tried.append(variant.name)
        runs = [(comparison, variant)]
        if screened and not (comparison.candidate.reads_backwards or variant.turned):
            runs.insert(0, (screened, short[place]))
        for given, each in runs:
            run = each.steps(comparison.candidate.reads_backwards)
            other = yield from part(run, place, len(variants))
            cause = _cause_of_output(given, other, each.batch_first, each.words)
            if cause is None:
                break
        if cause is not None:
            return cause, tuple(tried)
    return None, tuple(tried)


def _fewer_digits(comparison: Comparison, trace: Trace) -> Steps[Cause | None]:
    """Whether an error is no larger than the network's own where it computes with 32 bits, or not much."""
    if comparison.network.dtype == np.float32:
        return None
    coarse = yield from forward_steps(comparison.network.astype(np.float32), trace.x)
    computed = comparison.form.computed(trace)
    wanted = comparison.form.as_computed(comparison.expected, computed)
    if wanted is None:
        return None
    with np.errstate(all="ignore"):
        own = float(np.abs(comparison.form.computed(coarse) - computed).max())
        largest = float(np.abs(wanted - computed).max())
    if not largest <= _ROUNDING_APART * own:
        return None
    words = f"Rounding explains it: with 32 bits, the network here differs from itself by {number(own)}, too."
    return Cause(words, largest, rounding=True)


def _cause_of_output(comparison: Comparison, trace: Trace, batch_first: bool, words: str) -> Cause | None:
    """The first reading of the output that fits; ``words`` say what else is different."""
    for form in forms_of(trace, batch_first=batch_first):
        with np.errstate(all="ignore"):
            computed = form.computed(trace).astype(np.float64)
        wanted = form.as_computed(comparison.expected, computed)
        if wanted is None:
            continue
        said = (
            "" if (form.quantity, form.part) == (comparison.form.quantity, comparison.form.part) else _form_words(form)
        )
        for sentence, values, target in _readings(form, computed, wanted):
            with np.errstate(all="ignore"):
                largest = float(np.abs(values - target).max(initial=0.0))
            if largest <= min(comparison.tolerance, LARGEST_SHARE * spread(target)):
                left = f"Then the largest error is {number(largest)}."
                return Cause(" ".join(filter(None, (words, said, sentence, left))), largest)
    return None


def _form_words(form: Form) -> str:
    return f"What is expected is {form.words}."


def _readings(form: Form, computed: Array, wanted: Array) -> Iterator[tuple[str, Array, Array]]:
    """(what it means, values, what they are compared with) of each way to read an output."""
    yield "", computed, wanted
    if form.quantity is Quantity.Y:
        for name, function in OUTPUT_FUNCTIONS.items():
            with np.errstate(all="ignore"):
                yield (
                    f"The model puts {name} on its output, which is not in the network here.",
                    function(computed),
                    wanted,
                )
    if form.part is Part.EVERY and len(computed) > 2:
        yield "The expected output is one step late.", computed[:-1], wanted[1:]
        yield "The expected output is one step early.", computed[1:], wanted[:-1]


def _variants(comparison: Comparison) -> Iterator[_Variant]:
    """Other networks and other inputs, the likeliest first."""
    network, x, batch_first = comparison.network, comparison.x, comparison.form.batch_first
    plain = _Variant("", "", network, x, batch_first)
    if x.shape[1] > 1:
        said = "steps come first" if batch_first else "sequences come first"
        words = f"In the files the {said}, so that they lie as [{'T, B' if batch_first else 'B, T'}, ...]."
        yield replace(plain, words=words, name=_BATCH_FIRST, x=x.swapaxes(0, 1), batch_first=not batch_first)
    words = "The model reads the steps in reverse."
    yield replace(plain, words=words, name=_REVERSED, x=x[::-1])
    if network.cell is Cell.LSTM:
        for slope, formula in SLOPES.items() if can_be_hard(network) else ():
            words = f"The gates use hard_sigmoid, {formula} between 0 and 1, in place of the sigmoid."
            yield replace(plain, words=words, name="hard_sigmoid", slope=slope)
        words = "The model adds 1 to the bias of the forget gate when it runs, as TensorFlow 1 does."
        yield replace(plain, words=words, name="1 more for the forget gate", network=_changed(network, _open_forget))
    else:
        for phi in Nonlinearity:
            if phi is not network.layers[0].nonlinearity:
                words = f"The function of the vanilla RNN is {phi.value}."
                other = Network.from_state_dict(network.state_dict(), nonlinearity=phi)
                yield replace(plain, words=words, name="other functions", network=other)
    words = "The recurrent weights lie transposed in the file."
    yield replace(plain, words=words, name="transposed weights", network=_changed(network, _transposed_hh))
    if network.input_size == network.hidden_size:
        words = "The input weights lie transposed in the file."
        yield replace(plain, words=words, name="transposed weights", network=_changed(network, _transposed_ih))
        words = "All weights lie transposed in the file."
        both = _changed(_changed(network, _transposed_ih), _transposed_hh)
        yield replace(plain, words=words, name="transposed weights", network=both)
    words = "The model does not use the biases."
    yield replace(plain, words=words, name="biases left out", network=_changed(network, _without_biases))
    words = "The model uses one of the two biases alone, bias_ih."
    yield replace(plain, words=words, name="biases left out", network=_changed(network, _one_bias))
    if network.cell is Cell.LSTM:
        yield from _other_gate_orders(comparison.candidate, plain)


def _other_gate_orders(candidate: Candidate, plain: _Variant) -> Iterator[_Variant]:
    """The blocks of the file read in each other order than the one that was believed."""
    letters = [letter.strip() for letter in candidate.gate_order.split(",")]
    believed = tuple(_LETTERS.get(letter, letter) for letter in letters)
    if sorted(believed) != sorted(GATES):
        believed = GATES
    for order in permutations(believed):
        if order == believed:
            continue
        from_block = [GATES.index(believed[order.index(gate)]) for gate in GATES]
        words = f"The gates lie in the order {', '.join(order)} in the file, not {', '.join(believed)}."
        network = _changed(plain.network, lambda weights, rows=from_block: _reordered(weights, rows))
        yield replace(plain, words=words, name="every order of the gates", network=network)


def _changed(network: Network, change: Any) -> Network:
    """The network with other parameters in every layer and direction."""
    layers = tuple(
        replace(layer, directions=tuple(change(parameters) for parameters in layer.directions))
        for layer in network.layers
    )
    return replace(network, layers=layers)


def _blocks(stacked: Array, hidden_size: int) -> list[Array]:
    return np.split(stacked, len(stacked) // hidden_size)


def _reordered(weights: CellParameters, rows: list[int]) -> CellParameters:
    moved = {
        name: np.concatenate([_blocks(array, weights.hidden_size)[row] for row in rows])
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        if (array := getattr(weights, name)) is not None
    }
    return replace(weights, **moved)


def _transposed(stacked: Array, hidden_size: int) -> Array:
    """Each block turned, where it is square."""
    if stacked.shape[1] != hidden_size:
        return stacked
    return np.concatenate([block.T for block in _blocks(stacked, hidden_size)])


def _transposed_hh(weights: CellParameters) -> CellParameters:
    return replace(weights, weight_hh=_transposed(weights.weight_hh, weights.hidden_size))


def _transposed_ih(weights: CellParameters) -> CellParameters:
    return replace(weights, weight_ih=_transposed(weights.weight_ih, weights.hidden_size))


def _open_forget(weights: CellParameters) -> CellParameters:
    bias = weights.bias.copy()
    bias[weights.block(GATES.index("f"))] += 1
    return replace(weights, bias_ih=bias, bias_hh=np.zeros_like(bias))


def _without_biases(weights: CellParameters) -> CellParameters:
    return replace(weights, bias_ih=None, bias_hh=None)


def _one_bias(weights: CellParameters) -> CellParameters:
    if weights.bias_ih is None or weights.bias_hh is None:
        return weights
    return replace(weights, bias_hh=np.zeros_like(weights.bias_hh))
