"""Objects of the user's own program (of PyTorch, of Keras, arrays by name) -> networks and what they read."""
