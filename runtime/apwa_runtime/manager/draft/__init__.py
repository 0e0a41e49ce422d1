"""Drafts: tables described, a model asked for a program, and asked again until it is clean."""
