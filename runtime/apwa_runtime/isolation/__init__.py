"""Processes of their own for bodies that are not proved pure, and the publication of what they write."""
