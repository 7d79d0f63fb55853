"""The window: it draws finished runs and sends what the user does to the session."""
