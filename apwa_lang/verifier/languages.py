"""What two expressions have in common, and how long their texts are.

In: expressions. Out: whether some text is of both; the letters, a shortest text, the lengths of one.
"""

from __future__ import annotations

from collections import deque

from apwa_lang.verifier.letters import Letters, meet, union
from apwa_lang.verifier.places import Any, Expression, Filled, One, Part, Row, Times, TooManyPlacesError, places

_MOST_PAIRS = 200_000


def common(one: Expression, other: Expression) -> bool:
    """Whether some text may be of both expressions; True where that is not found out."""
    try:
        left, right = places(one), places(other)
    except TooManyPlacesError:
        return True
    seen = {(0, 0)}
    pending = [(0, 0)]
    while pending:
        p, q = pending.pop()
        if p in left.ends and q in right.ends:
            return True
        for following in left.after[p]:
            for match in right.after[q]:
                if (following, match) not in seen and meet(left.reads[following], right.reads[match]):
                    seen.add((following, match))
                    pending.append((following, match))
        if len(seen) > _MOST_PAIRS:
            return True
    return False


def shortest_text(expression: Expression) -> str | None:
    """A shortest text of an expression; None where there is none, or too much to look at."""
    try:
        laid = places(expression)
    except TooManyPlacesError:
        return None
    before: dict[int, int | None] = {0: None}
    queue = deque([0])
    while queue:
        place: int | None = queue.popleft()
        if place in laid.ends:
            text = ""
            while place:
                text = chr(laid.reads[place][0]) + text
                place = before[place]
            return text
        for following in sorted(laid.after[place or 0]):
            if following not in before and laid.reads[following]:
                before[following] = place
                queue.append(following)
    return None


def letters(expression: Expression) -> Letters:
    """Every character that some place reads."""
    match expression:
        case One(found):
            return found
        case Row(items) | Any(items):
            return union(*map(letters, items))
        case Times(item, _, most):
            return () if most == 0 else letters(item)
        case Filled(item) | Part(item, _):
            return letters(item)


def longest(expression: Expression) -> int | None:
    """The length of the longest text, or more; None where there is no limit."""
    match expression:
        case One():
            return 1
        case Row(items) | Any(items):
            lengths = [length for item in items if (length := longest(item)) is not None]
            if len(lengths) < len(items):
                return None
            return sum(lengths) if isinstance(expression, Row) else max(lengths, default=0)
        case Times(item, _, most):
            length = longest(item)
            return None if length is None or most is None else length * most
        case Filled(item) | Part(item, _):
            return longest(item)


def shortest(expression: Expression) -> int:
    """The length of the shortest text, or less."""
    match expression:
        case One():
            return 1
        case Row(items):
            return sum(map(shortest, items))
        case Any(items):
            return min(map(shortest, items), default=0)
        case Times(item, least, _):
            return shortest(item) * least
        case Filled(item):
            return max(shortest(item), 1)
        case Part(item, _):
            return shortest(item)
