from __future__ import annotations

import pytest

from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.breakpoints import Breakpoint
from lstmviz.core.experiments.watches import Watch
from lstmviz.gui.panels.debugger.annotations import (
    MOST,
    add_breakpoint,
    add_watch,
    change_condition,
    change_expression,
    delete_breakpoint,
    delete_watch,
    draw_watch,
    enable_breakpoint,
    make_log_point,
)
from tests.experiments import letters


def test_changes_of_breakpoints_and_their_names() -> None:
    first = add_breakpoint(letters(), " f[2] <\n0.1 ")
    assert first.name == "add breakpoint f[2] < 0.1"
    two = add_breakpoint(first.experiment, "t > 3").experiment
    assert two.breakpoints == (Breakpoint("f[2] < 0.1"), Breakpoint("t > 3"))
    off = enable_breakpoint(two, 1, False)
    assert (off.name, off.experiment.breakpoints[1]) == ("disable breakpoint t > 3", Breakpoint("t > 3", enabled=False))
    on = add_breakpoint(off.experiment, "t > 3")
    assert (on.name, on.experiment.breakpoints) == ("enable breakpoint t > 3", two.breakpoints)
    logs = make_log_point(two, 0, True)
    assert (logs.name, logs.experiment.breakpoints[0].logs) == ("make f[2] < 0.1 a log point", True)
    stops = make_log_point(logs.experiment, 0, False)
    assert (stops.name, stops.experiment.breakpoints) == ("make f[2] < 0.1 a breakpoint again", two.breakpoints)
    gone = delete_breakpoint(two, 0)
    assert (gone.name, gone.experiment.breakpoints) == ("delete breakpoint f[2] < 0.1", (Breakpoint("t > 3"),))


def test_changes_of_watches_and_their_names() -> None:
    first = add_watch(letters(), "norm(c)")
    assert first.name == "add watch norm(c)"
    assert add_watch(first.experiment, "norm(c) ").experiment == first.experiment
    drawn = draw_watch(first.experiment, 0, True)
    assert (drawn.name, drawn.experiment.watches) == ("draw norm(c) on the timeline", (Watch("norm(c)", True),))
    assert draw_watch(drawn.experiment, 0, False).name == "take norm(c) off the timeline"
    gone = delete_watch(drawn.experiment, 0)
    assert (gone.name, gone.experiment.watches) == ("delete watch norm(c)", ())


def test_their_number_is_bounded() -> None:
    experiment = letters()
    for number in range(MOST):
        experiment = add_watch(add_breakpoint(experiment, f"t > {number}").experiment, f"t + {number}").experiment
    for add in (add_breakpoint, add_watch):
        with pytest.raises(LstmvizError, match=r"50 .*no more can be added"):
            add(experiment, "T > 1")


def test_one_condition_does_not_stand_twice() -> None:
    experiment = letters()
    for condition in ("t > 3", "t > 4"):
        experiment = add_watch(add_breakpoint(experiment, condition).experiment, condition).experiment
    for change in (change_condition, change_expression):
        assert change(experiment, 0, " t >\n5 ").experiment != experiment
        with pytest.raises(LstmvizError, match="already"):
            change(experiment, 0, "t > 4")
