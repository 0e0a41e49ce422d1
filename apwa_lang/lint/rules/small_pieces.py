"""Pieces that are far smaller than the prompt around them (APWA552)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.rule import rule
from apwa_lang.lint.splits import fixed_tokens, split_of
from apwa_lang.lint.subject import Subject
from apwa_lang.semantics.program import (
    Map,
    PromptBody,
)
from apwa_lang.syntax.source import Span

SMALL_PIECES = register(
    "APWA552",
    "sub-problems far smaller than their prompt",
    severity=Severity.WARNING,
    explanation="""
What is fixed in the prompt is sent with every piece, and here it is more than four times as large as the largest
piece, at four characters a token. Most of what is paid for is the same text again.
""",
    fix="Make the pieces larger, or the prompt shorter.",
    bad="""
record Chapter { id: int @key, text: str }
table book: Chapter = read "book.jsonl"
split pieces = book by tokens(text, 4)
model small { provider: "local" }
task sum_up(text: str) -> str {
  model: small
  prompt: "Read this passage and say in one sentence what happens in it, who takes part: {{ text }}"
}
flow main {
  sums = map sum_up(text) over pieces keep id, index
  save sums to "out/sums.jsonl"
}
""",
    good="""
record Chapter { id: int @key, text: str }
table book: Chapter = read "book.jsonl"
split pieces = book by tokens(text, 400)
model small { provider: "local" }
task sum_up(text: str) -> str {
  model: small
  prompt: "Read this passage and say in one sentence what happens in it, who takes part: {{ text }}"
}
flow main {
  sums = map sum_up(text) over pieces keep id, index
  save sums to "out/sums.jsonl"
}
""",
)


@rule(SMALL_PIECES)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each map of a prompt over `tokens` whose size is less than a quarter of the prompt's fixed text."""
    reported: set[Span] = set()
    for flow, step in subject.steps:
        if not isinstance(step.operation, Map):
            continue
        task, split = subject.program.tasks.get(step.operation.task), split_of(flow, step.operation.split)
        if task is None or split is None or split.rule != "tokens" or not isinstance(task.body, PromptBody):
            continue
        size, fixed = dict(split.arguments)["size"], fixed_tokens(task.body)
        if isinstance(size, int) and fixed > 4 * size and split.span not in reported:
            reported.add(split.span)
            yield SMALL_PIECES.at(
                split.span,
                f"a piece has at most {size} tokens, and the prompt around it about {fixed}",
                "far smaller than the prompt",
                also=((task.body.template.span, "sent with every piece"),),
                help=f"make the pieces larger: `tokens({dict(split.arguments)['field']}, {10 * fixed})`, say",
            )
