"""A session, and one in which every analysis is long."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lstmviz.gui.session import Session
from tests.gui.session.slow import Slow, experiment


@pytest.fixture
def session(qapp: object) -> Iterator[Session]:
    session = Session(experiment())
    yield session
    session.close()


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch, session: Session) -> Slow:
    """From here on every analysis takes long."""
    slow = Slow()
    slow.install(monkeypatch)
    return slow
