"""Pieces that are far smaller than the prompt around them (APWA552)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.examples import of_passages
from apwa_lang.lint.rule import rule
from apwa_lang.lint.splits import fixed_tokens, prompted
from apwa_lang.lint.subject import Subject
from apwa_lang.syntax.source import Span

_LONG = "Read this passage and say in one sentence what happens in it, who takes part: {{ text }}"

SMALL_PIECES = register(
    "APWA552",
    "sub-problems far smaller than their prompt",
    severity=Severity.WARNING,
    explanation="""
What is fixed in the prompt is sent with every piece, and here it is more than four times as large as the largest
piece, at four characters a token. Most of what is paid for is the same text again.
""",
    fix="Make the pieces larger, or the prompt shorter.",
    bad=of_passages("4", _LONG),
    good=of_passages("400", _LONG),
)


@rule(SMALL_PIECES)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each map of a prompt over `tokens` whose size is less than a quarter of the prompt's fixed text."""
    reported: set[Span] = set()
    for _, _, body, split in prompted(subject):
        arguments, fixed = dict(split.arguments), fixed_tokens(body)
        size = arguments.get("size")
        if split.rule != "tokens" or not isinstance(size, int) or fixed <= 4 * size or split.span in reported:
            continue
        reported.add(split.span)
        yield SMALL_PIECES.at(
            split.span,
            f"a piece has at most {size} tokens, and the prompt around it about {fixed}",
            "far smaller than the prompt",
            also=((body.template.span, "sent with every piece"),),
            help=f"make the pieces larger: `tokens({arguments['field']}, {10 * fixed})`, say",
        )
