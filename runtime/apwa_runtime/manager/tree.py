"""A proposal, and proposals for those of its sub-problems that are still too large.

In: a tree of proposals and a table. Out: for each row the number of its sub-problem. Each proposal is a partition of
the rows that it is about, so the whole is one of the table.
"""

from __future__ import annotations

import json
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import pyarrow as pa

from apwa_runtime.datasets import Dataset
from apwa_runtime.manager.proposal import Proposal, Refused, numbered, read, without_gaps
from apwa_runtime.tables.gather import gathered


@dataclass(frozen=True, slots=True)
class Limits:
    """At most ``most`` sub-problems of one proposal; those of more than ``size`` rows are split again."""

    most: int
    size: int | None = None

    def exceeded(self, numbers: array[int]) -> list[int]:
        """The sub-problems that are too large."""
        size = self.size
        return [] if size is None else sorted(part for part, rows in Counter(numbers).items() if rows > size)


@dataclass(frozen=True, slots=True)
class Tree:
    """``again`` has a tree for each sub-problem of ``proposal`` that is too large, by its number."""

    proposal: Proposal
    again: Mapping[int, Tree] = field(default_factory=dict)

    def places(self, dataset: Dataset, parameters: Mapping[str, Any], limits: Limits) -> array[int]:
        """The number of each row's sub-problem. Raises Refused."""
        numbers = accepted(self.proposal, dataset, parameters, limits)
        below: dict[int, array[int]] = {}
        for part in limits.exceeded(numbers):
            if part not in self.again:
                raise Refused(f"sub-problem {part} has more than {limits.size:,} rows")
            below[part] = self.again[part].places(part_of(dataset, numbers, part), parameters, limits)
        return combined(numbers, below)

    def told(self) -> dict[str, object]:
        """The tree as JSON."""
        again = {str(part): tree.told() for part, tree in self.again.items()}
        return {"proposal": asdict(self.proposal), **({"again": again} if again else {})}


def tree_of(told: Mapping[str, Any]) -> Tree:
    """The tree that :meth:`Tree.told` gave. Raises ValueError, KeyError and the like for anything else."""
    again = {int(part): tree_of(tree) for part, tree in told.get("again", {}).items()}
    return Tree(read(json.dumps(told["proposal"])), again)


def accepted(proposal: Proposal, dataset: Dataset, parameters: Mapping[str, Any], limits: Limits) -> array[int]:
    """The number of each row's sub-problem by one proposal, which must not leave too many rows as they are.

    Raises Refused.
    """
    numbers = numbered(proposal, dataset, parameters, limits.most)
    if limits.exceeded(numbers) == [0] and not any(numbers):
        raise Refused(f"all {dataset.rows:,} rows stay in one sub-problem, and none may have more than {limits.size:,}")
    return numbers


def combined(numbers: array[int], below: Mapping[int, array[int]]) -> array[int]:
    """The numbers of rows, with those of some sub-problems split as ``below`` says."""
    if not below:
        return numbers
    inner = {part: iter(places) for part, places in below.items()}
    known: dict[tuple[int, int], int] = {}
    pairs = ((part, next(inner[part]) if part in inner else 0) for part in numbers)
    return without_gaps(known.setdefault(pair, len(known)) for pair in pairs)[0]


@dataclass(frozen=True, slots=True)
class _Part(Dataset):
    """Some rows of another dataset, by their ordinals."""

    whole: Dataset | None = None
    ordinals: Any = None

    def batches(self) -> Iterator[Any]:
        assert self.whole is not None
        return gathered(self.whole, self.ordinals)


def part_of(dataset: Dataset, numbers: array[int], part: int) -> Dataset:
    """The rows of one sub-problem."""
    ordinals = pa.array([ordinal for ordinal, number in enumerate(numbers) if number == part], pa.int64())
    return _Part(dataset.record, (), len(ordinals), dataset, ordinals)
