from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lstmviz.core.debugger.ready_made import READY_MADE, ready_made_for
from lstmviz.core.debugger.watch_values import MOST_CURVES, watched_track, watched_tracks, watched_value
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.watches import Watch
from lstmviz.core.magnitudes import EXPLODED, VANISHED
from lstmviz.core.run import analyse
from tests.experiments import letters, linear_loop, random_lstm

RUN = analyse(letters())


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("t", "4.000"),
        ("t > 3", "yes"),
        ("t < 3", "no"),
        ("t + 0 * h", "[4.00, 4.00, 4.00, 4.00, … 8]"),
        ("x", "[0.00, 0.00, 0.00, 1.00, … 5]"),
        ("t + x > 4", "[no, no, no, yes, … 5]"),
        ("f[8]", "does not fit"),
    ],
)
def test_a_value_in_words(expression: str, words: str) -> None:
    assert watched_value(RUN, Watch(expression), 4).in_words() == words


def test_every_value_of_a_vector_can_be_read() -> None:
    details = watched_value(RUN, Watch("c"), 4).details().splitlines()
    assert details[7] == f"unit 7: {RUN.trace['l0'].c[3, 0, 7]:.12f}".replace("-", "−")
    assert watched_value(RUN, Watch("t > 3"), 4).details() == "t > 3 = yes"
    assert "no unit 8" in watched_value(RUN, Watch("f[8]"), 4).details()
    wide = analyse(random_lstm(hidden_size=100))
    lines = watched_value(wide, Watch("c"), 4).details().splitlines()
    assert (len(lines), lines[-1]) == (65, "…")


def test_tracks_of_those_that_are_to_be_drawn_and_can_be() -> None:
    watches = (Watch("norm(c)", track=True), Watch("t"), Watch("f[8]", track=True), Watch("c", track=True))
    tracks = watched_tracks(replace(RUN, experiment=replace(RUN.experiment, watches=watches)))
    assert [track.label for track in tracks] == ["norm(c)", "c"]
    np.testing.assert_allclose(tracks[0].values, np.linalg.norm(RUN.trace["l0"].c[:, 0], axis=1), rtol=1e-14)
    assert tracks[1].values.tolist() == RUN.trace["l0"].c[:, 0].tolist()
    wide = analyse(random_lstm(hidden_size=MOST_CURVES + 1))
    with pytest.raises(LstmvizError, match=r"has 17 units; a track draws 16 .* norm\(c\)"):
        watched_track(wide, Watch("c", track=True))


def test_ready_made_conditions_fit_the_networks_they_are_offered_for() -> None:
    assert ready_made_for(RUN) == READY_MADE
    assert ready_made_for(analyse(random_lstm(num_layers=2, bidirectional=True))) == READY_MADE
    titles = [each.title for each in ready_made_for(analyse(linear_loop(0.5, 5)))]
    assert titles == ["Output saturated", "Gradient vanished", "Gradient exploded", "Not finite, anything"]
    assert len({each.title for each in READY_MADE}) == len({each.condition for each in READY_MADE}) == len(READY_MADE)


def test_ready_made_gradients_use_the_thresholds_of_every_other_view() -> None:
    by_title = {each.title: each.condition for each in READY_MADE}
    assert by_title["Gradient vanished"] == f"norm(dh) < 1e{VANISHED:.0f}"
    assert by_title["Gradient exploded"] == f"norm(dh) > 1e{EXPLODED:.0f}"
