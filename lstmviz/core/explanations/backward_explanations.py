"""Why a gradient is what it is, for dL/d of every node of every layer: backpropagation through time, term by term."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.engine.activations import phi_slope, sigmoid_slope, tanh_slope
from lstmviz.core.engine.backward_step import step_after
from lstmviz.core.engine.cell_derivatives import let_through
from lstmviz.core.engine.selection import position_of_step
from lstmviz.core.engine.step import step_before
from lstmviz.core.engine.trace import LayerTrace, LSTMTrace, RNNTrace
from lstmviz.core.explanations.explanation import (
    GATE_KINDS,
    Explanation,
    Part,
    Term,
    TermKind,
    explained,
    value_part,
)
from lstmviz.core.explanations.forward_explanations import is_held, outputs_of_top
from lstmviz.core.explanations.products import Factor, Product, explained_by
from lstmviz.core.explanations.weighted_sum import Summands, largest_terms, weight_name
from lstmviz.core.networks.parameters import GATES, PEEPHOLES, Coupling, Nonlinearity
from lstmviz.core.run import NetworkRun
from lstmviz.core.value_reference import ValueReference, is_initial, value_in


class NodeValues:
    """The nodes of one step of one layer and direction, and the gradients at them."""

    def __init__(self, network: NetworkRun, ref: ValueReference) -> None:
        self.network, self.ref = network, ref
        self.layer = network.trace[ref.layer]
        self.before, self.after = step_before(self.layer, ref.t), step_after(self.layer, ref.t)
        self.is_last = position_of_step(self.layer, self.after) > len(self.layer.h)
        """Whether no step of the layer comes after it."""

    def at(
        self, symbol: str, t: int | None = None, layer: str | None = None, unit: int | None = None
    ) -> ValueReference:
        """Another value, by default of the same step, layer and unit."""
        ref = self.ref
        changes = (symbol, ref.t if t is None else t, layer or ref.layer, ref.unit if unit is None else unit)
        return ValueReference(*changes, ref.baseline)

    def of(self, ref: ValueReference) -> float:
        """The number."""
        return value_in(self.network, ref)

    def link(self, ref: ValueReference) -> Part:
        """The number with its name, as a link."""
        return value_part(ref, self.of(ref))

    def held(self, symbol: str, t: int | None = None) -> bool:
        """Whether a what-if holds a node of this unit."""
        return is_held(self.layer, symbol, self.ref.t if t is None else t, self.ref.unit)

    def factor(self, symbol: str, t: int | None = None) -> Factor:
        """A value of this unit as a factor, by default of the same step."""
        ref = self.at(symbol, t)
        return Factor(ref.name, self.of(ref), ref)

    @property
    def coupled(self) -> Coupling | None:
        """Which gate is 1 minus the other, here where it is not held; None for neither."""
        coupled = self.layer.alteration.coupled if self.layer.alteration else None
        return None if coupled is None or self.held(coupled.made) else coupled

    @property
    def shown(self) -> str:
        """What o tanh(c) is: h, or m where a projection makes h of it."""
        return "h" if self.layer.parameters.weight_hr is None else "m"

    @property
    def linear_g(self) -> bool:
        """Whether g is z_g itself."""
        return self.layer.alteration is not None and self.layer.alteration.linear_g

    @property
    def linear_out(self) -> bool:
        """Whether h is o c, without tanh."""
        return self.layer.alteration is not None and self.layer.alteration.linear_out

    def peephole(self, gate: str) -> float | None:
        """The weight with which the gate sees the cell state; None without peepholes."""
        alteration = self.layer.alteration
        if alteration is None or alteration.peepholes is None:
            return None
        return float(alteration.peepholes[PEEPHOLES.index(gate), self.ref.unit])


def explain_gradient(network: NetworkRun, ref: ValueReference, most: int) -> Explanation:
    """Why the gradient is what it is, by the rules of calculus; not dy, whose reason is the loss.

    ``ref`` must be there, see ``value_reference.refuse_unknown``.
    """
    nodes = NodeValues(network, ref)
    if ref.symbol == "dh":
        return _hidden_state(nodes, most)
    if ref.symbol == "dm":
        return _unprojected(nodes, most)
    if ref.symbol == "dx":
        return _input(nodes, most)
    if ref.symbol == "dc":
        return _cell_state(nodes)
    if ref.symbol.startswith("dz"):
        return _preactivation(nodes) if isinstance(nodes.layer, LSTMTrace) else _rnn_preactivation(nodes)
    return _node(nodes)


def arriving_from_above(nodes: NodeValues) -> tuple[list[Summands], list[Term]]:
    """What comes to dh[t] from the loss or the layer above, as weighted sums and as single terms."""
    trace, ref = nodes.network.trace, nodes.ref
    top = outputs_of_top(trace)
    place = ref.unit + (nodes.layer.h.shape[2] if ref.layer.endswith("_reverse") else 0)
    if ref.layer not in top:
        above = int(ref.layer.removeprefix("l").removesuffix("_reverse")) + 1
        links = [nodes.at("dx", layer=name, unit=place) for name in trace.layers if name.split("_")[0] == f"l{above}"]
        return [], [_from_above(nodes, link, f"dx[{ref.t}] of layer {link.layer}") for link in links]
    head = trace.network.head
    if head is None:
        return [], [_from_above(nodes, nodes.at("dy", unit=place))]
    indexed = head.weight.size > 1
    dy = Summands(
        TermKind.INPUT,
        head.weight[:, place],
        nodes.network.dy[ref.t - 1, 0],
        lambda k: (weight_name("W", "y", k, place, indexed=indexed), f"head.weight[{k}, {place}]"),
        nodes.at("dy").of_unit,
        len(head.weight) > 1,
    )
    return [dy], []


def arriving_from_after(nodes: NodeValues) -> list[Summands]:
    """What each gate of the step after sends to dh[t], U_k^T dz_k, by rows of ``weight_hh``; empty where none is."""
    if nodes.is_last:
        return []
    return _through_gates(nodes, "U", "weight_hh", nodes.layer.parameters.weight_hh, nodes.after)


def sent_before(nodes: NodeValues) -> list[Summands]:
    """What each gate of this step sends to h of the step before."""
    return _through_gates(nodes, "U", "weight_hh", nodes.layer.parameters.weight_hh, nodes.ref.t)


def _through_gates(nodes: NodeValues, letter: str, name: str, weights: Array, t: int) -> list[Summands]:
    """Column ``unit`` of the weights of every gate times its dz[t]."""
    hidden_size, column = nodes.layer.parameters.hidden_size, nodes.ref.unit
    dz = nodes.network.gradients[nodes.ref.layer].z[t - 1, 0]
    indexed = hidden_size > 1 or weights.shape[1] > 1

    def through(block: int, gate: str) -> Summands:
        rows = nodes.layer.parameters.block(block)
        symbol = f"dz_{gate}" if gate else "dz"
        return Summands(
            GATE_KINDS[gate],
            weights[rows, column],
            dz[rows],
            lambda k: (
                weight_name(letter, gate, k, column, indexed=indexed),
                f"{name}_{nodes.ref.layer}[{rows.start + k}, {column}]",
            ),
            nodes.at(symbol, t=t).of_unit,
            hidden_size > 1,
        )

    return [through(block, gate) for block, gate in enumerate(gates_of(nodes.layer))]


def gates_of(layer: LayerTrace) -> tuple[str, ...]:
    """The gates in the order of the rows; "" for the only pre-activation of a vanilla RNN."""
    return GATES if isinstance(layer, LSTMTrace) else ("",)


def _from_above(nodes: NodeValues, source: ValueReference, name: str = "") -> Term:
    value = nodes.of(source)
    return Term(TermKind.INPUT, (Part("from above: "), value_part(source, value, name)), value)


def _hidden_state(nodes: NodeValues, most: int) -> Explanation:
    """dh[t] = what comes from above + sum_k U_k^T dz_k[t+1]."""
    ref = nodes.ref
    above: tuple[list[Summands], list[Term]] = ([], [])
    parts = []
    if not is_initial(nodes.network.trace, ref):
        above = arriving_from_above(nodes)
        parts.append("from above")
    if not nodes.is_last:
        parts.append(_sum_in_words(nodes.layer, "U", nodes.after))
    terms = largest_terms([*above[0], *arriving_from_after(nodes)], above[1], most)
    return explained(ref, nodes.of(ref), " + ".join(parts), "", terms)


def _unprojected(nodes: NodeValues, most: int) -> Explanation:
    """dm[t] = W_hr^T dh[t], with h = W_hr m; nothing comes from an h that a what-if holds."""
    ref = nodes.ref
    groups = through_projection(nodes)
    return explained(ref, nodes.of(ref), f"W_hrᵀ dh[{ref.t}]", "", largest_terms(groups, (), most))


def through_projection(nodes: NodeValues) -> list[Summands]:
    """What each dh[t] sends to dm of this unit; empty without a projection."""
    layer, ref = nodes.layer, nodes.ref
    weight_hr = layer.parameters.weight_hr
    if weight_hr is None or not isinstance(layer, LSTMTrace):
        return []
    dh = let_through(layer, nodes.network.gradients[ref.layer].h[ref.t - 1], ref.t - 1)[0]
    name = partial(weight_name, "W", "hr", indexed=weight_hr.size > 1)
    return [
        Summands(
            TermKind.RECURRENT,
            weight_hr[:, ref.unit],
            dh,
            lambda j: (name(j, ref.unit), f"weight_hr_{ref.layer}[{j}, {ref.unit}]"),
            nodes.at("dh").of_unit,
            len(dh) > 1,
        )
    ]


def _input(nodes: NodeValues, most: int) -> Explanation:
    """dx[t] = sum_k W_k^T dz_k[t]."""
    t = nodes.ref.t
    groups = _through_gates(nodes, "W", "weight_ih", nodes.layer.parameters.weight_ih, t)
    terms = largest_terms(groups, (), most)
    return explained(nodes.ref, nodes.of(nodes.ref), _sum_in_words(nodes.layer, "W", t), "", terms)


def _sum_in_words(layer: LayerTrace, letter: str, t: int) -> str:
    return f"Σ {letter}_kᵀ dz_k[{t}]" if isinstance(layer, LSTMTrace) else f"{letter}ᵀ dz[{t}]"


def _cell_state(nodes: NodeValues) -> Explanation:
    """dc[t] = dh[t] o[t] (1 - tanh(c[t])^2) + f[t+1] dc[t+1], and p_k dz_k where there are peepholes."""
    ref, after = nodes.ref, nodes.after
    products = []
    if not is_initial(nodes.network.trace, ref):
        products.append(memory_from_output(nodes))
        products += _through_peephole(nodes, "o", ref.t)
    if not nodes.is_last:
        products.append(memory_from_after(nodes))
        products += _through_peephole(nodes, "f", after) + _through_peephole(nodes, "i", after)
    return explained_by(ref, nodes.of(ref), products)


def memory_from_output(nodes: NodeValues) -> Product:
    """What comes to c[t] from h[t]: dh[t] o[t] (1 - tanh(c[t])^2); with a projection dm in the place of dh."""
    if nodes.held(nodes.shown):
        return nothing_through(nodes.at(nodes.shown))
    factors = [nodes.factor(f"d{nodes.shown}"), nodes.factor("o")]
    if not nodes.linear_out:
        c = nodes.at("c")
        slope = np.empty(1)
        with np.errstate(all="ignore"):
            tanh_slope(np.array([nodes.of(c)]), slope)
        factors.append(Factor(f"(1 − tanh²({c.name}))", float(slope[0]), c))
    return Product(TermKind.RECURRENT, tuple(factors))


def memory_from_after(nodes: NodeValues) -> Product:
    """What comes to c[t] along the cell path: f[t+1] dc[t+1]."""
    if nodes.held("c", nodes.after):
        return nothing_through(nodes.at("c", t=nodes.after))
    return Product(TermKind.KEPT, (nodes.factor("f", nodes.after), nodes.factor("dc", nodes.after)))


def memory_sent_before(nodes: NodeValues) -> Product:
    """What goes on along the cell path: f[t] dc[t]."""
    if nodes.held("c"):
        return nothing_through(nodes.at("c"))
    return Product(TermKind.KEPT, (nodes.factor("f"), nodes.factor("dc")))


def _through_peephole(nodes: NodeValues, gate: str, t: int) -> list[Product]:
    """p_k dz_k[t], what a gate that sees c sends back to it; nothing where no gate does."""
    weight = nodes.peephole(gate)
    if weight is None:
        return []
    return [Product(TermKind.PEEPHOLE, (Factor(f"p_{gate}", weight, None), nodes.factor(f"dz_{gate}", t)))]


def nothing_through(held: ValueReference) -> Product:
    """No gradient goes through a node that is held: its inputs no longer matter."""
    return Product(TermKind.GIVEN, (), f"{held.name} is held by a what-if")


def _node(nodes: NodeValues) -> Explanation:
    """di, df, dg = dc times what the gate multiplies in c; do, dtanh_c = dh times what it multiplies in h."""
    ref = nodes.ref
    return explained_by(ref, nodes.of(ref), node_products(nodes, ref.node))


def node_products(nodes: NodeValues, node: str) -> tuple[Product, ...]:
    """dL/d of a gate, the candidate or tanh(c)."""
    kind = GATE_KINDS.get(node, TermKind.PRODUCT)
    whole, other = _BESIDE[node]
    whole = nodes.shown if whole == "h" else whole
    if nodes.held(whole):
        return (nothing_through(nodes.at(whole)),)
    arrives = nodes.factor(f"d{whole}")
    first = Product(kind, (arrives, nodes.factor(other, nodes.before if node == "f" else None)))
    if nodes.coupled and node == nodes.coupled.source:
        # i = 1 - f: opening f closes i; f = 1 - i: the other way round
        made = nodes.coupled.made
        beside = nodes.factor(_BESIDE[made][1], nodes.before if made == "f" else None)
        return first, Product(GATE_KINDS[made], (Factor("−1", -1.0, None), arrives, beside))
    return (first,)


_BESIDE = {"i": ("c", "g"), "f": ("c", "c"), "g": ("c", "i"), "o": ("h", "tanh_c"), "tanh_c": ("h", "o")}
"""For each node what it is a factor of, and the other factor; f stands beside c of the step before.

With a projection m stands for h.
"""


def _preactivation(nodes: NodeValues) -> Explanation:
    """dz_k = dk times the slope of gate k's curve."""
    ref = nodes.ref
    gate = ref.symbol[3:]
    if nodes.held(gate):
        return explained_by(ref, nodes.of(ref), [nothing_through(nodes.at(gate))])
    if nodes.coupled and gate == nodes.coupled.made:
        words = f"the gates are coupled: {gate} is 1 − {nodes.coupled.source}, whatever z_{gate} is"
        return explained_by(ref, nodes.of(ref), [Product(TermKind.GIVEN, (), words)])
    slope = () if gate == "g" and nodes.linear_g else (_gate_slope(nodes, gate),)
    products = [
        each if each.nothing else replace(each, factors=(*each.factors, *slope)) for each in node_products(nodes, gate)
    ]
    return explained_by(ref, nodes.of(ref), products)


def _gate_slope(nodes: NodeValues, gate: str) -> Factor:
    """sigmoid' = k (1 - k), tanh' = 1 - g^2, accurate where these forms cancel."""
    source, slope = nodes.at(gate), np.empty(1)
    z, value = np.array([nodes.of(nodes.at(f"z_{gate}"))]), np.array([nodes.of(source)])
    with np.errstate(all="ignore"):
        if gate == "g":
            tanh_slope(z, slope)
        else:
            sigmoid_slope(z, value, slope)
    return Factor("(1 − g²)" if gate == "g" else f"{gate} × (1 − {gate})", float(slope[0]), source)


def _rnn_preactivation(nodes: NodeValues) -> Explanation:
    """dz = dh phi'(z)."""
    ref, layer = nodes.ref, nodes.layer
    assert isinstance(layer, RNNTrace)
    if nodes.held("h"):
        return explained_by(ref, nodes.of(ref), [nothing_through(nodes.at("h"))])
    z, slope = nodes.at("z"), np.empty(1)
    with np.errstate(all="ignore"):
        phi_slope(layer.nonlinearity, np.array([nodes.of(z)]), slope)
    factors = [nodes.factor("dh")]
    if layer.nonlinearity is Nonlinearity.TANH:
        factors.append(Factor("(1 − h²)", float(slope[0]), nodes.at("h")))
    elif layer.nonlinearity is Nonlinearity.RELU:
        factors.append(Factor(f"relu′({z.name})", float(slope[0]), z))
    return explained_by(ref, nodes.of(ref), [Product(TermKind.RECURRENT, tuple(factors))])
