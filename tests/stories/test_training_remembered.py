"""The settings of the last training are there again at the next start."""

from __future__ import annotations

from lstmviz.gui.settings import SettingsStore
from lstmviz.gui.training.training_tab import TrainingTab
from tests.stories.conftest import Open


def test_the_settings_of_a_training_are_there_at_the_next_start(open_window: Open) -> None:
    store = SettingsStore()
    before = open_window(store=store, settings=store.load())
    before.window.resize(1700, 1000)
    before.click_tab("Training")
    before.settle()
    before.choose("training_task", "Parity")
    before.write_number("updates", "77")
    before.leave_field()
    before.window.close()
    tab = open_window(store=store, settings=store.load()).window.tabs.view("training")
    assert isinstance(tab, TrainingTab)
    plan = tab.form.plan()
    assert (plan.task.name, plan.settings.updates) == ("parity", 77)
