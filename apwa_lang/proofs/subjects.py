"""Claims about what is no file: a model that is asked, the state of a process.

In: a step, what its sub-problems have in common, and how it stands. Out: the claim about any two of them.
"""

from __future__ import annotations

from apwa_lang.proofs.claims import Backing, Claim, Hypothesis, Verdict
from apwa_lang.semantics.program import Effect, Flow, Step, Template
from apwa_lang.syntax.source import Span


def about(
    flow: Flow,
    step: Step,
    kind: str,
    target: str,
    span: Span,
    verdict: Verdict,
    rule: str,
    hypotheses: tuple[Hypothesis, ...],
    reason: str | None = None,
    backing: Backing | None = None,
) -> Claim:
    """The claim that two sub-problems of ``step`` do not meet in ``target``, by the one effect that both have."""
    effect = Effect(kind, Template(target, frozenset(), None, span), False, span)
    return Claim(
        flow.name, step.name, step.name, effect, effect, verdict, rule, hypotheses, reason=reason, backing=backing
    )
