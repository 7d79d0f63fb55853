"""The dialog that shows what was found in the file of a trained model."""
