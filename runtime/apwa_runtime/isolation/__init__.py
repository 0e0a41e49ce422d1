"""Keeps the calls of Python bodies apart: processes of their own, confined to their scratch folders."""
