"""Answers of a model that are taken for equal bytes (APWA574)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.examples import by_local
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject, setting
from apwa_lang.proofs.claims import Backing

IDEMPOTENT_ANSWER = register(
    "APWA574",
    "`idempotent` for what a model answers",
    severity=Severity.WARNING,
    explanation="""
`idempotent: true` lets several sub-problems write one path, as long as they write equal bytes; the first wins, and one
that would write something else fails. What a model answers to two questions is seldom the same to the byte, so these
sub-problems will fail where their paths meet.
""",
    fix="Make the path different for each sub-problem, with the key in it, and remove `idempotent`.",
    bad=by_local(
        "model: small",
        'prompt: "Sum up: {{ note.text }}"',
        'writes: "out/{{ note.ward | key }}.txt"',
        "idempotent: true",
    ),
    good=by_local(
        "model: small",
        'prompt: "Sum up: {{ note.text }}"',
        'writes: "out/{{ note.id | key }}.txt"',
    ),
)


@rule(IDEMPOTENT_ANSWER)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each prompt task with `idempotent: true` whose paths may meet."""
    meeting = {claim.effect_a.target.span for claim in subject.claims if claim.backing is Backing.COMMIT}
    for prompt in subject.prompts:
        place = setting(prompt.node, "idempotent")
        path = next((effect.target.span for effect in prompt.task.effects if effect.target.span in meeting), None)
        if place is not None and path is not None:
            yield IDEMPOTENT_ANSWER.at(
                place.span,
                f"two answers to `{prompt.task.name}` are seldom equal bytes",
                "the second to write a path fails",
                also=((path, "two sub-problems may write the same"),),
                help="make the path different for each sub-problem, with the key in it",
            )
