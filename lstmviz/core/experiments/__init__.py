"""What an experiment is made of: sequences, objectives, recipes, what-ifs, breakpoints and watches."""
