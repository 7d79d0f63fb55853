"""A run as a stand-alone script that computes it again: forward, loss, and back through time."""

from __future__ import annotations

from pathlib import Path

from lstmviz.core.progress import Steps
from lstmviz.core.run import Run
from lstmviz.io.atomic import write_atomically
from lstmviz.io.exports import numpy_template, torch_template
from lstmviz.io.exports.script_data import ScriptData, data_of, structure_source
from lstmviz.io.exports.script_facts import features_of, texts_of
from lstmviz.io.exports.script_objective import objective_source
from lstmviz.io.exports.template import assembled


def numpy_script(run: Run, file: str = "run.py") -> str:
    """A NumPy script called ``file`` in which BPTT is written out.

    Its numbers agree with the run's to 1e-12. Where there are too many inputs and weights to stand in it, it reads
    them from the file ``data_file(file)`` beside it, whose content is ``data_of(run).npz_bytes()``.
    """
    return _script(run, data_of(run), file, torch=False)


def torch_script(run: Run, file: str = "run.py") -> str:
    """The same with PyTorch, which needs no backward pass: autograd finds the gradients."""
    return _script(run, data_of(run), file, torch=True)


def data_file(file: str) -> str:
    """The name of the file of numbers beside the script ``file``: ``run_data.npz`` for ``run.py``."""
    return f"{Path(file).stem}_data.npz"


def writing_numpy_script(run: Run, path: str | Path) -> Steps[None]:
    """Write the NumPy script, and the numbers beside it where it needs them. Raises LstmvizError if it cannot be."""
    return _writing(run, Path(path), torch=False)


def writing_torch_script(run: Run, path: str | Path) -> Steps[None]:
    """Write the PyTorch script likewise."""
    return _writing(run, Path(path), torch=True)


def _writing(run: Run, path: Path, *, torch: bool) -> Steps[None]:
    data = data_of(run)
    text = _script(run, data, path.name, torch=torch)
    if not data.embedded:
        write_atomically(path.with_name(data_file(path.name)), data.npz_bytes())
    yield 0.5
    write_atomically(path, text.encode())
    yield 1.0


def _script(run: Run, data: ScriptData, file: str, *, torch: bool) -> str:
    features = features_of(run)
    if not data.embedded:
        features.add("beside")
    parts = _torch_parts(features) if torch else _numpy_parts(features)
    array = "tensor" if torch else "np.array"
    values = texts_of(run, file) | {
        "data": data.source(array, data_file(file)) + "\n" + structure_source(run),
        "objective": objective_source(run, torch=torch),
    }
    return assembled(parts, features, values)


def _numpy_parts(features: set[str]) -> list[str]:
    part = numpy_template
    sections = {
        part.HEADER: True,
        part.ACTIVATIONS: "lstm" in features,
        part.PHI: "rnn" in features,
        "$objective": True,
        part.TIME: True,
        part.HOLDING: "held" in features,
        part.LSTM: "lstm" in features,
        part.RNN: "rnn" in features,
        part.NETWORK: True,
        part.MAIN: True,
    }
    return [section for section, wanted in sections.items() if wanted]


def _torch_parts(features: set[str]) -> list[str]:
    part = torch_template
    sections = {
        part.HEADER: True,
        part.PHI: "rnn" in features,
        "$objective": True,
        part.TIME: True,
        part.HOLDING: "held" in features,
        part.LSTM: "lstm" in features,
        part.RNN: "rnn" in features,
        part.NETWORK: True,
        part.MAIN: True,
    }
    return [section for section, wanted in sections.items() if wanted]
