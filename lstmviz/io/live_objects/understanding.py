"""What the user hands over, whatever it is, as a network of ours and its input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.token_table import TokenTable
from lstmviz.core.networks.network import Network
from lstmviz.core.text import count
from lstmviz.io.live_objects.foreign_arrays import as_numpy
from lstmviz.io.live_objects.keras_layers import (
    chosen_layer,
    is_keras,
    is_recurrent_layer,
    keras_candidate,
    recorded_input,
)
from lstmviz.io.live_objects.live import Live, embedded, in_words, network_of, steps_first
from lstmviz.io.live_objects.looked_up import Found, looked_up
from lstmviz.io.live_objects.recording import Recording, record
from lstmviz.io.live_objects.torch_modules import (
    chosen_module,
    is_cell,
    is_module,
    module_candidate,
    module_notes,
    unwrapped,
)
from lstmviz.io.models.by_names import candidates_by_names
from lstmviz.io.models.model_file import ModelFile

_ACCEPTED = (
    "Give an lstmviz.Network, an LSTM or RNN of PyTorch or Keras, a model and the name of one in it, "
    "or a dict of arrays with PyTorch's names."
)


def understood(thing: Any, x: Any, name: str | None = None) -> Live:
    """The network in ``thing`` and what it reads, when ``thing`` is given x.

    thing  a Network; a recurrent module of PyTorch, or a model that has one; a recurrent layer of Keras, or a model
           that has one; a state dict
    x      [T, I] or [T, B, I], or [B, T, I] where the module says batch_first, and for Keras; for a whole model what
           the model takes: its recurrent part then reads what it really reads there
    name   which part of a model, where there are several; which network of a state dict

    Raises LstmvizError for what is none of these, with the names there are, and for shapes that do not fit.
    """
    if isinstance(thing, Network):
        if name is not None:
            raise LstmvizError("A Network has no parts", where=name, how="Leave the name out.")
        rows = steps_first(as_numpy(x, "x"), thing, batch_first=False)
        return Live(thing, rows, "A network of yours", (in_words(thing),))
    if is_keras(thing):  # before PyTorch: there a layer of Keras may be a module, too
        return _of_keras(thing, x, name)
    if is_module(thing):
        return _of_torch(unwrapped(thing), x, name)
    if isinstance(thing, Mapping):
        return _of_state_dict(thing, x, name)
    raise LstmvizError(f"There is no network in this {type(thing).__name__}", how=_ACCEPTED)


def _of_torch(model: Any, x: Any, name: str | None) -> Live:
    path, module = chosen_module(model, name)
    kind = type(module).__name__
    candidate = module_candidate(module, path or kind)
    network = network_of(candidate, path or kind)
    said = (in_words(network), *candidate.notes, *module_notes(module))
    if module is model:
        batch_first = bool(getattr(module, "batch_first", False)) and not is_cell(module)
        return Live(network, steps_first(as_numpy(x, "x"), network, batch_first=batch_first), f"{kind} of yours", said)
    found = record(model, module, path, x)
    h0, c0 = (*(found.states or ()), None, None)[:2]
    live = Live(network, found.x, f"{path} ({kind}) of {type(model).__name__}", said, h0, c0)
    live = replace(live, notes=(*said, _calls_words(found), live.agreement_words(found.y)))
    return _with_tokens(live, looked_up(model, x, found.x[:, 0]))


def _with_tokens(live: Live, found: Found | None) -> Live:
    """The same, with the tokens that it reads where these were found."""
    if found is None:
        return live
    table, tokens = found
    note = f"It reads rows of the embedding “{table.name}”: tokens can be typed by their numbers."
    return replace(live, notes=(*live.notes, note), table=table, tokens=tokens)


def _calls_words(found: Recording) -> str:
    """How often the model calls the module, and which of these calls are shown."""
    steps = count(len(found.x), "step")
    if found.all_calls == 1:
        return f"The model calls it once, with {steps}."
    calls = f"The model calls it {found.all_calls:,} times"
    if found.calls == 1:
        return f"{calls}; the first one is shown, {steps}."
    which = "all" if found.calls == found.all_calls else f"the first {found.calls:,}"
    return f"{calls}; {which} are one sequence of {steps}, which is shown."


def _of_keras(model: Any, x: Any, name: str | None) -> Live:
    layer = chosen_layer(model, name)
    candidate = keras_candidate(layer)
    network = network_of(candidate, layer.name)
    alone = is_recurrent_layer(model)
    values = as_numpy(x if alone else recorded_input(model, layer, x), "x")
    rows = steps_first(values, network, batch_first=True)
    notes = (in_words(network), *candidate.notes)
    if candidate.reads_backwards:
        rows = rows[::-1]
        notes += ("It reads the sequence from its end (go_backwards): here step 1 is the last one.",)
    kind = type(layer).__name__
    title = f"{layer.name} ({kind})" if alone else f"{layer.name} ({kind}) of {type(model).__name__}"
    found = None if alone or candidate.reads_backwards else looked_up(model, x, rows[:, 0])
    return _with_tokens(Live(network, rows, title, notes), found)


def _of_state_dict(arrays: Mapping[Any, Any], x: Any, name: str | None) -> Live:
    numbers = {str(key): as_numpy(value, str(key)) for key, value in arrays.items() if hasattr(value, "shape")}
    where = "the state dict"
    candidates, _ = candidates_by_names(numbers, {}, where)
    candidate = ModelFile(where, "", candidates).candidate(name)
    network = network_of(candidate, candidate.name or where)
    values = as_numpy(x, "x")
    notes = (in_words(network), *candidate.notes)
    title = f"{candidate.name or 'weights'} of yours"
    if candidate.embedding and values.ndim == 1 and values.dtype.kind in "iu":
        rows = steps_first(embedded(values, candidate.embedding), network, batch_first=False)
        table = TokenTable((), candidate.embedding.weight, candidate.embedding.name)
        return _with_tokens(Live(network, rows, title, notes), (table, tuple(values.tolist())))
    return Live(network, steps_first(values, network, batch_first=False), title, notes)
