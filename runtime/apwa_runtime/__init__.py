"""Runs plans: clusters, tables, bodies, models, reports."""
