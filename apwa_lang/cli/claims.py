"""Claims as `apwa prove` shows them.

In: claims. Out: lines for people, those of two steps together and each hypothesis told once; or JSON.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from apwa_lang.proofs.claims import Backing, Claim, Evidence, Hypothesis, Verdict
from apwa_lang.semantics.program import Effect

PLAIN = {
    "P1": "neither effect writes",
    "P2": "the flow orders the two steps, or an `if` excludes one",
    "P3": "the step has one call at a time",
}
"""The rules that need not be read claim by claim, and why they hold."""

_RULES = {
    "P4": "no path is of both",
    "P5": "what two sub-problems share would be one sub-problem",
    "P6": "neither path is the other or lies in its tree",
    "P7": "updates by one operation may come in any order",
    "P8": "the rows in the program",
    "B1": "a prompt is made of the arguments alone",
    "B2": "nothing that the function reaches outlives a call",
}
_EVIDENCE = {
    "ends": "the fixed texts at the ends of the paths differ",
    "rows": "no two of the rows in the program meet",
    "conditions": "no row passes the conditions of both",
}
_BACKINGS = {
    Backing.LAUNCH: "at launch, all rendered paths are compared before the first sub-problem starts",
    Backing.COMMIT: "the first to commit a path wins, and the others must have the same bytes",
}


_DOES = {"network": "ask", "model": "ask", "state": "run"}


def mark(claims: Iterable[Claim]) -> str:
    """The weakest verdict; a program without claims is proved."""
    order = list(Verdict)
    return order[max((order.index(claim.verdict) for claim in claims), default=0)]


def as_text(claims: Sequence[Claim], mark: str, everything: bool) -> Iterator[str]:
    """The claims, flow by flow, then the hypotheses, then the counts."""
    notes: dict[Hypothesis, int] = {}
    for flow, found in groupby(claims, key=lambda claim: claim.flow):
        yield f"flow {flow}"
        yield from _of_flow(list(found), notes, everything)
    if notes:
        yield "taken for granted"
        yield from (f"  [{number}] {one.mark}: {one.text}" for one, number in notes.items())
    counts = Counter(claim.verdict for claim in claims)
    counted = ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict])
    noun = "claim" if len(claims) == 1 else "claims"
    yield f"{len(claims)} {noun}: {counted}; the program is {mark}" if claims else "no two effects could meet: proved"


def _of_flow(claims: list[Claim], notes: dict[Hypothesis, int], everything: bool) -> Iterator[str]:
    told = [claim for claim in claims if everything or claim.rule not in PLAIN]
    for steps, found in _by_steps(told):
        yield f"  {_steps(*steps)}"
        for claim in found:
            yield from (f"    {line}" for line in _lines(claim, notes))
    counts = Counter(claim.rule for claim in claims if not everything and claim.rule in PLAIN)
    yield from (f"  {counts[rule]} proved by {rule}: {why}" for rule, why in PLAIN.items() if counts[rule])


def _by_steps(claims: list[Claim]) -> Iterator[tuple[tuple[str, str], list[Claim]]]:
    groups: dict[tuple[str, str], list[Claim]] = {}
    for claim in claims:
        groups.setdefault((claim.step_a, claim.step_b), []).append(claim)
    yield from groups.items()


def _steps(one: str, other: str) -> str:
    return f"any two sub-problems of `{one}`" if one == other else f"{_step(one)} and {_step(other)}"


def _step(name: str) -> str:
    """A step, or the table that is read first."""
    table = name.removeprefix("table ")
    return f"`{name}`" if table == name else f"table `{table}`"


def _lines(claim: Claim, notes: dict[Hypothesis, int]) -> Iterator[str]:
    left, right = effect(claim.effect_a), effect(claim.effect_b)
    yield f"{left}, and {right}" if claim.effect_a is not claim.effect_b else f"{left}, twice"
    numbers = sorted(notes.setdefault(one, len(notes) + 1) for one in claim.hypotheses)
    granted = "".join(f" [{number}]" for number in numbers)
    rule = f" by {claim.rule}" if claim.rule else ""
    yield f"  {claim.verdict}{rule}: {because(claim)}{granted}"


def effect(one: Effect) -> str:
    """An effect with its target as written."""
    operation = f" by {one.operation}" if one.operation is not None else ""
    return f"{_DOES.get(one.kind, one.kind)} {one.target.text}{operation}"


def because(claim: Claim) -> str:
    """In one phrase, why a claim has its verdict."""
    match claim.verdict:
        case Verdict.PROVED:
            found = evidence(claim.evidence) if claim.evidence is not None else None
            return found or PLAIN.get(claim.rule) or _RULES[claim.rule]
        case Verdict.CHECKED if claim.backing is not None and claim.backing is not Backing.PROCESS:
            return _BACKINGS[claim.backing]
        case Verdict.REFUTED if claim.witness is not None:
            return f"both can be {claim.witness.left_path}"
        case _:
            return claim.reason or "no rule applies"


def evidence(found: Evidence) -> str:
    """The evidence of a proof in one phrase."""
    if found.kind != "invariant":
        return _EVIDENCE[found.kind]
    pairs = f"{len(found.states)} pairs of places looked at"
    if found.places:
        return f"numbers that are never equal have the same characters in every path of both ({pairs})"
    if not found.pinned:
        return f"no path is of both ({pairs})"
    names = " and ".join(f"`{name}`" for name in found.pinned)
    stand = "has" if len(found.pinned) == 1 else "have"
    return f"{names} {stand} the same characters in every path of both ({pairs})"


def as_json(claims: Sequence[Claim], mark: str, certificate: str | None) -> str:
    """The claims for scripts."""
    counts = Counter(claim.verdict for claim in claims)
    document = {
        "mark": mark,
        "counts": {verdict: counts[verdict] for verdict in Verdict},
        "certificate": certificate,
        "claims": [_claim(claim) for claim in claims],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _claim(claim: Claim) -> dict[str, object]:
    return {
        "flow": claim.flow,
        "steps": [claim.step_a, claim.step_b],
        "effects": [_effect(claim.effect_a), _effect(claim.effect_b)],
        "verdict": claim.verdict,
        "rule": claim.rule or None,
        "because": because(claim),
        "hypotheses": [{"text": one.text, "mark": one.mark} for one in claim.hypotheses],
        "backing": claim.backing,
        "reason": claim.reason,
    }


def _effect(one: Effect) -> dict[str, object]:
    span = one.span
    return {
        "kind": one.kind,
        "target": one.target.text,
        "operation": one.operation,
        "file": span.source.path,
        "line": span.line,
        "column": span.column,
    }
