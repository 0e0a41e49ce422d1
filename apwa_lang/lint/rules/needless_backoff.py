"""A pause before attempts that are not made (APWA538)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Fix, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.edits import removal
from apwa_lang.lint.examples import of_sizes
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject, setting

NEEDLESS_BACKOFF = register(
    "APWA538",
    "`backoff` without a retry",
    severity=Severity.WARNING,
    explanation="""
`backoff` is the pause before the next attempt at a sub-problem, and with `retry: 0` there is none.
""",
    fix="Remove `backoff`, or let the task try again.",
    bad=of_sizes("retry: 0", "backoff: 2s"),
    good=of_sizes("retry: 0"),
)


@rule(NEEDLESS_BACKOFF)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each task with `backoff` and `retry: 0`."""
    for node, task in subject.tasks:
        place = setting(node, "backoff")
        if place is not None and task.policy.retry == 0:
            yield NEEDLESS_BACKOFF.at(
                place.span,
                "there is no attempt to wait for",
                "`retry` is 0",
                help="remove it, or raise `retry`",
                fix=Fix("remove `backoff`", (removal(place.span),)),
            )
