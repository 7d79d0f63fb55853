"""The names of the language of conditions (``conditions.py``): which numbers of a run each of them stands for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.debugger.expression import Name, Span
from lstmviz.core.engine.selection import checked_sequence, layer_of
from lstmviz.core.engine.trace import Gradients, LayerTrace, LSTMTrace, RNNTrace, Trace
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.token_table import NO_TOKEN, token_label
from lstmviz.core.numerals import shortened
from lstmviz.core.run import NetworkRun, Run

TOKEN = "token"
OUTSIDE_LAYERS = ("y", "dy", "loss", "t", "T", TOKEN)
"""The names that belong to no layer."""

_BASELINE = "rnn"
_INITIAL = {"c": "c_before", "h": "h_before"}
_CHUNK_VALUES = 2**17
"""Values of a name that are worked on at once: what is in between stays in the processor's cache."""


@dataclass(frozen=True, eq=False)
class Series:
    """A value for every step: ``values`` [T, k], and ``before``, [k], of the step before the first, where known."""

    values: Array
    before: Array | None = None

    def rows(self, start: int, stop: int) -> Array:
        """The values of the steps with index ``start`` up to ``stop``, [stop - start, k]; nan before the first.

        Indices may be negative: -1 is the state that the first step started from.
        """
        if start >= 0:
            return self.values[start:stop]
        rows = np.full((stop - start, self.values.shape[1]), np.nan)
        if stop > 0:
            rows[-start:] = self.values[:stop]
        if stop >= 0 and self.before is not None:
            rows[-1 - start] = self.before
        return rows


@dataclass(frozen=True, eq=False)
class Source:
    """What conditions are about: a whole run, or a trace alone, with or without its gradients.

    layer      the layer that a name without one means
    sequence   which of a batch, from 0
    gradients, dy, losses, labels, baseline   None where they are not known; losses gives [T] when it is asked
    spelled    what stands on the axis for a text, such as ␣ for a space
    """

    trace: Trace
    layer: str
    sequence: int = 0
    gradients: Gradients | None = None
    dy: Array | None = None
    losses: Callable[[], Array] | None = None
    labels: tuple[str, ...] | None = None
    spelled: Mapping[str, str] | None = None
    baseline: Source | None = None

    @staticmethod
    def of_run(run: Run, layer: str = "l0") -> Source:
        """All that a run knows. Raises LstmvizError where there is no such layer."""
        main = _of_network(run, run.main, layer)
        if run.baseline is None:
            return main
        same = layer if layer in run.baseline.trace.layers else "l0"
        return replace(main, baseline=_of_network(run, run.baseline, same))

    @staticmethod
    def of_trace(trace: Trace, gradients: Gradients | None, layer: str = "l0", sequence: int | None = None) -> Source:
        """What a forward pass knows, and a backward pass, if there was one. Raises LstmvizError likewise."""
        return Source(trace, layer, checked_sequence(layer_of(trace, layer), sequence), gradients)

    @property
    def length(self) -> int:
        """T."""
        return self.trace.length

    def chunks(self) -> Iterator[tuple[int, int]]:
        """The steps as (start, stop), few enough at a time that memory stays bounded however long the run is."""
        traces = (self.trace, self.baseline.trace) if self.baseline else (self.trace,)
        widths = [array.shape[2] for each in traces for layer in each.layers.values() for array in (layer.x, layer.h)]
        steps = max(1, _CHUNK_VALUES // max(*widths, *(each.y.shape[2] for each in traces)))
        for start in range(0, self.length, steps):
            yield start, min(start + steps, self.length)

    def series(self, node: Name) -> Series | float:
        """What ``node`` names: a Series, or a number that is the same at every step. Raises LstmvizError."""
        source, parts, start = self, node.name.split("."), node.span[0]
        if parts[0] == _BASELINE and len(parts) > 1:
            if self.baseline is None:
                raise LstmvizError(
                    "There is no vanilla RNN here to name",
                    how="Conditions on a run know one that runs beside the network, if it is switched on.",
                    span=(start, start + len(_BASELINE)),
                )
            source, parts, start = self.baseline, parts[1:], start + len(_BASELINE) + 1
        symbol = parts[-1]
        place = (node.span[1] - len(symbol), node.span[1])
        if len(parts) == 1:
            return source._outside_layers(symbol, place) if symbol in OUTSIDE_LAYERS else source._of(symbol, place)
        layer = ".".join(parts[:-1])
        if layer not in source.trace.layers:
            names = ", ".join(list(source.trace.layers)[:8])
            raise LstmvizError(
                f"There is no layer “{shortened(layer)}”",
                how=f"Choose one of {names}." if len(source.trace.layers) > 1 else f"There is {names} alone.",
                span=(start, start + len(layer)),
            )
        if symbol in OUTSIDE_LAYERS:
            raise LstmvizError(f"“{symbol}” belongs to no layer", how=f"Write {symbol} alone.", span=node.span)
        return replace(source, layer=layer)._of(symbol, place)

    def _outside_layers(self, symbol: str, place: Span) -> Series | float:
        if symbol == "y":
            return Series(self.trace.y[:, self.sequence])
        if symbol == "T":
            return float(self.length)
        if symbol == "dy":
            return Series(_known(self.dy, symbol, place)[:, self.sequence])
        if symbol == "loss":
            return Series(_known(self.losses, symbol, place)()[:, None])
        raise LstmvizError(
            "“token” is the text of a step, not a number" if symbol == TOKEN else f"“{symbol}” cannot be used here",
            how='Compare it with a text: token == "a" or token != "a".' if symbol == TOKEN else f"Write {symbol}.",
            span=place,
        )

    def _of(self, symbol: str, place: Span) -> Series:
        """A value or a gradient of ``self.layer``."""
        layer = self.trace[self.layer]
        nodes = ("x", *layer.nodes)
        if symbol in nodes:
            before: Array | None = None
            if symbol in _INITIAL and not layer.reverse:
                before = getattr(layer, _INITIAL[symbol])[0, self.sequence]
            return Series(getattr(layer, symbol)[:, self.sequence], before)
        if symbol[:1] == "d" and symbol[1:] in nodes:
            if self.gradients is None:
                raise LstmvizError(
                    f"“{symbol}” is a gradient, and only the forward pass is known",
                    how="Give the backward pass too: find(trace, text, gradients=backward(trace, dy)).",
                    span=place,
                )
            return Series(getattr(self.gradients[self.layer], symbol[1:])[:, self.sequence])
        raise unknown_name(symbol, place, layer)


def unknown_name(symbol: str, place: Span, layer: LayerTrace) -> LstmvizError:
    """The error for a name that ``layer`` does not have."""
    if isinstance(layer, RNNTrace) and symbol.removeprefix("d") in LSTMTrace.NODES:
        return LstmvizError(
            f"A vanilla RNN has no “{symbol}”", how="It has x, z and h, and their gradients dx, dz and dh.", span=place
        )
    names = ["x", *layer.nodes, *("d" + node for node in ("x", *layer.nodes)), *OUTSIDE_LAYERS]
    close = get_close_matches(symbol[:100], names, n=1)
    symbols = " ".join(dict.fromkeys(("x", *layer.nodes)))
    return LstmvizError(
        f"“{shortened(symbol)}” is no name that can be used here",
        how=f"Did you mean “{close[0]}”?"
        if close
        else f"There are {symbols}; their gradients, such as dh; {' '.join(OUTSIDE_LAYERS)}.",
        span=place,
    )


def _known(value: Any, symbol: str, place: Span) -> Any:
    if value is None:
        raise LstmvizError(
            f"“{symbol}” needs an objective, and a trace alone has none",
            how="Search a run: find(analyse(experiment), text).",
            span=place,
        )
    return value


def _of_network(run: Run, network: NetworkRun, layer: str) -> Source:
    layer_of(network.trace, layer)
    sequence = run.sequence
    spelled = dict(zip(sequence.vocabulary, sequence.features, strict=True)) if sequence.vocabulary else {}
    if sequence.table is not None:  # those that are read: a table can have millions
        read = {number for number in sequence.numbers if number != NO_TOKEN}
        spelled = {sequence.table.token(number): token_label(sequence.table, number) for number in read}
    losses = partial(_losses_of, run, network)
    return Source(network.trace, layer, 0, network.gradients, network.dy, losses, sequence.labels, spelled)


_LOSSES: WeakKeyDictionary[NetworkRun, Array] = WeakKeyDictionary()
"""Losses that were asked for once: a watch asks for one of them at every step."""


def _losses_of(run: Run, network: NetworkRun) -> Array:
    """What each step of ``network`` adds to its L, [T]."""
    if network not in _LOSSES:
        _LOSSES[network] = run.objective.losses(network.trace.y, run.sequence)
    return _LOSSES[network]
