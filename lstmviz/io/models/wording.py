"""What was found in the file of a model, in words."""

from __future__ import annotations

from lstmviz.core.numerals import shortened
from lstmviz.core.text import count, number
from lstmviz.io.models.model_file import Candidate, DirectionWeights, Kind, ModelFile

GATE_NAMES = {"i": "input", "f": "forget", "g": "candidate", "o": "output"}
"""The names of the gates by the letters of ``core.parameters.GATES``."""

NOT_USED = "Not used"
"""What stands before the parts of a file that nothing is made of."""

_NEAR_ONE = 0.25
_MOST_LISTED = 12
_NAME_CHARACTERS = 60


def name_of(candidate: Candidate) -> str:
    """The candidate's name for people."""
    return shortened(candidate.name, _NAME_CHARACTERS) or "(no name)"


def facts(candidate: Candidate) -> tuple[tuple[str, str], ...]:
    """(title, sentence) of everything that is known about a candidate; what does not apply is left out."""
    found = {
        "Sizes": _sizes(candidate),
        "Own parts": _own_parts(candidate),
        "Gate order" if candidate.kind is not Kind.RNN else "Weights": _gate_order(candidate),
        "Biases": candidate.biases,
        "Mean bias of each gate": _mean_biases(candidate),
        "Function": _function(candidate),
        "Numbers": _numbers(candidate),
        "In front": _embedding(candidate),
        "Behind": _head(candidate),
        "Direction": "It reads the sequence from its end: type the steps in reverse."
        if candidate.reads_backwards
        else "",
        "Also noticed": "\n".join(candidate.notes),
    }
    return tuple((title, words) for title, words in found.items() if words)


def ignored_words(file: ModelFile) -> str:
    """What of the file is not used, a line each; empty where all of it is."""
    lines = [shortened(each, 200) for each in file.ignored[:_MOST_LISTED]]
    more = len(file.ignored) - len(lines)
    return "\n".join([*lines, f"and {more:,} more"] if more else lines)


def lines_of(file: ModelFile) -> list[str]:
    """Everything that was found in a file, a line each: its networks, what is known of them, and what is not used."""
    lines = [f"{file.path}: {file.format}"]
    for candidate in file.candidates:
        lines += ["", f"{name_of(candidate)}: {candidate.kind.value}"]
        for title, words in (*facts(candidate), ("Cannot be run", candidate.refusal)):
            lines += [f"  {title}: {line}" for line in words.splitlines()]
    ignored = ignored_words(file)
    return [*lines, "", f"{NOT_USED}:", *(f"  {line}" for line in ignored.splitlines())] if ignored else lines


def _sizes(candidate: Candidate) -> str:
    sizes = [_size_of_layer(candidate, layer[0]) for layer in candidate.layers]
    units = sizes[0] if len(set(sizes)) == 1 else " → ".join(sizes)
    return (
        f"{count(candidate.input_size, 'input')} a step; {units}, "
        f"{count(candidate.num_layers, 'layer')}, "
        f"{'both directions' if candidate.num_directions == 2 else 'one direction'}; "
        f"the top layer gives {count(candidate.output_size, 'number')}"
    )


def _size_of_layer(candidate: Candidate, weights: DirectionWeights) -> str:
    """``8 units``, with a projection ``8 units projected to 3``."""
    units = count(int(weights.weight_ih.shape[0]) // candidate.kind.blocks, "unit")
    return units if weights.weight_hr is None else f"{units} projected to {weights.weight_hr.shape[0]:,}"


def _own_parts(candidate: Candidate) -> str:
    """What the equations have besides the usual ones; empty where they have nothing."""
    sentences = []
    if candidate.proj_size:
        sentences.append(
            "A projection (weight_hr, proj_size): the cell shows h = W_hr m, a mixture of what its units show, "
            "m = o × tanh(c)."
        )
    if candidate.has_peepholes:
        sentences.append("Peepholes: the input, forget and output gates also see the cell state of their unit.")
    if candidate.coupled:
        sentences.append("Coupled gates (CIFG): f = 1 − i, so the forget gate has no weights of its own that count.")
    return "\n".join(sentences)


def _gate_order(candidate: Candidate) -> str:
    return f"{candidate.gate_order}, because {candidate.gate_reason}"


def _mean_biases(candidate: Candidate) -> str:
    biases = candidate.gate_biases
    if not biases or all(bias == 0 for bias in biases.values()):
        return ""
    words = ", ".join(f"{GATE_NAMES[gate]} {number(bias)}" for gate, bias in biases.items())
    near_one = abs(biases["f"] - 1) < _NEAR_ONE
    return words + (". That of the forget gate is near 1, which holds it open: memory lasts" if near_one else "")


def _function(candidate: Candidate) -> str:
    """phi of a vanilla RNN, where the file tells it; otherwise a note says so."""
    known = candidate.kind is Kind.RNN and candidate.nonlinearity_known
    return f"h[t] = {candidate.nonlinearity.value}(…)" if known else ""


def _numbers(candidate: Candidate) -> str:
    dtype = str(candidate.layers[0][0].weight_ih.dtype)
    return {"float32": "float32, some seven digits", "float64": "float64, some sixteen digits"}.get(dtype, dtype)


def _embedding(candidate: Candidate) -> str:
    embedding = candidate.embedding
    if embedding is None:
        return ""
    rows, width = embedding.weight.shape
    name = shortened(embedding.name, _NAME_CHARACTERS)
    return f"the embedding “{name}”: a row of {count(width, 'number')} for each of {count(rows, 'token')}"


def _head(candidate: Candidate) -> str:
    if not candidate.head_name:
        return ""
    outputs = f", {count(candidate.network.output_size, 'output')}" if candidate.network else ""
    return f"the dense layer “{shortened(candidate.head_name, _NAME_CHARACTERS)}”{outputs}"
