"""The command line: what it prints, what it writes, and how it ends."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import lstmviz
from lstmviz.cli import main
from lstmviz.commands import render
from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.engine.backward_step import BackwardStage
from lstmviz.core.experiments.what_if import DeleteStep, WhatIf
from lstmviz.core.run import analyse
from lstmviz.gui.pictures.formats import GIF, PNG, SVG, PictureFormat, PictureRequest
from lstmviz.io.experiments import Example, example_names, load_example
from lstmviz.io.sessions import SessionFile, save_session


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """What would be drawn: the drawing itself is tested with the GUI."""
    calls: list[dict[str, object]] = []

    def noted(example: Example, path: Path, request: PictureRequest, kind: PictureFormat) -> None:
        calls.append({"example": example, "path": path, "request": request, "kind": kind})
        if path.name == "output":  # which goes to standard output
            path.write_bytes(b"\x00picture")

    monkeypatch.setattr(render, "draw_request", noted)
    return calls


def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """The command line as a process of its own, without a display unless ``environ`` names one."""
    hidden = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "XDG_SESSION_TYPE"}
    environment = {name: value for name, value in os.environ.items() if name not in hidden} | environ
    command = [sys.executable, "-m", "lstmviz", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)


def test_lists_the_examples_a_line_each_the_name_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["examples"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(example_names())
    for line, name in zip(lines, example_names(), strict=True):
        assert line.endswith(load_example(name).experiment.title)


def test_tells_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"lstmviz {lstmviz.__version__}\n"


def test_renders_an_example_as_it_opens_unless_told_otherwise(drawn: list[dict[str, object]]) -> None:
    assert main(["render", "letters", "-o", "x.png"]) == 0
    assert drawn == [
        {"example": load_example("letters"), "path": Path("x.png"), "request": PictureRequest(), "kind": PNG}
    ]
    assert drawn[0]["request"] == PictureRequest("window", (1280, 800), "light", False, 1, None, None, 10, 1.0)


def test_renders_what_the_options_say(drawn: list[dict[str, object]]) -> None:
    line = "render letters -o x.svg --at 4 --stage forget --unit 7 --view cell --size 800X600 --theme dark --beside"
    assert main([*line.split(), "--scale", "3"]) == 0
    call = drawn[0]
    cursor = call["example"].cursor  # type: ignore[attr-defined]
    assert (cursor.t, cursor.stage, cursor.unit) == (4, Stage.FORGET, 7)
    assert call["request"] == PictureRequest("cell", (800, 600), "dark", True, 3)
    assert call["kind"] is SVG


def test_renders_an_animation_of_some_steps(drawn: list[dict[str, object]]) -> None:
    line = "render letters -o x.GIF --view cell --from 2 --to 3 --fps 25 --speed 0.5"
    assert main(line.split()) == 0
    assert drawn[0]["kind"] is GIF
    assert drawn[0]["request"] == PictureRequest("cell", first=2, last=3, frames_a_second=25, speed=0.5)


@pytest.mark.parametrize(("options", "kind"), [("", PNG), ("--format svg", SVG), ("--format gif", GIF)])
def test_renders_to_standard_output(
    drawn: list[dict[str, object]], capfdbinary: pytest.CaptureFixture[bytes], options: str, kind: PictureFormat
) -> None:
    assert main(["render", "letters", "-o", "-", *options.split()]) == 0
    assert drawn[0]["kind"] is kind
    assert capfdbinary.readouterr() == (b"\x00picture", b"")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("-o x.jpg", "A picture cannot be written as .jpg (x.jpg). Let it end in one of .png, .svg, .pdf, .gif"),
        ("-o x", "The name does not say which kind of picture (x). Let it end in one of .png"),
        ("-o x.png --from 2", "A .png does not move, so --from, --to, --fps and --speed say nothing"),
        ("-o x.svg --fps 5", "A .svg does not move"),
    ],
)
def test_options_of_a_picture_that_do_not_go_together(
    drawn: list[dict[str, object]], capsys: pytest.CaptureFixture[str], options: str, says: str
) -> None:
    assert main(["render", "letters", *options.split()]) == 1
    assert capsys.readouterr().err.startswith(f"lstmviz: {says}")
    assert not drawn


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nonsense",), "There is no example called nonsense. There are: company-a, company-b"),
        (("company-b", "--at", "99"), "There is no step 99. company-b has steps 1 to 4."),
        (("company-b", "--at", "0"), "There is no step 0. company-b has steps 1 to 4."),
        (("company-b", "--stage", "nonsense"), "There is no stage 'nonsense'. There are: read, forget, input"),
        (
            ("feedback-loop", "--stage", "forget"),
            "There is no stage 'forget'. There are: read, hidden, backward-arrive, backward-carry.",
        ),
        (("letters", "--unit", "8"), "There is no unit 8. letters has units 0 to 7."),
    ],
)
def test_says_what_is_wrong_and_what_there_is(
    drawn: list[dict[str, object]], capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], says: str
) -> None:
    assert main(["render", *arguments, "-o", "x.png"]) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith(f"lstmviz: {says}")
    assert printed.err.count("\n") == 1
    assert not printed.out
    assert not drawn


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("render letters", "-o"),
        ("render letters -o x.png --size big", "'big' is not a size such as 1280x800"),
        ("render letters -o x.png --size 1280", "'1280' is not a size such as 1280x800"),
        ("render letters -o x.png --size 99999x800", "from 100 to 10000 pixels"),
        ("render letters -o x.png --size 10x10", "from 100 to 10000 pixels"),
        ("render letters -o x.png --view nonsense", "nonsense"),
        ("render letters -o x.png --theme pink", "pink"),
        ("render letters -o x.png --at first", "'first'"),
        ("render letters -o x.png --scale 5", "5"),
        ("render letters -o x.gif --fps 51", "'51' is not a whole number from 1 to 50"),
        ("render letters -o x.gif --speed nan", "'nan' is not a number from 0.1 to 16"),
        ("nonsense", "There is no command or file called nonsense. See: lstmviz --help."),
        ("exampels", "There is no command or file called exampels. Did you mean: lstmviz examples?"),
        ("lettrs --safe-mode", "Did you mean: lstmviz --example letters?"),
        ("--reset letters", "letters is an example, not a file. Open it with: lstmviz --example letters."),
        ("render letters --outptu x.png", "See: lstmviz render --help"),
        ("gradients letters --jsn", "Unrecognized arguments: --jsn. See: lstmviz --help"),
        ("find letters", "The following arguments are required: CONDITION. See: lstmviz find --help"),
    ],
)
def test_wrong_usage_ends_with_2(
    drawn: list[dict[str, object]], capsys: pytest.CaptureFixture[str], arguments: str, says: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments.split())
    assert ended.value.code == 2
    printed = capsys.readouterr()
    assert says in printed.err
    assert printed.err.startswith("lstmviz: ")
    assert printed.err.count("\n") == 1
    assert not printed.out
    assert not drawn


@pytest.mark.parametrize(
    ("name", "stage"),
    [("forget", Stage.FORGET), ("backward-forget", BackwardStage.FORGET), ("backward-carry", BackwardStage.CARRY)],
)
def test_the_stages_of_the_backward_pass_have_names_of_their_own(
    drawn: list[dict[str, object]], name: str, stage: Stage | BackwardStage
) -> None:
    assert main(["render", "letters", "-o", "x.png", "--stage", name]) == 0
    assert drawn[0]["example"].cursor.stage is stage  # type: ignore[attr-defined]


@pytest.fixture
def session_file(tmp_path: Path) -> str:
    """The file of a session: Company B with another title, looked at in step 2."""
    path = tmp_path / "mine.lstmviz"
    experiment = replace(load_example("company-b").experiment, title="Mine")
    save_session(path, SessionFile(experiment, Cursor(2, stage=Stage.CELL)))
    return str(path)


def test_renders_a_session_as_it_was_saved(drawn: list[dict[str, object]], session_file: str) -> None:
    assert main(["render", session_file, "-o", "x.png"]) == 0
    example = drawn[0]["example"]
    assert isinstance(example, Example)
    assert (example.name, example.experiment.title, example.cursor) == ("mine", "Mine", Cursor(2, stage=Stage.CELL))


def test_a_session_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["render", "gone.lstmviz", "-o", "x.png"]) == 1
    assert capsys.readouterr().err.startswith("lstmviz: There is no such file (gone.lstmviz).")


@pytest.mark.parametrize("command", [("open",), ()])
def test_opening_a_session_without_a_display_draws_it(
    tmp_path: Path, session_file: str, command: tuple[str, ...]
) -> None:
    ended = run(*command, session_file, TMPDIR=str(tmp_path))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "\nMine\n" in ended.stdout
    assert list(tmp_path.glob("lstmviz-*/mine.png"))


def test_the_steps_are_those_that_the_what_ifs_leave(
    drawn: list[dict[str, object]], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = str(tmp_path / "shorter.lstmviz")
    experiment = replace(load_example("letters").experiment, what_ifs=(WhatIf(DeleteStep(1)),))
    save_session(path, SessionFile(experiment, Cursor(1)))
    assert main(["find", path, "t == 1 or t == T"]) == 0
    length = load_example("letters").experiment.sequence.length - 1
    assert [line.split("\t")[0] for line in capsys.readouterr().out.splitlines()] == ["1", str(length)]
    assert main(["render", path, "-o", "x.png", "--at", str(length)]) == 0
    assert main(["render", path, "-o", "x.png", "--at", str(length + 1)]) == 1


def test_finds_the_steps_at_which_a_condition_holds(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["find", "letters", 'token == "l" and t < 9']) == 0
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("3\tl\n4\tl\n", "")
    assert main(["find", "letters", "token == ' '", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [{"t": 6, "token": "␣"}]


def test_finds_in_a_session(capsys: pytest.CaptureFixture[str], session_file: str) -> None:
    c = analyse(load_example("company-b").experiment).trace["l0"].c[:, 0, 0]
    assert main(["find", session_file, "c[0] > 1"]) == 0
    assert [int(line.split()[0]) for line in capsys.readouterr().out.splitlines()] == [
        t for t, value in enumerate(c, 1) if value > 1
    ]


@pytest.mark.parametrize(("options", "printed"), [((), ""), (("--json",), "[]\n")])
def test_finding_nothing_ends_with_1(
    capsys: pytest.CaptureFixture[str], options: tuple[str, ...], printed: str
) -> None:
    assert main(["find", "letters", "norm(dh) < 1e-300 and t < 11", *options]) == 1
    assert capsys.readouterr() == (printed, "")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ("letters", "t > 1 and f[9] < 1"),
            ["“f” has no unit 9. Choose", "\n  t > 1 and f[9] < 1\n            ^^^^\n"],
        ),
        (("letters", "f < 0.1"), ["Write any(f < 0.1)", "\n  f < 0.1\n  ^^^^^^^\n"]),
        (("letters", "f[2] <"), ["ends too early", "\n  f[2] <\n        ^\n"]),
        (("letters", '__import__("os")'), ["is not a function", "\n  ^^^^^^^^^^\n"]),
        (("letters", "t > 1", "--layer", "l7"), ["There is no layer called 'l7' (layer). Choose one of l0."]),
        (("nonsense", "t > 1"), ["There is no example called nonsense."]),
        (("gone.lstmviz", "t > 1"), ["There is no such file (gone.lstmviz)."]),
    ],
)
def test_a_mistake_in_what_to_find_is_marked_and_ends_with_2(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], says: list[str]
) -> None:
    assert main(["find", *arguments]) == 2
    printed = capsys.readouterr()
    assert not printed.out
    assert printed.err.startswith("lstmviz: ")
    for words in says:
        assert words in printed.err


def test_finding_loads_no_qt() -> None:
    program = (
        "import sys; from lstmviz.cli import main; main(['find', 'letters', 't>99']); print('PyQt6' in sys.modules)"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout == "False\n"


def test_an_unwritable_file_is_said_in_one_sentence() -> None:
    ended = run("render", "company-b", "-o", "/nonexistent/folder/x.png", "--view", "cell")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        "lstmviz: The folder does not exist any more (/nonexistent/folder/x.png). Choose another folder.\n"
    )


def test_without_a_display_it_draws_the_example_and_prints_the_gates(tmp_path: Path) -> None:
    ended = run(TMPDIR=str(tmp_path))
    assert ended.returncode == 0
    assert ended.stderr == ""
    assert ended.stdout.startswith("There is no display")
    (picture,) = tmp_path.glob("lstmviz-*/company-b.png")
    assert f"Picture: {picture}" in ended.stdout
    assert picture.read_bytes().startswith(b"\x89PNG")
    header, *rows = ended.stdout.partition("Company B, the worked example")[2].strip().splitlines()
    assert header.split()[:8] == ["t", "x", "f", "i", "g", "o", "c", "h"]
    assert [row.split()[0] for row in rows] == ["1", "2", "3", "4"]
    assert {"0.975", "1.481"} <= set(rows[2].split())


def test_a_display_that_nobody_serves_is_none(tmp_path: Path) -> None:
    ended = run("--example", "letters", TMPDIR=str(tmp_path), DISPLAY=":12345")
    assert ended.returncode == 0
    assert list(tmp_path.glob("lstmviz-*/letters.png"))


def test_an_unknown_example_without_a_display() -> None:
    ended = run("--example", "nonsense")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("lstmviz: There is no example called nonsense.")
    assert "Traceback" not in ended.stderr


def test_a_reader_that_has_seen_enough_is_no_fault() -> None:
    command = f"{shlex.quote(sys.executable)} -m lstmviz examples | head -n 1"
    ended = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    assert ended.stdout.startswith("company-a")
    assert ended.stderr == ""


def test_listing_and_version_load_no_qt() -> None:
    program = "import sys; from lstmviz.cli import main; main(['examples']); print('PyQt6' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout.splitlines()[-1] == "False"


# The numbers of a run


def test_trace_writes_every_number_to_a_file_or_to_standard_output(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    file = tmp_path / "run.npz"
    assert main(["trace", "company-b", "-o", str(file)]) == 0
    with np.load(file) as arrays:
        assert arrays["main/l0/c"][-1].item() == pytest.approx(2.409093, abs=1e-6)
    assert main(["trace", "company-b", "--format", "json"]) == 0
    assert json.loads(capfdbinary.readouterr().out)["main"]["loss"] == pytest.approx((0.969393 - 1) ** 2, abs=1e-7)
    assert main(["trace", "company-b", "--input", "0, 0.5, 0.25, 1"]) == 0
    rows = capfdbinary.readouterr().out.decode().splitlines()
    (c,) = [row for row in rows if row.startswith("main,1,l0,forward,0,c,")]
    assert float(c.rpartition(",")[2]) == pytest.approx(-0.201247, abs=1e-6)


def test_gradients_prints_a_line_a_step(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gradients", "long-lag", "--against", "rnn"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 101
    assert "RNN" in lines[0]
    assert main(["gradients", "feedback-loop", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert len(rows) == 60
    assert not any("RNN" in title for title in rows[0])
    assert main(["gradients", "letters", "--layer", "l7"]) == 1


def test_export_code_writes_a_script_that_runs(tmp_path: Path) -> None:
    script = tmp_path / "run.py"
    assert main(["export-code", "company-b", "-o", str(script)]) == 0
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    assert "0.000936" in done.stdout or "9.36" in done.stdout
    assert main(["export-code", "company-b", "-o", str(tmp_path / "torch.py"), "--torch"]) == 0
    assert "import torch" in (tmp_path / "torch.py").read_text()


def test_only_the_command_that_is_asked_for_is_imported() -> None:
    program = (
        "import sys; from lstmviz.cli import main; main(['examples']); print('lstmviz.commands.find' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"
