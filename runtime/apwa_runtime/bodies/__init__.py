"""What runs one sub-problem: one file a body kind, behind one protocol."""
