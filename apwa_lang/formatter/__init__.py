"""The formatter: one style for programs.

In: the source of a file. Out: the same program in the style of docs/formatting.md. `format.py` is the way in.
"""
