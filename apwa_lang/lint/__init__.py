"""Lint: what is well formed and proved, and still likely a mistake or better said otherwise.

In: the tree of a file, its typed program and its claims. Out: warnings and notes. One rule is one file in ``rules/``.
"""
