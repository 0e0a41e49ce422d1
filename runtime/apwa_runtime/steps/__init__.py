"""Carries out plan steps: one file an operation."""
