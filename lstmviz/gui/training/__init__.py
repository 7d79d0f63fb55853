"""Training in the window: what is recorded of it, the thread that it runs on, the tab."""
