"""The command line. Imports Qt only to open a window or to draw one, and each command when it is asked for."""

from __future__ import annotations

import argparse
import errno
import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import IO

from lstmviz import __version__
from lstmviz.commands.arguments import EXIT_CODES, INTERRUPTED, Parser, describe, refuse_usage
from lstmviz.core.errors import LstmvizError

_COMMANDS = {
    "open": ("open_window", "open files, a window each; lstmviz FILE does the same"),
    "examples": ("examples", "list the examples, a line each, the name first"),
    "find": ("find", "print the steps at which a condition holds"),
    "gradients": ("gradients", "print how large the gradient is at each step, LSTM and RNN"),
    "train": ("train", "train on a task without a window, an LSTM beside a vanilla RNN if you like"),
    "trace": ("trace", "write all numbers of a run as CSV, TSV, NPZ or JSON"),
    "info": ("info", "say what is in the file of a trained model, and test it"),
    "doctor": ("doctor", "look for what is missing, and say what mends it"),
    "render": ("render", "draw a picture or an animation into a file, without a display"),
    "export-code": ("export_code", "write a NumPy or PyTorch script that computes a run again"),
    "install-desktop": ("install_desktop", "put lstmviz into the desktop's menu, and open its sessions by a click"),
}
"""The module of ``commands`` behind each, and what it does."""

_GROUPS = {
    "Look": ("open", "examples", "info", "find", "gradients"),
    "Compute": ("train",),
    "Write": ("trace", "render", "export-code"),
    "This computer": ("doctor", "install-desktop"),
}
"""How the commands stand in the help; one that is in no group stands below the last."""

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""How writing to standard output fails where it leads to a file."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Exit codes: 0 done, 1 the user can mend it (said on standard error), 2 wrong usage, 130 Ctrl+C. ``find`` exits like
    grep: 0 steps were found, 1 there is none, 2 for any mistake.
    """
    for stream in (sys.stdout, sys.stderr):
        _never_fail_for_a_sign(stream)
    try:
        try:
            return _run(list(sys.argv[1:] if argv is None else argv))
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # the reader of our output, such as head, has seen enough
        _drop_output()
        return 0
    except ImportError as error:
        if (error.name or "lstmviz").partition(".")[0] == "lstmviz":
            raise  # a fault of ours
        mend = LstmvizError("A library cannot be loaded", where=str(error), how="lstmviz doctor says what mends it.")
        print(f"lstmviz: {mend}", file=sys.stderr)
        return 1
    except OSError as error:
        if error.errno not in _FULL or error.filename is not None:
            raise
        _drop_output()
        print(f"lstmviz: Standard output cannot be written: {error.strerror}. Make room there.", file=sys.stderr)
        return 1


def _run(argv: list[str]) -> int:
    given = _with_open(argv)
    arguments = _parser(set(given)).parse_args(given)
    try:
        return int(arguments.command(arguments))
    except LstmvizError as error:
        print(f"lstmviz: {error}", file=sys.stderr)
        return int(arguments.exit_on_mistake)


def _with_open(argv: list[str]) -> list[str]:
    """``lstmviz FILE`` is short for ``lstmviz open FILE``; a word that is neither a file nor a command is refused."""
    takes_value = False
    for place, argument in enumerate(argv):
        if not takes_value and (argument == "-" or not argument.startswith("-")):
            if argument in _COMMANDS:
                return argv
            from lstmviz.commands.open_window import no_file

            mistake = no_file(argument, tuple(_COMMANDS))
            if mistake:
                refuse_usage(mistake)
            return [*argv[:place], "open", *argv[place:]]
        takes_value = argument == "--example"
    return argv


def _parser(words: set[str]) -> Parser:
    """The parser; only the commands among the ``words`` that were typed are imported."""
    parser = Parser(prog="lstmviz", usage="lstmviz [OPTIONS] [FILE ...]\n       lstmviz COMMAND ...")
    describe(
        parser,
        "See inside an LSTM: step through it, compare it with a vanilla RNN.\n"
        "FILE: a session (.lstmviz), a trained model, a sequence of numbers, or - for standard input; a window each.\n"
        "Without one the example that was open last is shown.\n\n" + _command_list(),
        "lstmviz --example long-lag",
        "lstmviz work.lstmviz model.pt",
        exit_codes=(*EXIT_CODES, f"{INTERRUPTED} Ctrl+C"),
    )
    parser.add_argument("--version", action="version", version=f"lstmviz {__version__}", help="print the version")
    parser.add_argument("--example", metavar="NAME", help="open this example (see: lstmviz examples)")
    parser.add_argument("--reset", action="store_true", help="forget the window's layout and all settings first")
    parser.add_argument(
        "--safe-mode", action="store_true", help="default settings, nothing is remembered, no crash's work is offered"
    )
    parser.add_argument("--errors-in-window", action="store_true", help=argparse.SUPPRESS)  # on the page of open
    parser.set_defaults(command=_open, files=[], exit_on_mistake=1)
    commands = parser.add_subparsers(prog="lstmviz", metavar="COMMAND", help=argparse.SUPPRESS)
    for name, (module_name, words_for_it) in _COMMANDS.items():
        command = commands.add_parser(name, description=words_for_it)
        if name in words:
            module = import_module(f"lstmviz.commands.{module_name}")
            module.add_arguments(command)
            command.set_defaults(command=module.run)
    return parser


def _open(arguments: argparse.Namespace) -> int:
    # hundreds of modules come in, and nothing of them is garbage; the application collects at times of its own
    gc.disable()
    from lstmviz.commands import open_window

    return open_window.run(arguments)


def _command_list() -> str:
    """The commands in groups, a line each, for the help."""
    others = tuple(name for name in _COMMANDS if not any(name in names for names in _GROUPS.values()))
    lines = ["Commands (lstmviz COMMAND --help is a page about one):"]
    for title, names in (*_GROUPS.items(), ("More", others)):
        there = [name for name in names if name in _COMMANDS]
        if there:
            lines += [f"  {title}", *(f"    {name:<16} {_COMMANDS[name][1]}" for name in there)]
    return "\n".join(lines)


def _never_fail_for_a_sign(stream: IO[str] | None) -> None:
    """Print a question mark for what the terminal's encoding lacks. A program without a console has no stream."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")


def _drop_output() -> None:
    """Whatever is still to be written goes nowhere, so that Python does not try again at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
