"""Findings about `# apwa: ignore[…]` comments: APWA690.

In: the place of a comment and the code it names. Out: a diagnostic.
"""

from __future__ import annotations

from apwa_lang.diagnostics.model import Diagnostic, Fix, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.diagnostics.suggest import suggestion
from apwa_lang.syntax.source import Span

USELESS = register(
    "APWA690",
    "an ignore comment that suppresses nothing",
    severity=Severity.WARNING,
    explanation="""
`# apwa: ignore[CODE] reason` silences the warnings of that code on its own line, or, where it stands alone on a line,
on the next line that is not a comment. It silences nothing else, and never an error: a program with an error has no
meaning to run. A comment that is left behind would hide the next finding, so it is one itself.
""",
    fix="Remove the comment, or the code from its list.",
    bad="""
# apwa: ignore[APWA901] streaming comes later
record Note { id: str }
""",
    good="""
record Note { id: str }
""",
)


def useless(span: Span, code: str, fix: Fix) -> Diagnostic:
    """No finding of ``code`` is where the comment looks."""
    return USELESS.at(span, f"there is no `{code}` here", "this suppresses nothing", help="remove it", fix=fix)


def unsuppressible(span: Span, code: str, finding: Span, fix: Fix) -> Diagnostic:
    """``finding`` is an error of ``code``."""
    return USELESS.at(
        span,
        f"`{code}` is an error here, and an error cannot be ignored",
        "this suppresses nothing",
        also=((finding, "the error"),),
        help="mend the error, then remove the comment",
        fix=fix,
    )


def unknown_code(span: Span, code: str, known: tuple[str, ...]) -> Diagnostic:
    """There is no such code."""
    return USELESS.at(
        span,
        f"there is no code `{code}`",
        "this suppresses nothing",
        help=suggestion(code, known) or "`apwa explain --list` shows the codes",
    )
