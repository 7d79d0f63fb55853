"""Why a number is what it is, and what a stage does: in formulas, terms and sentences."""
