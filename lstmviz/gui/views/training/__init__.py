"""What a training looks like: curves over its updates, maps of its gradients, sentences."""
