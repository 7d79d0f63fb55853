"""Sequences from files of other programs: tables of text, and arrays of NumPy."""
