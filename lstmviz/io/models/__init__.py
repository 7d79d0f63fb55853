"""Files of trained models, read without the frameworks that wrote them. Imports no Qt."""
