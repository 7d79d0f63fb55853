"""``lstmviz`` and ``lstmviz open``: the window, or what there is to see without a display."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from lstmviz.commands.arguments import ERRORS_IN_WINDOW_WORDS, describe
from lstmviz.commands.streams import STANDARD, refuse_two_readers
from lstmviz.core.cursor import Cursor
from lstmviz.core.errors import LstmvizError
from lstmviz.gui.process.system_libraries import display_platforms, explain_import_error, require_libraries
from lstmviz.io.experiments import DEFAULT_EXAMPLE, Example, example_names
from lstmviz.io.opening import (
    EXAMPLE_FOR_SEQUENCES,
    Content,
    GivenFile,
    content_of,
    file_called,
    is_file_name,
    nearest,
    open_named,
)

_SEE = "See: lstmviz --help."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which files, and how to start."""
    describe(
        parser,
        "Open files, a window each; lstmviz FILE does the same. A model with one network is shown at once, one with\n"
        "several asks which; a sequence is shown before it is taken. Without a display: a picture and a table.",
        "lstmviz open work.lstmviz model.safetensors",
        "lstmviz open measurements.csv",
    )
    parser.add_argument(
        "files", metavar="FILE", nargs="+", help="a session, a trained model, a sequence, or - for standard input"
    )
    # as before the command, and given there they count
    for option, words in (
        ("--reset", "forget the window's layout and all settings first"),
        ("--safe-mode", "default settings, nothing is remembered, no crash's work is offered"),
        ("--errors-in-window", ERRORS_IN_WINDOW_WORDS),
    ):
        parser.add_argument(option, action="store_true", default=argparse.SUPPRESS, help=words)


def run(arguments: argparse.Namespace) -> int:
    """Open the windows and run until they are closed."""
    if arguments.example and arguments.files:
        raise LstmvizError("--example and FILE are two ways to say what to open", how="Leave one of them out.")
    refuse_two_readers(*arguments.files)
    with ExitStack() as stack:
        files = [_given(name, stack, arguments.errors_in_window) for name in arguments.files]
        platforms = display_platforms()
        if not platforms:
            return _without_display([_or_raise(file) for file in files], arguments.example)
        if sys.platform.startswith("linux"):
            os.environ["QT_QPA_PLATFORM"] = ";".join(platforms)
            require_libraries(platforms[0].partition(":")[0])
        try:
            from lstmviz.gui.process.launch import run_windows
        except ImportError as error:
            raise explain_import_error(error) from error
        options = {name: getattr(arguments, name) for name in ("reset", "safe_mode", "errors_in_window")}
        return run_windows(files, arguments.example, **options)


def _given(name: str, stack: ExitStack, errors_in_window: bool) -> GivenFile | LstmvizError:
    """The file that is meant, kept as long as ``stack``. Raises LstmvizError, unless a window is to show it."""
    try:
        mistake = no_file(name)
        if mistake:
            raise mistake
        path = stack.enter_context(file_called(name))
        return GivenFile(path, content_of(path), lasting=name != STANDARD)
    except LstmvizError as error:
        if not errors_in_window:
            raise
        return error


def _or_raise(file: GivenFile | LstmvizError) -> GivenFile:
    if isinstance(file, LstmvizError):
        raise file
    return file


def no_file(word: str, commands: tuple[str, ...] = ()) -> LstmvizError | None:
    """What to say about a word in the place of a file, or of one of the ``commands``, that cannot be one."""
    if is_file_name(word):
        return None
    if word in example_names():
        return LstmvizError(f"{word} is an example, not a file", how=f"Open it with: lstmviz --example {word}.")
    what = f"There is no {'command or ' if commands else ''}file called {word}"
    command, example = nearest(word, commands), nearest(word, example_names())
    if command:
        return LstmvizError(what, how=f"Did you mean: lstmviz {command}?")
    return LstmvizError(what, how=f"Did you mean: lstmviz --example {example}?" if example else _SEE)


def _without_display(files: list[GivenFile], example: str | None) -> int:
    """Pictures in files, and the gates as tables."""
    examples = [_shown(file) for file in files] or [open_named(example or DEFAULT_EXAMPLE)]
    print("There is no display, so no window can be opened. Here is what it would show as a picture and a table.")
    for shown in examples:
        _draw_and_print(shown)
    return 0


def _shown(given: GivenFile) -> Example:
    """What a window on the file would show; of a sequence what the example makes of it."""
    path = given.path
    if given.content is not Content.SEQUENCE:
        return open_named(str(path))
    from lstmviz.gui.panels.edits import with_sequence
    from lstmviz.io.sequence_files.preparing import sequence_of
    from lstmviz.io.sequence_files.reading import read_sequence_file

    example = open_named(EXAMPLE_FOR_SEQUENCES)
    sequence = sequence_of(read_sequence_file(path))
    experiment = replace(with_sequence(example.experiment, sequence), title=path.name)
    return Example(path.stem, experiment, Cursor(sequence.length))


def _draw_and_print(example: Example) -> None:
    import tempfile

    from lstmviz.commands.drawing import draw
    from lstmviz.core.analysis.step_table import in_lines, step_columns
    from lstmviz.core.run import analyse

    picture = Path(tempfile.mkdtemp(prefix="lstmviz-")) / f"{example.name}.png"
    draw(example, picture, "window", (1280, 800), "light", beside=False)
    print(f"\nPicture: {picture}\n\n{example.experiment.title}\n")
    print(in_lines(step_columns(analyse(example.experiment), "l0", 0)))
