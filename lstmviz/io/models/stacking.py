"""Recurrent layers that follow each other, joined into one network where the engine can run them as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from lstmviz.io.models.model_file import Candidate


def stacked(chain: Sequence[Candidate]) -> list[Candidate]:
    """One candidate of all layers of ``chain``; or each alone, with a note that says why, where they differ."""
    if len(chain) == 1:
        return list(chain)
    first = chain[0]
    difference = next((words for each in chain[1:] if (words := _difference(first, each))), "")
    if not difference:
        widths = pairwise(chain)
        difference = "" if all(b.input_size == a.output_size for a, b in widths) else "their sizes do not fit"
    if difference:
        names = " → ".join(each.name for each in chain)
        note = f"The file stacks {names}; they are separate here, because {difference}."
        return [replace(each, notes=(*each.notes, note)) for each in chain]
    return [
        replace(
            first,
            name=" → ".join(each.name for each in chain),
            layers=tuple(layer for each in chain for layer in each.layers),
            notes=tuple(dict.fromkeys(note for each in chain for note in each.notes)),
            unusual=tuple(dict.fromkeys(words for each in chain for words in each.unusual)),
        )
    ]


def _difference(first: Candidate, other: Candidate) -> str:
    """Why two layers cannot be layers of one network; empty where they can."""
    if first.kind is not other.kind or first.nonlinearity is not other.nonlinearity:
        return "their cells differ"
    if first.num_directions != other.num_directions or first.reads_backwards or other.reads_backwards:
        return "their directions differ"
    return "their gates differ" if first.coupled != other.coupled else ""
