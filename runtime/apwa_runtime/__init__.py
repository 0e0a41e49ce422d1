"""Runs plans: clusters, tables, bodies, models, reports."""

__version__ = "0.1.0"
