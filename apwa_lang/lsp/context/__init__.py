"""What is known of a place in a file that is being written: what may stand there, and what can be named there."""
