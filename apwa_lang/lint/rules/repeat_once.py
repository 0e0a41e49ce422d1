"""A loop of one round (APWA561)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.syntax import nodes as ast

REPEAT_ONCE = register(
    "APWA561",
    "a loop that never repeats",
    severity=Severity.WARNING,
    explanation="""
The statements of a `repeat` run once, and `until` is asked whether another round follows. With `max 1` none can, so
the condition is never asked.
""",
    fix="Raise `max`, or write the statements without `repeat`.",
    bad="""
record Draft { id: str @key, text: str }
table drafts: Draft = read "drafts.jsonl"
flow main {
  short = drafts where len(text) < 100
  repeat max 1 until (len(short) == 0) {
    short = short where len(text) < 50
  }
  save short to "out/short.jsonl"
}
""",
    good="""
record Draft { id: str @key, text: str }
table drafts: Draft = read "drafts.jsonl"
flow main {
  short = drafts where len(text) < 100
  repeat max 3 until (len(short) == 0) {
    short = short where len(text) < 50
  }
  save short to "out/short.jsonl"
}
""",
)


@rule(REPEAT_ONCE)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each `repeat max 1`."""
    for node in subject.all(ast.Repeat):
        if isinstance(node.limit, ast.IntLiteral) and node.limit.value == 1:
            yield REPEAT_ONCE.at(
                node.limit.span,
                "the statements run once, and `until` is never asked",
                "no second round",
                help="raise `max`, or write the statements without `repeat`",
            )
