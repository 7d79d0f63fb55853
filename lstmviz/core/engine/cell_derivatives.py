"""The derivatives within one step of an LSTM or a vanilla RNN, the home of those of plain and of altered layers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.engine.activations import phi_slope, sigmoid_slope, tanh_slope
from lstmviz.core.engine.trace import LSTMTrace, PreActivationViews, RNNTrace
from lstmviz.core.networks.alteration import Alteration
from lstmviz.core.networks.parameters import Coupling

AnyTrace = TypeVar("AnyTrace", LSTMTrace, RNNTrace)


@dataclass(frozen=True, eq=False)
class LSTMDerivatives(PreActivationViews):
    """What each node of a step does to c or h of the same step; all [T, B, H] but ``z``, whose blocks are ``z_i ...``.

    z           [T, B, 4H]: dc/dz_i, dc/dz_f, dc/dz_g and dh/dz_o (c as it is), rows in the order i, f, g, o
    i, f, g, o  dc/di, dc/df, dc/dg and dh/do; with coupled gates one of f and i moves the other too
    tanh_c      dh/dtanh(c) = o
    hidden      K = dh/dc = o (1 - tanh(c)^2); with peepholes + p_o dh/dz_o
    forget      dc/dc_before = f; with peepholes + p_f dc/dz_f + p_i dc/dz_i

    All derivatives of a node that is held are 0, but not those by it. With a projection, m = o tanh(c) stands for h
    here; ``through_projection`` tells what reaches it.
    """

    z: Array
    i: Array
    f: Array
    g: Array
    o: Array
    tanh_c: Array
    hidden: Array
    forget: Array


_ALL = slice(None)


def lstm_derivatives(trace: LSTMTrace, steps: slice = _ALL) -> LSTMDerivatives:
    """The derivatives of some steps, in real time order like the trace where ``steps`` is."""
    return fill_lstm_derivatives(trace, steps, np.empty_like(trace.z[steps]), np.empty_like(trace.tanh_c[steps]))


def fill_lstm_derivatives(trace: LSTMTrace, steps: slice, z: Array, hidden: Array) -> LSTMDerivatives:
    """``lstm_derivatives`` with those in ``z`` and ``hidden`` given; the others may be read-only views of the trace."""
    i, f, g, o, c_before = (each[steps] for each in (trace.i, trace.f, trace.g, trace.o, trace.c_before))
    into = LSTMDerivatives(z, i=g, f=c_before, g=i, o=trace.tanh_c[steps], tanh_c=o, hidden=hidden, forget=f)
    alteration = None if trace.alteration is None else trace.alteration.rows(steps)
    if alteration is not None:
        into = _altered(alteration, trace, steps, into)
    # one pass over four neighbouring blocks is faster than three over single ones; that of g is overwritten
    sigmoid_slope(trace.z[steps], trace.gates[steps], z)
    for slope, factor in ((into.z_i, into.i), (into.z_f, into.f), (into.z_o, into.o)):
        np.multiply(slope, factor, slope)
    if alteration is not None and alteration.linear_g:
        into.z_g[...] = into.g
    else:
        tanh_slope(trace.z_g[steps], into.z_g, into.g)
    if alteration is not None and alteration.linear_out:
        hidden[...] = into.tanh_c
    else:
        tanh_slope(trace.c[steps], hidden, into.tanh_c)
    return into if alteration is None else _cut(alteration, into)


def through_projection(trace: LSTMTrace, dh: Array, steps: slice | int = _ALL) -> Array:
    """dL/dm [..., H] from the total dL/dh [..., H or P] of some steps, with m = o tanh(c); without projection dh.

    Nothing goes on through an h that is held. In the plain layer, and in every other without a projection, holding h
    is among the derivatives of the step, and dm is all of dh.
    """
    weight_hr = trace.parameters.weight_hr
    if weight_hr is None:
        return dh
    return np.asarray(let_through(trace, dh, steps) @ weight_hr)


def let_through(trace: LSTMTrace, dh: Array, steps: slice | int = _ALL) -> Array:
    """dL/dh [..., P] of some steps as it goes on to what h is computed from: 0 where a what-if holds h."""
    mask = None if trace.alteration is None else trace.alteration.mask("h")
    if mask is None:
        return dh
    return np.where(mask[steps][..., None, :], np.zeros((), dh.dtype), dh)


def fill_rnn_derivatives(trace: RNNTrace, steps: slice, z: Array) -> None:
    """dh/dz of some steps of a vanilla RNN into ``z`` [steps, B, H]; 0 where h is held."""
    phi_slope(trace.nonlinearity, trace.z[steps], z)
    if trace.alteration is not None:
        z[...] = trace.alteration.rows(steps).where_held("h", 0, z)


def one_sequence(layer: AnyTrace, sequence: int) -> AnyTrace:
    """The trace of sequence number ``sequence`` (from 0) alone, in float64 whatever the trace is."""

    def picked(array: Array) -> Array:
        return np.asarray(array[:, sequence : sequence + 1], np.float64)

    arrays = {name: picked(getattr(layer, name)) for name in ("x", "z", "h_states")}
    if isinstance(layer, LSTMTrace):
        arrays |= {name: picked(getattr(layer, name)) for name in ("gates", "c_states", "tanh_c")}
        if layer.unprojected is not None:
            arrays["unprojected"] = picked(layer.unprojected)
    return replace(layer, **arrays)  # type: ignore[arg-type]  # every one of them is an array


def _altered(alteration: Alteration, trace: LSTMTrace, steps: slice, plain: LSTMDerivatives) -> LSTMDerivatives:
    """All that is not yet the product with a slope: ``i f g o``, ``tanh_c`` and ``forget``, as altered."""
    i, f = plain.i, plain.f
    if alteration.coupled is Coupling.INPUT:
        f = f - alteration.where_held("i", 0, trace.g[steps])
    elif alteration.coupled is Coupling.FORGET:
        i = i - alteration.where_held("f", 0, trace.c_before[steps])
    i, f, g, forget = (alteration.where_held("c", 0, dc) for dc in (i, f, plain.g, plain.forget))
    o, tanh_c = plain.o, plain.tanh_c
    if trace.unprojected is None:
        o, tanh_c = (alteration.where_held("h", 0, dh) for dh in (o, tanh_c))
    return replace(plain, i=i, f=f, g=g, o=o, tanh_c=tanh_c, forget=forget)


def _cut(alteration: Alteration, into: LSTMDerivatives) -> LSTMDerivatives:
    """Cuts the pre-activations of held gates off; 0 times an infinite c_before would not. Then adds the peepholes."""
    for gate, dz in (("i", into.z_i), ("f", into.z_f), ("g", into.z_g), ("o", into.z_o)):
        dz[...] = alteration.where_held(gate, 0, dz)
    if alteration.coupled:
        made = into.z_i if alteration.coupled is Coupling.INPUT else into.z_f
        made[...] = 0
    if alteration.peepholes is None:
        return into
    p_i, p_f, p_o = alteration.peepholes
    np.add(into.hidden, p_o * into.z_o, into.hidden)
    return replace(into, forget=into.forget + p_f * into.z_f + p_i * into.z_i)
