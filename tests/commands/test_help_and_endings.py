"""The pages of help, and how a command ends where something is in its way."""

from __future__ import annotations

import fcntl
import os
import shlex
import signal
import struct
import subprocess
import sys
import termios
import time

import pytest

from lstmviz.cli import _COMMANDS, _parser, main

# Help


def help_of(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    """The page of a command, or the first one."""
    with pytest.raises(SystemExit) as ended:
        main([*command, "--help"])
    assert ended.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("command", sorted(_COMMANDS))
def test_every_command_has_a_page_with_a_description_examples_and_exit_codes(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    page = help_of(capsys, command)
    usage, description, *_ = page.split("\n\n")
    assert usage.startswith(f"usage: lstmviz {command} ")
    assert description.endswith(".")
    examples, codes = page.partition("\nexamples:\n")[2].split("\n\nexit codes:\n")
    assert len(examples.splitlines()) >= 2
    assert all(line.startswith("  lstmviz ") for line in examples.splitlines())
    assert [line.split()[0] for line in codes.splitlines()][:3] == ["0", "1", "2"]


@pytest.mark.parametrize("command", sorted(_COMMANDS))
def test_the_examples_on_a_page_are_commands_that_exist(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    for line in help_of(capsys, command).partition("\nexamples:\n")[2].partition("\n\n")[0].splitlines():
        words = shlex.split(line.partition("|")[0].partition(">")[0] if "'" not in line else line)[1:]
        _parser(set(words)).parse_args(words)  # exits if there is no such option


def test_the_first_page_lists_every_command_once_and_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    page = help_of(capsys)
    for name, (_, words) in _COMMANDS.items():
        assert [line.split(maxsplit=1) for line in page.splitlines()].count([name, words]) == 1
    assert "\n  0 done\n  1 a mistake, said on standard error\n  2 wrong usage\n  130 Ctrl+C\n" in page


def test_json_says_how_it_writes_what_it_has_no_number_for(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("examples", "find", "gradients", "info", "doctor"):
        page = " ".join(help_of(capsys, command).split())
        assert "--json" in page
        assert "not finite is the text NaN, Infinity or -Infinity" in page


# How it ends


def _unread(pipe: int) -> int:
    """How many bytes in a pipe nobody has read yet."""
    (number,) = struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4))
    return int(number)


def _heed_ctrl_c() -> None:
    """A shell that starts the tests in the background lets them, and all that they start, ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_ends_with_130_and_says_nothing() -> None:
    command = [sys.executable, "-m", "lstmviz", "trace", "-"]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=_heed_ctrl_c
    )
    assert process.stdin
    process.stdin.write(b"it waits for the rest of its input, and Python is up")
    process.stdin.flush()
    while _unread(process.stdin.fileno()) and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=60) == (b"", b"")
    assert process.returncode == 130


def test_a_full_disk_behind_standard_output_is_said_in_one_line() -> None:
    with open("/dev/full", "wb") as full:
        for arguments in (["examples"], ["trace", "company-b", "--format", "npz"]):
            command = [sys.executable, "-m", "lstmviz", *arguments]
            ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
            assert ended.returncode == 1
            assert ended.stderr.startswith("lstmviz: Standard output cannot be written: No space left")
            assert ended.stderr.count("\n") == 1


def test_a_terminal_without_the_signs_gets_question_marks() -> None:
    command = [sys.executable, "-m", "lstmviz", "find", "letters", "t == 6"]
    environ = os.environ | {"PYTHONIOENCODING": "ascii"}
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environ)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "6\t?\n", "")


def test_binary_files_do_not_go_to_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert main(["trace", "company-b", "--format", "npz"]) == 1
    assert capsys.readouterr().err.startswith("lstmviz: A file that is no text would fill the terminal.")
