from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from lstmviz.core.engine.bug_museum import Bug
from lstmviz.core.gradients.gradient_check import GradientCheck
from lstmviz.core.run import analyse
from lstmviz.gui import gradient_checker
from lstmviz.gui.gradient_checker import GradientChecker
from lstmviz.gui.panels.bug_museum_menu import BugMuseumMenu
from lstmviz.gui.session import Session
from lstmviz.gui.style import DARK
from lstmviz.gui.views.check_badge import CheckBadge
from tests.experiments import company_b, letters, linear_loop, random_lstm


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    session = Session(company_b())
    yield session
    session.close()


@pytest.fixture
def checker(session: Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[GradientChecker]:
    monkeypatch.setattr(gradient_checker, "QUIET_MILLISECONDS", 1)
    checker = GradientChecker(session, session)
    yield checker
    checker.close()


def test_a_run_is_checked_soon_after_it_stands(session: Session, checker: GradientChecker, qtbot: QtBot) -> None:
    with qtbot.waitSignal(checker.checked, check_params_cb=lambda check: check is not None) as found:
        pass
    (check,) = found.args
    assert isinstance(check, GradientCheck)
    assert check.passed
    assert check.error < 1e-6
    with qtbot.waitSignal(checker.checked, check_params_cb=lambda check: check is None):
        session.apply("another", letters("abc"))
    with qtbot.waitSignal(checker.checked, check_params_cb=lambda check: check is not None and check.passed):
        pass


def test_nothing_is_checked_while_somebody_waits_for_a_long_analysis(
    session: Session, checker: GradientChecker, qtbot: QtBot
) -> None:
    session.busy_changed.emit(True)
    with qtbot.assertNotEmitted(checker.checked, wait=100):
        pass
    with qtbot.waitSignal(checker.checked, check_params_cb=lambda check: check is not None and check.passed):
        session.busy_changed.emit(False)


@pytest.mark.parametrize(
    ("bug", "block"),
    [
        (Bug.NO_FORGET_SLOPE, "l0 z_f"),
        (Bug.DC_NOT_CARRIED, "l0 c"),
        (Bug.INPUT_BIAS_IS_FORGETS, "bias_ih_l0 i"),
        (Bug.DH_NOT_CARRIED, "l0 h"),
    ],
)
def test_a_mistake_from_the_museum_is_found_and_named(
    session: Session, checker: GradientChecker, qtbot: QtBot, bug: Bug, block: str
) -> None:
    badge = CheckBadge()
    qtbot.addWidget(badge)
    checker.checked.connect(badge.show_check)
    session.apply("break it", replace(session.experiment, bug=bug))
    qtbot.waitUntil(lambda: "✗" in badge.text())
    assert block in badge.text()
    assert block in badge.toolTip()
    badge.set_theme(DARK)
    assert DARK.warning in badge.styleSheet()
    session.undo()
    qtbot.waitUntil(lambda: "✓" in badge.text())


def test_a_large_run_is_not_checked(session: Session, checker: GradientChecker, qtbot: QtBot) -> None:
    large = analyse(random_lstm(length=5000, hidden_size=16))
    assert not checker.can_check(large)
    assert checker.can_check(session.run)


def test_checking_here_and_now(session: Session, checker: GradientChecker) -> None:
    checker.check_now()
    assert checker.result is not None
    assert checker.result.passed


def test_closing_while_it_checks_leaves_nothing_behind(session: Session, checker: GradientChecker) -> None:
    session.apply("longer", random_lstm(length=100, hidden_size=8))
    checker._start()
    checker.close()
    assert all(worker.isFinished() for worker in checker._workers)


def test_the_museum_s_menu_offers_what_the_cell_can_get_wrong(session: Session, qtbot: QtBot) -> None:
    menu = BugMuseumMenu(session)
    qtbot.addWidget(menu)
    choices = {choice.objectName(): choice for choice in menu.actions()}
    assert choices["no_bug"].isChecked()
    right = session.run.gradients["l0"].c[0, 0, 0]
    choices["bug_dc_not_carried"].trigger()
    assert session.experiment.bug is Bug.DC_NOT_CARRIED
    assert session.run.gradients["l0"].c[0, 0, 0] != right
    assert "dc is not carried on" in session.undo_name
    session.undo()
    assert choices["no_bug"].isChecked()
    assert session.run.gradients["l0"].c[0, 0, 0] == right
    session.apply("loop", linear_loop(0.9, 4))
    assert not choices["bug_dc_not_carried"].isEnabled()
    assert choices["bug_dh_not_carried"].isEnabled()
