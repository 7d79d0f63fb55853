"""Who wrote the memory, what became of each write, and how saturated the gates are."""
