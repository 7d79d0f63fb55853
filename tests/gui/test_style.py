from __future__ import annotations

import pytest
from PyQt6.QtGui import QColor

from lstmviz.core.quantity import Quantity
from lstmviz.gui.style import COLOUR_STEPS, DARK, LIGHT, Theme, contrast, readable_on

THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])


@THEMES
def test_every_hue_reads_against_the_grounds_it_stands_on(theme: Theme) -> None:
    hues = [theme.colour(quantity).name() for quantity in Quantity] + [theme.rnn, theme.warning]
    for ground in (theme.surface, theme.panel, theme.raised):
        for hue in hues:
            assert contrast(hue, ground) >= 3, (hue, ground)
        for text in (theme.text, theme.muted):
            assert contrast(text, ground) >= 4.5, (text, ground)


@THEMES
def test_hues_are_all_different(theme: Theme) -> None:
    hues = {theme.colour(quantity).name() for quantity in Quantity} | {theme.rnn}
    assert len(hues) == len(Quantity) + 1


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@THEMES
@pytest.mark.parametrize("signed", [False, True])
def test_colour_maps_run_from_their_first_to_their_last_stop(theme: Theme, signed: bool) -> None:
    stops, lookup = theme.signed if signed else theme.gate, theme.lookup(signed=signed)
    assert len(lookup) == COLOUR_STEPS
    assert [QColor.fromRgba(int(lookup[k])).name() for k in (0, -1)] == [stops[0], stops[-1]]


def test_numbers_in_cells_are_dark_on_light_and_light_on_dark() -> None:
    assert readable_on(QColor("#fde725")).lightness() < 60
    assert readable_on(QColor("#440154")).lightness() > 200
