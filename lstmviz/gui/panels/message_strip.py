"""A strip above the views: what went wrong and how to mend it, and how far a long analysis is. It blocks nothing."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from lstmviz.core.errors import LstmvizError
from lstmviz.core.run import Progress
from lstmviz.gui.session import Session
from lstmviz.gui.style import LIGHT, Theme
from lstmviz.gui.timers import single_shot

PROGRESS_AFTER_MILLISECONDS = 150
"""An analysis that is done sooner shows no progress: it would only flicker."""

_PROGRESS_STEPS = 1000


class MessageStrip(QWidget):
    """Takes no room while there is nothing to say.

    An error stays until the user takes it away, or something that was asked for afterwards has worked.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("message_strip")
        self.setAccessibleName("Messages")
        self._session = session
        self._error: LstmvizError | None = None
        self._error_row = self._setup_error_row()
        self._progress_row = self._setup_progress_row()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._error_row)
        column.addWidget(self._progress_row)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self._patience = single_shot(self, self._show_progress_row, PROGRESS_AFTER_MILLISECONDS)
        session.failed.connect(self.show_error)
        session.run_changed.connect(self.dismiss_error)
        session.busy_changed.connect(self._show_busy)
        session.progressed.connect(self._show_progress)
        self.set_theme(LIGHT)
        self._error_row.hide()
        self._progress_row.hide()

    @property
    def error(self) -> LstmvizError | None:
        """The error on show."""
        return self._error

    def show_error(self, error: LstmvizError) -> None:
        """Say what cannot be done, where, and how to mend it; in place of an older error."""
        self._error = error
        self._what.setText(f"{error.what} ({error.where})" if error.where else error.what)
        self._how.setText(error.how)
        self._how.setVisible(bool(error.how))
        self._error_row.setAccessibleName(f"Error: {error}")
        self._error_row.show()

    def dismiss_error(self, *_: object) -> None:
        """Take the error away."""
        self._error = None
        self._error_row.hide()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self.setStyleSheet(_style_sheet(theme))

    def _setup_error_row(self) -> QFrame:
        row, layout = _row("error_row", self)
        mark = QLabel("!", row)
        mark.setObjectName("error_mark")
        mark.setAlignment(Qt.AlignmentFlag.AlignCenter)
        mark.setFixedSize(18, 18)
        self._what = _words("error_what", row)
        self._how = _words("error_how", row)
        column = QVBoxLayout()
        column.setSpacing(1)
        column.addWidget(self._what)
        column.addWidget(self._how)
        copy = _button("Copy details", "copy_error", "Copy this message, to send it to somebody", row)
        copy.clicked.connect(self._copy)
        dismiss = _button("Dismiss", "dismiss_error", "Take this message away; nothing else changes", row)
        dismiss.clicked.connect(self.dismiss_error)
        layout.addWidget(mark)
        layout.addLayout(column, 1)
        layout.addWidget(copy)
        layout.addWidget(dismiss)
        return row

    def _setup_progress_row(self) -> QFrame:
        row, layout = _row("progress_row", self)
        self._doing = QLabel(row)
        self._doing.setObjectName("progress_doing")
        self._bar = QProgressBar(row)
        self._bar.setObjectName("progress_bar")
        self._bar.setAccessibleName("Progress of the analysis")
        self._bar.setRange(0, _PROGRESS_STEPS)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(8)
        cancel = _button("Cancel", "cancel_analysis", "Stop computing; the numbers on screen stay as they are", row)
        cancel.clicked.connect(self._session.cancel)
        layout.addWidget(self._doing)
        layout.addWidget(self._bar, 1)
        layout.addWidget(cancel)
        return row

    def _show_busy(self, busy: bool) -> None:
        if busy:
            self._show_progress(Progress(0.0, "starting"))
            self._patience.start()
        else:
            self._patience.stop()
            self._progress_row.hide()

    def _show_progress_row(self) -> None:
        self._progress_row.show()

    def _show_progress(self, progress: Progress) -> None:
        self._bar.setValue(round(progress.fraction * _PROGRESS_STEPS))
        self._doing.setText(f"Computing: {progress.doing} … {progress.fraction:.0%}")

    def _copy(self) -> None:
        clipboard = QGuiApplication.clipboard()
        if clipboard and self._error:
            clipboard.setText(str(self._error))


def _row(name: str, parent: QWidget) -> tuple[QFrame, QHBoxLayout]:
    row = QFrame(parent)
    row.setObjectName(name)
    layout = QHBoxLayout(row)
    layout.setContentsMargins(12, 6, 8, 6)
    layout.setSpacing(10)
    return row, layout


def _words(name: str, parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setObjectName(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _button(text: str, name: str, tooltip: str, parent: QWidget) -> QPushButton:
    button = QPushButton(text, parent)
    button.setObjectName(name)
    button.setToolTip(tooltip)
    button.setAccessibleName(text)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def _style_sheet(theme: Theme) -> str:
    """Told apart by more than a colour: the error has a mark, a bar at its left, and bold words."""
    return f"""
        #error_row {{ background: {theme.surface}; border: none;
                      border-left: 4px solid {theme.warning}; border-bottom: 1px solid {theme.border}; }}
        #progress_row {{ background: {theme.surface}; border: none; border-bottom: 1px solid {theme.border}; }}
        #error_mark {{ background: {theme.warning}; color: {theme.surface}; border-radius: 9px; font-weight: bold; }}
        #error_what {{ color: {theme.text}; font-weight: bold; }}
        #error_how, #progress_doing {{ color: {theme.muted}; }}
        QProgressBar {{ background: {theme.border}; border: none; border-radius: 4px; }}
        QProgressBar::chunk {{ background: {theme.output}; border-radius: 4px; }}
        QPushButton {{ background: {theme.raised}; color: {theme.text}; border: 1px solid {theme.border};
                       border-radius: 5px; padding: 4px 10px; }}
        QPushButton:hover {{ border-color: {theme.muted}; }}
        QPushButton:pressed {{ background: {theme.border}; }}
        QPushButton:focus {{ border: 2px solid {theme.output}; padding: 3px 9px; }}
    """
