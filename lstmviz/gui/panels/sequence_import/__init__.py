"""The dialog that turns a file of numbers into the sequence."""
