"""Which embedding stands in front of a recurrent network and which dense layer behind it, where that is unambiguous."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lstmviz.core.arrays import Array
from lstmviz.core.errors import LstmvizError
from lstmviz.io.models.arrays import FileArray, as_floats, is_numeric
from lstmviz.io.models.limits import refuse_too_many_bytes
from lstmviz.io.models.model_file import Candidate, Embedding
from lstmviz.io.models.torch_names import without_wrappers

_EMBEDDING_WORDS = ("emb", "encoder", "lookup", "wte", "token", "word", "char")
_BOOKKEEPING = ("num_batches_tracked", "_extra_state")


@dataclass(frozen=True, eq=False)
class Dense:
    """A dense layer: y = weight h + bias. weight [O, H * directions], bias [O] or None."""

    name: str
    weight: Array
    bias: Array | None


@dataclass(frozen=True)
class Wiring:
    """What stands before and behind, what was left aside and why, and the arrays ``used``."""

    embedding: Embedding | None = None
    dense: Dense | None = None
    notes: tuple[str, ...] = ()
    used: frozenset[str] = frozenset()


def wiring_by_names(candidate: Candidate, arrays: Mapping[str, FileArray], recurrent: set[str], scope: str) -> Wiring:
    """The layers around the only recurrent network of a file that has names and shapes but no graph.

    arrays     everything in the file, in its order; ``recurrent`` the names that belong to the network
    scope      the path of the model within the file: other parts of the file (settings, averages) do not matter

    Taken only where every other array of the model belongs to one embedding in front of the network and one dense
    layer behind it: with anything left over, such as a second dense layer or a normalisation, nobody can tell.
    """
    others = {
        name: array
        for name, array in arrays.items()
        if name.startswith(scope) and name not in recurrent and not any(word in name for word in _BOOKKEEPING)
    }
    if not others:
        return Wiring()
    order = {name: position for position, name in enumerate(arrays)}
    first = min(order[name] for name in recurrent)
    before = [name for name in others if _is_embedding(name, others, candidate, order[name] < first)]
    front = before[0] if len(before) == 1 else None
    behind = [name for name in others if name != front and _is_dense(name, others, candidate)]
    back = behind[0] if len(behind) == 1 else None
    left = set(others) - {front, back, _bias_name(back) if back else None}
    if left:
        shown = ", ".join(f"{name} {list(others[name].shape)}" for name in sorted(left)[:4])
        more = f" and {len(left) - 4} more" if len(left) > 4 else ""
        return Wiring(notes=(f"Where these belong is not known, so the network is taken alone: {shown}{more}.",))
    return _taken(front, back, others)


def _taken(front: str | None, back: str | None, arrays: Mapping[str, FileArray]) -> Wiring:
    """The arrays of the two layers; one that is damaged costs itself alone."""
    notes: list[str] = []
    embedding, dense = None, None
    try:
        if front:
            refuse_too_many_bytes(8 * arrays[front].size, front)
            embedding = Embedding(_layer_name(front), as_floats(arrays[front], front))
        if back:
            refuse_too_many_bytes(8 * arrays[back].size, back)
            bias = arrays.get(_bias_name(back))
            dense = Dense(
                _layer_name(back),
                as_floats(arrays[back], back),
                None if bias is None else as_floats(bias, _bias_name(back)),
            )
            notes.append(f"“{dense.name}” reads h[t] directly; the file does not tell of functions in between.")
    except LstmvizError as error:
        return Wiring(notes=(f"The layers around the network are left out. {error}",))
    used = [front, back, _bias_name(back) if back else None]
    return Wiring(embedding, dense, tuple(notes), frozenset(name for name in used if name))


def _is_embedding(name: str, arrays: Mapping[str, FileArray], candidate: Candidate, in_front: bool) -> bool:
    """Whether a table [tokens, I] without bias stands in front: by its name, or by its place in the file."""
    array = arrays[name]
    fits = name.endswith("weight") and array.ndim == 2 and array.shape[1] == candidate.input_size
    named = any(word in name.lower() for word in _EMBEDDING_WORDS)
    return fits and is_numeric(array) and array.size > 0 and _bias_name(name) not in arrays and (in_front or named)


def _is_dense(name: str, arrays: Mapping[str, FileArray], candidate: Candidate) -> bool:
    """Whether a matrix [outputs, H * directions], with a bias [outputs] or without, can stand behind."""
    array, bias = arrays[name], arrays.get(_bias_name(name))
    fits = name.endswith("weight") and array.ndim == 2 and array.shape[1] == candidate.output_size
    return fits and is_numeric(array) and array.size > 0 and (bias is None or bias.shape == array.shape[:1])


def _bias_name(weight: str) -> str:
    return weight.removesuffix("weight") + "bias"


def _layer_name(weight: str) -> str:
    return without_wrappers(weight.removesuffix("weight").rstrip("._/")) or weight
