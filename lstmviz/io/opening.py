"""What can be named on the command line: an example, the file of a session, or that of a trained model."""

from __future__ import annotations

from pathlib import Path

from lstmviz.io.experiments import Example, load_example
from lstmviz.io.models.suffixes import is_model
from lstmviz.io.sessions import SUFFIX, load_session


def is_session(name: str) -> bool:
    """Whether ``name`` is that of a session's file; the names of examples never end like one."""
    return name.lower().endswith(SUFFIX)


def open_named(name: str) -> Example:
    """The example called ``name``, or what is in that file of a session or a model. Raises LstmvizError."""
    if is_model(name):
        from lstmviz.io.models.experiments import open_model  # the readers of all formats take a while to load

        return open_model(name)
    if not is_session(name):
        return load_example(name)
    session = load_session(name)
    return Example(Path(name).stem, session.experiment, session.cursor)
