"""The maps of every pair of steps with all that belongs to them: what they show, how far they are, what they say."""

from __future__ import annotations

from PyQt6.QtCore import QRect, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPalette, QResizeEvent
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from lstmviz.gui.style import Theme, palette, text_font
from lstmviz.gui.views.log_legend import ElidedLabel
from lstmviz.gui.views.paths.jacobian_map import JacobianMap
from lstmviz.gui.views.paths.maps import HIDDEN, KINDS, MapKind, NetworkMap, reach_in_words
from lstmviz.gui.views.paths.parts import Switch
from lstmviz.gui.views.time_axis import TimeRange

SENTENCE_LINES = 2
"""Room that is always kept, so that the map stands still while the sentence changes."""


class MapPanel(QWidget):
    """The switch of what the maps show, how far they are, a sentence on the cursor's row, and the maps."""

    kind_chosen = pyqtSignal()
    action_wished = pyqtSignal()
    """The button beside the progress was clicked: cancel, or go on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._t = 1
        self._said = ""
        self._maps: tuple[NetworkMap, ...] = ()
        self.which_kind = Switch(
            "which_kind", "What the maps show", tuple(kind.word for kind in KINDS), tuple(kind.tip for kind in KINDS)
        )
        self.which_map = Switch("which_map", "Map", ("LSTM", "RNN"), "Whose map is drawn; a larger view shows both")
        policy = self.which_map.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # the map must not change its size with it
        self.which_map.setSizePolicy(policy)
        self.map = JacobianMap(self)
        self._status = ElidedLabel(11)
        self._status.setObjectName("paths_status")
        self._button = QToolButton()
        self._button.setObjectName("paths_cancel")
        self._button.setFont(text_font(11))
        self.sentence = QLabel()
        self.sentence.setObjectName("map_sentence")
        self.sentence.setFont(text_font(12, bold=True))
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setWordWrap(True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.sentence.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.sentence.setFixedHeight(SENTENCE_LINES * self.sentence.fontMetrics().lineSpacing() + 2)
        self._lay_out()
        self.show_status("")
        self.which_kind.chosen.connect(self._choose_kind)
        self.which_map.chosen.connect(self.map.show_first)
        self._button.clicked.connect(self.action_wished)
        self.map.resized.connect(self.fit)

    @property
    def kind(self) -> MapKind:
        """What the maps show."""
        return KINDS[self.which_kind.current]

    def show_kinds(self, kinds: tuple[MapKind, ...]) -> None:
        """Offer these; where the one chosen is not among them, hidden states are shown instead."""
        for number, kind in enumerate(KINDS):
            self.which_kind.set_offered(number, kind in kinds)
        if self.kind not in kinds:
            self.which_kind.choose(KINDS.index(HIDDEN))

    def show_maps(self, maps: tuple[NetworkMap, ...], length: int, shown: TimeRange) -> None:
        """Draw other maps, none while they are being computed."""
        self._maps = maps
        for number, each in enumerate(maps):
            self.which_map.set_word(number, each.network)
        self.map.show_maps(maps, length, shown)
        self._say()

    def show_step(self, t: int) -> None:
        """Mark the cursor's step, and say how far its row reaches."""
        self._t = t
        self.map.show_step(t)
        self._say()

    def show_status(self, words: str, action: str = "") -> None:
        """How far the computation is, and what its button does; without words there is nothing to wait for."""
        self._status.show_text(words or "Every pair of steps, on one colour scale", self.kind.tip)
        self._button.setText(action)
        self._button.setVisible(bool(action))

    def fit(self) -> None:
        """Offer a choice between the maps where there is room for one only."""
        self.which_map.setVisible(len(self._maps) > 1 and not self.map.both_fit(2))

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        quiet = palette(theme)
        quiet.setColor(QPalette.ColorRole.WindowText, QColor(theme.muted))
        self._status.setPalette(quiet)
        for part in (self.which_kind, self.which_map, self.map):
            part.set_theme(theme)

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.addWidget(self._status, 1)
        bar.addWidget(self._button)
        bar.addWidget(self.which_map)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        column.addWidget(self.which_kind, 0, Qt.AlignmentFlag.AlignLeft)
        column.addLayout(bar)
        column.addWidget(self.sentence)
        column.addWidget(self.map, 1)

    def _choose_kind(self) -> None:
        self.show_status("")
        self.kind_chosen.emit()

    @property
    def summary(self) -> str:
        """How far the cursor's row reaches, in a sentence; empty without a map."""
        return self._said

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._write()

    def _say(self) -> None:
        said = reach_in_words(self._maps, self._t)
        if said != self._said:
            self._said = said
            self._write()

    def _write(self) -> None:
        """The sentence, without what is in brackets where there is no room for it."""
        room = QRect(0, 0, self.width(), 1000)
        needed = self.sentence.fontMetrics().boundingRect(room, Qt.TextFlag.TextWordWrap, self._said).height()
        short = f"{self._said.partition(' (')[0]}." if needed > self.sentence.height() else self._said
        if short != self.sentence.text():
            self.sentence.setText(short)
            self.sentence.setToolTip(self._said)
