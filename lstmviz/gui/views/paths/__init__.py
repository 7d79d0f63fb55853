"""Along which path the gradient comes, and how each step depends on every other."""
