"""Runs and traces in a notebook: a picture and a table. Loads neither IPython nor Qt."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from lstmviz.core.analysis.step_table import Column, step_columns
from lstmviz.core.arrays import Array
from lstmviz.core.cursor import Cursor
from lstmviz.core.engine.trace import LayerTrace, LSTMTrace, Trace
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiment import Experiment
from lstmviz.core.quantity import QUANTITIES
from lstmviz.core.run import Run
from lstmviz.core.text import count
from lstmviz.io.live_objects.experiments import network_experiment
from lstmviz.io.sessions import SUFFIX, SessionFile, save_session

ROWS = 10
"""How many steps the table shows."""

_MOST_NUMBERS = 2_000_000
"""Steps times units of a run that is still drawn: nobody waits for the picture of a larger one."""

_PICTURE_SECONDS = 60
_SIZE = "1000x420"
_TYPES = (("lstmviz.core.run", "Run"), ("lstmviz.core.engine.trace", "Trace"))

_pictures: WeakKeyDictionary[Run | Trace, bytes] = WeakKeyDictionary()


def register(shell: Any) -> None:
    """Let an IPython shell show runs and traces; their classes need not be loaded yet.

    shell  what ``get_ipython()`` gives; with None nothing happens
    """
    if shell is None:
        return
    formatters = shell.display_formatter.formatters
    for kind, drawn in (("text/html", html), ("image/png", png)):
        for module, name in _TYPES:
            formatters[kind].for_type_by_name(module, name, drawn)
    for module, name in _TYPES:
        formatters["text/plain"].for_type_by_name(module, name, _print)


def html(shown: Run | Trace) -> str:
    """The picture, where one can be drawn, above a table of the first steps."""
    columns = _columns(shown)
    rows = range(min(shown.length, ROWS))
    head = "".join(f'<th title="{escape(column.meaning)}">{escape(column.title)}</th>' for column in columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(column.text(row))}</td>" for column in columns) + "</tr>" for row in rows
    )
    picture = png(shown)
    image = f'<img alt="{escape(_title(shown))}" src="data:image/png;base64,{_base64(picture)}">' if picture else ""
    words = f"{_in_words(shown)} The table has unit 0 of the first layer, {count(len(rows), 'step')}."
    return f"{image}<p>{escape(words)}</p><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def png(shown: Run | Trace) -> bytes | None:
    """The timeline as a PNG; None where it cannot be drawn, as without Qt.

    A process of its own draws it: here a Qt application of another kind may run, and the kernel's main thread waits.
    """
    if shown not in _pictures:
        _pictures[shown] = _drawn(shown)
    return _pictures[shown] or None


def _drawn(shown: Run | Trace) -> bytes:
    """The PNG, or nothing."""
    network = shown.network
    if shown.length * network.hidden_size * len(network.layers) * network.num_directions > _MOST_NUMBERS:
        return b""
    try:
        experiment = shown.experiment if isinstance(shown, Run) else _experiment(shown)
        with tempfile.TemporaryDirectory(prefix="lstmviz-") as folder:
            session, picture = Path(folder, f"shown{SUFFIX}"), Path(folder, "shown.png")
            save_session(session, SessionFile(experiment, Cursor(t=shown.length)))
            command = [sys.executable, "-m", "lstmviz", "render", str(session), "-o", str(picture)]
            options = ["--view", "timeline", "--size", _SIZE]
            here = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
            subprocess.run([*command, *options], capture_output=True, timeout=_PICTURE_SECONDS, check=True, env=here)
            return picture.read_bytes()
    except (LstmvizError, OSError, subprocess.SubprocessError):
        return b""


def _experiment(trace: Trace) -> Experiment:
    """An experiment with the numbers of the trace. Raises LstmvizError where there is none."""
    if trace.altered or any(state.any() for layer in trace.layers.values() for state in _first_states(layer)):
        raise LstmvizError("A trace of altered equations, or from a given state, is not that of an experiment")
    return replace(network_experiment(trace.network, trace.x[:, 0], _title(trace)), baseline=None)


def _first_states(layer: LayerTrace) -> list[Array]:
    """What a layer starts from, [B, H] each: h0, and c0 of an LSTM."""
    first = -1 if layer.reverse else 0
    states = (layer.h_states, layer.c_states) if isinstance(layer, LSTMTrace) else (layer.h_states,)
    return [each[first] for each in states]


def _columns(shown: Run | Trace) -> Sequence[Column]:
    if isinstance(shown, Run):
        return step_columns(shown, "l0", 0)
    columns = [Column("t", "step of the sequence, from 1", range(1, shown.length + 1))]
    for quantity in QUANTITIES[shown.network.cell]:
        values = quantity.of(shown["l0"])[:, 0]
        columns.append(Column(quantity.symbol, f"{quantity.title}: {quantity.meaning}", values))
    return columns


def _title(shown: Run | Trace) -> str:
    if isinstance(shown, Run):
        return shown.experiment.title
    return f"Trace of {count(shown.network.hidden_size, 'unit')} ({shown.network.cell.value.upper()})"


def _in_words(shown: Run | Trace) -> str:
    return f"{_title(shown)}: {count(shown.length, 'step')}."


def _print(shown: Run | Trace, printer: Any, cycle: bool) -> None:
    """IPython's signature of what prints an object: one line in place of every number."""
    printer.text(_in_words(shown))


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
