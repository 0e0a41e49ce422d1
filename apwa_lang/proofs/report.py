"""The errors for claims that do not hold or could not be decided.

In: claims with the pairs that they are about. Out: diagnostics, each once, with the rows that meet and changes of the
text that would hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from apwa_lang.diagnostics.codes import proofs as codes
from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.proofs.accesses import Access
from apwa_lang.proofs.claims import Claim, Verdict
from apwa_lang.proofs.pairs import Pair
from apwa_lang.proofs.parties import does, facts, reading, sides, span_of, step_of, who
from apwa_lang.proofs.reasons import Reason, doubt, reason
from apwa_lang.proofs.recheck import Recheck
from apwa_lang.proofs.repairs import repairs
from apwa_lang.semantics.program import Save, Scan
from apwa_lang.syntax.source import Span

_APART = "let one step wait for the other with `after`, or give each a folder of its own"


def report(failed: Iterable[tuple[Claim, Pair]]) -> Iterator[Diagnostic]:
    """One diagnostic for each finding; the same finding of two flows is told once."""
    recheck: Recheck | None = None
    seen: set[object] = set()
    for claim, pair in failed:
        identity = _identity(pair)
        if identity not in seen:
            seen.add(identity)
            recheck = recheck or Recheck(pair.left.binding.program, pair.folded)
            yield _diagnostic(claim, pair, recheck)


def _identity(pair: Pair) -> object:
    """The same for two pairs that one diagnostic tells of."""
    paths = (pair.left.effect.span, pair.right.effect.span)
    if not pair.separate:
        return (*paths, pair.left.step.span, pair.right.step.span)
    split = pair.right.scope.split
    return (*paths, split.span if split is not None and _is_here(pair.right) else pair.right.step.span)


def _diagnostic(claim: Claim, pair: Pair, recheck: Recheck) -> Diagnostic:
    mended = repairs(pair, claim.witness, recheck)
    found = _of_one_step(claim, pair) if pair.separate else _of_two_steps(pair)
    known = facts(pair, claim.witness) if claim.witness is not None else ()
    if claim.verdict is Verdict.UNDECIDED and not pair.separate:
        known = (doubt(pair).why,)
    shown = codes.Shown(
        found.span,
        found.why,
        found.also,
        known,
        tuple(one.shown for one in mended),
        found.advice,
        mended[0].fix if mended else None,
    )
    if claim.verdict is Verdict.UNDECIDED:
        return codes.undecided(who(pair), shown)
    if pair.has_tree:
        return codes.tree(who(pair), shown)
    both_write = pair.left.writes and pair.right.writes
    if pair.separate:
        return codes.same_file(who(pair), shown) if both_write else codes.read_write(who(pair), shown)
    if both_write:
        return codes.unordered(who(pair), shown)
    writer, reader = (pair.left, pair.right) if pair.left.writes else (pair.right, pair.left)
    return codes.unordered_read(step_of(writer), reading(reader), shown)


def _of_one_step(claim: Claim, pair: Pair) -> Reason:
    """Why two sub-problems meet, at the path, or at the call of a task that another file declares."""
    access = pair.right
    flow = access.binding.program.flows[claim.flow]
    found = reason(pair, claim.witness, flow) if claim.verdict is Verdict.REFUTED else doubt(pair)
    also = list(found.also)
    if pair.left.effect is not access.effect:
        also.append((span_of(pair.left), does(sides(pair)[0], pair.left)))
    span, why = found.span, found.why
    if not _is_here(access):
        of_one = pair.left.effect is access.effect
        also.append((span_of(access), "this is the path" if of_one else why))
        span, why = access.step.span, why if of_one else f"{_runs(access)}, two paths of which can be one"
    if access.scope.split is not None:
        also.append((access.scope.split.span, f"`{access.name}` runs for each of these at the same time"))
    elif access.step.span != span:
        also.append((access.step.span, f"`{access.name}` is called here, several times at once"))
    return Reason(span, why, found.advice, tuple(also))


def _of_two_steps(pair: Pair) -> Reason:
    """What is missing at the later step, with both paths."""
    first, second = pair.left, pair.right
    if second.step.span.start < first.step.span.start and not isinstance(first.step.operation, Scan):
        first, second = second, first
    lacks = f"does not wait for {step_of(first)}"
    also: list[tuple[Span, str]] = []
    if first.effect is second.effect:
        also.append((span_of(first), f"{step_of(first)} and {step_of(second)} both write this"))
    else:
        also.append((span_of(first), does(step_of(first), first)))
    if not isinstance(first.step.operation, Save | Scan):
        also.append((first.step.span, _runs(first)))
    if isinstance(second.step.operation, Save):
        return Reason(span_of(second), f"{does(step_of(second), second)} and {lacks}", _APART, tuple(also))
    if first.effect is not second.effect:
        also.append((span_of(second), does(step_of(second), second)))
    return Reason(second.step.span, f"{_runs(second)} and {lacks}", _APART, tuple(also))


def _is_here(access: Access) -> bool:
    """Whether the path stands in the file of the flow."""
    return access.effect.span.source is access.step.span.source


def _runs(access: Access) -> str:
    return f"{step_of(access)} runs `{access.name}`"
