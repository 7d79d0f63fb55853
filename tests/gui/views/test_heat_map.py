from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtGui import QColor

from lstmviz.gui.style import DARK, LIGHT, Theme
from lstmviz.gui.views.heat_map import Scale, ScaleKind, image_of, log_scale, symmetric_scale

GATE = Scale(ScaleKind.GATE, 0.0, 1.0)
SIGNED = Scale(ScaleKind.SIGNED, -2.0, 2.0)
LOG = Scale(ScaleKind.LOG, -6.0, 0.0)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_ends_of_a_scale_have_the_ends_of_the_colours(theme: Theme) -> None:
    assert GATE.colour(0.0, theme) == QColor(theme.gate[0])
    assert GATE.colour(1.0, theme) == QColor(theme.gate[-1])
    assert SIGNED.colour(-2.0, theme) == QColor(theme.signed[0])
    assert SIGNED.colour(2.0, theme) == QColor(theme.signed[-1])
    assert LOG.colour(-6.0, theme) == QColor(theme.border)
    assert LOG.colour(0.0, theme) == QColor(theme.text)


def test_values_beyond_a_scale_have_the_colour_of_its_end() -> None:
    assert SIGNED.colour(9.0, LIGHT) == SIGNED.colour(2.0, LIGHT)
    assert LOG.colour(-200.0, LIGHT) == LOG.colour(-6.0, LIGHT)


def test_what_is_not_finite_has_a_colour_of_its_own() -> None:
    colours = SIGNED.colours(np.array([np.nan, np.inf, -np.inf, 0.0]), LIGHT)
    warning = QColor(LIGHT.warning).rgba()
    assert (colours == warning).tolist() == [True, True, True, False]


def test_a_magnitude_of_zero_is_transparent() -> None:
    colours = LOG.colours(np.array([-np.inf, np.inf, -3.0]), DARK)
    assert colours[0] == 0
    assert colours[1] == QColor(DARK.warning).rgba()
    assert QColor.fromRgba(int(colours[2])).alpha() == 255


def test_a_signed_scale_holds_the_largest_number_there_is() -> None:
    scale = symmetric_scale(np.array([1e308, -1.7e308, 0.0]))
    assert scale.high == 1.7e308
    np.testing.assert_allclose(scale.fractions(np.array([-1.7e308, 0.0, 1.7e308])), [0, 0.5, 1])


def test_a_signed_scale_leaves_out_what_is_not_finite() -> None:
    assert symmetric_scale(np.array([0.5, -3.0, np.nan, np.inf])).high == 3
    assert symmetric_scale(np.array([np.nan])).high == 1
    assert symmetric_scale(np.zeros(3)) == Scale(ScaleKind.SIGNED, -1.0, 1.0)


def test_a_log_scale_is_in_whole_powers_within_its_bounds() -> None:
    assert log_scale(np.array([-3.2, 0.4, -np.inf]), -12, 12) == Scale(ScaleKind.LOG, -4.0, 1.0)
    assert log_scale(np.array([-300.0, 50.0]), -12, 12) == Scale(ScaleKind.LOG, -12.0, 12.0)
    assert log_scale(np.array([2.0]), -12, 12) == Scale(ScaleKind.LOG, 1.0, 2.0)
    assert log_scale(np.array([-np.inf]), -12, 12) == Scale(ScaleKind.LOG, -1.0, 0.0)


def test_an_image_has_one_pixel_a_value() -> None:
    colours = SIGNED.colours(np.array([[-2.0, 0.0, 2.0], [1.0, 1.0, np.nan]]), LIGHT)
    image = image_of(colours)
    assert (image.width(), image.height()) == (3, 2)
    assert [[image.pixel(x, y) for x in range(3)] for y in range(2)] == colours.tolist()
