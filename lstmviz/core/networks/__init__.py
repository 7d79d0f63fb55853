"""Networks as frozen values: cells, weights and their shapes, how they begin, what they cost."""
