"""Paths that meet, against comparing every two of them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import product

import pytest

from apwa_runtime.launch import meet
from apwa_runtime.launch.meet import Marks, Meeting, meeting


def marks(paths: Sequence[str | None]) -> Marks:
    found = Marks(lambda: ((ordinal, path) for ordinal, path in enumerate(paths) if path is not None))
    for ordinal, path in found.stream():
        found.add(ordinal, path)
    return found


def touch(one: str, other: str, tree: bool) -> bool:
    return one == other or (tree and (one.startswith(f"{other}/") or other.startswith(f"{one}/")))


def expected(
    left: Sequence[str | None], right: Sequence[str | None], separate: bool, tree: bool
) -> set[tuple[int, int]]:
    return {
        (i, j)
        for (i, one), (j, other) in product(enumerate(left), enumerate(right))
        if one is not None and other is not None and touch(one, other, tree) and not (separate and i == j)
    }


def some_paths(chance: random.Random, count: int) -> list[str | None]:
    return [
        None
        if chance.random() < 0.1
        else "/r" + "".join(f"/{chance.choice('abcdef')}" for _ in range(chance.randint(1, 3)))
        for _ in range(count)
    ]


@pytest.mark.parametrize("seed", range(150))
def test_meetings_are_those_of_comparing_every_two(seed: int) -> None:
    chance = random.Random(seed)
    left = some_paths(chance, chance.randint(0, 6))
    same, separate, tree = chance.random() < 0.3, chance.random() < 0.5, chance.random() < 0.5
    right = left if same else some_paths(chance, len(left) if separate else chance.randint(0, 6))
    one = marks(left)
    met = meeting(one, one if same else marks(right), separate=separate, tree=tree)
    wanted = expected(left, right, separate, tree)
    assert (met is not None) == bool(wanted), (left, right)
    assert met is None or (met.left, met.right) in wanted


def test_equal_hashes_are_looked_at_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meet, "hash", lambda path: len(path), raising=False)
    monkeypatch.setattr(meet, "_LOOKED_AT", 1)
    different = marks(["/r/a", "/r/b", "/r/long", "/r/more"])
    assert meeting(different, different, separate=True, tree=False) is None
    shared = marks(["/r/a", "/r/b", "/r/long", "/r/more", "/r/more"])
    assert meeting(shared, shared, separate=True, tree=False) == Meeting(3, 4, 1)


def test_a_sub_problem_may_read_what_it_writes() -> None:
    paths = [f"/r/{number}" for number in range(50)]
    assert meeting(marks(paths), marks(paths), separate=True, tree=False) is None
    assert meeting(marks(paths), marks(paths), separate=False, tree=False) == Meeting(0, 0, 49)


def test_how_many_more_are_shared_is_told() -> None:
    paths = marks(["/r/a", "/r/a", "/r/b", "/r/b", "/r/c"])
    assert meeting(paths, paths, separate=True, tree=False) == Meeting(0, 1, 1)
