"""Arguments that several commands take, and how their pages of help are set up."""

from __future__ import annotations

import argparse
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

from lstmviz.core.errors import LstmvizError

if TYPE_CHECKING:
    from lstmviz.io.experiments import Example

MISTAKE = "1 a mistake, said on standard error"
USAGE = "2 wrong usage"
EXIT_CODES = ("0 done", MISTAKE, USAGE)
"""Those of nearly every command."""

SIGNALLED = 128
"""What is added to the number of a signal for the exit code, as shells have it."""

INTERRUPTED = SIGNALLED + signal.SIGINT
"""The exit code after Ctrl+C."""

ERRORS_IN_WINDOW_WORDS = "show what is wrong with a FILE in a window, as the desktop's menu entry wants it"

JSON_WORDS = "a number that is not finite is the text NaN, Infinity or -Infinity"


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, as for every other mistake, and keeps the lines of its help as they are."""

    def __init__(self, **options: object) -> None:
        defaults = {"formatter_class": argparse.RawDescriptionHelpFormatter, "allow_abbrev": False}
        super().__init__(**(defaults | options))  # type: ignore[arg-type]  # passed on as they came

    def error(self, message: str) -> NoReturn:
        """Print ``message`` on standard error and exit with 2."""
        refuse_usage(LstmvizError(message[:1].upper() + message[1:].rstrip("."), how=f"See: {self.prog} --help"))


def refuse_usage(error: LstmvizError) -> NoReturn:
    """Say what is wrong with the command line, and exit with 2."""
    print(f"lstmviz: {error}", file=sys.stderr)
    raise SystemExit(2)


def describe(
    parser: argparse.ArgumentParser, description: str, *examples: str, exit_codes: tuple[str, ...] = EXIT_CODES
) -> None:
    """Set up a page of help: what it does above the arguments, examples and exit codes below them."""
    parser.description = description
    lines = ["examples:", *(f"  {example}" for example in examples), "", "exit codes:"]
    parser.epilog = "\n".join([*lines, *(f"  {code}" for code in exit_codes)])


def add_example(parser: argparse.ArgumentParser) -> None:
    """What to run: ``example``, ``name`` and ``vocabulary``, for ``chosen_example``."""
    parser.add_argument(
        "example",
        metavar="EXAMPLE|SESSION|MODEL",
        help="an example's name (see: lstmviz examples), the file of a session or of a trained model, or - for such a "
        "file from standard input",
    )
    parser.add_argument("--name", metavar="NAME", help="the network that is meant, where a model's file has several")
    parser.add_argument(
        "--vocabulary",
        metavar="FILE",
        help="the tokens of a model with an embedding: a JSON list or map, or one a line",
    )


def chosen_example(arguments: argparse.Namespace) -> Example:
    """What ``add_example`` has asked for. Raises LstmvizError as ``io.opening.open_named`` does."""
    from lstmviz.io.opening import open_named  # a page of help does without

    return open_named(arguments.example, arguments.name, arguments.vocabulary)


def add_layer(parser: argparse.ArgumentParser, words: str) -> None:
    """Which layer and direction: ``layer``."""
    parser.add_argument("--layer", metavar="LAYER", default="l0", help=f"{words} (default: l0)")


def add_json(parser: argparse.ArgumentParser, words: str) -> None:
    """Whether a program reads it: ``json``; ``words`` say what is printed then."""
    parser.add_argument("--json", action="store_true", help=f"print {words} instead; {JSON_WORDS}")
