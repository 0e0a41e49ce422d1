"""A task without a budget on a model that costs money (APWA530)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Fix, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.edits import insertion
from apwa_lang.lint.examples import LIMITS, by_server
from apwa_lang.lint.paid import paid_model
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject

NO_BUDGET = register(
    "APWA530",
    "a paid model without a budget",
    severity=Severity.NOTE,
    explanation="""
The model has a price, or its server is one that bills, and nothing ends the task when it costs more than was meant: a
table that grew, or a loop of retries, is paid for. With `budget` no more requests are sent when it is spent, and what
is done is kept.
""",
    fix="Write `budget: { tokens: n }`, or `{ dollars: n }` where the model has a `price`.",
    bad=by_server("timeout: 2m"),
    good=by_server(*LIMITS),
)


@rule(NO_BUDGET)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each prompt task on a paid model that says no budget, but for those that agents call: theirs counts."""
    called = {name for task in subject.program.tasks.values() for name in task.agents}
    for prompt in subject.prompts:
        paid = paid_model(prompt)
        policy = prompt.task.policy
        if prompt.task.name in called or paid is None:
            continue
        if policy.budget_tokens is None and policy.budget_dollars is None:
            yield NO_BUDGET.at(
                prompt.task.span,
                f"task `{prompt.task.name}` has no budget, and `{paid.name}` costs money",
                "may cost any amount",
                also=((paid.span, "the model"),),
                help="write `budget: { tokens: 1_000_000 }`",
                fix=Fix(
                    "set a budget of a million tokens",
                    (insertion(prompt.node.settings[-1].span, "budget: { tokens: 1_000_000 }"),),
                    safe=False,
                ),
            )
