"""A model's file as an experiment, in words, and by its name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.network import Network
from lstmviz.core.networks.parameters import Cell
from lstmviz.core.run import analyse
from lstmviz.io.models.experiments import experiment_of, model_example, open_model, title_of
from lstmviz.io.models.model_file import ModelFile
from lstmviz.io.models.reading import read_model
from lstmviz.io.models.readings import readings
from lstmviz.io.models.suffixes import holds_model, is_model
from lstmviz.io.models.wording import facts, ignored_words
from lstmviz.io.sessions import SessionFile, load_session, save_session

FIXTURES = Path(__file__).parent / "fixtures"
RUNNABLE = [
    "bfloat16.safetensors", "bidirectional.pt", "both.h5", "characters.keras", "checkpoint.pt", "exported_stack.onnx",
    "old_layout.bin", "relu_script.pt", "simple.h5",
]  # fmt: skip


def two_networks(folder: Path) -> Path:
    path = folder / "two.npz"
    networks = {"encoder": Network.create("lstm", 3, 2), "decoder": Network.create("rnn", 1, 4)}
    arrays: dict[str, Any] = {
        f"{key}.{name}": a for key, each in networks.items() for name, a in each.state_dict().items()
    }
    np.savez(path, **arrays)
    return path


@pytest.mark.parametrize("name", RUNNABLE)
def test_an_only_network_becomes_an_experiment_that_runs_and_can_be_saved(name: str, tmp_path: Path) -> None:
    network = read_model(FIXTURES / name).candidate().network
    example = open_model(FIXTURES / name)
    run = analyse(example.experiment)
    assert run.network == network
    assert (run.baseline is None) == (run.network.cell is Cell.RNN)
    assert example.cursor.t == run.length > 1
    assert (example.name, example.experiment.title) == (Path(name).stem, Path(name).stem)
    save_session(tmp_path / "s.lstmviz", SessionFile(example.experiment, example.cursor))
    assert load_session(tmp_path / "s.lstmviz").experiment == example.experiment


def test_a_vocabulary_names_the_tokens_of_an_embedding() -> None:
    experiment = open_model(FIXTURES / "checkpoint.pt", tuple("ban.xy")).experiment
    assert experiment.sequence.source == "banana"
    assert experiment.look_for.startswith("LSTM with 3 inputs")
    assert "At first it reads the text “banana”." in experiment.look_for
    with pytest.raises(LstmvizError, match="2 tokens; the embedding “embedding” has 6 rows"):
        open_model(FIXTURES / "checkpoint.pt", ("a", "b"))


def test_several_networks_are_named_and_none_is_taken(tmp_path: Path) -> None:
    file = read_model(two_networks(tmp_path))
    with pytest.raises(LstmvizError, match=r"2 recurrent networks in the file: encoder, decoder \(two.npz\)"):
        model_example(file)
    decoder = file.candidate("decoder")
    assert title_of(file, decoder) == "two, decoder"
    experiment = experiment_of(decoder, readings(decoder)[0], "t")
    assert experiment.build_network() == decoder.network


def test_where_one_of_several_can_be_run_it_is_taken(tmp_path: Path) -> None:
    lstm, gru = (read_model(FIXTURES / name).candidate() for name in ("cell.pth", "gru.pt"))
    example = model_example(ModelFile("m.pt", "", (gru, lstm)))
    assert example.experiment.build_network() == lstm.network


@pytest.mark.parametrize(("name", "reason"), [("gru.pt", "This is a GRU"), ("hard_sigmoid.keras", "hard_sigmoid")])
def test_a_network_that_cannot_be_run_says_why(name: str, reason: str) -> None:
    with pytest.raises(LstmvizError, match=rf"{reason}.*\({name}\)"):
        open_model(FIXTURES / name)


def test_the_facts_say_what_a_network_has_of_its_own() -> None:
    known = dict(facts(read_model(FIXTURES / "projected.pt").candidate()))
    assert known["Sizes"].startswith("3 inputs a step; 4 units projected to 2, 1 layer")
    assert "h = W_hr m" in known["Own parts"]
    assert "Own parts" not in dict(facts(read_model(FIXTURES / "cell.pth").candidate()))


def test_the_facts_say_how_a_network_was_understood() -> None:
    file = read_model(FIXTURES / "checkpoint.pt")
    known = dict(facts(file.candidate()))
    assert known["Sizes"].startswith("3 inputs a step; 4 units, 2 layers, one direction")
    assert known["Gate order"].startswith("i, f, g, o, because the weights have PyTorch's names")
    assert known["In front"] == "the embedding “embedding”: a row of 3 numbers for each of 6 tokens"
    assert known["Behind"] == "the dense layer “decoder”, 6 outputs"
    assert "near 1" not in known["Mean bias of each gate"]
    assert ignored_words(file) == "optimizer_state_dict: belongs to the training, not to the model"
    assert "near 1" in dict(facts(read_model(FIXTURES / "both.h5").candidate()))["Mean bias of each gate"]
    assert "Mean bias of each gate" not in dict(facts(read_model(FIXTURES / "old_layout.bin").candidate()))
    assert dict(facts(read_model(FIXTURES / "simple.h5").candidate()))["Function"] == "h[t] = relu(…)"


def test_a_long_list_of_what_is_ignored_is_cut() -> None:
    lines = ignored_words(ModelFile("m.pt", "", (), tuple(f"array {number}" for number in range(1000)))).split("\n")
    assert len(lines) < 20
    assert lines[-1] == f"and {1000 - len(lines) + 1:,} more"


def test_models_are_known_by_their_names_and_an_npz_by_what_is_in_it(tmp_path: Path) -> None:
    assert is_model("a/b.PT")
    assert is_model("w.npz")
    assert not any(map(is_model, ("letters", "x.csv", "s.lstmviz", "x.npy", "pt")))
    np.savez(tmp_path / "numbers.npz", x=np.ones(3))
    (tmp_path / "broken.npz").write_bytes(b"PK\x03\x04 and no more")
    assert holds_model(two_networks(tmp_path))
    assert holds_model(tmp_path / "absent.pt")
    assert not any(holds_model(tmp_path / name) for name in ("numbers.npz", "broken.npz", "absent.npz", "."))
