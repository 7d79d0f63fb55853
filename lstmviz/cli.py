"""The command line. Imports Qt only to open a window or to draw one, and each command when it is asked for."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from lstmviz import __version__
from lstmviz.commands import open_window
from lstmviz.core.errors import LstmvizError
from lstmviz.io.opening import is_session
from lstmviz.io.sessions import SUFFIX

_COMMANDS = {
    "open": ("open_window", f"open a session; lstmviz FILE{SUFFIX} does the same"),
    "examples": ("examples", "list the examples, a line each, the name first"),
    "find": ("find", "print the steps at which a condition holds"),
    "gradients": ("gradients", "print how large the gradient is at each step, LSTM and RNN"),
    "trace": ("trace", "write all numbers of a run as CSV, NPZ or JSON"),
    "info": ("info", "say what is in the file of a trained model, and test it"),
    "doctor": ("doctor", "look for what is missing, and say what mends it"),
    "render": ("render", "draw a picture or an animation into a file, without a display"),
    "export-code": ("export_code", "write a NumPy or PyTorch script that computes a run again"),
}
"""The module of ``commands`` behind each, and what it does."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Exit codes: 0 done, 1 the user can mend it (said on standard error), 2 wrong usage. ``find`` exits like grep: 0
    steps were found, 1 there is none, 2 for any mistake.
    """
    given = _with_open(sys.argv[1:] if argv is None else argv)
    arguments = _parser(set(given)).parse_args(given)
    try:
        return int(arguments.command(arguments))
    except LstmvizError as error:
        print(f"lstmviz: {error}", file=sys.stderr)
        return int(arguments.exit_on_mistake)
    except BrokenPipeError:
        # the reader of our output, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _with_open(argv: Sequence[str]) -> list[str]:
    """``lstmviz FILE.lstmviz`` is short for ``lstmviz open FILE.lstmviz``."""
    arguments = list(argv)
    takes_value = False
    for place, argument in enumerate(arguments):
        if not takes_value and not argument.startswith("-"):
            return [*arguments[:place], "open", *arguments[place:]] if is_session(argument) else arguments
        takes_value = argument == "--example"
    return arguments


def _parser(words: set[str]) -> argparse.ArgumentParser:
    """The parser; only the commands among the ``words`` that were typed are imported."""
    parser = argparse.ArgumentParser(
        prog="lstmviz", description="See inside an LSTM: step through it, compare it with a vanilla RNN."
    )
    parser.add_argument("--version", action="version", version=f"lstmviz {__version__}")
    parser.add_argument("--example", metavar="NAME", help="open this example (see: lstmviz examples)")
    parser.add_argument("--reset", action="store_true", help="forget the window's layout and all settings first")
    parser.add_argument("--safe-mode", action="store_true", help="default settings, and no work of a crash is offered")
    parser.set_defaults(command=open_window.run, session=None, exit_on_mistake=1)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name, (module_name, words_for_it) in _COMMANDS.items():
        command = commands.add_parser(name, help=words_for_it)
        if name in words:
            module = import_module(f"lstmviz.commands.{module_name}")
            module.add_arguments(command)
            command.set_defaults(command=module.run)
    return parser
