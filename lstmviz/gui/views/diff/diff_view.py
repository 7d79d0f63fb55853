"""The Diff view: this run against the one without what-ifs, or against another run of the same shape."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QColor, QHideEvent, QPalette, QResizeEvent, QShowEvent
from PyQt6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from lstmviz.core.comparison.diff import Diff, QuantityDiff, diffing
from lstmviz.core.comparison.diff_words import Sides, details, headline
from lstmviz.core.cursor import Cursor
from lstmviz.core.networks.parameters import Cell
from lstmviz.core.quantity import Quantity
from lstmviz.core.run import Run
from lstmviz.gui.job import Job
from lstmviz.gui.style import Theme, palette, text_font
from lstmviz.gui.views.diff.largest import LargestDifferences
from lstmviz.gui.views.diff.picture import DifferencePicture
from lstmviz.gui.views.diff.row_table import HEADER_HEIGHT, ROW_HEIGHT, WIDTH, DifferenceTable
from lstmviz.gui.views.diff.scene import Shown
from lstmviz.gui.views.memory.words import StepNames
from lstmviz.gui.views.paths.parts import Switch
from lstmviz.gui.views.view import Hovered, View

NOTHING = (
    "Nothing to compare yet.\n\nMake a what-if: this view then shows what it changed, against the run without it. "
    "Or keep this run to compare, and change something; or compare with a run from a file."
)
BEFORE = Sides("before", "now")
HERE_SECONDS = 0.06
"""So long a comparison may keep the window waiting; what is left goes on on a thread."""

ROOM_BESIDE = 960
"""Below this width the table stands above the picture."""


@dataclass(frozen=True, eq=False)
class _Other:
    """A run to compare with, and what it is called."""

    run: Run
    title: str

    @property
    def sides(self) -> Sides:
        return Sides(f"in {self.title}", "now")


class DiffView(View):
    """The first difference in words, a table of all quantities, and the picture of the chosen one.

    Call ``stop`` before it goes away while its window stays.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("diff_view")
        self.setAccessibleName("Diff")
        self.setAutoFillBackground(True)
        self.setMinimumSize(360, 300)
        self._other: _Other | None = None
        self._diff: Diff | None = None
        self._key: tuple[Run, Run] | None = None
        self._chosen = ""
        self._quantities: dict[tuple[str, str], Shown] = {}
        self._job = Job(self)
        self._make_parts()
        self._lay_out()
        self._connect()
        self.set_theme(self.theme)
        self._say(NOTHING)

    def sizeHint(self) -> QSize:
        """Room for the table and the picture beside each other."""
        return QSize(1000, 520)

    # What is shown

    @property
    def busy(self) -> bool:
        """Whether a comparison is under way."""
        return self._job.busy

    @property
    def comparison(self) -> Diff | None:
        """What is on show; None while there is nothing to compare."""
        return self._diff

    @property
    def chosen(self) -> str:
        """The symbol of the quantity in the picture; empty without one."""
        return self.picture.quantity.row.symbol if self.picture.quantity else ""

    def show_run(self, run: Run, cursor: Cursor) -> None:
        """Compare another run."""
        if run is self.run:
            self.show_cursor(cursor)
            return
        super().show_run(run, cursor)
        self.picture.show_quantity(None)
        self.picture.show_run(run, cursor)
        self._compare()

    def show_other(self, run: Run | None, title: str = "the kept run") -> None:
        """Compare with this run, called ``title`` in sentences; None for the run without what-ifs again."""
        self._other = _Other(run, title) if run is not None else None
        self.which.set_word(1, title if run is not None else "another run")
        if run is not None and self.which.current == 0:
            self.which.choose(1)
        self._compare()

    def show_cursor(self, cursor: Cursor) -> None:
        """Move the cursor; another layer brings another table."""
        before = self.cursor_at
        if cursor == before:
            return
        self.cursor_at = cursor  # the parts draw themselves
        self.picture.show_cursor(cursor)
        if before is None or before.layer != cursor.layer:
            self._show_layer()

    def show_time_range(self, first: float, last: float) -> None:
        """Show the time between two edges."""
        self.picture.show_time_range(first, last)

    def show_hovered(self, place: Hovered | None) -> None:
        """Mark what the mouse is over in another view."""
        self.picture.show_hovered(place)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        super().set_theme(theme)
        colours = palette(theme)
        colours.setColor(QPalette.ColorRole.Window, QColor(theme.surface))
        self.setPalette(colours)
        quiet = palette(theme)
        quiet.setColor(QPalette.ColorRole.WindowText, QColor(theme.muted))
        self.details.setPalette(quiet)
        self.message.setPalette(quiet)
        self.picture.set_theme(theme)
        self.table.set_theme(theme)
        self.which.set_theme(theme)

    def summary(self) -> str:
        """The first difference, the losses, and the chosen quantity at the cursor."""
        if self._diff is None:
            return f"Diff: {self.message.text()}"
        return " ".join(filter(None, ("Diff:", self.headline.text(), self.details.text(), self.picture.summary())))

    # Set-up

    def _make_parts(self) -> None:
        self.which = Switch(
            "diff_which",
            "Compare with",
            ("without what-ifs", "another run"),
            "What this run is compared with",
        )
        self.dismiss = QToolButton()
        self.dismiss.setObjectName("diff_dismiss")
        self.dismiss.setText("Stop comparing")
        self.dismiss.setToolTip("Forget the other run")
        self.dismiss.setFont(text_font(11))
        self.headline, self.details, self.message = QLabel(), QLabel(), QLabel()
        for label, name in (
            (self.headline, "diff_headline"),
            (self.details, "diff_details"),
            (self.message, "diff_message"),
        ):
            label.setObjectName(name)
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            label.setFont(text_font(12))
        self.headline.setFont(text_font(14, bold=True))
        self.message.setFont(text_font(13))
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.message.setMaximumWidth(560)
        self.message.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.table, self.picture = DifferenceTable(), DifferencePicture()

    def _lay_out(self) -> None:
        self._top = QWidget()
        top = QHBoxLayout(self._top)
        top.setContentsMargins(0, 0, 0, 0)
        top.addWidget(self.which)
        top.addWidget(self.dismiss)
        top.addStretch(1)
        self._body = QWidget()
        self._parts = QBoxLayout(QBoxLayout.Direction.LeftToRight, self._body)
        self._parts.setContentsMargins(0, 0, 0, 0)
        self._parts.setSpacing(14)
        self._parts.addWidget(self.table)
        self._parts.addWidget(self.picture, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 10, 6)
        column.setSpacing(5)
        for part in (self._top, self.headline, self.details):
            column.addWidget(part)
        column.addSpacing(3)
        column.addWidget(self._body, 1)
        self._note = QWidget()
        row = QHBoxLayout(self._note)  # in the middle, no wider than is good to read
        row.addStretch(1)
        row.addWidget(self.message, 100)
        row.addStretch(1)
        column.addWidget(self._note, 1)

    def _connect(self) -> None:
        self._job.finished.connect(self._show_diff)
        self._job.failed.connect(self._say)
        self.which.chosen.connect(self._compare)
        self.dismiss.clicked.connect(self._dismiss)
        self.table.chosen.connect(self._choose)
        self.table.place_asked.connect(self._go_to)
        self.picture.cursor_requested.connect(self.cursor_requested)
        self.picture.time_range_requested.connect(self.time_range_requested)
        self.picture.hovered.connect(self.hovered)
        self.picture.place_hovered.connect(self.place_hovered)
        self.picture.value_asked.connect(self.value_asked)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """The table beside the picture where there is room for both, else above it."""
        beside = self.width() >= ROOM_BESIDE
        direction = QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
        if self._parts.direction() != direction:
            self._parts.setDirection(direction)
        rows = HEADER_HEIGHT + ROW_HEIGHT * self.table.model_of_rows.rowCount() + 4
        self.table.setMaximumWidth(WIDTH if beside else 16777215)
        self.table.setMinimumWidth(WIDTH if beside else 0)
        height = rows if beside else min(rows, max(int(0.28 * self.height()), HEADER_HEIGHT + 2 * ROW_HEIGHT))
        self.table.setFixedHeight(height)
        self._parts.setAlignment(self.table, Qt.AlignmentFlag.AlignTop)

    # The comparison

    def stop(self) -> None:
        """Stop computing and wait for the threads."""
        self._job.close()

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        if self._diff is None and not self._job.busy:
            self._key = None
            self._compare()

    def hideEvent(self, event: QHideEvent | None) -> None:
        super().hideEvent(event)
        if event is not None and event.spontaneous():
            return  # minimised
        self._job.cancel()
        if (window := self.window()) is None or not window.isVisible():
            self.stop()

    def _pair(self) -> tuple[Run, Run, Sides] | None:
        """The other run, this run, and what they are called."""
        if self.run is None:
            return None
        if self._other is not None and (self.which.current == 1 or self.run.before is None):
            return self._other.run, self.run, self._other.sides
        return (self.run.before, self.run, BEFORE) if self.run.before is not None else None

    def _compare(self) -> None:
        """Compare what is chosen, unless that is on show; what takes long goes on on a thread."""
        both = self.run is not None and self.run.before is not None and self._other is not None
        self.which.setVisible(both)
        self.dismiss.setVisible(self._other is not None and (not both or self.which.current == 1))
        self._top.setVisible(self._other is not None)
        pair = self._pair()
        if pair is None:
            self._forget()
            self._say(NOTHING)
            return
        if self._key is not None and self._key[0] is pair[0] and self._key[1] is pair[1]:
            return
        self._forget()
        self._key = pair[:2]
        self._say("Comparing …")
        self._job.start(diffing(*pair[:2]), HERE_SECONDS)

    def _forget(self) -> None:
        self._job.cancel()
        self._key, self._diff, self._quantities = None, None, {}
        self.picture.show_quantity(None)

    def _say(self, words: str) -> None:
        """Words in the place of a comparison."""
        self.message.setText(words)
        for part in (self.headline, self.details, self._body):
            part.hide()
        self._note.show()
        self.setAccessibleDescription(self.summary())

    def _show_diff(self, found: Diff) -> None:
        pair = self._pair()
        if pair is None:
            return
        self._diff = found
        self.headline.setText(headline(found, pair[2]))
        self.details.setText(details(found, pair[2]))
        self._note.hide()
        self.headline.show()
        self.details.setVisible(bool(self.details.text()))
        self._body.show()
        self._show_layer()

    def _show_layer(self) -> None:
        """The table of the cursor's layer, and its chosen quantity."""
        if self._diff is None or self.cursor_at is None:
            return
        rows = self._diff.layers.get(self.cursor_at.layer)
        if rows is None:
            return
        symbol = self._chosen if self._chosen in rows else self._telling(self.cursor_at.layer)
        self.table.show_rows(rows, symbol)
        self._fit()
        self._show_quantity(symbol)

    def _telling(self, layer: str) -> str:
        """The quantity in which the difference begins, or the state of the cell."""
        assert self._diff is not None
        first, table = self._diff.plain_forward or self._diff.plain_backward, self._diff[layer]
        if first is not None and first.layer == layer:
            symbol = f"d{first.node}" if first.gradient else first.node.removeprefix("z_")
            if symbol in table and not table[symbol].same:
                return symbol
        state = "c" if self._diff.a.network.cell is Cell.LSTM else "h"
        return f"d{state}" if self._diff.plain_forward is None and first is not None else state

    def _show_quantity(self, symbol: str) -> None:
        pair = self._pair()
        if self._diff is None or self.cursor_at is None or self.run is None or pair is None:
            return
        layer = self.cursor_at.layer
        key = (layer, symbol)
        if key not in self._quantities:
            row = self._diff[layer][symbol]
            several = layer if len(self._diff.layers) > 1 else ""
            names = StepNames(self.run)
            self._quantities[key] = Shown(row, LargestDifferences(row), several, pair[2], names, self.run.length)
        self.picture.show_quantity(self._quantities[key])
        self.setAccessibleDescription(self.summary())

    def _choose(self, symbol: str) -> None:
        self._chosen = symbol
        self._show_quantity(symbol)

    def _go_to(self, row: QuantityDiff) -> None:
        """To the largest difference of a row."""
        if self.cursor_at is not None:
            unit = self.cursor_at.unit if row.quantity is Quantity.INPUT else row.unit
            self.cursor_requested.emit(replace(self.cursor_at, t=row.t, unit=unit))

    def _dismiss(self) -> None:
        self.show_other(None)
        self.comparison_dismissed.emit()
