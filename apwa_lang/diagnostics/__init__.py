"""Diagnostics: one value, a registry of codes, and renderers."""
