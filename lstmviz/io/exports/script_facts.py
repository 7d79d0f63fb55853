"""What a script about a run has to know: which parts of the equations it needs, and the texts of its constants."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lstmviz import __version__
from lstmviz.core.arrays import Array, BoolArray
from lstmviz.core.engine.bug_museum import Bug
from lstmviz.core.experiments.objective import ObjectiveKind
from lstmviz.core.networks.alteration import Alteration
from lstmviz.core.networks.parameters import Cell
from lstmviz.core.run import NetworkRun, Run
from lstmviz.io.exports.arrays import networks_of

_BUGS = {
    Bug.NO_FORGET_SLOPE: "bug_slope",
    Bug.DC_NOT_CARRIED: "bug_dc",
    Bug.INPUT_BIAS_IS_FORGETS: "bug_bias",
    Bug.DH_NOT_CARRIED: "bug_dh",
}

HeldNode = tuple[str, int | None, int, int, float]
"""node, unit (None: every one), first step, last step, value."""


def features_of(run: Run) -> set[str]:
    """The words that the conditions of the templates ask for."""
    networks = networks_of(run).values()
    cells = [cell_word(network) for network in networks]
    network = run.network
    wanted = {
        "lstm": "lstm" in cells,
        "rnn": any(word != "lstm" for word in cells),
        "bidirectional": network.bidirectional,
        "head": network.head is not None,
        "float32": network.dtype == np.float32,
        "what_if": bool(run.experiment.changes),
        "bug": run.experiment.bug is not None,
        "cross_entropy": run.objective.kind is ObjectiveKind.CROSS_ENTROPY,
        "squared_error": run.objective.kind is ObjectiveKind.SQUARED_ERROR,
        "next_input": run.objective.next_input,
    }
    wanted |= {f"phi_{word}": True for word in cells}
    wanted["projection"] = any(p.weight_hr is not None for _, _, p in network.directions())
    wanted["own_peepholes"] = any(p.peepholes is not None for _, _, p in network.directions())
    if run.experiment.bug:
        wanted[_BUGS[run.experiment.bug]] = True
    for alteration in run.trace.alterations.values():
        wanted["altered"] = True
        for word in what_if_of(alteration):
            wanted[word] = True
    return {word for word, there in wanted.items() if there}


def cell_word(network: NetworkRun) -> str:
    """``lstm``, or the nonlinearity of a vanilla RNN."""
    net = network.network
    return "lstm" if net.cell is Cell.LSTM else net.layers[0].nonlinearity.value


def texts_of(run: Run, file: str) -> dict[str, str]:
    """What stands in the places ``$name`` of the templates, but for the data and the objective."""
    features = features_of(run)
    bug = run.experiment.bug
    names = {"lstm": "an LSTM", "rnn": "a vanilla RNN"}
    return {
        "file": comment(file),
        "version": __version__,
        "names": " and ".join(words for word, words in names.items() if word in features),
        "title": comment(run.experiment.title) or "A run",
        "what_if": "\n# What if: ".join(comment(change.in_words()) for change in run.experiment.changes),
        "bug": comment(bug.wrong) if bug else "",
        "reverse": ", reverse" if "bidirectional" in features else "",
        "changes": ", what_if" if "altered" in features else "",
        "own_peepholes": ", peepholes" if "own_peepholes" in features else "",
        "peeping": ', weights.get(f"peepholes_{name}")' if "own_peepholes" in features else "",
        "projection": ", W_hr" if "projection" in features else "",
        "projected": ', weights.get(f"weight_hr_{name}")' if "projection" in features else "",
    }


def comment(text: str) -> str:
    """``text`` as it may stand in a comment or a docstring: nothing in it can end either."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    return printable.replace("\\", "/").replace('"""', "'''").strip()


def what_if_of(alteration: Alteration) -> dict[str, object]:
    """How the equations of a layer differ from the plain ones, as the script says it."""
    parts: dict[str, object] = {
        "held": list(_held_nodes(alteration)),
        "peepholes": None if alteration.peepholes is None else alteration.peepholes.tolist(),
        "coupled": alteration.coupled.made if alteration.coupled else None,
        "linear_g": alteration.linear_g,
        "linear_out": alteration.linear_out,
    }
    return {name: value for name, value in parts.items() if value}


def _held_nodes(alteration: Alteration) -> Iterator[HeldNode]:
    """The held nodes as few ranges of steps: one for every unit where all are held alike."""
    for node, held in alteration.held.items():
        units = [list(_ranges(held.mask[:, unit], held.values[:, unit])) for unit in range(held.mask.shape[1])]
        if all(ranges == units[0] for ranges in units):
            yield from ((node, None, *each) for each in units[0])
        else:
            yield from ((node, unit, *each) for unit, ranges in enumerate(units) for each in ranges)


def _ranges(mask: BoolArray, values: Array) -> Iterator[tuple[int, int, float]]:
    """(first step, last step, value) of neighbouring steps [T] that are held at the same value."""
    starts = np.flatnonzero(np.r_[True, (mask[1:] != mask[:-1]) | (values[1:] != values[:-1])])
    for start, stop in zip(starts, np.r_[starts[1:], len(mask)], strict=True):
        if mask[start]:
            yield int(start) + 1, int(stop), float(values[start])
