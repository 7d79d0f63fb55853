"""The gradient that arrives at each step, as curves and in words, and the gradients of the weights."""
