"""Why a number of the forward pass is what it is, for every quantity of every layer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from lstmviz.core.arrays import Array
from lstmviz.core.engine.selection import layer_of
from lstmviz.core.engine.step import step_before
from lstmviz.core.engine.trace import LayerTrace, LSTMTrace, RNNTrace, Trace
from lstmviz.core.explanations.explanation import (
    GATE_KINDS,
    Explanation,
    Part,
    Term,
    TermKind,
    explained,
    product,
    value_part,
)
from lstmviz.core.explanations.weighted_sum import Summands, largest_terms, weight_name
from lstmviz.core.networks.parameters import GATES, PEEPHOLES, CellParameters, Nonlinearity
from lstmviz.core.text import number
from lstmviz.core.value_reference import ValueReference, forward_value, is_initial


class ForwardValues:
    """The values of one forward pass, by reference: of one sequence of it."""

    def __init__(self, trace: Trace, sequence: int = 0) -> None:
        self.trace, self.sequence = trace, sequence

    def of(self, ref: ValueReference) -> float:
        """The number."""
        return forward_value(self.trace, ref, self.sequence)

    def link(self, ref: ValueReference) -> Part:
        """The number with its name, as a link."""
        return value_part(ref, self.of(ref))


def explain_forward(trace: Trace, ref: ValueReference, most: int, sequence: int = 0) -> Explanation:
    """Why the value is what it is. ``ref`` must be there, see ``value_reference.refuse_unknown``."""
    values = ForwardValues(trace, sequence)
    if ref.symbol == "y":
        return _output(values, ref, most)
    if is_initial(trace, ref):
        words = "the initial state"
        given = Term(TermKind.GIVEN, (Part("the state before the first step"),), values.of(ref))
        return explained(ref, values.of(ref), words, "", (given,))
    if is_held(trace[ref.layer], ref.symbol, ref.t, ref.unit):
        return held(ref, values.of(ref))
    if ref.symbol == "x":
        return _input(values, ref)
    if ref.symbol.startswith("z"):
        return _preactivation(values, ref, most)
    if isinstance(trace[ref.layer], RNNTrace):
        return _rnn_hidden_state(values, ref, most)
    if ref.symbol in GATES:
        return _gate(values, ref, most)
    explain: dict[str, Callable[[ForwardValues, ValueReference], Explanation]] = {
        "c": _cell_state,
        "tanh_c": _tanh_cell_state,
        "m": _shown_memory,
        "h": _shown_memory,
    }
    if ref.symbol == "h" and trace[ref.layer].parameters.weight_hr is not None:
        return _projected_hidden_state(values, ref, most)
    return explain[ref.symbol](values, ref)


def is_held(layer: LayerTrace, symbol: str, t: int, unit: int) -> bool:
    """Whether a what-if holds this node at step ``t``."""
    mask = layer.alteration.mask(symbol) if layer.alteration else None
    return mask is not None and 1 <= t <= len(mask) and bool(mask[t - 1, unit])


def held(ref: ValueReference, value: float) -> Explanation:
    """A node that a what-if holds has no formula."""
    words = f"held at {number(value)} by a what-if"
    return explained(ref, value, words, "", (Term(TermKind.GIVEN, (Part("by a what-if"),), value),))


def source_of_input(trace: Trace, ref: ValueReference) -> ValueReference | None:
    """The h of the layer below that x of a stacked layer is; None for the first layer."""
    number_of_layer = int(ref.layer.removeprefix("l").removesuffix("_reverse"))
    if number_of_layer == 0:
        return None
    direction, unit = divmod(ref.unit, trace[f"l{number_of_layer - 1}"].h.shape[2])
    below = f"l{number_of_layer - 1}" + ("_reverse" if direction else "")
    return replace(ref, symbol="h", layer=below, unit=unit)


def outputs_of_top(trace: Trace) -> tuple[str, ...]:
    """The top layer's directions, in the order in which their h stand side by side."""
    return tuple(trace.layers)[-trace.network.num_directions :]


def _input(values: ForwardValues, ref: ValueReference) -> Explanation:
    value, below = values.of(ref), source_of_input(values.trace, ref)
    if below is None:
        return explained(ref, value, "the input", "", (Term(TermKind.GIVEN, (Part("the sequence"),), value),))
    formula = f"{below.name} of unit {below.unit}, layer {below.layer}"
    return explained(ref, value, formula, "", (Term(TermKind.PRODUCT, (values.link(below),), value),))


def _preactivation(values: ForwardValues, ref: ValueReference, most: int) -> Explanation:
    """z_k = W_k x[t] + U_k h[t-1] + b_k, and p_k c where there are peepholes."""
    layer = values.trace[ref.layer]
    gate = ref.symbol[2:]
    k, before = (f"_{gate}" if gate else ""), step_before(layer, ref.t)
    formula = f"W{k} x[{ref.t}] + U{k} h[{before}] + b{k}"
    if _has_peephole(layer, gate):
        formula += f" + p{k} c[{ref.t if gate == 'o' else before}]"
    return explained(ref, values.of(ref), formula, "", preactivation_terms(values, ref, most))


def _gate(values: ForwardValues, ref: ValueReference, most: int) -> Explanation:
    """i, f, o = sigmoid(z), g = tanh(z); i = 1 - f or f = 1 - i where the gates are coupled."""
    layer = values.trace[ref.layer]
    alteration, value = layer.alteration, values.of(ref)
    if alteration and alteration.coupled and ref.symbol == alteration.coupled.made:
        other = replace(ref, symbol=alteration.coupled.source)
        terms = (
            Term(TermKind.GIVEN, (Part("1"),), 1.0),
            Term(GATE_KINDS[other.symbol], (Part("− "), values.link(other)), -values.of(other)),
        )
        return explained(ref, value, f"1 − {other.name}", f"1 − {number(values.of(other))}", terms)
    z = replace(ref, symbol=f"z_{ref.symbol}")
    function = "tanh" if ref.symbol == "g" else "sigmoid"
    linear = ref.symbol == "g" and alteration is not None and alteration.linear_g
    return _activation(values, ref, z, "" if linear else function, most)


def _rnn_hidden_state(values: ForwardValues, ref: ValueReference, most: int) -> Explanation:
    """h = phi(z)."""
    layer = values.trace[ref.layer]
    assert isinstance(layer, RNNTrace)
    linear = layer.nonlinearity is Nonlinearity.IDENTITY
    return _activation(values, ref, replace(ref, symbol="z"), "" if linear else layer.nonlinearity.value, most)


def _activation(values: ForwardValues, ref: ValueReference, z: ValueReference, function: str, most: int) -> Explanation:
    """The value is a function of ``z``, whose terms are shown; no function: it is z."""
    before = values.of(z)
    formula, numbers = (f"{function}({z.name})", f"{function}({number(before)})") if function else (z.name, "")
    terms = preactivation_terms(values, z, most)
    return explained(ref, values.of(ref), formula, numbers or number(before), terms, total=(z, before))


def _cell_state(values: ForwardValues, ref: ValueReference) -> Explanation:
    """c[t] = f[t] c[t-1] + i[t] g[t]."""
    f, i, g = (replace(ref, symbol=symbol) for symbol in "fig")
    before = replace(ref, t=step_before(values.trace[ref.layer], ref.t))
    numbers = {part: values.of(part) for part in (f, before, i, g)}
    kept = product(TermKind.KEPT, (values.link(f), values.link(before)), numbers[f] * numbers[before])
    written = product(TermKind.WRITTEN, (values.link(i), values.link(g)), numbers[i] * numbers[g])
    return explained(
        ref,
        values.of(ref),
        f"{f.name} × {before.name} + {i.name} × {g.name}",
        "{} × {} + {} × {}".format(*map(number, numbers.values())),
        (kept, written),
    )


def _tanh_cell_state(values: ForwardValues, ref: ValueReference) -> Explanation:
    """What is shown of c: tanh(c), or c itself where a what-if leaves tanh out."""
    c = replace(ref, symbol="c")
    linear = _shows_all(values.trace[ref.layer])
    formula = c.name if linear else ref.name
    numbers = number(values.of(c)) if linear else f"tanh({number(values.of(c))})"
    term = Term(TermKind.PRODUCT, (values.link(c),), values.of(c))
    return explained(ref, values.of(ref), formula, numbers, (term,), total=(c, values.of(c)))


def _projected_hidden_state(values: ForwardValues, ref: ValueReference, most: int) -> Explanation:
    """h[t] = W_hr m[t], with m = o tanh(c)."""
    layer = values.trace[ref.layer]
    assert isinstance(layer, LSTMTrace)
    weight_hr = layer.parameters.weight_hr
    assert weight_hr is not None
    m = replace(ref, symbol="m")
    shown = Summands(
        TermKind.PRODUCT,
        weight_hr[ref.unit],
        layer.m[ref.t - 1, values.sequence],
        lambda k: (
            weight_name("W", "hr", ref.unit, k, indexed=weight_hr.size > 1),
            f"weight_hr_{ref.layer}[{ref.unit}, {k}]",
        ),
        m.of_unit,
        weight_hr.shape[1] > 1,
    )
    return explained(ref, values.of(ref), f"W_hr {m.name}", "", largest_terms((shown,), (), most))


def _shown_memory(values: ForwardValues, ref: ValueReference) -> Explanation:
    """h[t] = o[t] tanh(c[t]); with a projection that is m[t]."""
    o, c, tanh_c = (replace(ref, symbol=symbol) for symbol in ("o", "c", "tanh_c"))
    gate, memory, shown = (number(values.of(part)) for part in (o, c, tanh_c))
    linear = _shows_all(values.trace[ref.layer])
    seen = c if linear else tanh_c
    formula = f"{o.name} × {seen.name}"
    numbers = f"{gate} × {memory}" if linear else f"{gate} × tanh({memory}) = {gate} × {shown}"
    term = product(TermKind.PRODUCT, (values.link(o), values.link(seen)), values.of(o) * values.of(seen))
    return explained(ref, values.of(ref), formula, numbers, (term,))


def _output(values: ForwardValues, ref: ValueReference, most: int) -> Explanation:
    """y[t] = W_y h[t] + b_y of the head; without one y[t] is h[t] of the top layer."""
    trace, head = values.trace, values.trace.network.head
    top = outputs_of_top(trace)
    width = trace[top[0]].h.shape[2]
    if head is None:
        direction, unit = divmod(ref.unit, width)
        h = replace(ref, symbol="h", layer=top[direction], unit=unit)
        term = Term(TermKind.PRODUCT, (values.link(h),), values.of(h))
        return explained(ref, values.of(ref), f"{h.name} of unit {unit}, layer {h.layer}", "", (term,))
    indexed = head.weight.size > 1

    def read(direction: int, layer: str) -> Summands:
        first = direction * width
        return Summands(
            TermKind.RECURRENT,
            head.weight[ref.unit, first : first + width],
            trace[layer].h[ref.t - 1, values.sequence],
            lambda k: (
                weight_name("W", "y", ref.unit, first + k, indexed=indexed),
                f"head.weight[{ref.unit}, {first + k}]",
            ),
            lambda k: replace(ref, symbol="h", layer=layer, unit=k),
            width > 1,
            " reverse" if direction else "",
        )

    bias = Term(TermKind.BIAS, (Part("bias b_y"),), float(head.bias[ref.unit]), f"head.bias[{ref.unit}]")
    groups = [read(direction, layer) for direction, layer in enumerate(top)]
    return explained(ref, values.of(ref), f"W_y h[{ref.t}] + b_y", "", largest_terms(groups, (bias,), most))


def preactivation_terms(values: ForwardValues, z: ValueReference, most: int) -> tuple[Term, ...]:
    """z_k[j] = sum_d W_k[j,d] x[d] + sum_m U_k[j,m] h[t-1,m] + b_k[j] (+ p_k[j] c[j]), largest terms first."""
    layer = layer_of(values.trace, z.layer)
    parameters, gate = layer.parameters, z.symbol[2:]
    row = parameters.block(GATES.index(gate) if gate else 0).start + z.unit
    at, before = (z.t - 1, values.sequence), step_before(layer, z.t)
    x, h = replace(z, symbol="x"), replace(z, symbol="h", t=before)
    read = _row_times(TermKind.INPUT, parameters, row, z, layer.x[at], x)
    heard = _row_times(TermKind.RECURRENT, parameters, row, z, layer.h_before[at], h)
    bias = float(parameters.bias[row])
    place = f"bias_ih_{z.layer}[{row}] + bias_hh_{z.layer}[{row}]"
    single = [Term(TermKind.BIAS, (Part(f"bias b_{gate}" if gate else "bias b"),), bias, place)]
    if _has_peephole(layer, gate):
        single.append(_peephole(values, z, before))
    return largest_terms((read, heard), single, most)


def _row_times(
    kind: TermKind, parameters: CellParameters, row: int, z: ValueReference, vector: Array, source: ValueReference
) -> Summands:
    """The summands W[row, k] x[k], or U[row, k] h[k], of z; ``source`` is what the vector holds, of any unit."""
    reads = kind is TermKind.INPUT
    letter, name, weights = (
        ("W", "weight_ih", parameters.weight_ih) if reads else ("U", "weight_hh", parameters.weight_hh)
    )
    indexed = weights.shape[1] > 1 or parameters.hidden_size > 1
    return Summands(
        kind,
        weights[row],
        vector,
        lambda k: (
            weight_name(letter, z.symbol[2:], z.unit, k, indexed=indexed),
            f"{name}_{z.layer}[{row}, {k}]",
        ),
        source.of_unit,
        len(vector) > 1,
    )


def _peephole(values: ForwardValues, z: ValueReference, before: int) -> Term:
    """p_k c[t-1], and p_o c[t] for the output gate."""
    gate = z.symbol[2:]
    alteration = values.trace[z.layer].alteration
    assert alteration is not None
    assert alteration.peepholes is not None
    c = replace(z, symbol="c", t=z.t if gate == "o" else before)
    weight = float(alteration.peepholes[PEEPHOLES.index(gate), z.unit])
    parts = (Part(f"p_{gate} {number(weight)} × "), values.link(c))
    return Term(TermKind.PEEPHOLE, parts, weight * values.of(c))


def _has_peephole(layer: LayerTrace, gate: str) -> bool:
    return gate in PEEPHOLES and layer.alteration is not None and layer.alteration.peepholes is not None


def _shows_all(layer: LayerTrace) -> bool:
    """Whether a what-if leaves out the tanh on the way from c to h."""
    return layer.alteration is not None and layer.alteration.linear_out
