"""Findings about a draft: what it may not do (APWA950).

In: a place and what stands there. Out: a diagnostic. A draft needs a command line as well as a program, so there are no
examples.
"""

from __future__ import annotations

from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.diagnostics.registry import register
from apwa_lang.syntax.source import Span

NOT_OFFERED = register(
    "APWA950",
    "a draft uses what it was not offered",
    explanation="""
`apwa draft` has a model write a program, and the model is shown rows that anybody may have written. So a draft uses
what its caller named on the command line and nothing else: these tables, this model, these tools. Its tasks are prompts
and expressions; it runs no code, imports nothing, reads no other files, asks no other servers, vouches for nothing, and
writes below `out/` only. An attempt that does more is sent back to the model, and is never written to disk.
""",
    fix="Offer the table or the tool (`--table`, `--tool`), or add by hand what a draft may not have.",
)


def not_offered(span: Span, what: str, rule: str) -> Diagnostic:
    """``what`` stands at ``span``, against a rule of drafts."""
    return NOT_OFFERED.at(span, f"a draft may not have {what}", "not offered to a draft", help=rule)
