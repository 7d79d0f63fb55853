"""Recurrent networks, embeddings and dense layers among arrays that have PyTorch's names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.parameters import Nonlinearity
from lstmviz.io.models.arrays import FileArray, as_floats, is_numeric
from lstmviz.io.models.limits import MOST_LAYERS, refuse_too_many_bytes
from lstmviz.io.models.model_file import Candidate, DirectionWeights, Kind

_NAME = re.compile(
    r"(?P<prefix>.*?)(?P<weight>weight_ih|weight_hh|bias_ih|bias_hh|weight_hr)(?:_l(?P<layer>\d{1,4})(?P<reverse>_reverse)?)?"
)
_WRAPPERS = re.compile(r"(?:^|(?<=\.))(?:model_state_dict|state_dict|module|_orig_mod|model)\.")

_ORDERS = {Kind.LSTM: "i, f, g, o", Kind.RNN: "one block, no gates", Kind.GRU: "r, z, n"}
_MODES = {"RNN_TANH": Nonlinearity.TANH, "RNN_RELU": Nonlinearity.RELU}
_SETTINGS = {each.value: each for each in Nonlinearity}

Groups = dict[str, dict[tuple[int, bool], dict[str, str]]]
"""prefix -> (layer, whether reverse) -> weight_ih ... -> name in the file."""


def recurrent_groups(arrays: Mapping[str, FileArray]) -> Groups:
    """The names of recurrent weights, by the module that they belong to."""
    groups: Groups = {}
    for name, array in arrays.items():
        match = _NAME.fullmatch(name)
        if match and is_numeric(array) and (not match["prefix"] or match["prefix"][-1] in "./_"):
            place = (int(match["layer"] or 0), bool(match["reverse"]))
            groups.setdefault(match["prefix"], {}).setdefault(place, {})[match["weight"]] = name
    return {prefix: group for prefix, group in groups.items() if _is_whole(group)}


def short_names(names: list[str]) -> dict[str, str]:
    """The names without the wrappers of training scripts (``module.``, ``state_dict.``), where they stay different."""
    short = {name: without_wrappers(name) for name in names}
    if len(set(short.values())) < len(names):
        return {name: name.strip(".") for name in names}
    return short


def without_wrappers(name: str) -> str:
    """The name of a module as its author wrote it."""
    return _WRAPPERS.sub("", f"{name.strip('.')}.").strip(".")


def candidate_from_torch(
    name: str,
    group: Mapping[tuple[int, bool], Mapping[str, str]],
    arrays: Mapping[str, FileArray],
    settings: Mapping[str, str | int | float],
    prefix: str,
) -> Candidate:
    """One module's weights as a candidate, without a network yet. Raises LstmvizError for shapes that misfit."""
    used = [each for direction in group.values() for each in direction.values()]
    refuse_too_many_bytes(sum(8 * arrays[each].size for each in used), name)
    layers = tuple(
        tuple(_direction(group[place], arrays) for place in places) for places in _places(group, name or "the weights")
    )
    first = layers[0][0]
    kind = kind_of(first, name)
    phi, known, notes = _nonlinearity(settings, prefix) if kind is Kind.RNN else (Nonlinearity.TANH, True, ())
    example = min(used, key=_reading_order).removeprefix(prefix)
    return Candidate(
        name=name,
        kind=kind,
        layers=layers,
        gate_order=_ORDERS[kind],
        gate_reason=f"the weights have PyTorch's names ({example}), and that is PyTorch's order",
        biases="none" if first.bias_ih is None else "two a layer, bias_ih and bias_hh, which are added",
        nonlinearity=phi,
        nonlinearity_known=known,
        notes=notes,
    )


def kind_of(weights: DirectionWeights, where: str) -> Kind:
    """LSTM, RNN or GRU by the number of rows. Raises LstmvizError where they fit none."""
    rows, width = weights.weight_ih.shape[0], weights.weight_hh.shape[1]
    if weights.weight_hr is not None:
        width = weights.weight_hr.shape[1]
    for kind in Kind:
        if rows == kind.blocks * width:
            return kind
    raise LstmvizError(
        f"{rows} rows of weight_ih do not go with H = {width}",
        where=where,
        how=f"An LSTM has 4H = {4 * width} rows, a vanilla RNN H = {width}, a GRU 3H = {3 * width}.",
    )


def _reading_order(name: str) -> tuple[bool, str]:
    return "weight_ih" not in name, name


def _is_whole(group: Mapping[tuple[int, bool], Mapping[str, str]]) -> bool:
    return any("weight_ih" in names or "weight_hh" in names for names in group.values())


def _places(group: Mapping[tuple[int, bool], Mapping[str, str]], where: str) -> Iterator[tuple[tuple[int, bool], ...]]:
    """For each layer its directions, forward first; checks that none is missing."""
    count = 1 + max(layer for layer, _ in group)
    both = any(reverse for _, reverse in group)
    for layer in range(min(count, MOST_LAYERS)):
        places = ((layer, False), (layer, True)) if both else ((layer, False),)
        for place in places:
            if place not in group:
                suffix = f"l{layer}{'_reverse' if place[1] else ''}"
                raise LstmvizError(
                    f"The weights of layer {suffix} are missing", where=where, how="The file is not complete."
                )
        yield places


def _direction(names: Mapping[str, str], arrays: Mapping[str, FileArray]) -> DirectionWeights:
    """The weights of one direction, checked for presence and dimensions."""
    given = {}
    for weight, name in names.items():
        dimensions = 1 if weight.startswith("bias") else 2
        if arrays[name].ndim != dimensions or 0 in arrays[name].shape:
            raise LstmvizError(
                f"The shape {list(arrays[name].shape)} is not that of recurrent weights",
                where=name,
                how=f"It must have {dimensions} dimension{'s' if dimensions > 1 else ''}, none of size 0.",
            )
        given[weight] = as_floats(arrays[name], name)
    for weight in ("weight_ih", "weight_hh"):
        if weight not in given:
            present = next(iter(names.values()))
            raise LstmvizError(f"{weight} is missing", where=f"beside {present}", how="The file is not complete.")
    return DirectionWeights(**given)


def _nonlinearity(settings: Mapping[str, str | int | float], prefix: str) -> tuple[Nonlinearity, bool, tuple[str, ...]]:
    """phi of a vanilla RNN: whole modules have it in a setting, state dicts do not have it at all."""
    for name in (f"{prefix}mode", "mode"):
        if settings.get(name) in _MODES:
            return _MODES[str(settings[name])], True, ()
    if settings.get(f"{prefix}nonlinearity") in _SETTINGS:
        return _SETTINGS[str(settings[f"{prefix}nonlinearity"])], True, ()
    note = "The file does not say whether the vanilla RNN uses tanh or relu; tanh is PyTorch's default."
    return Nonlinearity.TANH, False, (note,)
