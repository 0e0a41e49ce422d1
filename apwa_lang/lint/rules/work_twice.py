"""Prompts over sub-problems that share half of what they hold (APWA551)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.examples import of_passages
from apwa_lang.lint.rule import rule
from apwa_lang.lint.splits import overlap_of, prompted
from apwa_lang.lint.subject import Subject
from apwa_lang.syntax.source import Span

WORK_TWICE = register(
    "APWA551",
    "overlap that doubles work",
    severity=Severity.WARNING,
    explanation="""
Half or more of each sub-problem is in the next one too, so a model reads, and is paid for, everything at least twice.
An overlap is there so that nothing is cut in two; a tenth of the size does that.
""",
    fix="Make the overlap smaller, or the stride of a window larger.",
    bad=of_passages("600, 400"),
    good=of_passages("600, 60"),
)


@rule(WORK_TWICE)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each map of a prompt over sub-problems that share half or more with the next."""
    reported: set[Span] = set()
    for step, task, _, split in prompted(subject):
        share = overlap_of(split)
        if share >= 0.5 and split.span not in reported:
            reported.add(split.span)
            yield WORK_TWICE.at(
                split.span,
                f"each part is asked about {1 / (1 - share):.3g} times",
                f"{share:.0%} of a sub-problem is in the next too",
                also=((step.span, f"`{task.name}` asks a model for each"),),
                help="make the overlap smaller, a tenth of the size, say",
            )
