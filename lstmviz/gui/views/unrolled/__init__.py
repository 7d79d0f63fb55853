"""Both networks unrolled over time, with the gradient that flows back through them."""
