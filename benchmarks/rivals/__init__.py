"""APWA beside other ways to do the same work; each rival is a module here that runs in a process of its own."""

import sys


def task_of() -> tuple[str, int]:
    """The server's address and how many requests may be under way, from the command line of a rival."""
    return sys.argv[1], int(sys.argv[2])
