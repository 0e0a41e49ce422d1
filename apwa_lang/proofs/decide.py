"""The prover: a claim for each pair of effects that must not meet, each decided.

In: a typed program. Out: its claims, flow by flow, and an error for each that does not hold or could not be decided.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, combinations_with_replacement

from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.interrupt import checkpoint
from apwa_lang.proofs.accesses import Access, accesses
from apwa_lang.proofs.bodies import Bodies
from apwa_lang.proofs.claims import Backing, Claim, Verdict
from apwa_lang.proofs.inputs import scan, with_scans
from apwa_lang.proofs.lineage import Lineage
from apwa_lang.proofs.order import Order, exclude_each_other
from apwa_lang.proofs.pairs import Finding, Pair
from apwa_lang.proofs.rules import first_finding
from apwa_lang.semantics.program import Flow, Program, Scan, Step

_LAUNCH = "the paths of all sub-problems are compared before the first of them starts"
_SERVER = "what one sub-problem asks of this server is taken to change nothing there for another"
_NOTHING_FOUND = "neither a proof nor two rows that meet were found"


def decide(
    program: Program, bodies: Bodies | None = None, *, case_insensitive: bool = False
) -> tuple[tuple[Claim, ...], tuple[Diagnostic, ...]]:
    """Every claim of the program, and an error for each refuted or undecided one.

    ``bodies`` are those of the program, where others ask about them too. With ``case_insensitive``, two file names that
    differ in case only are one.
    """
    claims: list[Claim] = []
    failed: list[tuple[Claim, Pair]] = []
    bodies = bodies or Bodies(program)
    for flow in program.flows.values():
        for pair in pairs(program, flow, case_insensitive):
            checkpoint()
            claim = claim_of(flow, pair)
            claims.append(claim)
            if claim.verdict in (Verdict.REFUTED, Verdict.UNDECIDED) and _well_formed(pair):
                failed.append((claim, pair))
        claims.extend(bodies.claims(flow))
    findings = tuple(bodies.findings())
    if not failed:
        return tuple(claims), findings
    from apwa_lang.proofs.report import report

    return tuple(claims), (*report(failed), *findings)


def pairs(program: Program, flow: Flow, folded: bool = False) -> Iterator[Pair]:
    """Every two effects of one step, its sub-problems taken two by two, then every two of different steps."""
    flow = with_scans(program, flow)
    lineage = Lineage(program, flow)
    order = Order(flow)
    file = program.source.file
    base = tuple(file.resolve().parent.parts[1:]) if file is not None else None
    acting = [(step, found) for step in flow.steps if (found := _accesses(program, lineage, step))]
    for _, own in acting:
        for left, right in combinations_with_replacement(own, 2):
            if left.on_network == right.on_network:
                yield Pair(left, right, True, False, base, folded)
    for (first, its), (second, others) in combinations(acting, 2):
        if isinstance(first.operation, Scan) and isinstance(second.operation, Scan):
            continue
        ordered = exclude_each_other(first, second) or order.ordered(first, second)
        for left in its:
            for right in others:
                if left.on_network == right.on_network:
                    yield Pair(left, right, False, ordered, base, folded)


def _accesses(program: Program, lineage: Lineage, step: Step) -> list[Access]:
    if isinstance(step.operation, Scan):
        return [scan(program, step, step.operation.table)]
    return accesses(program, lineage, step)


def claim_of(flow: Flow, pair: Pair) -> Claim:
    """The claim about a pair, decided by the first rule that can, then by what the author declares."""
    found = first_finding(pair)
    rule, finding = found if found is not None else ("", Finding(Verdict.UNDECIDED, reason=_NOTHING_FOUND))
    if finding.verdict in (Verdict.REFUTED, Verdict.UNDECIDED):
        rule, finding = _backed(pair, rule, finding)
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


def _backed(pair: Pair, rule: str, finding: Finding) -> tuple[str, Finding]:
    """What holds a claim that no rule proves: what the author declares, or a look at the real rows."""
    if _same_bytes(pair.left, pair.right):
        agreed = f"`{pair.left.name}` is idempotent: the first to write a path wins, and the others must write the same"
        return "", Finding(Verdict.CHECKED, reason=agreed, backing=Backing.COMMIT)
    if pair.left.on_network:
        return "", Finding(Verdict.TRUSTED, reason=_trust(pair) or _SERVER)
    if finding.verdict is Verdict.UNDECIDED and pair.left.known_at_launch and pair.right.known_at_launch:
        return "", Finding(Verdict.CHECKED, reason=_LAUNCH, backing=Backing.LAUNCH)
    trust = _trust(pair)
    if finding.verdict is Verdict.UNDECIDED and trust:
        return "", Finding(Verdict.TRUSTED, reason=trust)
    return rule, finding


def _trust(pair: Pair) -> str | None:
    """The reason by which the author of one of the tasks vouches for what cannot be proved."""
    return next((one.task.trust for one in (pair.left, pair.right) if one.task is not None and one.task.trust), None)


def _same_bytes(left: Access, right: Access) -> bool:
    """Whether both are writes of one task that is declared idempotent."""
    if left.task is None or left.task is not right.task or not left.task.idempotent:
        return False
    return left.effect.kind == right.effect.kind == "write"
