"""Findings as JSON, for scripts.

In: findings. Out: a JSON list, one object a finding::

    code, severity ("error" | "warning" | "note"), message, file,
    start {line, column, offset}, end {line, column, offset}, label,
    secondary [{file, start, end, label}], facts [text], help (text or null),
    fix (null or {title, safe, edits [{file, start, end, text}]})

Lines, columns and offsets count characters; lines and columns from one, offsets from zero; ends are exclusive. Fields
may be added in later releases, never renamed or removed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from apwa_lang.diagnostics.model import Diagnostic, Fix
from apwa_lang.diagnostics.render.position import region
from apwa_lang.syntax.source import Span


def render(diagnostics: Iterable[Diagnostic]) -> str:
    """The findings as an indented JSON list."""
    return json.dumps([_finding(diagnostic) for diagnostic in diagnostics], indent=2, ensure_ascii=False) + "\n"


def _finding(diagnostic: Diagnostic) -> dict[str, object]:
    return {
        "code": diagnostic.code,
        "severity": str(diagnostic.severity),
        "message": diagnostic.message,
        **_place(diagnostic.primary.span),
        "label": diagnostic.primary.text,
        "secondary": [{**_place(label.span), "label": label.text} for label in diagnostic.secondary],
        "facts": list(diagnostic.facts),
        "help": diagnostic.help,
        "fix": None if diagnostic.fix is None else _fix(diagnostic.fix),
    }


def _fix(fix: Fix) -> dict[str, object]:
    edits = [{**_place(edit.span), "text": edit.text} for edit in fix.edits]
    return {"title": fix.title, "safe": fix.safe, "edits": edits}


def _place(span: Span) -> dict[str, object]:
    where = region(span)
    return {
        "file": span.source.path,
        "start": {"line": where.line, "column": where.column, "offset": span.start},
        "end": {"line": where.end_line, "column": where.end_column, "offset": max(span.start, span.end)},
    }
