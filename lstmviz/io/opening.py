"""What can be named on the command line: an example, or the file of a session."""

from __future__ import annotations

from pathlib import Path

from lstmviz.io.experiments import Example, load_example
from lstmviz.io.sessions import SUFFIX, load_session


def is_session(name: str) -> bool:
    """Whether ``name`` is that of a session's file; the names of examples never end like one."""
    return name.lower().endswith(SUFFIX)


def open_named(name: str) -> Example:
    """The example called ``name``, or what is in that file of a session. Raises LstmvizError."""
    if not is_session(name):
        return load_example(name)
    session = load_session(name)
    return Example(Path(name).stem, session.experiment, session.cursor)
