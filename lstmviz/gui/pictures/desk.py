"""What a window lends for its pictures: its views, other views like them, and its theme."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lstmviz.gui.debugger import marks_and_tracks
from lstmviz.gui.gradient_checker import GradientChecker
from lstmviz.gui.session import Session
from lstmviz.gui.style import Theme, ThemeName
from lstmviz.gui.views.inspector.inspector_view import InspectorView
from lstmviz.gui.views.timeline.timeline_view import TimelineView
from lstmviz.gui.views.training_view import TrainingView
from lstmviz.gui.views.view import View
from lstmviz.gui.window.view_tabs import ViewTabs
from lstmviz.gui.window.window_tabs import WINDOW_TABS


@dataclass(frozen=True)
class Named:
    """A view, its name in the program, and its title for people."""

    name: str
    title: str
    view: View


@dataclass(frozen=True)
class Desk:
    """The parts of a window; ``theme_name`` gives what its user has chosen, ``set_theme`` changes it."""

    session: Session
    checker: GradientChecker
    tabs: ViewTabs
    timeline: TimelineView
    inspector: InspectorView
    theme_name: Callable[[], ThemeName]
    set_theme: Callable[[ThemeName], None]

    def current_view(self) -> Named:
        """The view of the open tab."""
        index = self.tabs.currentIndex()
        name = self.tabs.names[index]
        return Named(name, self.tabs.tabText(index), self.tabs.view(name))

    def views_on_show(self) -> tuple[Named, ...]:
        """The view of the open tab, and those in docks."""
        return (
            self.current_view(),
            Named("timeline", "Timeline", self.timeline),
            Named("inspector", "Inspector", self.inspector),
        )

    def all_views(self) -> tuple[tuple[str, str], ...]:
        """Name and title of every view, that of the open tab first."""
        now = self.current_view()
        others = tuple((tab.name, tab.title) for tab in WINDOW_TABS if tab.name != now.name)
        return ((now.name, now.title), *others, ("timeline", "Timeline"), ("inspector", "Inspector"))

    def new_view(self, name: str, theme: Theme) -> View:
        """Another view of that name, which shows the same run at the same place."""
        from lstmviz.gui.views.cell.cell_view import CellView

        makers: dict[str, Callable[[], View]] = {tab.name: tab.make for tab in WINDOW_TABS}
        makers |= {"timeline": TimelineView, "inspector": InspectorView}
        view, run = makers[name](), self.session.run
        view.set_theme(theme)
        view.show_check(self.checker.result)
        view.show_run(run, self.session.cursor)
        view.show_time_range(*self.timeline.time_range)
        if isinstance(view, TrainingView):
            shown = (each.training for each in self.tabs.made if isinstance(each, TrainingView))
            view.show_training(next(shown, None))
        elif isinstance(view, CellView):
            cell_view = self.tabs.view("cell")
            view.show_rnn(isinstance(cell_view, CellView) and cell_view.shows_rnn)
        elif isinstance(view, TimelineView):
            marks, tracks = marks_and_tracks(run)
            view.show_marks(marks)
            view.show_tracks(tracks)
        return view
