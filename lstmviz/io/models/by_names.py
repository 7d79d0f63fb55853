"""Candidates from arrays under PyTorch's names, whatever file they come from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from lstmviz.core.errors import LstmvizError
from lstmviz.io.models.arrays import FileArray
from lstmviz.io.models.finishing import finished
from lstmviz.io.models.limits import MOST_CANDIDATES, refuse_too_many_bytes
from lstmviz.io.models.model_file import Candidate
from lstmviz.io.models.torch_names import Groups, candidate_from_torch, recurrent_groups, short_names
from lstmviz.io.models.wiring import wiring_by_names

_SCOPE = re.compile(r".*state_dict\.")


def candidates_by_names(
    arrays: Mapping[str, FileArray], settings: Mapping[str, str | int | float], where: str
) -> tuple[tuple[Candidate, ...], tuple[str, ...]]:
    """Every recurrent network among ``arrays``, and what is not used.

    Raises LstmvizError where there is none, and for the first mistake where no network is without one.
    """
    groups = recurrent_groups(arrays)
    if not groups:
        raise LstmvizError("No recurrent weights were found", where=where, how=_instead(arrays))
    if len(groups) > MOST_CANDIDATES:
        raise LstmvizError(
            f"There are {len(groups):,} recurrent networks in the file",
            where=where,
            how=f"At most {MOST_CANDIDATES} are read; save those that matter.",
        )
    names = {prefix: [each for place in group.values() for each in place.values()] for prefix, group in groups.items()}
    refuse_too_many_bytes(sum(8 * arrays[each].size for group in names.values() for each in group), where)
    found, ignored, errors = _candidates(groups, arrays, settings)
    if not found:
        raise errors[0]
    ignored += [f"{error}" for error in errors]
    used = {each for group in names.values() for each in group}
    if len(found) == 1 and len(groups) == 1:
        prefix, candidate = found[0]
        scope = _SCOPE.match(names[prefix][0])
        wiring = wiring_by_names(candidate, arrays, used, scope[0] if scope else "")
        candidate = replace(candidate, notes=candidate.notes + wiring.notes)
        used |= wiring.used
        found = [(prefix, finished(candidate, wiring.embedding, wiring.dense))]
    else:
        found = [(prefix, finished(candidate)) for prefix, candidate in found]
    ignored += [f"{name} {list(array.shape)}" for name, array in arrays.items() if name not in used]
    return tuple(candidate for _, candidate in found), tuple(ignored)


def _candidates(
    groups: Groups, arrays: Mapping[str, FileArray], settings: Mapping[str, str | int | float]
) -> tuple[list[tuple[str, Candidate]], list[str], list[LstmvizError]]:
    """(prefix, candidate) of every different network; what is there twice; what is damaged."""
    found: list[tuple[str, Candidate]] = []
    twice: list[str] = []
    errors: list[LstmvizError] = []
    shown = short_names(list(groups))
    for prefix, group in groups.items():
        try:
            candidate = candidate_from_torch(shown[prefix], group, arrays, settings, prefix)
        except LstmvizError as error:
            errors.append(error)
            continue
        same = next((other for _, other in found if replace(other, name=candidate.name) == candidate), None)
        if same:
            twice.append(f"{candidate.name}: the same weights as {same.name}")
        else:
            found.append((prefix, candidate))
    return found, twice, errors


def _instead(arrays: Mapping[str, FileArray]) -> str:
    """What the file has, for the message that it has nothing recurrent."""
    if not arrays:
        return "There are no arrays of numbers in it at all."
    shown = ", ".join(f"{name[:60] or '(no name)'} {list(array.shape)}" for name, array in list(arrays.items())[:5])
    more = f" and {len(arrays) - 5:,} more" if len(arrays) > 5 else ""
    return f"Looked for names such as weight_ih_l0 and weight_hh_l0; the file has {shown}{more}."
