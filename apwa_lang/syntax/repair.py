"""What small change makes a refused token fit.

In: a machine at the token that it refused, and the tokens from there on. Out: the cheapest :class:`Repair` that
lets the parse run on for a few tokens, tried on copies of the state stack only: insertion of what is missing, a
swap for what was meant, deletion. The number of trials is bounded, so recovery stays linear.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from apwa_grammar.tables import END
from apwa_lang.diagnostics.suggest import did_you_mean
from apwa_lang.syntax.expected import OPERATORS, keywords_among
from apwa_lang.syntax.items import CLOSERS, OPENERS
from apwa_lang.syntax.machine import Machine
from apwa_lang.syntax.tokens import Token

# How many tokens are looked at behind an error, and how many must then fit for a repair to be believed.
WINDOW: Final = 8
ENOUGH: Final = 3


@dataclass(frozen=True, slots=True)
class Repair:
    """Put ``insert`` before the refused token, after leaving out ``delete`` tokens."""

    insert: tuple[str, ...] = ()
    delete: int = 0
    cost: float = 1.0


def best_repair(machine: Machine, rest: Sequence[str], token: Token, outdented: bool) -> Repair | None:
    """The best repair before the tokens of kind ``rest`` (``END`` last where the item ends), or None.

    ``outdented`` says that the token begins a line no deeper than the line of the innermost open bracket.
    """
    window = list(rest[:WINDOW])
    best: tuple[float, float, Repair] | None = None
    for repair in _candidates(machine, window, token, outdented):
        taken = machine.survives([*repair.insert, *window[repair.delete :]]) - len(repair.insert)
        reached = taken + repair.delete
        if taken < min(ENOUGH, len(window) - repair.delete) or taken <= 0:
            continue
        rank = (repair.cost - reached, repair.cost, repair)
        if best is None or rank[:2] < best[:2]:
            best = rank
    return best[2] if best else None


def missing_before(machine: Machine, rest: Sequence[str]) -> Repair | None:
    """A value or closer that is missing before a line that plainly begins something new (``name:``), or None."""
    for insert in (("NAME",), *_closings(machine), *(("NAME", *closing) for closing in _closings(machine))):
        if machine.survives([*insert, *rest[:4]]) >= len(insert) + min(4, len(rest)):
            return Repair(insert)
    return None


def closing(machine: Machine, limit: int = 400) -> list[str] | None:
    """What to insert for the item to end here, or None."""
    inserted: list[str] = []
    stack: Sequence[int] = machine.stack
    while machine.survives((END,), stack) == 0:
        wanted = machine.wanted(stack)
        choices: list[str] = [
            kind for kind in ("}", ")", "]", "NAME", "STRING", ":", "=", "{", "(", "->") if kind in wanted
        ]
        choices += sorted(keywords_among(wanted)) if not choices else []
        for kind in choices:
            following = machine.after(stack, kind)
            if following is not None:
                stack = following
                inserted.append(kind)
                break
        else:
            return None
        if len(inserted) > limit:
            return None
    return inserted


def _candidates(machine: Machine, window: Sequence[str], token: Token, outdented: bool) -> Iterator[Repair]:
    wanted = machine.wanted()
    words = keywords_among(wanted)
    meant = did_you_mean(token.text, words) if words and (token.kind == "NAME" or token.kind[0].islower()) else None
    if meant is not None:
        yield Repair((meant,), 1, 0.2)
    if token.kind == "=" and "==" in wanted:
        yield Repair(("==",), 1, 0.2)
    for position, insert in enumerate(_closings(machine)):
        yield Repair(insert, 0, (0.4 if outdented else 0.9) + 0.1 * position)
    # In order, since the first of two equally good repairs is taken.
    for kind in sorted(wanted, key=lambda kind: (kind != "read", kind)):
        if kind in OPERATORS or kind in CLOSERS or kind == END:
            continue
        if kind in ("FLOAT", "INT", "SIZE", "DURATION", "STRING") and "NAME" in wanted:
            continue
        cost = 0.6 if not kind[0].isalpha() else 1.0 if kind == "NAME" else 1.1
        yield Repair((kind,), 0, cost)
        if kind[0].islower() or not kind[0].isalpha():
            yield Repair((kind, "NAME"), 0, cost + 0.8)
            if token.kind not in OPENERS:
                yield Repair((kind,), 1, 1.5)
    if token.kind in CLOSERS:
        for kind in CLOSERS:
            if kind != token.kind:
                yield Repair((kind,), 1, 1.2)
    elif "NAME" in wanted:
        yield Repair(("NAME",), 1, 1.6)
    for count in (1, 2):
        if count < len(window):
            yield Repair((), count, 1.2 * count)


def _closings(machine: Machine) -> list[tuple[str, ...]]:
    """The closers of the innermost one to four open brackets."""
    kinds = [OPENERS[opener.kind] for opener in reversed(machine.openers())]
    return [tuple(kinds[:count]) for count in range(1, min(4, len(kinds)) + 1)]
