"""How a word of the language is written, and what it is for.

In: nothing. Out: :class:`Form`, the entry of the tables that stand beside what checks each word: settings, attributes,
split rules, formats. The checker, the editor and the description of the language for a model read the same entries.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Form(NamedTuple):
    """``syntax`` is how it is written, ``doc`` what it means, ``parameters`` what its brackets take, in order.

    Those that are ``optional`` may be left out.
    """

    syntax: str
    doc: str
    parameters: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


KEYS: Mapping[str, Mapping[str, str]] = {
    "budget": {"tokens": "How many tokens at most.", "dollars": "How many dollars at most."},
    "resources": {
        "cpu": "How many cores.",
        "gpu": "How many GPUs.",
        "memory": "How much memory, such as `8GiB`.",
    },
    "price": {
        "input": "Dollars for a million tokens of prompts.",
        "output": "Dollars for a million tokens of answers.",
    },
    "rate": {"requests": "Requests, such as `600 per 1m`.", "tokens": "Tokens, such as `100_000 per 1m`."},
}
"""The keys of settings that are records."""

OUTSIDE = {
    "env": "The value of an environment variable, read where it is used.",
    "secret": "The value of an environment variable that is never shown or stored.",
}
"""What stands for a value that is not in the program."""
