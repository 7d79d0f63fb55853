"""What the window can write for other programs."""
