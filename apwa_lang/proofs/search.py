"""The joint search: which words do two automata share, and must marked parts lie at the same places in both?

In: two automata and, for each of their states, a mark for every set of identity fields. Out: the accepting pairs, the
shortest first, each with the sets whose marks differed somewhere along the way.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from apwa_lang.proofs.charset import Ranges, intersection, picks
from apwa_lang.proofs.regex import Automaton

MAX_STATES = 200_000
MAX_MOVES = 2_000_000

State = tuple[int, int, int]
Marks = tuple[tuple[int, ...], ...]
"""For each state, for each set, the number of the marked part that the state reads a character of, or -1."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """A word of both automata. ``left`` and ``right`` are the labels under which each reads each character.

    Bit ``k`` of ``differing`` is set when, for set ``k``, some character stands in a marked part of one side only, or
    in different parts.
    """

    text: str
    left: tuple[int, ...]
    right: tuple[int, ...]
    differing: int


@dataclass
class Search:
    """The pairs of states reached; ``complete`` is False when there were too many to look at all."""

    left: Automaton
    right: Automaton
    goals: list[State] = field(default_factory=list)
    complete: bool = True
    _from: dict[State, tuple[State, str] | None] = field(default_factory=dict)

    def pairs(self) -> tuple[State, ...]:
        """Every pair of states reached, whatever differed on the way: no word leads out of them."""
        return tuple((p, q, 0) for p, q in sorted({(p, q) for p, q, _ in self._from}))

    def projected(self, number: int) -> tuple[State, ...]:
        """Every pair of states reached, with 1 where the marks of set ``number`` have differed."""
        return tuple(sorted({(p, q, differing >> number & 1) for p, q, differing in self._from}))

    def meetings(self) -> Iterator[Meeting]:
        """A shortest word for each accepting pair, shortest first."""
        for goal in self.goals:
            letters: list[str] = []
            states: list[State] = []
            state = goal
            while (step := self._from[state]) is not None:
                states.append(state)
                state, letter = step
                letters.append(letter)
            states.reverse()
            yield Meeting(
                "".join(reversed(letters)),
                tuple(self.left.labels[p] for p, _, _ in states),
                tuple(self.right.labels[q] for _, q, _ in states),
                goal[2],
            )


def search(
    left: Automaton, right: Automaton, left_marks: Marks | None = None, right_marks: Marks | None = None
) -> Search:
    """Every pair of states that some word reaches in both, breadth first."""
    found = Search(left, right)
    start: State = (0, 0, 0)
    origins = found._from
    origins[start] = None
    common: dict[tuple[int, int], str | None] = {}
    queue = deque([start])
    moves = 0
    while queue:
        state = queue.popleft()
        p, q, differing = state
        if p in left.accepting and q in right.accepting:
            found.goals.append(state)
        moves += len(left.follow[p]) * len(right.follow[q])
        if moves > MAX_MOVES or len(origins) > MAX_STATES:
            found.complete = False
            return found
        for next_p in left.follow[p]:
            for next_q in right.follow[q]:
                pair = (next_p, next_q)
                if pair not in common:
                    common[pair] = _letter(left.letters[next_p], right.letters[next_q])
                letter = common[pair]
                if letter is None:
                    continue
                mask = differing
                if left_marks is not None and right_marks is not None:
                    mask |= _difference(left_marks[next_p], right_marks[next_q])
                reached = (next_p, next_q, mask)
                if reached not in origins:
                    origins[reached] = (state, letter)
                    queue.append(reached)
    return found


@lru_cache(maxsize=4096)
def _letter(left: Ranges, right: Ranges) -> str | None:
    shared = intersection(left, right)
    return picks(shared, 1)[0] if shared else None


def _difference(left: tuple[int, ...], right: tuple[int, ...]) -> int:
    if left == right:
        return 0
    return sum(1 << number for number, (one, other) in enumerate(zip(left, right, strict=True)) if one != other)
