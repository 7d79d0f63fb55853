"""Why a number is what it is."""

from lstmviz.gui.views.inspector.inspector_view import InspectorView

__all__ = ["InspectorView"]
