"""The process that the windows live in: its start and end, crashes, and being a guest in the user's own."""
