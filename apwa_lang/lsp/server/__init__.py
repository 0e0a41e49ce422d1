"""The protocol layer: open files, positions, and one file for each feature that registers its handlers."""
