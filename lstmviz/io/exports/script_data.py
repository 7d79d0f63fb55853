"""The numbers that a script needs: written into it, or, when there are many, in an NPZ file beside it."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.experiments.objective import ObjectiveKind
from lstmviz.core.run import Run
from lstmviz.io.exports.arrays import networks_of, write_npz
from lstmviz.io.exports.script_facts import cell_word, comment, what_if_of

MOST_EMBEDDED = 2_000
"""More numbers than this go beside the script: nobody would read them in it."""

_WIDTH = 116
_SHORT = 80
"""A matrix whose text is no longer than this stands in one line."""


@dataclass(frozen=True, eq=False)
class ScriptData:
    """The numbers of a run from which all others follow, by the names that scripts call them.

    inputs   x [T, I], and ``target`` [1 or steps, n] or ``classes`` [steps] of the objective, where it has some
    weights  for each network its weights by PyTorch name
    labels   what stands behind the rows of x, or none
    """

    inputs: dict[str, Array]
    weights: dict[str, dict[str, Array]]
    labels: tuple[str, ...]

    @property
    def embedded(self) -> bool:
        """Whether the numbers stand in the script itself."""
        arrays = list(self._by_name().values())
        return sum(array.size for array in arrays) <= MOST_EMBEDDED and all(np.isfinite(a).all() for a in arrays)

    def npz_bytes(self) -> bytes:
        """The file beside the script."""
        file = io.BytesIO()
        for _ in write_npz(file, self._by_name()):
            pass
        return file.getvalue()

    def source(self, array: str, file: str) -> str:
        """The lines of Python that define the inputs and WEIGHTS.

        array  what makes an array of a list: ``np.array`` or the like
        file   the name of the NPZ file, where the numbers are not embedded
        """
        if not self.embedded:
            return "\n".join(self._loading(array, file))
        return "\n".join(self._embedding(array))

    def _by_name(self) -> dict[str, Array]:
        return self.inputs | {
            f"{network}/{name}": values for network, weights in self.weights.items() for name, values in weights.items()
        }

    def _loading(self, array: str, file: str) -> Iterator[str]:
        yield f"data = np.load(Path(__file__).with_name({file!r}))"
        yield from (f'{name} = {array}(data["{name}"])' for name in self.inputs)
        yield "WEIGHTS = {  # PyTorch's names and shapes; the rows of an LSTM are i, f, g, o: H rows each"
        yield f"    network: {{name.split('/')[1]: {array}(data[name]) for name in data if name.startswith(network)}}"
        yield f"    for network in {_quoted(list(self.weights))}"
        yield "}"

    def _embedding(self, array: str) -> Iterator[str]:
        for name, values in self.inputs.items():
            labels = self.labels if name == "x" else ()
            yield f"{name} = {array}({_listed(values, '', labels)})"
        yield "# PyTorch's names and shapes; the rows of an LSTM are i, f, g, o: H rows each"
        yield "WEIGHTS = {"
        for network, weights in self.weights.items():
            yield f'    "{network}": {{'
            for name, values in weights.items():
                yield f'        "{name}": {array}({_listed(values, "        ")}),'
            yield "    },"
        yield "}"


def data_of(run: Run) -> ScriptData:
    """The numbers of a script about ``run``."""
    x = np.asarray(run.trace.x[:, 0], np.float64)
    weights: dict[str, dict[str, Array]] = {
        name: {key: np.asarray(values, np.float64) for key, values in network.network.state_dict().items()}
        for name, network in networks_of(run).items()
    }
    labels = tuple(map(comment, run.sequence.labels)) if run.sequence.reads_tokens else ()
    return ScriptData({"x": x} | _targets(run), weights, labels)


def structure_source(run: Run) -> str:
    """The lines of Python that define LAYERS, CELLS and, where a layer is altered, WHAT_IFS."""
    network = run.network
    names = [name for name, _, _ in network.directions()]
    layers = [names[k : k + network.num_directions] for k in range(0, len(names), network.num_directions)]
    lines = [
        f"LAYERS = {_quoted(layers)}  # from below; a second name reads the sequence from its end",
        f"CELLS = {_quoted({name: cell_word(each) for name, each in networks_of(run).items()})}",
    ]
    if network.num_directions == 1:
        lines[0] = f"LAYERS = {_quoted(layers)}  # from below"
    alterations = run.trace.alterations
    if alterations:
        lines.append("# how layers differ from the plain ones; coupled: the gate that is 1 minus the other;")
        lines.append("# a held node is (node, unit or None for all, first step, last step, value)")
        lines.append("WHAT_IFS = {")
        lines.append('    "main": {')
        for name, alteration in alterations.items():
            if not what_if_of(alteration):
                continue  # a projection is among the weights
            lines.append(f'        "{name}": {{')
            for part, value in what_if_of(alteration).items():
                lines.append(f'            "{part}": {_wrapped(_quoted(value), " " * 16)},')
            lines.append("        },")
        lines += ["    },", "}"]
    return "\n".join(lines)


def _targets(run: Run) -> dict[str, Array]:
    """The targets of the steps at which the loss looks; none where they are inputs, or where there is no target."""
    objective = run.objective
    steps = objective.steps(run.length)
    if objective.next_input and objective.kind is ObjectiveKind.CROSS_ENTROPY and run.sequence.table:
        return {"classes": run.sequence.classes[steps.start : steps.stop].astype(np.float64)}
    if objective.target is None or objective.next_input:
        return {}
    target = objective.target if len(objective.target) == 1 else objective.target[steps.start - 1 : steps.stop - 1]
    if objective.kind is ObjectiveKind.SQUARED_ERROR:
        return {"target": target}
    if objective.kind is ObjectiveKind.CROSS_ENTROPY:
        return {"classes": np.broadcast_to(target[:, 0], len(steps))}
    return {}


def _listed(values: Array, margin: str, labels: tuple[str, ...] = ()) -> str:
    """An array as nested lists of numbers that come back bit for bit; a matrix with a row a line."""
    if values.ndim < 2:
        return _wrapped(repr(values.tolist()), margin + "    ")
    line = repr(values.tolist())
    if not labels and len(line) <= _SHORT:
        return line
    inner = margin + "    "
    notes = [f"  # {label}" for label in labels] or [""] * len(values)
    rows = [
        f"{inner}{_wrapped(repr(row), inner + ' ')},{note}" for row, note in zip(values.tolist(), notes, strict=True)
    ]
    return "[\n" + "\n".join(rows) + f"\n{margin}]"


def _wrapped(text: str, margin: str) -> str:
    """A list of numbers, broken into lines after commas."""
    lines = textwrap.wrap(text, _WIDTH - len(margin), break_long_words=False, break_on_hyphens=False)
    return f"\n{margin}".join(lines)


def _quoted(value: object) -> str:
    """``repr`` with double quotes; there are no texts in it but names."""
    return repr(value).replace("'", '"')
