"""A task without a time limit on a model that costs money (APWA531)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Fix, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.edits import insertion
from apwa_lang.lint.examples import LIMITS, by_server
from apwa_lang.lint.paid import paid_model
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject

NO_TIMEOUT = register(
    "APWA531",
    "a paid model without a timeout",
    severity=Severity.NOTE,
    explanation="""
A request has its own limit, the `timeout` of the model, but a sub-problem may send many: its retries, the turns of an
agent, the other models of a list. Without `timeout` of the task one that hangs holds up the whole run.
""",
    fix="Write `timeout: 2m`, or what one sub-problem may take.",
    bad=by_server("budget: { tokens: 1_000_000 }"),
    good=by_server(*LIMITS),
)


@rule(NO_TIMEOUT)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each prompt task on a paid model that says no time limit."""
    for prompt in subject.prompts:
        paid = paid_model(prompt)
        if paid is not None and prompt.task.policy.timeout is None:
            yield NO_TIMEOUT.at(
                prompt.task.span,
                f"task `{prompt.task.name}` has no time limit",
                "one sub-problem may take any time",
                also=((paid.span, "it asks this model"),),
                help="write `timeout: 2m`, or what one sub-problem may take",
                fix=Fix(
                    "set a limit of 2 minutes",
                    (insertion(prompt.node.settings[-1].span, "timeout: 2m"),),
                    safe=False,
                ),
            )
