"""Prompts over sub-problems that share half of what they hold (APWA551)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.rule import rule
from apwa_lang.lint.splits import overlap_of, split_of
from apwa_lang.lint.subject import Subject
from apwa_lang.semantics.program import (
    Map,
    PromptBody,
)
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
    bad="""
record Chapter { id: int @key, text: str }
table book: Chapter = read "book.jsonl"
split pieces = book by tokens(text, 600, 400)
model small { provider: "local" }
task sum_up(text: str) -> str {
  model: small
  prompt: "Sum up in a sentence: {{ text }}"
}
flow main {
  sums = map sum_up(text) over pieces keep id, index
  save sums to "out/sums.jsonl"
}
""",
    good="""
record Chapter { id: int @key, text: str }
table book: Chapter = read "book.jsonl"
split pieces = book by tokens(text, 600, 60)
model small { provider: "local" }
task sum_up(text: str) -> str {
  model: small
  prompt: "Sum up in a sentence: {{ text }}"
}
flow main {
  sums = map sum_up(text) over pieces keep id, index
  save sums to "out/sums.jsonl"
}
""",
)


@rule(WORK_TWICE)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each map of a prompt over sub-problems that share half or more with the next."""
    reported: set[Span] = set()
    for flow, step in subject.steps:
        if not isinstance(step.operation, Map):
            continue
        task, split = subject.program.tasks.get(step.operation.task), split_of(flow, step.operation.split)
        if task is None or split is None or not isinstance(task.body, PromptBody) or split.span in reported:
            continue
        share = overlap_of(split)
        if share >= 0.5:
            reported.add(split.span)
            yield WORK_TWICE.at(
                split.span,
                f"each part is asked about {1 / (1 - share):.3g} times",
                f"{share:.0%} of a sub-problem is in the next too",
                also=((step.span, f"`{task.name}` asks a model for each"),),
                help="make the overlap smaller, a tenth of the size, say",
            )
