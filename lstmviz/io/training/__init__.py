"""A training in files: what is kept of it, and its moments as experiments."""
