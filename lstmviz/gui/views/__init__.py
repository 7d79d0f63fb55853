"""Views draw (run, cursor). They know neither the session nor each other; they ask through signals."""
