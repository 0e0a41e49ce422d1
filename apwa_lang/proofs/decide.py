"""The prover: a claim for each pair of effects that must not meet, each decided.

In: a typed program. Out: its claims, flow by flow, and an error for each that does not hold or could not be decided.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, combinations_with_replacement

from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.proofs.accesses import Access, accesses
from apwa_lang.proofs.claims import Backing, Claim, Verdict
from apwa_lang.proofs.lineage import Lineage
from apwa_lang.proofs.order import Order, exclude_each_other
from apwa_lang.proofs.pairs import Finding, Pair
from apwa_lang.proofs.rules import first_finding
from apwa_lang.semantics.program import Flow, Program

_NOTHING_FOUND = "neither a proof nor two rows that meet were found"


def decide(program: Program) -> tuple[tuple[Claim, ...], tuple[Diagnostic, ...]]:
    """Every claim of the program, and an error for each refuted or undecided one."""
    claims: list[Claim] = []
    failed: list[tuple[Claim, Pair]] = []
    for flow in program.flows.values():
        for pair in pairs(program, flow):
            claim = claim_of(flow, pair)
            claims.append(claim)
            if claim.verdict in (Verdict.REFUTED, Verdict.UNDECIDED) and _well_formed(pair):
                failed.append((claim, pair))
    if not failed:
        return tuple(claims), ()
    from apwa_lang.proofs.report import report

    return tuple(claims), tuple(report(failed))


def pairs(program: Program, flow: Flow) -> Iterator[Pair]:
    """Every two effects of one step, its sub-problems taken two by two, then every two of different steps."""
    lineage = Lineage(program, flow)
    order = Order(flow)
    file = program.source.file
    base = tuple(file.resolve().parent.parts[1:]) if file is not None else None
    acting = [(step, found) for step in flow.steps if (found := accesses(program, lineage, step))]
    for _, own in acting:
        for left, right in combinations_with_replacement(own, 2):
            yield Pair(left, right, True, False, base)
    for (first, its), (second, others) in combinations(acting, 2):
        ordered = exclude_each_other(first, second) or order.ordered(first, second)
        for left in its:
            for right in others:
                yield Pair(left, right, False, ordered, base)


def claim_of(flow: Flow, pair: Pair) -> Claim:
    """The claim about a pair, decided by the first rule that can, then by what the author declares."""
    found = first_finding(pair)
    rule, finding = found if found is not None else ("", Finding(Verdict.UNDECIDED, reason=_NOTHING_FOUND))
    if finding.verdict in (Verdict.REFUTED, Verdict.UNDECIDED):
        rule, finding = _declared(pair, rule, finding)
    return Claim(
        flow.name,
        pair.left.step.name,
        pair.right.step.name,
        pair.left.effect,
        pair.right.effect,
        finding.verdict,
        rule,
        finding.hypotheses,
        finding.witness,
        finding.reason,
        finding.backing,
        finding.evidence,
    )


def _well_formed(pair: Pair) -> bool:
    """Whether both paths could be read; the finding about one that could not is enough."""
    return all(access.effect.target.segments is not None for access in (pair.left, pair.right))


def _declared(pair: Pair, rule: str, finding: Finding) -> tuple[str, Finding]:
    if _same_bytes(pair.left, pair.right):
        agreed = f"`{pair.left.name}` is idempotent: the first to write a path wins, and the others must write the same"
        return "", Finding(Verdict.CHECKED, reason=agreed, backing=Backing.COMMIT)
    trust = next((one.task.trust for one in (pair.left, pair.right) if one.task is not None and one.task.trust), None)
    if finding.verdict is Verdict.UNDECIDED and trust:
        return "", Finding(Verdict.TRUSTED, reason=trust)
    return rule, finding


def _same_bytes(left: Access, right: Access) -> bool:
    """Whether both are writes of one task that is declared idempotent."""
    if left.task is None or left.task is not right.task or not left.task.idempotent:
        return False
    return left.effect.kind == right.effect.kind == "write"
