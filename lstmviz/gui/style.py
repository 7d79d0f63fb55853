"""Colours, fonts and palettes: one hue a quantity, in every view and both themes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtGui import QColor, QFont, QFontDatabase, QPalette

from lstmviz.core.quantity import Quantity

COLOUR_STEPS = 256
"""Entries of a colour map's look-up table."""


class ThemeName(Enum):
    """What the user can choose; AUTO follows the system where it says which."""

    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True)
class Theme:
    """Every colour that is drawn. Hues are Okabe and Ito's (2008), each in a shade of 3:1 or more on ``surface``.

    surface   ground of views; panel: ground of docks; raised: fields and buttons
    signed    colour stops of signed maps, from -1 over 0 to +1; gate: of maps from 0 to 1
    """

    dark: bool
    surface: str
    panel: str
    raised: str
    border: str
    text: str
    muted: str
    faint: str
    accent: str
    accent_text: str
    warning: str
    forget: str
    input: str
    output: str
    candidate: str
    cell: str
    hidden: str
    rnn: str
    signed: tuple[str, str, str, str, str]
    gate: tuple[str, ...]

    def colour(self, quantity: Quantity) -> QColor:
        """The one hue of a quantity."""
        return QColor(getattr(self, _HUES[quantity]))

    def lookup(self, *, signed: bool) -> NDArray[np.uint32]:
        """A look-up table of COLOUR_STEPS opaque 0xAARRGGBB colours: -1..1 when ``signed``, else 0..1."""
        return _lookup(self.signed if signed else self.gate)

    def colours(self, *, signed: bool) -> tuple[QColor, ...]:
        """``lookup`` as QColors, for painters; not to be changed."""
        return _colours(self.signed if signed else self.gate)


_HUES = {
    Quantity.INPUT: "text",
    Quantity.FORGET_GATE: "forget",
    Quantity.INPUT_GATE: "input",
    Quantity.OUTPUT_GATE: "output",
    Quantity.CANDIDATE: "candidate",
    Quantity.CELL_STATE: "cell",
    Quantity.HIDDEN_STATE: "hidden",
}
"""The field of Theme that holds each quantity's hue."""

LIGHT = Theme(
    dark=False,
    surface="#ffffff",
    panel="#f5f7f9",
    raised="#ffffff",
    border="#d5dae1",
    text="#1b1f24",
    muted="#5b6570",
    faint="#aab2bb",
    accent="#1b1f24",
    accent_text="#ffffff",
    warning="#b3261e",
    forget="#c2410c",
    input="#007a59",
    output="#0b62a8",
    candidate="#a86400",
    cell="#a8417f",
    hidden="#1f7fb2",
    rnn="#6b7280",
    signed=("#1f5fa8", "#8dbbe0", "#f3f4f6", "#eda78b", "#b23a1e"),
    gate=("#440154", "#414487", "#2a788e", "#22a884", "#7ad151", "#fde725"),
)
DARK = Theme(
    dark=True,
    surface="#16191d",
    panel="#1d2126",
    raised="#262b31",
    border="#363d45",
    text="#e8ebee",
    muted="#a2abb5",
    faint="#59626c",
    accent="#e8ebee",
    accent_text="#16191d",
    warning="#ff8a80",
    forget="#ff8347",
    input="#2cc295",
    output="#5ba8ea",
    candidate="#f0b03a",
    cell="#dd8cbc",
    hidden="#62bdf0",
    rnn="#9aa3ad",
    signed=("#7ebcf5", "#3a6fa3", "#262b31", "#a4553a", "#ff9d76"),
    gate=("#440154", "#414487", "#2a788e", "#22a884", "#7ad151", "#fde725"),
)


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2)."""
    light, dark = sorted((_luminance(QColor(first)), _luminance(QColor(second))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: QColor) -> float:
    channels = np.array([colour.redF(), colour.greenF(), colour.blueF()])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@cache
def _lookup(stops: tuple[str, ...]) -> NDArray[np.uint32]:
    colours = [QColor(stop) for stop in stops]
    at = np.linspace(0, 1, len(stops))
    positions = np.linspace(0, 1, COLOUR_STEPS)
    packed = np.full(COLOUR_STEPS, 0xFF, np.uint32)
    for channel in ("red", "green", "blue"):
        values = np.interp(positions, at, [getattr(colour, channel)() for colour in colours])
        packed = packed << np.uint32(8) | values.round().astype(np.uint32)
    return packed


@cache
def _colours(stops: tuple[str, ...]) -> tuple[QColor, ...]:
    return tuple(QColor.fromRgba(int(packed)) for packed in _lookup(stops))


def readable_on(background: QColor) -> QColor:
    """Black or white, whichever reads better on ``background``."""
    return QColor("#111418") if _luminance(background) > 0.3 else QColor("#ffffff")


def palette(theme: Theme) -> QPalette:
    """The theme as a palette for the Fusion style."""
    result = QPalette()
    roles = QPalette.ColorRole
    for role, colour in {
        roles.Window: theme.panel,
        roles.WindowText: theme.text,
        roles.Base: theme.raised,
        roles.AlternateBase: theme.panel,
        roles.Text: theme.text,
        roles.Button: theme.raised,
        roles.ButtonText: theme.text,
        roles.BrightText: theme.warning,
        roles.ToolTipBase: theme.raised,
        roles.ToolTipText: theme.text,
        roles.PlaceholderText: theme.muted,
        roles.Highlight: theme.output,
        roles.HighlightedText: "#16191d" if theme.dark else "#ffffff",
        roles.Link: theme.output,
        roles.LinkVisited: theme.cell,
        roles.Light: theme.raised,
        roles.Midlight: theme.border,
        roles.Mid: theme.border,
        roles.Dark: theme.faint,
        roles.Shadow: "#000000" if theme.dark else "#8b95a1",
    }.items():
        result.setColor(role, QColor(colour))
    disabled = QPalette.ColorGroup.Disabled
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        result.setColor(disabled, role, QColor(theme.faint))
    return result


@cache
def text_font(pixels: int, *, bold: bool = False) -> QFont:
    """The interface font at a size in pixels, the same on screen and off it; not to be changed."""
    font = QFont()
    font.setPixelSize(pixels)
    font.setBold(bold)
    return font


@cache
def number_font(pixels: int, *, bold: bool = False) -> QFont:
    """A fixed-width font, so that numbers stand still while they change; not to be changed."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPixelSize(pixels)
    font.setBold(bold)
    return font


def empty_box_style(theme: Theme, widget: str = "QCheckBox") -> str:
    """The box of what is not ticked, with an edge: Qt's own is as dark as a dark ground."""
    return f"""
        {widget}::indicator:unchecked {{ width: 13px; height: 13px; background: {theme.raised};
                                         border: 1px solid {theme.faint}; border-radius: 3px; }}
        {widget}::indicator:unchecked:focus {{ border-color: {theme.output}; }}
    """


def window_style_sheet(theme: Theme) -> str:
    """What the palette alone cannot say of the main window: quiet borders, flat docks, an underlined tab."""
    return f"""
        QMainWindow::separator {{ background: {theme.border}; width: 1px; height: 1px; }}
        QDockWidget {{ color: {theme.muted}; font-weight: bold; }}
        QDockWidget::title {{ background: {theme.panel}; padding: 5px 10px; }}
        QToolBar {{ background: {theme.panel}; border: none; border-bottom: 1px solid {theme.border}; padding: 3px; }}
        QStatusBar {{ background: {theme.panel}; border-top: 1px solid {theme.border}; }}
        QStatusBar::item {{ border: none; }}
        QStatusBar QLabel {{ padding: 2px 8px; }}
        QScrollBar {{ background: transparent; border: none; }}
        QScrollBar:vertical {{ width: 10px; }}
        QScrollBar:horizontal {{ height: 10px; }}
        QScrollBar::handle {{ background: {theme.border}; border-radius: 3px; margin: 2px; }}
        QScrollBar::handle:vertical {{ min-height: 30px; }}
        QScrollBar::handle:horizontal {{ min-width: 30px; }}
        QScrollBar::handle:hover {{ background: {theme.faint}; }}
        QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
        QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
        QTabWidget::pane {{ border: none; border-top: 1px solid {theme.border}; }}
        QTabBar {{ qproperty-drawBase: 0; }}
        QTabBar::tab {{ background: transparent; color: {theme.muted}; padding: 7px 9px 6px 9px; border: none;
                        border-bottom: 2px solid transparent; }}
        QTabBar::tab:selected {{ color: {theme.text}; border-bottom: 2px solid {theme.text}; }}
        QTabBar::tab:hover {{ color: {theme.text}; }}
        QTabBar::tab:focus {{ border-bottom: 2px solid {theme.output}; }}
        QTabWidget > QCheckBox {{ padding: 0 8px 8px 0; }}
        {empty_box_style(theme)}
    """
