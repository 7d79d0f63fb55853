"""The language of conditions over a run, and what it is for: breakpoints that are hit, watches and their values."""
