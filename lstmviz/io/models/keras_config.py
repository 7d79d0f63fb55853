"""The configuration of a Keras model: which layers there are, with which functions, and whether they form a chain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_WRAPPERS = ("Bidirectional", "TimeDistributed")
TRANSPARENT = frozenset(
    (
        "InputLayer",
        "Dropout",
        "SpatialDropout1D",
        "GaussianNoise",
        "GaussianDropout",
        "AlphaDropout",
        "ActivityRegularization",
        "Masking",
    )
)
"""Layers that do nothing to the numbers when a trained model runs."""


@dataclass(frozen=True)
class KerasLayer:
    """One layer of the configuration. ``kind`` is its class; for a wrapper that of the layer inside.

    wrapper          ``Bidirectional`` or ``TimeDistributed``, or empty
    merge_mode       how a Bidirectional joins its directions
    activation, recurrent_activation   names of functions, in Keras's words; empty where the layer has none
    """

    name: str
    kind: str
    wrapper: str = ""
    merge_mode: str = ""
    activation: str = ""
    recurrent_activation: str = ""
    go_backwards: bool = False
    stateful: bool = False

    @property
    def transparent(self) -> bool:
        """Whether numbers pass unchanged."""
        return self.kind in TRANSPARENT or (self.kind == "Activation" and self.activation == "linear")


@dataclass(frozen=True)
class KerasConfig:
    """All layers in their order, those of models inside the model at the end.

    chained  each reads the one before and nothing else; never so with models inside the model
    """

    layers: tuple[KerasLayer, ...]
    chained: bool

    def layer(self, name: str) -> KerasLayer | None:
        """The layer called ``name``; a path of folders ends with the names that are looked for."""
        known = {layer.name: layer for layer in self.layers}
        return next((known[part] for part in (name, *reversed(name.split("/"))) if part in known), None)


def parsed_config(config: Any) -> KerasConfig | None:
    """The layers of a model's configuration as it stands in the file; None where it is not one."""
    if not isinstance(config, dict):
        return None
    inner = config.get("config")
    kind = config.get("class_name")
    entries = inner.get("layers") if isinstance(inner, dict) else inner  # Keras 1 and 2.0: a list
    if not isinstance(entries, list):
        return None
    layers: list[KerasLayer] = []
    inside: list[KerasLayer] = []
    for entry in entries:
        layer = _layer(entry)
        if layer is None:
            return None
        layers.append(layer)
        model = parsed_config(entry)
        inside += model.layers if model else ()
    if inside:
        return KerasConfig((*layers, *inside), False)
    chained = kind == "Sequential" or all(
        _inputs(entry) <= ({layers[number - 1].name} if number else set()) for number, entry in enumerate(entries)
    )
    return KerasConfig(tuple(layers), chained)


def _layer(entry: Any) -> KerasLayer | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("config"), dict):
        return None
    config, kind, wrapper = entry["config"], str(entry.get("class_name")), ""
    name = str(config.get("name") or entry.get("name") or kind)
    merge_mode = str(config.get("merge_mode", ""))
    inside = config.get("layer")
    if kind in _WRAPPERS and isinstance(inside, dict) and isinstance(inside.get("config"), dict):
        wrapper, kind, config = kind, str(inside.get("class_name")), inside["config"]
    outer, cell = config, config.get("cell")
    if kind == "RNN" and isinstance(cell, dict) and isinstance(cell.get("config"), dict):
        kind, config = str(cell.get("class_name")).removesuffix("Cell"), cell["config"]
    return KerasLayer(
        name=name,
        kind=kind,
        wrapper=wrapper,
        merge_mode=merge_mode,
        activation=_function(config.get("activation"), "" if "LSTM" not in kind else "tanh"),
        recurrent_activation=_function(config.get("recurrent_activation"), "sigmoid" if "LSTM" in kind else ""),
        go_backwards=bool(outer.get("go_backwards")),
        stateful=bool(outer.get("stateful")),
    )


def _function(value: Any, default: str) -> str:
    """The name of a function, which may be wrapped in a configuration of its own."""
    if isinstance(value, dict):
        inner = value.get("config")
        value = inner if isinstance(inner, str) else value.get("class_name")
    return str(value) if value is not None else default


def _inputs(entry: Any) -> set[str]:
    """The names of the layers that an entry of a functional model reads."""
    nodes = entry.get("inbound_nodes") if isinstance(entry, dict) else None
    return set(_names(nodes)) if isinstance(nodes, list) else set()


def _names(value: Any) -> Iterator[str]:
    """Every ``[name, node, tensor]`` in the nested lists and objects of Keras 2 and 3; JSON is never nested deeply."""
    if isinstance(value, list):
        if len(value) >= 3 and isinstance(value[0], str) and all(isinstance(each, int) for each in value[1:3]):
            yield value[0]
        else:
            for each in value:
                yield from _names(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _names(each)
