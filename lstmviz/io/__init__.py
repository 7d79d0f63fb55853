"""Files and typed text on one side, core values on the other. Imports no Qt."""
