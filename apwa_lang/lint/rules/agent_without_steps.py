"""An agent that does not say how many steps it may take (APWA536)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Fix, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.edits import insertion
from apwa_lang.lint.examples import by_agent
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject, setting

NO_STEPS = register(
    "APWA536",
    "an agent without `max_steps`",
    severity=Severity.NOTE,
    default=False,
    explanation="""
A model with tools is asked until it answers, 16 times at most. Most questions need fewer, and each turn sends the
whole conversation again. A limit of your own says what you expect, and ends what goes in circles early.
""",
    fix="Write `max_steps`.",
    bad=by_agent(),
    good=by_agent("max_steps: 4"),
)


@rule(NO_STEPS)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each task with tools and without `max_steps`."""
    for prompt in subject.prompts:
        if (prompt.task.tools or prompt.task.agents) and setting(prompt.node, "max_steps") is None:
            yield NO_STEPS.at(
                prompt.task.span,
                f"agent `{prompt.task.name}` may take 16 steps",
                "no `max_steps`",
                help="write `max_steps: 8`, or how many it needs",
                fix=Fix("allow 8 steps", (insertion(prompt.node.settings[-1].span, "max_steps: 8"),), safe=False),
            )
