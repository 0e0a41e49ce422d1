"""Findings as people and tools read them: one module a format, each with ``render(diagnostics) -> str``."""
