"""The timeline: heat maps of every quantity over all steps."""
