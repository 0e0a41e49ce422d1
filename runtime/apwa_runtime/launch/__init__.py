"""What is made sure of before sub-problems start: that the paths they will use do not meet."""
