"""A prompt that is asked once (APWA532)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Fix, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.edits import removal
from apwa_lang.lint.examples import LIMITS, by_server
from apwa_lang.lint.paid import is_server
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject, setting

NO_RETRY = register(
    "APWA532",
    "a prompt that is not asked again",
    severity=Severity.NOTE,
    explanation="""
Servers refuse, connections break, and a model's first answer does not always fit its record or its `ensure`. With
`retry: 0` each of these fails the sub-problem at once, and what was paid for it is lost. Without the setting there are
two more attempts.
""",
    fix="Remove `retry: 0`, or give a number.",
    bad=by_server(*LIMITS, "retry: 0"),
    good=by_server(*LIMITS),
)


@rule(NO_RETRY)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each prompt task on a server with `retry: 0`, where no other model is asked next."""
    for prompt in subject.prompts:
        place = setting(prompt.node, "retry")
        alone = len(prompt.models) == 1 or prompt.task.route
        asked = any(is_server(model) for model in prompt.models)
        if place is not None and prompt.task.policy.retry == 0 and alone and asked:
            yield NO_RETRY.at(
                place.span,
                f"task `{prompt.task.name}` asks once, and fails if that goes wrong",
                "no second attempt",
                help="remove it: two more attempts are made without it",
                fix=Fix("remove `retry: 0`", (removal(place.span),), safe=False),
            )
