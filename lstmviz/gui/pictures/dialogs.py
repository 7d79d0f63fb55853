"""The two questions before an export: which picture, and which animation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PyQt6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QLabel, QSpinBox, QWidget

from lstmviz.gui.pictures.formats import (
    ANIMATIONS,
    LARGEST_SIDE,
    MOST_FRAMES_A_SECOND,
    PNG,
    SCALES,
    STILLS,
    PictureFormat,
    PictureRequest,
    format_called,
)
from lstmviz.gui.player import SPEEDS

_SMALLEST_SIDE = 200


@dataclass(frozen=True)
class Answer:
    """What the user wants, and as which kind of file."""

    request: PictureRequest
    kind: PictureFormat


class _Dialog(QDialog):
    """What both ask: of what, in which colours, as which kind of file."""

    def __init__(
        self, title: str, subjects: Sequence[tuple[str, str]], kinds: Sequence[PictureFormat], parent: QWidget | None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.form = QFormLayout(self)
        self.subject = _choice("picture_subject", subjects)
        self.kind = _choice("picture_kind", [(each.name, each.words) for each in kinds])
        self.theme = _choice("picture_theme", [("light", "light"), ("dark", "dark")])
        self.form.addRow("&Picture of", self.subject)
        self.form.addRow("&File", self.kind)
        self.form.addRow("&Colours", self.theme)

    def finish(self) -> None:
        """Add the buttons below everything else."""
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.form.addRow(buttons)

    @property
    def chosen_kind(self) -> PictureFormat:
        """The kind of file."""
        return format_called(str(self.kind.currentData()))


class PictureDialog(_Dialog):
    """Asks for a picture. ``subjects`` are names and titles of what can be drawn."""

    def __init__(self, subjects: Sequence[tuple[str, str]], theme: str, parent: QWidget | None = None) -> None:
        super().__init__("Export a picture", subjects, STILLS, parent)
        self.setObjectName("picture_dialog")
        self.theme.setCurrentIndex(self.theme.findData(theme))
        scales = [(str(scale), f"{scale}× the width and height on the screen") for scale in SCALES]
        self.scale = _choice("picture_scale", scales)
        self.scale.setCurrentIndex(1)
        self.form.addRow("&Sharpness", self.scale)
        self.kind.currentIndexChanged.connect(self._show_kind)
        self.finish()

    def _show_kind(self) -> None:
        """Lines and text are sharp at any size."""
        self.scale.setEnabled(self.chosen_kind is PNG)

    def answer(self) -> Answer:
        """What was chosen."""
        request = PictureRequest(
            view=str(self.subject.currentData()),
            theme=str(self.theme.currentData()),
            scale=int(self.scale.currentData()),
        )
        return Answer(request, self.chosen_kind)


class AnimationDialog(_Dialog):
    """Asks for an animation of some of the ``length`` steps of a run, in a ``size`` to begin with."""

    def __init__(
        self,
        subjects: Sequence[tuple[str, str]],
        theme: str,
        length: int,
        size: tuple[int, int],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("Export an animation", subjects, ANIMATIONS, parent)
        self.setObjectName("animation_dialog")
        self.theme.setCurrentIndex(self.theme.findData(theme))
        self.first = _number("animation_first", 1, length, 1)
        self.last = _number("animation_last", 1, length, length)
        self.last.valueChanged.connect(self.first.setMaximum)
        self.first.valueChanged.connect(self.last.setMinimum)
        self.wide = _number("animation_width", _SMALLEST_SIDE, LARGEST_SIDE, size[0])
        self.high = _number("animation_height", _SMALLEST_SIDE, LARGEST_SIDE, size[1])
        self.frames = _number("animation_frames", 1, MOST_FRAMES_A_SECOND, PictureRequest.frames_a_second)
        self.speed = _choice("animation_speed", [(str(speed), f"{speed:g}×") for speed in SPEEDS])
        self.speed.setCurrentIndex(SPEEDS.index(1.0))
        for words, field in (
            ("F&rom step", self.first),
            ("&to step", self.last),
            ("&Width in pixels", self.wide),
            ("&Height in pixels", self.high),
            ("Fra&mes a second", self.frames),
            ("Spee&d", self.speed),
        ):
            self.form.addRow(words, field)
        note = QLabel("The cell moves stage by stage, the other views step by step.")
        note.setWordWrap(True)
        self.form.addRow(note)
        self.finish()

    def answer(self) -> Answer:
        """What was chosen."""
        request = PictureRequest(
            view=str(self.subject.currentData()),
            size=(self.wide.value(), self.high.value()),
            theme=str(self.theme.currentData()),
            first=self.first.value(),
            last=self.last.value(),
            frames_a_second=self.frames.value(),
            speed=float(self.speed.currentData()),
        )
        return Answer(request, self.chosen_kind)


def _choice(name: str, entries: Sequence[tuple[str, str]]) -> QComboBox:
    box = QComboBox()
    box.setObjectName(name)
    for data, words in entries:
        box.addItem(words, data)
    return box


def _number(name: str, least: int, most: int, value: int) -> QSpinBox:
    box = QSpinBox()
    box.setObjectName(name)
    box.setRange(least, most)
    box.setValue(value)
    return box
