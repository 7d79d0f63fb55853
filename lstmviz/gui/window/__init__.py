"""The parts around the views: menus, docks, tabs, the status line."""
