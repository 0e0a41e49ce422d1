"""Windows that leave rows out (APWA556)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject

ROWS_BETWEEN = register(
    "APWA556",
    "rows between windows",
    severity=Severity.WARNING,
    explanation="""
The stride is larger than the window, so rows between two windows are in none: no sub-problem sees them. That can be
meant, as a sample; then an ignore comment says so.
""",
    fix="Make the stride no larger than the size.",
    bad="""
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
split parts = notes by window(10, 20)
task size(rows: list[Note]) -> int { return: len(rows) }
flow main { sizes = map size(rows) over parts save sizes to "out/sizes.jsonl" }
""",
    good="""
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
split parts = notes by window(10)
task size(rows: list[Note]) -> int { return: len(rows) }
flow main { sizes = map size(rows) over parts save sizes to "out/sizes.jsonl" }
""",
)


@rule(ROWS_BETWEEN)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each split by windows whose stride is larger than their size."""
    for split, _ in subject.splits:
        arguments = dict(split.arguments)
        size, stride = arguments.get("size"), arguments.get("stride")
        if split.rule == "window" and isinstance(size, int) and isinstance(stride, int) and stride > size:
            yield ROWS_BETWEEN.at(
                split.span,
                f"{stride - size} of every {stride} rows are in no window",
                "rows are left out",
                help=f"write `window({size}, {size})`, or `limit` where a sample is meant",
            )
