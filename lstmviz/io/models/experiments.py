"""A network from the file of a model as a whole experiment: for the window, and for the command line."""

from __future__ import annotations

from pathlib import Path

from lstmviz.core.cursor import Cursor
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiment import Experiment
from lstmviz.core.experiments.recipe import BaselineRecipe, NetworkRecipe
from lstmviz.core.networks.parameters import Cell
from lstmviz.io.experiments import Example
from lstmviz.io.live_objects.live import in_words, network_of
from lstmviz.io.models.model_file import Candidate, ModelFile
from lstmviz.io.models.reading import read_model
from lstmviz.io.models.readings import Reading, readings


def experiment_of(candidate: Candidate, reading: Reading, title: str) -> Experiment:
    """The candidate on what it reads; an LSTM gets a vanilla RNN of its sizes beside it.

    Raises LstmvizError with the reason where the engine cannot run the candidate.
    """
    network = network_of(candidate, candidate.name)
    sentences = [in_words(network), f"At first it reads {reading.words}.", *candidate.notes]
    if candidate.reads_backwards:
        sentences.append("It reads the sequence from its end: type the steps in reverse.")
    return Experiment(
        title=title,
        look_for=" ".join(sentences),
        sequence=reading.sequence,
        recipe=NetworkRecipe.given(network),
        baseline=BaselineRecipe() if network.cell is Cell.LSTM else None,
        objective=reading.objective,
    )


def title_of(file: ModelFile, candidate: Candidate) -> str:
    """What the experiment of a candidate is called: by the file, and by its own name where there are several."""
    stem = Path(file.path).stem
    return f"{stem}, {candidate.name}" if len(file.candidates) > 1 and candidate.name else stem


def runnable(file: ModelFile) -> tuple[Candidate, ...]:
    """The candidates that the engine can run."""
    return tuple(candidate for candidate in file.candidates if candidate.network is not None)


def model_example(file: ModelFile, vocabulary: tuple[str, ...] = ()) -> Example:
    """The only network of a file that can be run, on a small sequence, seen at its last step.

    vocabulary  the tokens of its embedding, as ``read_vocabulary`` gives them; empty: by their numbers

    Raises LstmvizError with the reasons where there is none, and with the names where there are several.
    """
    found = runnable(file)
    if not found:
        reasons = "; ".join(dict.fromkeys(each.refusal.rstrip(".") for each in file.candidates))
        raise LstmvizError(reasons or "There is no recurrent network in the file", where=file.path)
    if len(found) > 1:
        names = ", ".join(each.name or "(no name)" for each in found)
        raise LstmvizError(
            f"There are {len(found)} recurrent networks in the file: {names}",
            where=file.path,
            how="Open the file in the window, which lets you choose.",
        )
    (candidate,) = found
    experiment = experiment_of(candidate, readings(candidate, vocabulary)[0], title_of(file, candidate))
    return Example(Path(file.path).stem, experiment, Cursor(t=experiment.sequence.length))


def open_model(path: str | Path, vocabulary: tuple[str, ...] = ()) -> Example:
    """The network in the file at ``path`` as an experiment. Raises LstmvizError as ``model_example`` does."""
    return model_example(read_model(path), vocabulary)
