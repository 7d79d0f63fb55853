"""How gradients travel through time: Jacobians, paths, decay, and the check against central differences."""
