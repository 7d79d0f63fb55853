"""The equations and what follows from them. Imports NumPy, never Qt, never files."""
