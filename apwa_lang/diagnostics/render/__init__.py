"""Renderers: diagnostics to text, JSON and SARIF."""
