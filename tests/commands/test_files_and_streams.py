"""Which file a word on the command line means, by name, by content, and from standard input."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from lstmviz.cli import main
from lstmviz.commands import open_window
from lstmviz.commands.streams import print_json
from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.network import Network
from lstmviz.io.experiments import load_example
from lstmviz.io.opening import Content, GivenFile, content_of, file_called, open_named
from lstmviz.io.sessions import SessionFile, save_session

NETWORK = Network.create("lstm", 3, 4)
X = np.linspace(-1, 1, 18).reshape(6, 3)


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with one file of each kind in it."""
    example = load_example("letters")
    save_session(tmp_path / "work.lstmviz", SessionFile(example.experiment, example.cursor))
    np.savez(tmp_path / "model.npz", **NETWORK.state_dict())
    parts = {"encoder": NETWORK, "decoder": Network.create("lstm", 3, 5)}
    both = {f"{part}.{name}": array for part, network in parts.items() for name, array in network.state_dict().items()}
    np.savez(tmp_path / "two.npz", **both)
    np.savez(tmp_path / "numbers.npz", x=X)
    np.save(tmp_path / "numbers.npy", X)
    np.savetxt(tmp_path / "numbers.csv", X, delimiter=",")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def standard_input(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))


CONTENTS = {
    "work.lstmviz": Content.SESSION,
    "model.npz": Content.MODEL,
    "numbers.npz": Content.SEQUENCE,
    "numbers.npy": Content.SEQUENCE,
    "numbers.csv": Content.SEQUENCE,
}


@pytest.mark.parametrize("name", CONTENTS)
def test_what_a_file_is_by_its_name_and_an_npz_by_its_content(files: Path, name: str) -> None:
    assert content_of(files / name) is CONTENTS[name]


@pytest.mark.parametrize("name", CONTENTS)
def test_standard_input_is_what_its_content_says(files: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    standard_input(monkeypatch, (files / name).read_bytes())
    with file_called("-") as path:
        assert content_of(path) is CONTENTS[name]
        assert path.read_bytes() == (files / name).read_bytes()
    assert not path.exists()


def test_a_model_of_pytorch_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    fixtures = Path(__file__).parent.parent / "io" / "models" / "fixtures"
    model = next(fixtures.glob("*.pt"))
    standard_input(monkeypatch, model.read_bytes())
    with file_called("-") as path:
        assert content_of(path) is Content.MODEL


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 cut off", b"\x89HDF\r\n", b"\0\1\2"])
def test_damaged_standard_input_is_named_and_not_its_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], data: bytes
) -> None:
    standard_input(monkeypatch, data)
    assert main(["gradients", "-"]) == 1
    printed = capsys.readouterr().err
    assert "standard input" in printed
    assert "/" not in printed.replace("and/or", "")
    assert printed.count("\n") == 1


@pytest.mark.parametrize("name", ["work.lstmviz", "model.npz"])
def test_a_run_from_standard_input_has_the_same_numbers(
    files: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes], name: str
) -> None:
    assert main(["trace", name, "--format", "npz"]) == 0
    from_file = capfdbinary.readouterr().out
    assert from_file.startswith(b"PK")
    standard_input(monkeypatch, (files / name).read_bytes())
    assert main(["trace", "-", "--format", "npz"]) == 0
    assert capfdbinary.readouterr() == (from_file, b"")


def test_a_sequence_from_standard_input(
    files: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    standard_input(monkeypatch, (files / "numbers.csv").read_bytes())
    assert main(["trace", "model.npz", "--input", "-", "--format", "json"]) == 0
    assert np.array(json.loads(capfdbinary.readouterr().out)["x"]).shape == (6, 3)


@pytest.mark.parametrize(
    "arguments",
    ["trace - --input -", "info - --input -", "info model.npz --input - --expected -", "open - -"],
)
def test_only_one_thing_can_come_from_standard_input(
    files: Path, capsys: pytest.CaptureFixture[str], arguments: str
) -> None:
    assert main(arguments.split()) == 1
    assert capsys.readouterr().err.startswith("lstmviz: Standard input can be read only once")


def test_a_script_for_standard_output(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["export-code", "company-b", "-o", "-"]) == 0
    printed, said = capfdbinary.readouterr()
    assert (b"python run.py" in printed, said) == (True, b"")
    assert main(["export-code", "company-b", "-o", str(tmp_path / "run.py")]) == 0
    assert (tmp_path / "run.py").read_bytes() == printed


def test_one_of_several_networks_is_chosen_by_its_name(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert open_named("two.npz", "decoder").experiment.recipe.hidden_size == 5
    assert main(["gradients", "two.npz", "--name", "decoder"]) == 0
    capsys.readouterr()
    for options, says in (
        ((), "There are 2 recurrent networks in the file (two.npz). Say which with --name"),
        (("--name", "coder"), "There is no “coder” in the file (two.npz). There are: "),
    ):
        assert main(["gradients", "two.npz", *options]) == 1
        assert capsys.readouterr().err.startswith(f"lstmviz: {says}")
    assert main(["gradients", "letters", "--name", "decoder"]) == 1
    assert "--name is for the files of models (letters)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("gone.pt", "There is no such file (gone.pt)."),
        ("gone.csv", "There is no such file (gone.csv)."),
        ("gone.lstmviz", "There is no such file (gone.lstmviz)."),
        ("folder/gone", "There is no such file (folder/gone)."),
        ("folder.npz", "This is a folder (folder.npz)."),
        ("picture.png", "The name does not say what it is (picture.png). Sessions end in .lstmviz, models in one of"),
        ("numbers.npz", "This is a sequence, and there is no network in it (numbers.npz)."),
        ("lettrs", "There is no example called lettrs. Did you mean letters? There are: company-a,"),
    ],
)
def test_what_cannot_be_run_is_said_in_one_line(
    files: Path, capsys: pytest.CaptureFixture[str], word: str, says: str
) -> None:
    (files / "picture.png").write_bytes(b"\x89PNG")
    (files / "folder.npz").mkdir()
    assert main(["gradients", word]) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith(f"lstmviz: {says}")
    assert printed.err.count("\n") == 1
    assert not printed.out


# What is opened


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Content, bool]]:
    """What would be drawn in the place of each window: nobody has a display."""
    found: list[tuple[str, Content, bool]] = []

    def noted(files: list[GivenFile], example: str | None) -> int:
        found.extend((each.path.name, each.content, each.lasting) for each in files)
        return 0

    monkeypatch.setattr(open_window, "display_platforms", lambda: ())
    monkeypatch.setattr(open_window, "_without_display", noted)
    return found


@pytest.mark.parametrize("command", [[], ["open"], ["--safe-mode"], ["--reset", "open"]])
def test_several_files_are_opened_each_as_what_it_is(
    files: Path, opened: list[tuple[str, Content, bool]], command: list[str]
) -> None:
    assert main([*command, *CONTENTS]) == 0
    assert opened == [(name, content, True) for name, content in CONTENTS.items()]


def test_standard_input_is_opened_too_but_is_no_file_to_save_to(
    files: Path, opened: list[tuple[str, Content, bool]], monkeypatch: pytest.MonkeyPatch
) -> None:
    standard_input(monkeypatch, (files / "work.lstmviz").read_bytes())
    assert main(["-"]) == 0
    assert opened == [("standard input.lstmviz", Content.SESSION, False)]


def test_the_options_may_stand_behind_the_file(files: Path, opened: list[tuple[str, Content, bool]]) -> None:
    assert main(["work.lstmviz", "--safe-mode", "--reset"]) == 0
    assert [name for name, *_ in opened] == ["work.lstmviz"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("open letters", "letters is an example, not a file. Open it with: lstmviz --example letters."),
        ("--example letters work.lstmviz", "--example and FILE are two ways to say what to open."),
        ("work.lstmviz gone.csv", "There is no such file (gone.csv)."),
    ],
)
def test_one_that_cannot_be_opened_and_none_is(
    files: Path,
    opened: list[tuple[str, Content, bool]],
    capsys: pytest.CaptureFixture[str],
    arguments: str,
    says: str,
) -> None:
    assert main(arguments.split()) == 1
    assert capsys.readouterr().err.startswith(f"lstmviz: {says}")
    assert not opened


def test_without_a_display_a_sequence_is_read_by_an_example_of_its_width(files: Path) -> None:
    shown = open_window._shown(GivenFile(files / "numbers.csv", Content.SEQUENCE))
    assert shown.experiment.title == "numbers.csv"
    assert np.array_equal(shown.experiment.sequence.values, X)
    assert open_window._shown(GivenFile(files / "model.npz", Content.MODEL)).experiment.recipe.hidden_size == 4


# JSON and errors


def test_json_has_texts_for_the_numbers_that_it_lacks(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"a": [float("nan"), float("inf")], "b": {"c": -float("inf"), "d": 1.5, "e": None}})
    printed = capsys.readouterr().out
    assert json.loads(printed) == {"a": ["NaN", "Infinity"], "b": {"c": "-Infinity", "d": 1.5, "e": None}}
    assert main(["gradients", "letters", "--json"]) == 0
    json.loads(capsys.readouterr().out, parse_constant=pytest.fail)


def test_examples_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["examples", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert listed[0] == {"name": "company-a", "title": load_example("company-a").experiment.title}


def test_trace_writes_tables_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", "company-b", "-o", str(tmp_path / "run.py")]) == 1
    assert "lstmviz export-code writes scripts" in capsys.readouterr().err
    assert not any(tmp_path.iterdir())


def test_opening_files_loads_no_readers_before_one_is_named() -> None:
    program = """
import sys
from lstmviz.cli import main
main(["find", "letters", "t == 1"])
print([name for name in ("h5py", "onnx", "PIL", "PyQt6", "lstmviz.io.models.reading") if name in sys.modules])
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout.splitlines()[-1] == "[]"


def test_a_session_that_is_none_keeps_its_own_message(files: Path) -> None:
    (files / "broken.lstmviz").write_bytes(b"not a zip file")
    with pytest.raises(LstmvizError, match="not a session of lstmviz"):
        open_named("broken.lstmviz")
