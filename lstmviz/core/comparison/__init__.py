"""What differs between two runs, and where it begins."""
