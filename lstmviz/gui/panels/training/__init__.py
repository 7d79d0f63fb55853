"""Settings of a training, and writing with the network that came of it."""
