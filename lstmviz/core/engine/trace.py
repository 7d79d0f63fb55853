"""Everything that a forward and a backward pass computed, frozen. Arrays are [T, B, H] in real time order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.engine.nonfinite import HEAD, NonFinite, first_nonfinite_entry, first_nonfinite_step
from lstmviz.core.networks.alteration import Alteration, with_own_parts
from lstmviz.core.networks.network import Network
from lstmviz.core.networks.parameters import GATES, CellParameters, Nonlinearity


def read_only(*arrays: Array) -> None:
    """Let nobody write into ``arrays``, nor into views made of them from now on."""
    for array in arrays:
        array.flags.writeable = False


def _block(stacked: Array, gate: str) -> Array:
    """The [T, B, H] of one gate in [T, B, 4H], a view."""
    hidden_size = stacked.shape[-1] // len(GATES)
    start = GATES.index(gate) * hidden_size
    return stacked[..., start : start + hidden_size]


class PreActivationViews:
    """Names the four blocks of ``z``, each a [T, B, H] view."""

    z: Array

    @property
    def z_i(self) -> Array:
        """Pre-activation of the input gate [T, B, H]."""
        return _block(self.z, "i")

    @property
    def z_f(self) -> Array:
        """Pre-activation of the forget gate [T, B, H]."""
        return _block(self.z, "f")

    @property
    def z_g(self) -> Array:
        """Pre-activation of the candidate [T, B, H]."""
        return _block(self.z, "g")

    @property
    def z_o(self) -> Array:
        """Pre-activation of the output gate [T, B, H]."""
        return _block(self.z, "o")


class GateViews(PreActivationViews):
    """Names the four blocks of ``gates`` too, each a [T, B, H] view."""

    gates: Array

    @property
    def i(self) -> Array:
        """Input gate [T, B, H]."""
        return _block(self.gates, "i")

    @property
    def f(self) -> Array:
        """Forget gate [T, B, H]."""
        return _block(self.gates, "f")

    @property
    def g(self) -> Array:
        """Candidate [T, B, H]."""
        return _block(self.gates, "g")

    @property
    def o(self) -> Array:
        """Output gate [T, B, H]."""
        return _block(self.gates, "o")


@dataclass(frozen=True, eq=False)
class LSTMTrace(GateViews):
    """Every intermediate of one direction of one LSTM layer; ``i f g o`` and ``z_i ...`` are views.

    x         [T, B, I]     what the layer read
    z, gates  [T, B, 4H]    pre-activations and their activations, rows in the order i, f, g, o
    c_states  [T+1, B, H]   cell states with c0 before the first step read (at the end, when ``reverse``)
    h_states  [T+1, B, H]   hidden states likewise; with a projection [T+1, B, P]
    tanh_c    [T, B, H]
    reverse   whether the layer reads the sequence from its end: its step t follows t + 1
    alteration  how the equations differ from the plain LSTM's, by the layer's own parts and by what-ifs; None: not
    unprojected [T, B, H]   m = o tanh(c), of which a projection makes h; None without one, see ``m``

    With h = o * c instead of o * tanh(c), ``tanh_c`` is c. A node that is held is the held value.
    """

    NODES: ClassVar = ("z_i", "z_f", "z_g", "z_o", "i", "f", "g", "o", "c", "tanh_c", "h")
    """Every node of a step without projection, in the order of computation; see ``nodes``."""

    x: Array
    z: Array
    gates: Array
    c_states: Array
    h_states: Array
    tanh_c: Array
    parameters: CellParameters
    reverse: bool
    alteration: Alteration | None = None
    unprojected: Array | None = None

    @property
    def nodes(self) -> tuple[str, ...]:
        """Every node of a step, in the order of computation: with a projection also m."""
        return self.NODES if self.unprojected is None else (*self.NODES[:-1], "m", "h")

    @property
    def m(self) -> Array:
        """o tanh(c), [T, B, H], which a projection makes h of (Sak, Senior and Beaufays 2014); h without one."""
        return self.h if self.unprojected is None else self.unprojected

    @property
    def c(self) -> Array:
        """Cell state after each step [T, B, H]."""
        return self.c_states[:-1] if self.reverse else self.c_states[1:]

    @property
    def c_before(self) -> Array:
        """Cell state that each step started from [T, B, H]."""
        return self.c_states[1:] if self.reverse else self.c_states[:-1]

    @property
    def h(self) -> Array:
        """Hidden state after each step [T, B, H]."""
        return self.h_states[:-1] if self.reverse else self.h_states[1:]

    @property
    def h_before(self) -> Array:
        """Hidden state that each step started from [T, B, H]."""
        return self.h_states[1:] if self.reverse else self.h_states[:-1]

    @cached_property
    def kept(self) -> Array:
        """The factor of c_before in c = kept c_before + written, [T, B, H]: the forget gate, but 0 where c is held."""
        return self.f if self.alteration is None else self.alteration.where_held("c", 0, self.f)

    @cached_property
    def written(self) -> Array:
        """What a step adds to the cell state [T, B, H]: i g, but all of c where c is held."""
        with np.errstate(all="ignore"):
            written: Array = self.i * self.g
        if self.alteration is not None:
            written = self.alteration.where_held("c", self.c, written)
        read_only(written)
        return written


@dataclass(frozen=True, eq=False)
class RNNTrace:
    """Every intermediate of one direction of one vanilla RNN layer; fields as in ``LSTMTrace``.

    alteration  the steps at which a what-if holds h; None for none
    """

    NODES: ClassVar = ("z", "h")

    x: Array
    z: Array
    h_states: Array
    nonlinearity: Nonlinearity
    parameters: CellParameters
    reverse: bool
    alteration: Alteration | None = None

    @property
    def nodes(self) -> tuple[str, ...]:
        """Every node of a step, in the order of computation."""
        return self.NODES

    @property
    def h(self) -> Array:
        """Hidden state after each step [T, B, H]."""
        return self.h_states[:-1] if self.reverse else self.h_states[1:]

    @property
    def h_before(self) -> Array:
        """Hidden state that each step started from [T, B, H]."""
        return self.h_states[1:] if self.reverse else self.h_states[:-1]


LayerTrace = LSTMTrace | RNNTrace


@dataclass(frozen=True, eq=False)
class Trace:
    """A forward pass: every layer and direction by name (``trace["l0"]``, ``trace["l0_reverse"]``), and y.

    x  [T, B, I]
    y  [T, B, O]   the head's output, or h of the top layer, both directions side by side
    """

    network: Network
    x: Array
    y: Array
    layers: Mapping[str, LayerTrace]

    def __getitem__(self, name: str) -> LayerTrace:
        """The layer and direction called ``name``; KeyError lists the names there are."""
        if name not in self.layers:
            raise KeyError(f"{name!r}; there are {', '.join(self.layers)}")
        return self.layers[name]

    @property
    def length(self) -> int:
        """T."""
        return int(self.x.shape[0])

    @property
    def alterations(self) -> dict[str, Alteration]:
        """The layers and directions whose equations are not the plain ones, by their own parts or by what-ifs."""
        return {name: layer.alteration for name, layer in self.layers.items() if layer.alteration is not None}

    @property
    def altered(self) -> bool:
        """Whether a what-if changed the equations of a layer."""
        return any(
            self.layers[name].alteration != with_own_parts(layer, parameters, None)
            for name, layer, parameters in self.network.directions()
        )

    @cached_property
    def first_nonfinite(self) -> NonFinite | None:
        """The first infinity or NaN that the forward pass computed, layers from below; None if there is none."""
        for name, layer in self.layers.items():
            nodes = [(node, getattr(layer, node)) for node in layer.nodes]
            found = first_nonfinite_step(name, nodes, backwards=layer.reverse)
            if found:
                return found
        return first_nonfinite_step(HEAD, [("y", self.y)], backwards=False) if self.network.head else None


@dataclass(frozen=True, eq=False)
class LSTMGradients(GateViews):
    """dL/d of every intermediate of an LSTM layer and direction; names and shapes as in ``LSTMTrace``.

    ``h`` and ``c`` are total gradients: they include what flows on to later steps. h0, c0 [B, H]; x [T, B, I].
    With a projection h is [T, B, P], h0 [B, P], and ``unprojected`` [T, B, H] is dL/dm; None without, see ``m``.
    """

    NODES: ClassVar = ("h", "o", "tanh_c", "c", "i", "f", "g", "z_i", "z_f", "z_g", "z_o")
    """Every node of a step without projection, in the order of the backward pass; see ``nodes``."""
    INITIAL_STATES: ClassVar = ("h0", "c0")

    z: Array
    gates: Array
    c: Array
    tanh_c: Array
    h: Array
    h0: Array
    c0: Array
    x: Array
    unprojected: Array | None = None

    @property
    def nodes(self) -> tuple[str, ...]:
        """Every node of a step, in the order of the backward pass: with a projection also m."""
        return self.NODES if self.unprojected is None else ("h", "m", *self.NODES[1:])

    @property
    def m(self) -> Array:
        """dL/dm [T, B, H], with m = o tanh(c); dL/dh without a projection."""
        return self.h if self.unprojected is None else self.unprojected


@dataclass(frozen=True, eq=False)
class RNNGradients:
    """dL/d of every intermediate of a vanilla RNN layer and direction. z, h [T, B, H]; h0 [B, H]; x [T, B, I]."""

    NODES: ClassVar = ("h", "z")
    INITIAL_STATES: ClassVar = ("h0",)

    z: Array
    h: Array
    h0: Array
    x: Array

    @property
    def nodes(self) -> tuple[str, ...]:
        """Every node of a step, in the order of the backward pass."""
        return self.NODES


def peephole_gradients(layer: LSTMTrace, gradients: LSTMGradients) -> Array | None:
    """dL/dp of the peepholes of one layer and direction [3, H], rows p_i, p_f, p_o; None where it has none."""
    if layer.alteration is None or layer.alteration.peepholes is None:
        return None
    pairs = ((gradients.z_i, layer.c_before), (gradients.z_f, layer.c_before), (gradients.z_o, layer.c))
    with np.errstate(all="ignore"):
        return np.stack([(dz * c).sum((0, 1)) for dz, c in pairs])


LayerGradients = LSTMGradients | RNNGradients


@dataclass(frozen=True, eq=False)
class Gradients:
    """A backward pass: dL/d of everything, by the names of the forward pass.

    x       [T, B, I]
    h0, c0  [layers * directions, B, H]; c0 is None for a vanilla RNN; of layers of different widths that of the
            largest, with 0 where a layer has no such unit
    params  dL/d of every weight, by its name in ``Network.state_dict``
    """

    layers: Mapping[str, LayerGradients]
    x: Array
    h0: Array
    c0: Array | None
    params: Mapping[str, Array]

    def __getitem__(self, name: str) -> LayerGradients:
        """The gradients of the layer and direction called ``name``."""
        if name not in self.layers:
            raise KeyError(f"{name!r}; there are {', '.join(self.layers)}")
        return self.layers[name]

    @cached_property
    def first_nonfinite(self) -> NonFinite | None:
        """The first infinity or NaN that the backward pass computed, layers from above; None if there is none.

        Within a layer: its steps in the order of BPTT, then its initial states, its weights and its inputs.
        """
        found = first_nonfinite_entry(HEAD, self._weights("head.", ""))
        for name, grads in reversed(list(self.layers.items())):
            backwards = not name.endswith("_reverse")
            steps, states = ([(node, getattr(grads, node)) for node in n] for n in (grads.nodes, grads.INITIAL_STATES))
            found = (
                found
                or first_nonfinite_step(name, steps, backwards=backwards, gradient=True)
                or first_nonfinite_entry(name, states)
                or first_nonfinite_entry(name, self._weights("", f"_{name}"))
                or first_nonfinite_step(name, [("x", grads.x)], backwards=backwards, gradient=True)
            )
        return found

    def _weights(self, prefix: str, suffix: str) -> list[tuple[str, Array]]:
        """(name without prefix and suffix, gradient) of the weights whose PyTorch name has both."""
        return [
            (name.removeprefix(prefix).removesuffix(suffix), array)
            for name, array in self.params.items()
            if name.startswith(prefix) and name.endswith(suffix)
        ]
