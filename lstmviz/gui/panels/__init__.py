"""Panels edit the experiment through the session."""
