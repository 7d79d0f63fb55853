"""Panels of the debugger."""
