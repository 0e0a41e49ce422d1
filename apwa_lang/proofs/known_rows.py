"""Tables that the program itself holds: all their rows are rendered and compared.

In: a pair of accesses. Out: a proof or a refutation from the rows, or None where some path is not known exactly.
"""

from __future__ import annotations

from apwa_lang.proofs.accesses import Scope
from apwa_lang.proofs.claims import Hypothesis, Verdict
from apwa_lang.proofs.pairs import Finding, Pair
from apwa_lang.proofs.witness import Row, overlap, rendered, told

_MOST_COMPARISONS = 200_000


def meet_in_rows(pair: Pair) -> Finding | None:
    """Whether two of the known rows meet."""
    left_rows, right_rows = _rows(pair.left.scope), _rows(pair.right.scope)
    if left_rows is None or right_rows is None or pair.paths.disjoint:
        return None
    tables = dict.fromkeys(
        scope.split.table for scope in (pair.left.scope, pair.right.scope) if scope.split is not None
    )
    if not tables:
        return None
    left = [rendered(pair.paths.left, row, {}) for row in left_rows]
    right = [rendered(pair.paths.right, row, {}) for row in right_rows]
    if None in left or None in right:
        return None
    candidates = _candidates(pair, [one or "" for one in left], [one or "" for one in right])
    if candidates is None:
        return None
    for i, j in candidates:
        if not (pair.separate and i == j):
            return Finding(Verdict.REFUTED, witness=told(pair, left_rows[i], right_rows[j], {}))
    return Finding(Verdict.PROVED, tuple(Hypothesis(f"the rows of table `{name}` are those in the program", Verdict.PROVED) for name in tables))


def _rows(scope: Scope) -> tuple[Row, ...] | None:
    return ({},) if scope.kind == "once" else scope.rows


def _candidates(pair: Pair, left: list[str], right: list[str]) -> list[tuple[int, int]] | None:
    """The numbers of the rows whose paths meet, or None when there are too many to compare."""
    if pair.has_tree:
        if len(left) * len(right) > _MOST_COMPARISONS:
            return None
        return [(i, j) for i, one in enumerate(left) for j, other in enumerate(right) if overlap(pair, one, other)]
    places: dict[str, list[int]] = {}
    for j, path in enumerate(right):
        places.setdefault(path, []).append(j)
    # Three of a kind are enough to find two different rows.
    return [(i, j) for i, path in enumerate(left) for j in places.get(path, [])[:3]]
