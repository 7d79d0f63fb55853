"""The drawing of one cell at one step: geometry, the parts it is made of, and the view that shows it."""
