"""What proofs take for granted.

In: nothing. Out: the hypotheses, each with ``checked`` where a run looks and ``trusted`` where nothing does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Hypothesis:
    """A hypothesis in words, and its mark."""

    text: str
    mark: str


VALUES = Hypothesis(
    "no rendered value is null or empty or holds `/` or NUL, and none makes a component `.` or `..`", "checked"
)
CASE = Hypothesis("the target of the files tells upper case from lower case", "checked")
LINKS = Hypothesis("no folder that is written is a link into another", "checked")
HASHES = Hypothesis("sha256 has no collisions", "trusted")


def unique_key(fields: Iterable[str], table: str) -> Hypothesis:
    """That no two rows of a table of the program agree in ``fields``."""
    names = " and ".join(f"`{name}`" for name in sorted(fields))
    return Hypothesis(f"key {names} of table `{table}` is unique", "checked")


def rows_of(table: str) -> Hypothesis:
    """That a table has the rows written in the program."""
    return Hypothesis(f"the rows of table `{table}` are those in the program", "proved")


def stateless(model: str) -> Hypothesis:
    """That a model answers a call as if there were no other."""
    return Hypothesis(f"model `{model}` keeps nothing of one call for another", "trusted")
