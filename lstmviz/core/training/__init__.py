"""Training: tasks, losses, optimisers, the loop over updates, checkpoints. NumPy and the equations, nothing else."""
