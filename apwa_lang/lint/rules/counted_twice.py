"""A sum over sub-problems that overlap (APWA550)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.rule import rule
from apwa_lang.lint.splits import overlap_of, split_of
from apwa_lang.lint.subject import Subject
from apwa_lang.semantics.program import (
    Map,
    Reduce,
    as_written,
)
from apwa_lang.syntax.source import Span

COUNTED_TWICE = register(
    "APWA550",
    "what overlaps is counted twice",
    severity=Severity.WARNING,
    explanation="""
Sub-problems of this split share rows or text: a window with a stride below its size, or pieces with an overlap. Each
shared part is in several results, and a `sum` over them counts it as often.
""",
    fix="Split without overlap, or merge with a task that knows of it.",
    bad="""
record Chapter { id: int @key, text: str }
table book: Chapter = read "book.jsonl"
split pieces = book by tokens(text, 500, 50)
task size(text: str) -> int { return: len(words(text)) }
flow main {
  sizes = map size(text) over pieces keep id
  words = reduce value over sizes by sum
  save words to "out/words.json"
}
""",
    good="""
record Chapter { id: int @key, text: str }
table book: Chapter = read "book.jsonl"
split pieces = book by tokens(text, 500)
task size(text: str) -> int { return: len(words(text)) }
flow main {
  sizes = map size(text) over pieces keep id
  words = reduce value over sizes by sum
  save words to "out/words.json"
}
""",
)


@rule(COUNTED_TWICE)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each `sum` or `concat` over the results of a map over sub-problems that overlap."""
    reported: set[Span] = set()
    for flow, step in subject.steps:
        operation = step.operation
        if not isinstance(operation, Reduce) or operation.strategy not in ("sum", "concat"):
            continue
        made = next((one for one in flow.steps if one.name == operation.table), None)
        if made is None or not isinstance(made.operation, Map) or step.span in reported:
            continue
        split = split_of(flow, made.operation.split)
        if split is not None and overlap_of(split) > 0:
            reported.add(step.span)
            yield COUNTED_TWICE.at(
                step.span,
                f"`{as_written(step.name)}` counts what sub-problems share more than once",
                f"`{operation.strategy}` of their results",
                also=((split.span, "sub-problems overlap"),),
                help="split without overlap",
            )
