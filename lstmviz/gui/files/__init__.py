"""Which file a window's experiment belongs to, opening models, and that nothing unsaved is lost."""
