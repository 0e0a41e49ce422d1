"""Drafts: programs that a model writes. What it is told, what it is given, and what it may use."""
