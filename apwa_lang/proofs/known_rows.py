"""Tables that the program itself holds: all their rows are rendered and compared.

In: a pair of accesses. Out: a proof or a refutation from the rows, or None where some path is not known exactly. One
side may have other rows: then each known path is compared with all that the other may have.
"""

from __future__ import annotations

from apwa_lang.proofs.accesses import Scope
from apwa_lang.proofs.claims import Evidence, Hypothesis, Verdict
from apwa_lang.proofs.pairs import Finding, Pair
from apwa_lang.proofs.parts import Text
from apwa_lang.proofs.paths import machine
from apwa_lang.proofs.search import search
from apwa_lang.proofs.witness import Row, overlap, rendered, told, values_in

_MOST_COMPARISONS = 200_000


def meet_in_rows(pair: Pair) -> Finding | None:
    """Whether two of the known rows meet, or a known row and any other."""
    left_rows, right_rows = _rows(pair.left.scope), _rows(pair.right.scope)
    tables = dict.fromkeys(
        scope.split.table
        for scope in (pair.left.scope, pair.right.scope)
        if scope.split is not None and scope.rows is not None
    )
    if not tables or pair.paths.disjoint:
        return None
    known = tuple(Hypothesis(f"the rows of table `{name}` are those in the program", Verdict.PROVED) for name in tables)
    if left_rows is None or right_rows is None:
        return _meets_any(pair, known)
    left = [rendered(pair.paths.left, row, {}) for row in left_rows]
    right = [rendered(pair.paths.right, row, {}) for row in right_rows]
    if None in left or None in right:
        return None
    candidates = _candidates(pair, [pair.cased(one or "") for one in left], [pair.cased(one or "") for one in right])
    if candidates is None:
        return None
    for i, j in candidates:
        if not (pair.separate and i == j):
            return Finding(Verdict.REFUTED, witness=told(pair, left_rows[i], right_rows[j], {}))
    return Finding(Verdict.PROVED, known, evidence=Evidence("rows"))


def _meets_any(pair: Pair, known: tuple[Hypothesis, ...]) -> Finding | None:
    """Whether the path of a row that is known may be that of some row of the other side."""
    turned = pair.left.scope.rows is None
    rows = pair.right.scope.rows if turned else pair.left.scope.rows
    others = pair.left if turned else pair.right
    own, their = (pair.paths.right, pair.paths.left) if turned else (pair.paths.left, pair.paths.right)
    if rows is None or pair.has_tree or pair.folded or others.scope.kind != "subproblems" or others.scope.conditioned:
        return None
    machine_there = machine(their, False)
    for row in rows:
        text = rendered(own, row, {})
        if text is None:
            return None
        found = search(machine((Text(text),), False), machine_there)
        for meeting in found.meetings():
            other = values_in(their, meeting.text, meeting.right)
            if other is None:
                return None
            witness = told(pair, other, row, {}) if turned else told(pair, row, other, {})
            return Finding(Verdict.REFUTED, witness=witness) if witness is not None else None
        if not found.complete:
            return None
    return Finding(Verdict.PROVED, (*known, *pair.hypotheses), evidence=Evidence("rows"))


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
