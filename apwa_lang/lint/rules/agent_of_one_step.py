"""An agent that must answer at once (APWA535)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Fix, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.edits import removal
from apwa_lang.lint.examples import by_agent
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject, setting

ONE_STEP = register(
    "APWA535",
    "an agent of one step",
    severity=Severity.WARNING,
    explanation="""
`max_steps` counts how often the model is asked. With 1 its first turn must be the answer: a turn that calls a tool
leaves none to answer in, so the tools are told to the model and can never help.
""",
    fix="Give it at least 2 steps, or remove the tools.",
    bad=by_agent("max_steps: 1"),
    good=by_agent("max_steps: 4"),
)


@rule(ONE_STEP)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each task with tools and `max_steps: 1`."""
    for prompt in subject.prompts:
        place = setting(prompt.node, "max_steps")
        if place is not None and prompt.task.max_steps == 1 and (prompt.task.tools or prompt.task.agents):
            yield ONE_STEP.at(
                place.span,
                f"task `{prompt.task.name}` can call a tool, and then has no step left to answer",
                "one step",
                help="write `max_steps: 2` or more, or remove the tools",
                fix=Fix("remove `max_steps`, for 16 steps", (removal(place.span),), safe=False),
            )
