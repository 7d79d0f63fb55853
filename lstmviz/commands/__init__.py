"""The commands of the command line, a module each; ``cli`` imports the one that is asked for."""
