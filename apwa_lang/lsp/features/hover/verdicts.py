"""How it is known that sub-problems do not touch what others write.

In: claims, and the steps that are asked about. Out: a list in Markdown: each verdict with its rule and reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from apwa_lang.cli.claims import PLAIN, because, effect
from apwa_lang.lsp.features.hover.markdown import inline
from apwa_lang.lsp.view import View
from apwa_lang.proofs.claims import Claim, Verdict
from apwa_lang.semantics.program import Map, Split, as_written

_MOST = 8
_MARKS = {Verdict.REFUTED: "✗", Verdict.UNDECIDED: "?"}


def of_split(view: View, split: Split) -> str:
    """The claims about any two sub-problems of a split."""
    steps = {
        (flow.name, step.name)
        for flow in view.checked.program.flows.values()
        for step in flow.steps
        if isinstance(step.operation, Map) and step.operation.split == split.name
    }
    if not steps:
        return "No flow maps a task over it."
    return _listed(view, lambda claim: claim.step_a == claim.step_b and (claim.flow, claim.step_a) in steps)


def of_step(view: View, flow: str, name: str) -> str:
    """The claims about a step of a flow, in all its rounds."""

    def concerns(claim: Claim) -> bool:
        return claim.flow == flow and name in (as_written(claim.step_a), as_written(claim.step_b))

    return _listed(view, concerns)


def _listed(view: View, wanted: Callable[[Claim], bool]) -> str:
    if not view.checked.claims and view.checked.has_errors:
        return "What is proved of it is told once the program has no error."
    claims = [claim for claim in view.checked.claims if wanted(claim)]
    told = [claim for claim in claims if claim.rule not in PLAIN] or claims
    lines = list(dict.fromkeys(line for claim in told for line in _lines(claim)))
    if len(lines) > _MOST:
        lines = [*lines[:_MOST], f"- … and {len(lines) - _MOST} more: `apwa prove`"]
    return "\n".join(lines)


def _lines(claim: Claim) -> Iterator[str]:
    rule = f" by {claim.rule}" if claim.rule else ""
    touched = inline(effect(claim.effect_a))
    if claim.effect_a is not claim.effect_b:
        touched += f" and {inline(effect(claim.effect_b))}"
    yield f"- {_MARKS.get(claim.verdict, '✓')} **{claim.verdict}**{rule}: {because(claim)} ({touched})"
