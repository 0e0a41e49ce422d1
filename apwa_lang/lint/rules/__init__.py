"""One rule a file: its registry entry, and the function that finds it."""
